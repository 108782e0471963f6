// SPDX-License-Identifier: GPL-2.0-or-later
// Loops that do something, find that it is of no use, take it back and try again: of any number of such
// rounds a few are looked at. Random programs with such loops end as the same programs do in which each loop
// is written out, a round in a round; and what ends them is told as what it is.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "checker/explore/explore.h"
#include "model/lang/load.h"

namespace ringtail::explore {
namespace {

using memory::Model;

int below(int n) { return *rc::gen::resize(100, rc::gen::inRange(0, n)); }

// What a round does, and what takes it back.
struct Undone {
  const char* there;
  const char* back;
};
constexpr Undone kUndone[] = {{"spin_lock(&l);", "spin_unlock(&l);"},
                              {"atomic_inc(&c);", "atomic_dec(&c);"},
                              {"WRITE_ONCE(f, 1);", "WRITE_ONCE(f, 0);"},
                              {"xchg(&f, 1);", "smp_store_release(&f, 0);"},
                              {"set_bit(1, &bits);", "clear_bit(1, &bits);"},
                              {"spin_lock(&l); atomic_inc(&c);", "atomic_dec(&c); spin_unlock(&l);"},
                              {"smp_mb();", ""},
                              {"", "atomic_inc(&c);"}};

// Why it is done with, what then has to be given up, and what brings that about, or puts it off.
struct Until {
  const char *condition, *back, *by;
};
constexpr Until kUntil[] = {{"READ_ONCE(v) == 1", "", "WRITE_ONCE(v, 1);"},
                            {"spin_trylock(&m)", "spin_unlock(&m);",
                             "spin_lock(&m); WRITE_ONCE(x, READ_ONCE(x) + 1); spin_unlock(&m);"},
                            {"cmpxchg(&v, 1, 2) == 1", "", "smp_store_release(&v, 1);"},
                            {"smp_load_acquire(&v)", "", "WRITE_ONCE(v, 1);"},
                            {"!test_bit(0, &bits)", "", "clear_bit(0, &bits);"}};

constexpr const char* kOthers[] = {"WRITE_ONCE(v, 1);",
                                   "WRITE_ONCE(v, 0);",
                                   "smp_store_release(&v, 1);",
                                   "spin_lock(&m); WRITE_ONCE(x, READ_ONCE(x) + 1); spin_unlock(&m);",
                                   "spin_lock(&l); WRITE_ONCE(x, READ_ONCE(x) + 1); spin_unlock(&l);",
                                   "if (spin_trylock(&l)) { WRITE_ONCE(y, 1); spin_unlock(&l); }",
                                   "WRITE_ONCE(y, atomic_read(&c));",
                                   "WRITE_ONCE(y, READ_ONCE(f));",
                                   "atomic_inc(&c);",
                                   "clear_bit(0, &bits);",
                                   "if (cmpxchg(&f, 0, 2) == 0) WRITE_ONCE(f, 0);"};

// Who looks on, often enough to tell how many rounds there were.
std::string onlooker() {
  static const char* const kPlaces[] = {"atomic_read(&c)", "READ_ONCE(f)"};
  const std::string look = kPlaces[below(2)];
  std::string text = "int seen = 0; ";
  for (int i = 0; i < 7; ++i) text += "seen = 2 * seen + " + look + "; ";
  return text + "WRITE_ONCE(y, seen); ";
}

struct Retry {
  Undone does;
  Until until;
  const char* then;
};

// LKMM orders a store after what decided whether it is reached: what follows the loop follows all of this.
std::string written_out(const Retry& r, int rounds) {
  std::string text;
  for (int i = 0; i < rounds; ++i)
    text += std::string(r.does.there) + " if (" + r.until.condition + ") { " + r.until.back +
            " goto out; } " + r.does.back + " ";
  return text + "assume(0); out: " + r.does.back + " " + r.then;
}

std::string as_loop(const Retry& r) {
  return std::string("for (;;) { ") + r.does.there + " if (" + r.until.condition + ") { " + r.until.back +
         " break; } " + r.does.back + " } " + r.does.back + " " + r.then;
}

// The same with and without loops.
struct Pair {
  std::string loops, rounds;
};

Pair program(int rounds) {
  const std::string head = R"(#include <ringtail.h>
static DEFINE_SPINLOCK(l);
static DEFINE_SPINLOCK(m);
static atomic_t c;
static int f, v, x, y;
static unsigned long bits = 1;
)";
  Pair p{head, head};
  const int threads = 2 + (below(4) == 0), again = below(threads);
  const Retry r{kUndone[below(std::size(kUndone))], kUntil[below(std::size(kUntil))], kOthers[below(9)]};
  for (int t = 0; t < threads; ++t) {
    const std::string begin = "THREAD(t" + std::to_string(t) + ") { ";
    p.loops += begin, p.rounds += begin;
    if (t == again) {
      p.loops += as_loop(r), p.rounds += written_out(r, rounds);
    } else if (threads == 2 && below(5) == 0) {
      const std::string s = std::string(below(2) == 0 ? r.until.by : "") + onlooker();
      p.loops += s, p.rounds += s;
    } else {
      for (int i = 1 + below(3); i > 0; --i) {
        const std::string s = below(2) == 0 ? r.until.by : kOthers[below(std::size(kOthers))];
        p.loops += s + " ", p.rounds += s + " ";
      }
    }
    p.loops += " }\n", p.rounds += " }\n";
  }
  const std::string end = "FINALLY { assert(x < 9); }\n";
  p.loops += end, p.rounds += end;
  return p;
}

Outcome ends(const std::string& text, Model model) {
  const auto spec = lang::load_spec("generated.c", text, {}, {});
  if (!spec) RC_FAIL(spec.error().text);
  Options options{.model = model, .timeout = 2, .gather = true};
  for (const ir::Global& g : spec->program.globals)
    if (g.name == "c" || g.name == "f" || g.name == "v" || g.name == "x" || g.name == "y")
      options.observe.push_back({.thread = {}, .address = g.address, .size = 4, .name = g.name});
  RC_ASSERT(options.observe.size() == 5u);
  return explore(spec->program, options);
}

class Retries : public testing::TestWithParam<Model> {};

TEST_P(Retries, EndAsWhenTheyAreWrittenOut) {
  const Model model = GetParam();
  EXPECT_TRUE(rc::check("a loop = its rounds", [=] {
    const Pair p = program(5);
    RC_LOG() << p.loops;
    const Outcome loops = ends(p.loops, model);
    RC_PRE(loops.result != Result::timeout);
    if (loops.result == Result::bounded)
      RC_PRE(loops.bound == retries);  // counts for ever and ever otherwise
    const Outcome rounds = ends(p.rounds, model);
    RC_PRE(rounds.result != Result::timeout);
    RC_ASSERT(rounds.result == Result::safe);
    RC_CLASSIFY(loops.result == Result::bounded, "bounded");
    RC_CLASSIFY(loops.observed.size() > 1, "several ends");
    if (loops.result == Result::safe) RC_ASSERT(loops.observed == rounds.observed);
    else
      for (const auto& end : loops.observed) RC_ASSERT(rounds.observed.contains(end));
  }));
}

TEST(TwoRetries, ThatSeeOneAnotherAreBounded) {
  const auto spec = lang::load_spec("both.c", R"(#include <ringtail.h>
static DEFINE_SPINLOCK(a);
static DEFINE_SPINLOCK(b);
static int done;
static void both(spinlock_t *first, spinlock_t *second)
{
	for (;;) {
		spin_lock(first);
		if (spin_trylock(second))
			break;
		spin_unlock(first);
	}
	done++;
	spin_unlock(second);
	spin_unlock(first);
}
THREAD(one) { both(&a, &b); }
THREAD(two) { both(&b, &a); }
FINALLY { assert(done == 2); }
)",
                                    {}, {});
  ASSERT_TRUE(spec) << spec.error().text;
  for (const Model model : {Model::sc, Model::tso, Model::lkmm}) {
    const Outcome o = explore(spec->program, {.model = model});
    EXPECT_EQ(o.result, Result::bounded);
    EXPECT_EQ(o.bound, retries);
    EXPECT_GT(o.executions, 10u);
  }
}

