// SPDX-License-Identifier: GPL-2.0-or-later
// Whatever class a violation has, an @expect line can name it.
#include <algorithm>

#include <gtest/gtest.h>

#include "model/lang/annotation.h"
#include "model/machine/machine.h"

namespace ringtail::explore {
namespace {

TEST(Classes, CanBeExpected) {
  const auto& classes = lang::violation_classes();
  for (int i = 1; i <= static_cast<int>(machine::Failure::recursion); ++i) {
    const auto name = machine::name(static_cast<machine::Failure>(i));
    EXPECT_NE(std::find(classes.begin(), classes.end(), name), classes.end()) << name;
  }
}

}  // namespace
}  // namespace ringtail::explore
