// SPDX-License-Identifier: GPL-2.0-or-later
// Additions to counters that nobody looks at: the same states as with all their orders, and fewer executions;
// and what is no such counter.
#include "checker/explore/commute.h"

#include <set>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "checker/explore/explore.h"
#include "checker/fuzz/litmus.h"
#include "model/base/result.h"
#include "model/lang/load.h"

namespace ringtail::explore {
namespace {

// All that threads do to a location becomes an addition to it.
void only_add(ir::Program& program, std::uint64_t address) {
  const auto add = [&](ir::Operand at, ir::Operand value, std::uint8_t size) {
    ir::Rmw rmw;
    rmw.address = at;
    rmw.value = value;
    rmw.op = ir::RmwOp::add;
    rmw.order = ir::Order::noreturn;
    rmw.size = size;
    return rmw;
  };
  for (const ir::Thread& t : program.threads)
    for (ir::Instr& i : program.functions[t.function].code) {
      const ir::Node node = i.node;
      const auto here = [&](const auto& n) {
        return n.address == ir::constant(static_cast<std::int64_t>(address));
      };
      if (const auto* load = std::get_if<ir::Load>(&node); load != nullptr && here(*load))
        i.node = add(load->address, ir::constant(1), load->size);
      if (const auto* store = std::get_if<ir::Store>(&node); store != nullptr && here(*store))
        i.node = add(store->address, store->value, store->size);
      if (const auto* rmw = std::get_if<ir::Rmw>(&node); rmw != nullptr && here(*rmw) && !rmw->blocking)
        i.node = add(rmw->address, rmw->value, rmw->size);
    }
}

std::set<std::vector<std::int64_t>> states(const LitmusAnswer& answer) {
  std::set<std::vector<std::int64_t>> out;
  for (const auto& [state, executions] : answer.states) out.insert(state);
  return out;
}

class Commute : public testing::TestWithParam<std::tuple<fuzz::Family, memory::Model>> {};

TEST_P(Commute, LosesNoState) {
  const auto [family, model] = GetParam();
  std::uint64_t merged = 0;
  EXPECT_TRUE(rc::check([&, family = family, model = model] {
    const std::string text = fuzz::litmus(*fuzz::sketches(family));
    RC_LOG() << text;
    auto loaded = lang::load_litmus("generated", text);
    if (!loaded) RC_FAIL(loaded.error().text);
    ir::Program& program = loaded->program;
    for (const ir::Global& g : program.globals)
      if (g.name == "y") only_add(program, g.address);
    const Outcome all = explore(program, {.model = model, .timeout = 5, .commute = false});
    const Outcome one = explore(program, {.model = model, .timeout = 5, .commute = true});
    RC_PRE(all.result != Result::bounded && all.litmus && one.litmus);
    RC_ASSERT(one.result == all.result);
    RC_ASSERT(states(*one.litmus) == states(*all.litmus));
    RC_ASSERT(one.litmus->flags == all.litmus->flags);
    RC_ASSERT(one.executions <= all.executions);
    merged += all.executions - one.executions;
  }));
  EXPECT_GT(merged, 0u) << "the test says nothing";
}

INSTANTIATE_TEST_SUITE_P(Families, Commute,
                         testing::Combine(testing::Values(fuzz::Family::atomics, fuzz::Family::rcu,
                                                          fuzz::Family::all),
                                          testing::Values(memory::Model::sc, memory::Model::tso)));

// Of a counter `n`, whether nobody looks at it.
bool alone(const std::string& thread, const std::string& rest = "") {
  const auto spec =
      lang::load_spec("spec.c",
                      "#include <ringtail.h>\nstatic atomic_t n, other; static int x; static atomic_t *p;\n"
                      "THREAD(a) { atomic_inc(&n); assert(READ_ONCE(x) < 2); }\nTHREAD(b) { " +
                          thread + " }\n" + rest,
                      {}, {});
  if (!spec) fatal(spec.error().text.c_str());
  const std::vector<std::uint64_t> found = counters(spec->program);
  for (const ir::Global& g : spec->program.globals)
    if (g.name == "n") return std::find(found.begin(), found.end(), g.address) != found.end();
  fatal("no counter");
}

TEST(Counters, AreWhatNobodyLooksAt) {
  EXPECT_TRUE(alone("atomic_add(2, &n);"));
  EXPECT_TRUE(alone("atomic_dec(&n); x = 1;"));
  EXPECT_TRUE(alone("", "FINALLY { assert(atomic_read(&n) == 1); }"));
  EXPECT_TRUE(alone("", "INIT { atomic_set(&n, 3); }"));
  EXPECT_FALSE(alone("atomic_read(&n);"));
  EXPECT_FALSE(alone("atomic_set(&n, 1);"));
  EXPECT_FALSE(alone("atomic_inc_return(&n);"));
  EXPECT_FALSE(alone("atomic_dec_and_test(&n);"));
  EXPECT_FALSE(alone("atomic_or(1, &n);"));
  EXPECT_FALSE(alone("p = &n;"));
  EXPECT_FALSE(alone("atomic_t *q = x ? &n : &other; atomic_read(q);"));
  EXPECT_FALSE(alone("", "INIT { p = &n; }"));
  EXPECT_FALSE(alone("", "static atomic_t *known = &n;"));
  EXPECT_FALSE(alone("", "static unsigned long known = (unsigned long)&n;"));
  EXPECT_FALSE(alone("", "INVARIANT(small, atomic_read(&n) < 2);"));
  EXPECT_FALSE(alone("synchronize_rcu();"));
  EXPECT_FALSE(alone("static struct rcu_head head; call_rcu(&head, later);",
                     "static void later(struct rcu_head *h) {}"));
  EXPECT_FALSE(alone("static struct srcu_struct s; synchronize_srcu(&s);"));
  EXPECT_TRUE(alone("rcu_read_lock(); atomic_inc(&n); rcu_read_unlock();"));
}

TEST(Counters, AreOrderedByAGracePeriod) {
  const auto spec = lang::load_spec("spec.c", R"(
#include <ringtail.h>
static atomic_t n;
static int x, seen;
THREAD(reader) { rcu_read_lock(); atomic_inc(&n); seen = READ_ONCE(x); rcu_read_unlock(); }
THREAD(writer) { atomic_inc(&n); synchronize_rcu(); WRITE_ONCE(x, 1); }
FINALLY { assert(seen == 0); }
)",
                                    {}, {});
  ASSERT_TRUE(spec) << spec.error().text;
  for (const memory::Model model : {memory::Model::sc, memory::Model::tso})
    EXPECT_EQ(explore(spec->program, {.model = model}).result, Result::violation) << memory::name(model);
}

}  // namespace
}  // namespace ringtail::explore