// Locks that are taken by trying, and given back where that fails, with or without looking on until it may be
// of use: whoever takes one gives it back, so that nobody waits for ever, and nobody else is in.
struct Tried {
  const char *take, *give_back, *until, *give;  // what is waited for before the next try; in the end
};
constexpr Tried kTried[] = {
    {"atomic_fetch_sub_acquire(8, &c) == 8", "atomic_fetch_add_relaxed(8, &c)", "atomic_read(&c) == 8",
     "atomic_fetch_add_release(8, &c)"},
    {"atomic_fetch_sub_acquire(1, &c) > 0", "atomic_fetch_add_relaxed(1, &c)", "atomic_read(&c) > 0",
     "atomic_fetch_add_release(1, &c)"},  // a reader
    {"spin_trylock(&l) && (spin_trylock(&m) || (spin_unlock(&l), 0))", "smp_mb()", "!spin_is_locked(&m)",
     "spin_unlock(&m); spin_unlock(&l)"},
    {"(spin_lock(&l), spin_trylock(&m))", "spin_unlock(&l)", "!spin_is_locked(&m)",
     "spin_unlock(&m); spin_unlock(&l)"},
    {"(spin_lock(&m), spin_trylock(&l))", "spin_unlock(&m)", "!spin_is_locked(&l)",
     "spin_unlock(&l); spin_unlock(&m)"},
    {"atomic_inc_return(&n) == 1", "atomic_dec(&n)", "atomic_read(&n) == 0", "smp_mb(); atomic_dec(&n)"},
    {"(test_and_set_bit(0, &bits) == 0)", "smp_mb()", "!test_bit(0, &bits)", "clear_bit_unlock(0, &bits)"}};
