// SPDX-License-Identifier: GPL-2.0-or-later
// Threads that are alike: of all executions that differ in who is who exactly one is met, and nothing that
// can be told without knowing who is lost.
#include "checker/explore/symmetry.h"

#include <algorithm>
#include <numeric>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "checker/explore/search.h"
#include "checker/explore/setting.h"
#include "checker/fuzz/litmus.h"
#include "model/lang/load.h"

namespace ringtail::explore {
namespace {

using memory::Model;

// Gives some threads the code of the first.
void make_alike(ir::Program& program, const std::vector<bool>& which) {
  const ir::Function code = program.functions[program.threads[0].function];
  for (std::size_t t = 1; t < program.threads.size(); ++t) {
    if (!which[t]) continue;
    ir::Function& mine = program.functions[program.threads[t].function];
    mine.code = code.code;
    mine.regs = code.regs;
    mine.params = code.params;
    mine.reg_names = code.reg_names;
    for (ir::Instr& i : mine.code)
      if (auto* loop = std::get_if<ir::Loop>(&i.node)) loop->id = program.loops++;
  }
  // All registers of all threads, and memory: nothing else is asked of an end.
  program.litmus->shown.clear();
  for (std::uint32_t t = 0; t < program.threads.size(); ++t)
    for (ir::Reg r = 0; r < program.functions[program.threads[t].function].regs; ++r)
      program.litmus->shown.push_back({.thread = t, .reg = r, .name = "r"});
  for (const ir::Global& g : program.globals)
    program.litmus->shown.push_back(
        {.thread = {}, .address = g.address, .size = static_cast<std::uint8_t>(g.size), .name = g.name});
}

// Every way for threads that are alike to change places, as who stands where.
std::vector<std::vector<std::size_t>> places(const std::vector<std::uint8_t>& twins, std::size_t threads) {
  std::vector<std::size_t> first(threads), order(threads);
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t t = 0; t < threads; ++t)
    first[t] = t < twins.size() && twins[t] != no_twin ? first[twins[t]] : t;
  std::vector<std::vector<std::size_t>> out;
  do {
    bool same = true;
    for (std::size_t t = 0; t < threads; ++t) same &= first[order[t]] == first[t];
    if (same) out.push_back(order);
  } while (std::next_permutation(order.begin(), order.end()));
  return out;
}

// An execution without regard to who is who: the least of its descriptions.
std::string told(const State<1>& s, const std::vector<std::vector<std::size_t>>& places) {
  std::string least;
  for (const std::vector<std::size_t>& order : places) {
    std::vector<std::string> name(State<1>::capacity);
    for (std::size_t p = 0; p < order.size(); ++p)
      for (std::uint16_t i = 0; i < s.threads[order[p]].count; ++i)
        name[s.threads[order[p]].list[i]] = fmt::format("{}.{}", p, i);
    std::string text;
    for (std::size_t p = 0; p < order.size(); ++p)
      for (std::uint16_t i = 0; i < s.threads[order[p]].count; ++i) {
        const Event& e = s.events[s.threads[order[p]].list[i]];
        text += fmt::format("{}.{} {} {:x} {}{}\n", p, i, static_cast<int>(e.what), e.address, e.value,
                            e.what != What::read ? "" : " < " + (e.rf < no_slot ? name[e.rf] : "0"));
      }
    std::vector<std::string> co;
    for (const auto& l : s.locations) {
      std::string of;
      for (Slot w = l.first; w != no_slot; w = s.events[w].co_next) of += " " + name[w];
      if (l.first != no_slot) co.push_back(fmt::format("{:x}{}\n", s.events[l.first].address, of));
    }
    std::sort(co.begin(), co.end());
    for (const std::string& of : co) text += of;
    if (least.empty() || text < least) least = text;
  }
  return least;
}

struct Met {
  std::multiset<std::string> executions;  // in which all threads end
  bool overflowed = false;
};

Met meet(const ir::Program& program, Model model, bool merge) {
  const Options options{.model = model};
  const machine::Machine m(program, machine_options(program, options));
  Ran init;
  const Initial initial = initial_memory(m, init);
  const auto where = places(twins(m), m.cpus().size());
  Met out;
  Search<1> search(m, initial, model, [&](State<1>& s) {
    bool ended = true;
    for (const auto& t : s.threads)
      ended &= t.next == nullptr || t.next->header.status == machine::Status::finished;
    if (ended) out.executions.insert(told(s, where));
    return true;
  });
  if (merge) search.merge_twins();
  search.run({});
  out.overflowed = search.overflowed();
  return out;
}

class Twins : public testing::TestWithParam<std::tuple<fuzz::Family, Model>> {};

// Programs some of whose threads are alike.
ir::Program generated(fuzz::Family family) {
  const std::string text = fuzz::litmus(*fuzz::sketches(family, 4));
  auto loaded = lang::load_litmus("generated", text);
  if (!loaded) RC_FAIL(loaded.error().text);
  const auto which =
      *rc::gen::container<std::vector<bool>>(loaded->program.threads.size(), rc::gen::arbitrary<bool>());
  make_alike(loaded->program, which);
  RC_LOG() << text << "as the first: " << fmt::format("{}", fmt::join(which, " "));
  return std::move(loaded->program);
}

TEST_P(Twins, ExactlyOneIsMetOfAllThatDifferInWhoIsWho) {
  const auto [family, model] = GetParam();
  std::size_t merged = 0;
  EXPECT_TRUE(rc::check([&, family = family, model = model] {
    const ir::Program program = generated(family);
    const Met all = meet(program, model, false);
    RC_PRE(!all.overflowed && all.executions.size() < 20000);
    const Met one = meet(program, model, true);
    const std::set<std::string> classes(all.executions.begin(), all.executions.end());
    for (const std::string& c : classes)
      if (one.executions.count(c) != 1) RC_FAIL(fmt::format("met {} times:\n{}", one.executions.count(c), c));
    RC_ASSERT(one.executions.size() == classes.size());
    merged += all.executions.size() - classes.size();
  }));
  EXPECT_GT(merged, 0u) << "the test says nothing";
}

// The ends of a test's executions, with alike threads in every place.
std::set<std::vector<std::int64_t>> ends(const ir::Program& program, const LitmusAnswer& answer) {
  const machine::Machine m(program, {});
  const std::vector<ir::Place>& shown = program.litmus->shown;
  std::set<std::vector<std::int64_t>> out;
  for (const std::vector<std::size_t>& order : places(twins(m), program.threads.size()))
    for (const auto& [state, executions] : answer.states) {
      std::vector<std::int64_t> placed = state;
      for (std::size_t i = 0; i < shown.size(); ++i)
        if (shown[i].thread)
          for (std::size_t k = 0; k < shown.size(); ++k)
            if (shown[k].thread && *shown[k].thread == order[*shown[i].thread] &&
                shown[k].reg == shown[i].reg)
              placed[i] = state[k];
      out.insert(placed);
    }
  return out;
}

// Whatever is found in further rounds (search.h, guesses) included.
TEST_P(Twins, NothingElseIsLost) {
  const auto [family, model] = GetParam();
  EXPECT_TRUE(rc::check([&, family = family, model = model] {
    const ir::Program program = generated(family);
    const Outcome all = explore(program, {.model = model, .timeout = 5, .merge_twins = false});
    const Outcome one = explore(program, {.model = model, .timeout = 5, .merge_twins = true});
    RC_PRE(all.result != Result::bounded && all.result != Result::timeout && all.litmus && one.litmus);
    RC_ASSERT(one.result == all.result);
    RC_ASSERT(ends(program, *one.litmus) == ends(program, *all.litmus));
    RC_ASSERT(one.litmus->flags == all.litmus->flags);
    RC_ASSERT(one.executions <= all.executions);
  }));
}

INSTANTIATE_TEST_SUITE_P(Families, Twins,
                         testing::Combine(testing::Values(fuzz::Family::marked, fuzz::Family::plain,
                                                          fuzz::Family::atomics, fuzz::Family::locks,
                                                          fuzz::Family::waits, fuzz::Family::all),
                                          testing::Values(Model::sc, Model::tso, Model::lkmm)));

struct Row {
  const char* what;
  const char* spec;
  std::uint64_t executions, all;  // under SC; all without regard to who is alike
};

TEST(Symmetry, IsOfThreadsWithoutIdentity) {
  const Row rows[] = {
      {"readers",
       "static int x; THREAD(w) { WRITE_ONCE(x, 1); } static void r(void) { assert(READ_ONCE(x) < 2); }"
       "THREAD(a) { r(); } THREAD(b) { r(); } THREAD(c) { r(); }",
       4, 8},
      {"writers of one value",
       "static int x; THREAD(a) { WRITE_ONCE(x, 1); } THREAD(b) { WRITE_ONCE(x, 1); } FINALLY { assert(x); }",
       1, 2},
      {"writers of two",
       "static int x; THREAD(a) { WRITE_ONCE(x, 1); } THREAD(b) { WRITE_ONCE(x, 2); } FINALLY { assert(x); }",
       2, 2},
      {"a grace period that nobody asks for",
       "static int x; void unused(void) { synchronize_rcu(); } THREAD(a) { WRITE_ONCE(x, 1); }"
       "THREAD(b) { WRITE_ONCE(x, 1); } FINALLY { assert(x); }",
       1, 2},
      {"one that somebody may ask for",
       "static int x; void used(void) { synchronize_rcu(); } static void (*f)(void) = used;"
       "THREAD(a) { WRITE_ONCE(x, 1); } THREAD(b) { WRITE_ONCE(x, 1); }"
       "THREAD(c) { if (READ_ONCE(x) == 3) f(); } FINALLY { assert(x); }",
       6, 6},
      {"tickets",
       "static atomic_t n; static void t(void) { assert(atomic_inc_return(&n) < 4); }"
       "THREAD(a) { t(); } THREAD(b) { t(); } THREAD(c) { t(); }",
       1, 6},
      {"who holds a lock",
       "static DEFINE_SPINLOCK(l); static int x; static void t(void)"
       "{ spin_lock(&l); x = x + 1; spin_unlock(&l); } THREAD(a) { t(); } THREAD(b) { t(); }"
       "THREAD(c) { t(); } FINALLY { assert(x == 3); }",
       1, 6},
      {"what they made themselves",
       "struct node { struct node *next; int value; }; static struct node *head;"
       "static void t(void) { struct node *n = kmalloc(sizeof(*n), GFP_KERNEL);"
       "WRITE_ONCE(n->value, 1); n = xchg(&head, n); assert(!n || READ_ONCE(n->value) == 1); }"
       "THREAD(a) { t(); } THREAD(b) { t(); }",
       1, 2},
      {"other constants",
       "static int x; THREAD(w) { WRITE_ONCE(x, 1); } THREAD(a) { assert(READ_ONCE(x) < 2); }"
       "THREAD(b) { assert(READ_ONCE(x) < 3); }",
       4, 4},
      {"the sign of what they load",
       "static signed char s = -1; static int x; THREAD(w) { WRITE_ONCE(x, 1); }"
       "THREAD(a) { int r = READ_ONCE(x); int c = READ_ONCE(s); assert(r < 2 && c < 256); }"
       "THREAD(b) { int r = READ_ONCE(x); int c = READ_ONCE(*(unsigned char *)&s); assert(r < 2 && c < 256); "
       "}",
       4, 4},
      {"what they make of a failure",
       "static int x; THREAD(w) { WRITE_ONCE(x, 1); } THREAD(a) { BUG_ON(READ_ONCE(x) == 2); }"
       "THREAD(b) { WARN_ON(READ_ONCE(x) == 2); }",
       4, 4},
      {"their numbers",
       "static int x; THREAD(w) { WRITE_ONCE(x, 1); } static struct task_struct *p, *q;"
       "THREAD(a) { assert(READ_ONCE(x) < 2 && current != 0); }"
       "THREAD(b) { assert(READ_ONCE(x) < 2 && current != 0); }",
       4, 4},
      {"a grace period",
       "static int x; THREAD(w) { synchronize_rcu(); WRITE_ONCE(x, 1); }"
       "THREAD(a) { assert(READ_ONCE(x) < 2); } THREAD(b) { assert(READ_ONCE(x) < 2); }",
       4, 4},
      {"an interrupt",
       "static int x; THREAD(w) { WRITE_ONCE(x, 1); } THREAD(a) { assert(READ_ONCE(x) < 2); }"
       "THREAD(b) { assert(READ_ONCE(x) < 2); } IRQ_ON(tick, a) { barrier(); }",
       8, 8},
  };
  for (const Row& r : rows) {
    const auto spec =
        lang::load_spec("spec.c", std::string("#include <ringtail.h>\n") + r.spec + "\n", {}, {});
    ASSERT_TRUE(spec) << r.what << "\n" << spec.error().text;
    const Outcome one = explore(spec->program, {.model = Model::sc});
    EXPECT_EQ(one.result, Result::safe) << r.what;
    EXPECT_EQ(one.executions, r.executions) << r.what;
    EXPECT_EQ(explore(spec->program, {.model = Model::sc, .merge_twins = false}).executions, r.all) << r.what;
  }
}

}  // namespace
}  // namespace ringtail::explore
