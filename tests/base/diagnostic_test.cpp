// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/base/diagnostic.h"

#include <gtest/gtest.h>

namespace ringtail {
namespace {

TEST(Diagnostic, PointsAtTheColumnThroughTabs) {
  const Diagnostic d{"ring.c", {2, 2, 4}, "expected ';'", "end the statement", Severity::error};
  EXPECT_EQ(render(d, "int x;\n\thead = 1\n"),
            "ring.c:2:2: error: expected ';'\n"
            "    2 | \thead = 1\n"
            "      | \t^~~~\n"
            "hint: end the statement\n");
}

TEST(Diagnostic, WithoutSourceOrColumnNamesTheFileAlone) {
  EXPECT_EQ(render(Diagnostic{"a", {}, "empty", "", Severity::warning}, ""), "a: warning: empty\n");
  EXPECT_EQ(render(Diagnostic{"a", {9, 3, 1}, "gone", "", Severity::error}, "one line"),
            "a:9:3: error: gone\n");
}

TEST(Diagnostic, ShowsNoControlBytesOfTheInput) {
  EXPECT_EQ(render(Diagnostic{"a", {1, 1, 9}, "bad", "", Severity::error}, "\x1b[2J"),
            "a:1:1: error: bad\n    1 | ?[2J\n      | ^~~~~\n");
}

}  // namespace
}  // namespace ringtail