// Which of these keep each other out.
constexpr std::size_t kWhose[] = {0, 0, 1, 1, 1, 2, 3};

std::string tries() {
  std::string text = R"(#include <ringtail.h>
static DEFINE_SPINLOCK(l);
static DEFINE_SPINLOCK(m);
static atomic_t c = ATOMIC_INIT(8);
static atomic_t n;
static unsigned long bits;
static int x[4];
)";
  int added[4] = {};
  const std::size_t whose = kWhose[below(7)];
  const int threads = 2 + (below(3) == 0);
  for (int t = 0; t < threads; ++t) {
    text += "THREAD(t" + std::to_string(t) + ")\n{\n";
    for (int i = 1 + (threads == 2 && below(2) == 0); i > 0; --i) {
      std::size_t kind = static_cast<std::size_t>(below(7));
      while (kWhose[kind] != whose && below(6) != 0) kind = static_cast<std::size_t>(below(7));
      const Tried& k = kTried[kind];
      text += std::string("while (!(") + k.take + ")) { " + k.give_back + "; ";
      if (below(2) == 0) text += std::string("while (!(") + k.until + ")) ; ";
      const std::string at = "x[" + std::to_string(kWhose[kind]) + "]";
      if (kind == 1) {
        text += "} READ_ONCE(" + at + "); ";
      } else {
        ++added[kWhose[kind]];
        text += "} WRITE_ONCE(" + at + ", READ_ONCE(" + at + ") + 1); ";
      }
      text += std::string(k.give) + ";\n";
    }
    text += "}\n";
  }
  text += "FINALLY {";
  for (int i = 0; i < 4; ++i)
    text += " assert(x[" + std::to_string(i) + "] == " + std::to_string(added[i]) + ");";
  return text + " }\n";
}

TEST_P(Retries, GiveBackWhatTheyTake) {
  const Model model = GetParam();
  EXPECT_TRUE(rc::check("nobody waits for ever", [=] {
    const std::string text = tries();
    RC_LOG() << text;
    const auto spec = lang::load_spec("generated.c", text, {}, {});
    if (!spec) RC_FAIL(spec.error().text);
    const Outcome o = explore(spec->program, {.model = model, .timeout = 1});
    RC_PRE(o.result != Result::timeout);
    RC_CLASSIFY(o.result == Result::bounded, "bounded");
    RC_LOG() << o.bound << (o.violation ? o.violation->message : "");
    RC_ASSERT(o.result == Result::safe || (o.result == Result::bounded && o.bound == retries));
  }));
}

INSTANTIATE_TEST_SUITE_P(Models, Retries, testing::Values(Model::sc, Model::tso, Model::lkmm),
                         [](const auto& info) { return std::string(memory::name(info.param)); });

}  // namespace
}  // namespace ringtail::explore
