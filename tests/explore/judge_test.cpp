// SPDX-License-Identifier: GPL-2.0-or-later
// The explorer against the judge, on random programs: the same states, the same number of executions (so that
// none is found twice, and none is missed), the same flags, under every model.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "checker/fuzz/litmus.h"
#include "model/lang/load.h"

namespace ringtail::explore {
namespace {

using fuzz::Family;

void agrees(Family family, memory::Model model) {
  const std::string what = "explorer = judge under " + std::string(memory::name(model));
  EXPECT_TRUE(rc::check(what, [=] {
    const std::string text = fuzz::litmus(*fuzz::sketches(family));
    RC_LOG() << text;
    const auto loaded = lang::load_litmus("generated", text);
    if (!loaded) RC_FAIL(loaded.error().text);
    const fuzz::Comparison c = fuzz::compare(loaded->program, model, fuzz::explorer(0), false);
    RC_PRE(c.judged);
    if (!c.difference.empty()) RC_FAIL(c.difference);
  }));
}

class Judged : public testing::TestWithParam<std::tuple<Family, memory::Model>> {};

TEST_P(Judged, Agrees) { agrees(std::get<0>(GetParam()), std::get<1>(GetParam())); }

std::string named(const testing::TestParamInfo<std::tuple<Family, memory::Model>>& info) {
  static const char* const families[] = {"Marked", "Plain", "Atomics", "Locks",
                                         "Rcu",    "Srcu",  "Waits",   "Everything"};
  std::string model(memory::name(std::get<1>(info.param)));
  std::erase_if(model, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); });
  return families[static_cast<int>(std::get<0>(info.param))] + model;
}

INSTANTIATE_TEST_SUITE_P(
    Families, Judged,
    testing::Combine(testing::Values(Family::marked, Family::plain, Family::atomics, Family::locks,
                                     Family::rcu, Family::srcu, Family::waits, Family::all),
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
