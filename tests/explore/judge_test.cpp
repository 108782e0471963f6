// SPDX-License-Identifier: GPL-2.0-or-later
// The explorer against the judge, on random programs: the same states, the same number of executions (so that
// none is found twice, and none is missed), the same flags, under every model.
#include "tests/judge/judge.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "checker/explore/explore.h"
#include "model/lang/load.h"
#include "tests/judge/generate.h"

namespace ringtail::explore {
namespace {

using judge::Family;

void agrees(Family family, memory::Model model) {
  const std::string what = "explorer = judge under " + std::string(memory::name(model));
  EXPECT_TRUE(rc::check(what, [=] {
    judge::Sketch sketch{family, {}};
    for (int threads = *rc::gen::inRange(2, 4); threads > 0; --threads)
      sketch.threads.push_back(*rc::gen::resize(
          6, rc::gen::container<std::vector<judge::Statement>>(rc::gen::arbitrary<judge::Statement>())));
    const std::string text = judge::litmus(sketch);
    RC_LOG() << text;
    const auto loaded = lang::load_litmus("generated", text);
    if (!loaded) RC_FAIL(loaded.error().text);
    const judge::Judgement expected = judge::judge(loaded->program, model, {.max_candidates = 20'000});
    RC_PRE(expected.unsupported.empty());
    const Outcome found = explore(loaded->program, {.model = model});
    const LitmusAnswer& answer = *found.litmus;
    RC_LOG() << "judge: " << expected.positive << " + " << expected.negative << ", " << expected.states.size()
             << " states\nexplorer: " << answer.positive << " + " << answer.negative << ", "
             << answer.states.size() << " states\n";
    if (expected.thin_air >
        0) {  // of values out of thin air the explorer takes those that something else wrote
      RC_ASSERT(answer.states.size() <= expected.states.size());
      RC_ASSERT(answer.positive + answer.negative <= expected.positive + expected.negative);
      RC_ASSERT(answer.positive + answer.negative + expected.thin_air >=
                expected.positive + expected.negative);
      return;
    }
    RC_ASSERT(answer.states.size() == expected.states.size());
    RC_ASSERT(answer.positive == expected.positive);
    RC_ASSERT(answer.negative == expected.negative);
    RC_ASSERT(std::set<std::string>(answer.flags.begin(), answer.flags.end()) == expected.flags);
  }));
}

class Judged : public testing::TestWithParam<std::tuple<Family, memory::Model>> {};

TEST_P(Judged, Agrees) { agrees(std::get<0>(GetParam()), std::get<1>(GetParam())); }

std::string named(const testing::TestParamInfo<std::tuple<Family, memory::Model>>& info) {
  static const char* const families[] = {"Marked", "Plain", "Atomics", "Locks", "Rcu", "Srcu", "Everything"};
  std::string model(memory::name(std::get<1>(info.param)));
  std::erase_if(model, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); });
  return families[static_cast<int>(std::get<0>(info.param))] + model;
}

INSTANTIATE_TEST_SUITE_P(
    Families, Judged,
    testing::Combine(testing::Values(Family::marked, Family::plain, Family::atomics, Family::locks,
                                     Family::rcu, Family::srcu, Family::all),
                     testing::Values(memory::Model::sc, memory::Model::tso, memory::Model::lkmm)),
    named);

// Without SRCU, whose locks give numbers there that no state should depend on.
INSTANTIATE_TEST_SUITE_P(Linux61, Judged,
                         testing::Combine(testing::Values(Family::marked, Family::plain, Family::atomics,
                                                          Family::locks, Family::rcu),
                                          testing::Values(memory::Model::lkmm_6_1)),
                         named);

}  // namespace
}  // namespace ringtail::explore
