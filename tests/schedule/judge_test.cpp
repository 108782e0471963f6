// SPDX-License-Identifier: GPL-2.0-or-later
// Schedules against the judge, on random programs: what a random execution ends in is a state that the model
// allows, and enough of them find all; with preemptions to spare every execution of SC and TSO is found once.
#include "checker/judge/judge.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "checker/fuzz/generate.h"
#include "checker/schedule/schedule.h"
#include "model/lang/load.h"

namespace ringtail::schedule {
namespace {

using explore::Outcome;
using fuzz::Family;
using memory::Model;

struct Case {
  lang::Spec spec;
  judge::Judgement expected;
};

Case generate(Family family, Model model, std::size_t statements, std::uint64_t candidates) {
  const std::string text = fuzz::litmus(*fuzz::sketches(family, static_cast<int>(statements)));
  RC_LOG() << text;
  auto loaded = lang::load_litmus("generated", text);
  if (!loaded) RC_FAIL(loaded.error().text);
  judge::Judgement expected = judge::judge(loaded->program, model, {.max_candidates = candidates});
  RC_PRE(expected.unsupported.empty() && expected.thin_air == 0);
  return {std::move(*loaded), std::move(expected)};
}

// The states found, in the judge's words.
std::set<std::string> states(const Case& c, const Outcome& o) {
  const ir::Program& program = c.spec.program;
  const auto name = [&](std::int64_t value) {
    for (const ir::Global& g : program.globals)
      if (g.address == static_cast<std::uint64_t>(value)) return g.name;
    return std::to_string(value);
  };
  std::set<std::string> out;
  for (const auto& [state, count] : o.litmus->states) {
    std::string text;
    for (std::size_t i = 0; i < state.size(); ++i)
      text += (i == 0 ? "" : " ") + program.litmus->shown[i].name + "=" + name(state[i]) + ";";
    out.insert(text);
  }
  return out;
}

class Schedules : public testing::TestWithParam<std::tuple<Family, Model>> {};
class Interleavings : public Schedules {};

TEST_P(Interleavings, are_found_once_each_with_preemptions_to_spare) {
  const auto [family, model] = GetParam();
  EXPECT_TRUE(rc::check("preemptions = judge", [=, family = family, model = model] {
    const Case c = generate(family, model, 5, 3'000);
    const Outcome o = preemption_bounded(c.spec.program, {.model = model}, 1000);
    RC_ASSERT(o.result == explore::Result::safe);
    RC_ASSERT(states(c, o) == c.expected.states);
    // The models let srcu_read_lock() read the counter of a section that the grace period before it has
    // waited for. No program sees that, and the machine does not do it.
    const bool srcu = family == Family::srcu || family == Family::all;
    RC_ASSERT(srcu || o.litmus->positive == c.expected.positive);
    RC_ASSERT(srcu || o.litmus->negative == c.expected.negative);
    RC_ASSERT(std::set<std::string>(o.litmus->flags.begin(), o.litmus->flags.end()) == c.expected.flags);
  }));
}

TEST_P(Interleavings, have_all_ends_by_their_states) {
  const auto [family, model] = GetParam();
  EXPECT_TRUE(rc::check("states = judge", [=, family = family, model = model] {
    const Case c = generate(family, model, 5, 3'000);
    const Outcome o = all_states(c.spec.program, {.model = model});
    RC_ASSERT(o.result == explore::Result::safe);
    RC_ASSERT(states(c, o) == c.expected.states);
    const Outcome every = all_states(c.spec.program, {.model = model}, {.every_order = true});
    RC_ASSERT(states(c, every) == c.expected.states);
    RC_ASSERT(every.states >= o.states);
    RC_ASSERT(all_states(c.spec.program, {.model = model}, {.narrowest = 16}) == o);
  }));
}

TEST_P(Schedules, at_random_end_in_what_the_model_allows_and_find_all_of_it) {
  const auto [family, model] = GetParam();
  EXPECT_TRUE(rc::check("random <= judge", [=, family = family, model = model] {
    const Case c = generate(family, model, 4, 5'000);
    Outcome o = random_executions(c.spec.program, {.model = model}, {.runs = 1000, .seed = 7});
    if (states(c, o).size() < c.expected.states.size())  // the rare ones too
      o = random_executions(c.spec.program, {.model = model}, {.runs = 100'000, .seed = 8});
    RC_ASSERT(o.result == explore::Result::bounded);
    RC_LOG() << o.executions << " executions, " << o.blocked << " blocked, " << o.litmus->states.size()
             << " of " << c.expected.states.size() << " states\n";
    for (const std::string& f : o.litmus->flags) RC_ASSERT(c.expected.flags.contains(f));
    const std::set<std::string> found = states(c, o);
    for (const std::string& state : found) RC_ASSERT(c.expected.states.contains(state));
    // Read-modify-writes do not guess (walk.h), so that some cycles of load buffering are never met.
    const bool rmws = family == Family::atomics || family == Family::locks || family == Family::all;
    RC_ASSERT(found.size() == c.expected.states.size() || (model == Model::lkmm && rmws));
  }));
}

std::string named(const testing::TestParamInfo<std::tuple<Family, Model>>& info) {
  static const char* const families[] = {"Marked", "Plain", "Atomics", "Locks",
                                         "Rcu",    "Srcu",  "Waits",   "Everything"};
  return families[static_cast<int>(std::get<0>(info.param))] +
         std::string(memory::name(std::get<1>(info.param)));
}

const auto families = testing::Values(Family::marked, Family::plain, Family::atomics, Family::locks,
                                      Family::rcu, Family::srcu, Family::waits, Family::all);
INSTANTIATE_TEST_SUITE_P(Families, Schedules,
                         testing::Combine(families, testing::Values(Model::sc, Model::tso, Model::lkmm)),
                         named);
INSTANTIATE_TEST_SUITE_P(Families, Interleavings,
                         testing::Combine(families, testing::Values(Model::sc, Model::tso)), named);

}  // namespace
}  // namespace ringtail::schedule
