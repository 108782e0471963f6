// SPDX-License-Identifier: GPL-2.0-or-later
// The search through states that tries only the orders of steps that matter against the one that tries all,
// and against the explorer: random programs of threads that share some places, some of them under locks that
// not everybody takes, with flags, waiting, sections and grace periods; and programs in which what is
// somebody's own, or guarded, turns out late not to be.
#include <algorithm>
#include <list>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "checker/explore/explore.h"
#include "checker/schedule/schedule.h"
#include "model/lang/load.h"
#include "tests/schedule/memory_of.h"

namespace ringtail::schedule {
namespace {

using explore::Outcome;
using explore::Result;
using memory::Model;

int below(int n) { return *rc::gen::resize(100, rc::gen::inRange(0, n)); }
std::string pick(std::initializer_list<const char*> of) {
  return of.begin()[below(static_cast<int>(of.size()))];
}

// Of `x`, a place that every thread may come to, or one that none may but this.
std::string place(int thread) {
  return below(3) == 0 ? "own" + std::to_string(thread) : pick({"x", "y", "z"});
}

std::string statement(int thread, int depth) {
  const std::string at = place(thread), from = place(thread);
  const auto inner = [&] {
    std::string text;
    for (int n = 1 + below(2); n > 0; --n) text += statement(thread, depth + 1);
    return text;
  };
  switch (below(depth < 2 ? 12 : 5)) {
    case 0:
      return "WRITE_ONCE(" + at + ", READ_ONCE(" + from + ") + 1); ";
    case 1:
      return "WRITE_ONCE(" + at + ", " + std::to_string(1 + below(2)) + "); ";
    case 2:
      return "r = READ_ONCE(" + at + "); ";
    case 3:
      return "r = xchg(&" + at + ", 2); ";
    case 4:
      return "atomic_inc(&n); ";
    case 5:
    case 6:
    case 7: {
      // In one order: what waits for what waits for it is told, but says little.
      const std::string lock = depth == 0 ? "l" : "m";
      return "spin_lock(&" + lock + "); " + inner() + "spin_unlock(&" + lock + "); ";
    }
    case 8: {
      const std::string lock = depth == 0 ? "l" : "m";
      return "if (spin_trylock(&" + lock + ")) { " + inner() + "spin_unlock(&" + lock + "); } ";
    }
    case 9:
      return "if (READ_ONCE(" + at + ") == 1) { " + inner() + "} ";
    case 10:
      return depth == 0 ? "rcu_read_lock(); " + inner() + "rcu_read_unlock(); " : "r = spin_is_locked(&l); ";
    default:
      return depth == 0 ? pick({"synchronize_rcu(); ", "smp_mb(); ", "while (!READ_ONCE(x)) cpu_relax(); "})
                        : "smp_mb(); ";
  }
}

std::string program() {
  std::string text =
      "#include <ringtail.h>\nstatic int x, y, z, own0, own1, own2, seen[3];\nstatic atomic_t n;\n"
      "static DEFINE_SPINLOCK(l);\nstatic DEFINE_SPINLOCK(m);\n";
  const int threads = 2 + (below(4) == 0);
  for (int t = 0; t < threads; ++t) {
    text += "THREAD(t" + std::to_string(t) + ")\n{\n\tint r = 0;\n\n";
    for (int i = 1 + below(threads == 2 ? 4 : 2); i > 0; --i) text += "\t" + statement(t, 0) + "\n";
    text += "\tseen[" + std::to_string(t) + "] = r;\n}\n";
  }
  if (below(2) == 0) text += "INVARIANT(never_so, !(x == 1 && " + pick({"y", "z", "own0"}) + " == 2))\n";
  return text + "FINALLY { assert(" + pick({"x < 4", "y != 3", "z < 9"}) + "); }\n";
}

class LocalSteps : public testing::TestWithParam<Model> {};

TEST_P(LocalSteps, change_no_end_of_random_programs) {
  const Model model = GetParam();
  EXPECT_TRUE(rc::check("some orders = every order", [=] {
    const std::string text = program();
    RC_LOG() << text;
    const auto spec = lang::load_spec("generated.c", text, {}, {});
    if (!spec) RC_FAIL(spec.error().text);
    explore::Options options{.model = model, .timeout = 5, .observe = memory_of(spec->program)};
    const Outcome every = all_states(spec->program, options, {.every_order = true});
    RC_PRE(every.result != Result::timeout);
    const Outcome some = all_states(spec->program, options);
    RC_CLASSIFY(some.states < every.states, "fewer");
    RC_CLASSIFY(every.result != Result::safe, "wrong");
    // What is wrong by itself is told as a bound by whoever meets it first.
    RC_ASSERT((some.result == Result::safe) == (every.result == Result::safe));
    options.gather = true;  // with what fails left out, all ends; a broken invariant ends the search anywhere
    if (spec->program.invariants.empty())
      RC_ASSERT(all_states(spec->program, options).observed ==
                all_states(spec->program, options, {.every_order = true}).observed);
    if (every.result != Result::safe) return;
    RC_ASSERT(some.observed == every.observed);
    RC_ASSERT(some.executions == every.executions);
    const Outcome explored = explore::explore(spec->program, options);
    if (explored.result == Result::safe) RC_ASSERT(some.observed == explored.observed);
  }));
}

struct Case {
  const char* what;
  const char* places;
  std::vector<const char*> threads;
  const char* rest;
};

std::string text_of(const Case& c) {
  std::string text = std::string("#include <ringtail.h>\n") + c.places + "\n";
  for (std::size_t i = 0; i < c.threads.size(); ++i)
    text += "THREAD(t" + std::to_string(i) + ") { " + c.threads[i] + " }\n";
  return text + c.rest;
}

// Each with its threads in every order: who comes first is looked at last.
std::vector<std::string> orders(Case c) {
  std::sort(c.threads.begin(), c.threads.end());
  std::vector<std::string> all;
  do all.push_back(text_of(c));
  while (std::next_permutation(c.threads.begin(), c.threads.end()));
  return all;
}

// What is somebody's own, or guarded, or left by the last who looks, turns out late not to be.
const Case cases[] = {
    {"two threads come to a place",
     "static int x; static long seen;",
     {"WRITE_ONCE(x, 1); WRITE_ONCE(x, 2);", "seen = READ_ONCE(x);"},
     ""},
    {"a lock that one does not take",
     "static int x; static long seen; static DEFINE_SPINLOCK(l);",
     {"spin_lock(&l); WRITE_ONCE(x, 1); WRITE_ONCE(x, 2); spin_unlock(&l);",
      "spin_lock(&l); WRITE_ONCE(x, 3); spin_unlock(&l);", "seen = READ_ONCE(x);"},
     ""},
    {"a lock that one does not take any longer",
     "static int x; static long seen; static DEFINE_SPINLOCK(l);",
     {"spin_lock(&l); WRITE_ONCE(x, 1); WRITE_ONCE(x, 2); spin_unlock(&l);",
      "spin_lock(&l); WRITE_ONCE(x, 3); spin_unlock(&l); seen = READ_ONCE(x);"},
     ""},
    {"a lock that is looked at",
     "static long seen; static DEFINE_SPINLOCK(l);",
     {"spin_lock(&l); spin_unlock(&l);", "seen = spin_is_locked(&l);"},
     ""},
    {"a lock that is looked at by who has taken it",
     "static long seen; static DEFINE_SPINLOCK(l);",
     {"spin_lock(&l); spin_unlock(&l);", "spin_lock(&l); spin_unlock(&l); seen = spin_is_locked(&l);"},
     ""},
    {"a lock that is tried",
     "static long seen; static DEFINE_SPINLOCK(l);",
     {"spin_lock(&l); spin_unlock(&l);", "seen = spin_trylock(&l); if (seen) spin_unlock(&l);"},
     ""},
    {"a lock that is written over",
     "static int x; static long seen; static DEFINE_SPINLOCK(l);",
     {"spin_lock(&l); WRITE_ONCE(x, 1); WRITE_ONCE(x, 2); spin_unlock(&l);",
      "WRITE_ONCE(*(int *)&l, 0); spin_lock(&l); seen = READ_ONCE(x); spin_unlock(&l);"},
     ""},
    {"a lock that is written over by who has taken it",
     "static int x; static long seen; static DEFINE_SPINLOCK(l);",
     {"spin_lock(&l); WRITE_ONCE(x, 1); WRITE_ONCE(x, 2); spin_unlock(&l);",
      "spin_lock(&l); WRITE_ONCE(x, 3); spin_unlock(&l);"
      "WRITE_ONCE(*(int *)&l, 0); spin_lock(&l); seen = READ_ONCE(x); spin_unlock(&l);"},
     ""},
    {"a grace period",
     "static int x; static long seen;",
     {"rcu_read_lock(); seen = READ_ONCE(x); seen = 10 * seen + READ_ONCE(x); rcu_read_unlock();",
      "WRITE_ONCE(x, 1); synchronize_rcu(); WRITE_ONCE(x, 2);"},
     ""},
    {"a grace period of SRCU",
     "static int x; static long seen; static DEFINE_SRCU(s);",
     {"int i = srcu_read_lock(&s); seen = READ_ONCE(x); seen = 10 * seen + READ_ONCE(x);"
      "srcu_read_unlock(&s, i);",
      "WRITE_ONCE(x, 1); synchronize_srcu(&s); WRITE_ONCE(x, 2);"},
     ""},
};

// What a thread does only where it saw `first` set, which is looked at after all else: the counters of two
// more threads make more states of that than a search goes on for once it knows that it has to be made again.
Case in_a_later_search(const char* what, const char* places, const char* thread, const char* other) {
  static std::list<std::string> texts;
  const auto keep = [](std::string text) { return texts.emplace_back(std::move(text)).c_str(); };
  const char* const counts = "for (int i = 0; i < 10; i++) atomic_inc(&n);";
  return {what,
          keep(std::string(places) + " static int first; static atomic_t n;"),
          {"WRITE_ONCE(first, 1);", keep("int late = READ_ONCE(first); " + std::string(other)), thread,
           counts, counts},
          ""};
}

TEST_P(LocalSteps, do_not_hide_what_turns_out_in_a_later_search) {
  const char* const places = "static int x; static long seen; static DEFINE_SPINLOCK(l);";
  const char* const guarded = "spin_lock(&l); WRITE_ONCE(x, 1); WRITE_ONCE(x, 2); spin_unlock(&l);";
  const Case late[] = {
      in_a_later_search("a lock that one does not take any longer", places, guarded,
                        "spin_lock(&l); WRITE_ONCE(x, 3); spin_unlock(&l); if (late) seen = READ_ONCE(x);"),
      in_a_later_search("a lock that is looked at", places, "spin_lock(&l); spin_unlock(&l);",
                        "spin_lock(&l); spin_unlock(&l); if (late) seen = spin_is_locked(&l);"),
      in_a_later_search("a lock that is written over", places, guarded,
                        "spin_lock(&l); WRITE_ONCE(x, 3); spin_unlock(&l); if (late) {"
                        "WRITE_ONCE(*(int *)&l, 0); spin_lock(&l); seen = READ_ONCE(x); spin_unlock(&l); }"),
  };
  for (const Case& c : late) {
    const auto spec = lang::load_spec("case.c", text_of(c) + "FINALLY { assert(seen < 99); }\n", {}, {});
    ASSERT_TRUE(spec) << c.what << spec.error().text;
    explore::Options options{.model = GetParam(), .observe = memory_of(spec->program)};
    const Outcome every = all_states(spec->program, options, {.every_order = true});
    const Outcome some = all_states(spec->program, options);
    EXPECT_EQ(some.result, every.result) << c.what;
    EXPECT_EQ(some.observed, every.observed) << c.what;
    EXPECT_GT(some.states, 2000u) << c.what;
  }
}

TEST_P(LocalSteps, do_not_hide_what_turns_out_late) {
  for (const Case& c : cases)
    for (const std::string& text : orders(c)) {
      const auto spec = lang::load_spec("case.c", text + "FINALLY { assert(seen < 99); }\n", {}, {});
      ASSERT_TRUE(spec) << c.what << spec.error().text;
      explore::Options options{.model = GetParam(), .observe = memory_of(spec->program)};
      const Outcome every = all_states(spec->program, options, {.every_order = true});
      const Outcome some = all_states(spec->program, options);
      EXPECT_EQ(some.result, every.result) << c.what;
      options.gather = true;
      const Outcome ends = all_states(spec->program, options, {.every_order = true});
      EXPECT_GT(ends.observed.size(), 1u) << c.what;
      EXPECT_EQ(all_states(spec->program, options).observed, ends.observed) << text;
      EXPECT_LE(some.states, every.states) << text;
    }
}

// What is wrong by itself in a state that other orders of steps pass by.
const Case wrong[] = {
    {"an invariant of what is somebody's own",
     "static int x;",
     {"WRITE_ONCE(x, 1); WRITE_ONCE(x, 0);"},
     "INVARIANT(never_one, x != 1)"},
    {"an invariant of what is the own of two",
     "static int x, y;",
     {"WRITE_ONCE(x, 1); WRITE_ONCE(x, 0);", "WRITE_ONCE(y, 1);"},
     "INVARIANT(never_one, y == 0 || x != 1)"},
    {"an invariant of what is guarded, asked late",
     "static int x, y; static DEFINE_SPINLOCK(l);",
     {"spin_lock(&l); WRITE_ONCE(x, 1); WRITE_ONCE(x, 0); spin_unlock(&l);",
      "spin_lock(&l); WRITE_ONCE(x, 2); spin_unlock(&l);", "WRITE_ONCE(y, 1);"},
     "INVARIANT(never_one, y == 0 || x != 1)"},
    {"an invariant of a lock, asked late",
     "static int x, y; static DEFINE_SPINLOCK(l);",
     {"spin_lock(&l); WRITE_ONCE(x, 1); spin_unlock(&l);",
      "spin_lock(&l); WRITE_ONCE(x, 2); spin_unlock(&l);", "WRITE_ONCE(y, 1);"},
     "INVARIANT(never_locked, y == 0 || x != 2 || !spin_is_locked(&l))"},
    {"what is passed through on one of two ways to a state",
     "static int x, z;",
     {"WRITE_ONCE(x, READ_ONCE(z)); WRITE_ONCE(x, 0);", "WRITE_ONCE(z, 1); WRITE_ONCE(z, 0);"},
     "INVARIANT(never_one, x != 1)"},
    {"the same, asked late",
     "static int x, y, z;",
     {"WRITE_ONCE(x, READ_ONCE(z)); WRITE_ONCE(x, 0);", "WRITE_ONCE(z, 1); WRITE_ONCE(z, 0);",
      "WRITE_ONCE(y, 1);"},
     "INVARIANT(never_one, y == 0 || x != 1)"},
    {"the same of what is guarded, asked late",
     "static int x, y, z; static DEFINE_SPINLOCK(l);",
     {"spin_lock(&l); WRITE_ONCE(x, READ_ONCE(z)); WRITE_ONCE(x, 0); spin_unlock(&l);",
      "WRITE_ONCE(z, 1); WRITE_ONCE(z, 0);",
      "spin_lock(&l); WRITE_ONCE(x, 0); spin_unlock(&l); WRITE_ONCE(y, 1);"},
     "INVARIANT(never_one, y == 0 || x != 1)"},
    {"an object that is looked at on one of two ways to a state",
     "struct item { int a; }; static struct item *p; static int z;",
     {"if (READ_ONCE(z)) (void)READ_ONCE(p->a);", "WRITE_ONCE(z, 1); WRITE_ONCE(z, 0); kfree(p);"},
     "INIT { p = kmalloc(sizeof(*p), GFP_KERNEL); p->a = 1; }"},
    {"an object that is freed after its use, or not",
     "struct item { int a; }; static struct item *p; static int x;",
     {"struct item *o = READ_ONCE(p); if (o) WRITE_ONCE(x, READ_ONCE(o->a));",
      "struct item *o = xchg(&p, NULL); kfree(o);"},
     "INIT { p = kmalloc(sizeof(*p), GFP_KERNEL); p->a = 1; }"},
    {"an object that is freed",
     "struct item { int a, b; }; static struct item *p; static int x;",
     {"WRITE_ONCE(p->a, 1); WRITE_ONCE(x, READ_ONCE(p->b));", "WRITE_ONCE(p->b, 7); kfree(p);"},
     "INIT { p = kmalloc(sizeof(*p), GFP_KERNEL); p->a = p->b = 1; }"},
    {"an object that is read beside kfree()",
     "struct item { int a; }; static struct item *p, *q; static int f;",
     {"struct item *o = xchg(&f, 1) ? q : p; (void)READ_ONCE(o->a);", "(void)xchg(&f, 1); kfree(p);"},
     "INIT { p = kmalloc(sizeof(*p), GFP_KERNEL); q = kmalloc(sizeof(*q), GFP_KERNEL);"
     " p->a = 0; q->a = 0; }"
     "FINALLY { kfree(q); }"},
    {"an object that is written beside kfree()",
     "struct item { int a; }; static struct item *p, *q; static int f;",
     {"struct item *o = xchg(&f, 1) ? q : p; WRITE_ONCE(o->a, 1);",
      "(void)xchg(&f, 1); WRITE_ONCE(p->a, 1); WRITE_ONCE(q->a, 1); kfree(p);"},
     "INIT { p = kmalloc(sizeof(*p), GFP_KERNEL); q = kmalloc(sizeof(*q), GFP_KERNEL);"
     " p->a = 0; q->a = 0; }"
     "FINALLY { kfree(q); }"},
};

TEST_P(LocalSteps, do_not_hide_what_is_wrong) {
  for (const Case& c : wrong)
    for (const std::string& text : orders(c)) {
      const auto spec = lang::load_spec("case.c", text, {}, {});
      ASSERT_TRUE(spec) << c.what << spec.error().text;
      const explore::Options options{.model = GetParam()};
      EXPECT_EQ(explore::explore(spec->program, options).result, Result::violation) << text;
      EXPECT_NE(all_states(spec->program, options, {.every_order = true}).result, Result::safe) << text;
      EXPECT_NE(all_states(spec->program, options).result, Result::safe) << text;
    }
}

std::string loops(int rounds, const std::string& second) {
  const std::string n = std::to_string(rounds);
  return "#include <ringtail.h>\nstatic int a, b, x; static long seen; static DEFINE_SPINLOCK(l);\n"
         "THREAD(left) { for (int i = 0; i < " +
         n + "; i++) WRITE_ONCE(a, i); " +
         "spin_lock(&l); WRITE_ONCE(x, 1); spin_unlock(&l); }\n"
         "THREAD(right) { for (int i = 0; i < " +
         n + "; i++) WRITE_ONCE(b, i); " + second +
         " }\n"
         "FINALLY { assert(seen < 1); }\n";
}

// Two threads that do much and share little: a state for each pair of their places, or one for each meeting.
TEST_P(LocalSteps, leave_few_states) {
  const auto spec =
      lang::load_spec("loops.c", loops(20, "spin_lock(&l); WRITE_ONCE(x, 2); spin_unlock(&l);"), {}, {});
  ASSERT_TRUE(spec) << spec.error().text;
  const explore::Options options{.model = GetParam(), .observe = memory_of(spec->program)};
  const Outcome every = all_states(spec->program, options, {.every_order = true});
  const Outcome some = all_states(spec->program, options);
  EXPECT_EQ(some.result, Result::safe);
  EXPECT_EQ(some.observed, every.observed);
  EXPECT_GT(every.states, 400u);
  EXPECT_LT(some.states, 20u);
}

// An execution of more than 512 events, and one of more than there is room for anywhere.
TEST_P(LocalSteps, of_long_executions_have_room) {
  const auto long_one = lang::load_spec("long.c", loops(300, "seen = READ_ONCE(x) - 1;"), {}, {});
  ASSERT_TRUE(long_one) << long_one.error().text;
  const explore::Options options{.model = GetParam(), .observe = memory_of(long_one->program)};
  const Outcome o = all_states(long_one->program, options);
  EXPECT_EQ(o.result, Result::safe) << o.bound;
  EXPECT_EQ(o.observed.size(), 2u) << "seen before and after";
  EXPECT_EQ(explore::explore(long_one->program, options).result, Result::bounded);

  const auto wrong = lang::load_spec("wrong.c", loops(300, "seen = READ_ONCE(x);"), {}, {});
  ASSERT_TRUE(wrong) << wrong.error().text;
  const Outcome w = all_states(wrong->program, {.model = GetParam()});
  ASSERT_EQ(w.result, Result::violation);
  EXPECT_GT(w.violation->graph.size(), 600u);

  const auto longer = lang::load_spec("longer.c", loops(600, "seen = READ_ONCE(x) - 1;"), {}, {});
  ASSERT_TRUE(longer) << longer.error().text;
  const Outcome cut = all_states(longer->program, options);
  EXPECT_EQ(cut.result, Result::bounded);
  EXPECT_EQ(cut.bound, "some executions cut short");
}

INSTANTIATE_TEST_SUITE_P(Models, LocalSteps, testing::Values(Model::sc, Model::tso),
                         [](const auto& info) { return std::string(memory::name(info.param)); });

}  // namespace
}  // namespace ringtail::schedule
