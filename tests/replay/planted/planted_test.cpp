// SPDX-License-Identifier: GPL-2.0-or-later
// The search of `ringtail fuzz calls` finds each of ten wrong models, and shrinks what it finds to at most
// five calls.
#include <gtest/gtest.h>

#include "replay/live/reproducer.h"
#include "replay/live/search.h"
#include "tests/replay/planted/plants.h"

namespace ringtail::plants {
namespace {

constexpr std::uint64_t kMostCases = 20000;

class Planted : public testing::TestWithParam<Plant> {
 protected:
  void TearDown() override { plant(nullptr); }
};

std::optional<live::Found> search(live::Family family) {
  for (std::uint64_t n = 1; n <= kMostCases; ++n) {
    live::Program program = live::program_of(n, {family, 1});
    live::Held held = live::hold(program);
    if (held.finding) return live::shrink(std::move(program), std::move(*held.finding));
  }
  return std::nullopt;
}

TEST_P(Planted, IsFoundAndShrunk) {
  plant(&GetParam());
  const auto found = search(GetParam().family);
  ASSERT_TRUE(found);
  EXPECT_LE(live::steps_of(found->program), 5u) << live::print(found->program);
  EXPECT_NE(live::reproducer(found->program, "a wrong model").find(kernel::name_of(GetParam().sys)),
            std::string::npos);
  // The capture alone shows it too, but only to the model that is wrong.
  const auto wrong = live::hold_capture(found->finding.capture);
  ASSERT_TRUE(wrong);
  EXPECT_TRUE(wrong->finding);
  plant(nullptr);
  const auto right = live::hold_capture(found->finding.capture);
  ASSERT_TRUE(right);
  EXPECT_FALSE(right->finding) << found->finding.capture;
}

INSTANTIATE_TEST_SUITE_P(Plants, Planted, testing::ValuesIn(plants()),
                         [](const testing::TestParamInfo<Plant>& p) { return std::string(p.param.name); });

TEST(Plants, AreTen) { EXPECT_EQ(plants().size(), 10u); }

}  // namespace
}  // namespace ringtail::plants
