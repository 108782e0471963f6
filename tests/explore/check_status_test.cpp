// SPDX-License-Identifier: GPL-2.0-or-later
// The exit status of `ringtail check`: what a spec expects holds, a violation that nobody expects does not.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "tests/folder.h"

namespace ringtail {
namespace {

int check(const std::string& expectation) {
  const tests::Folder folder;
  const auto path = folder / "spec.c";
  std::ofstream(path) << "// Store buffering.\n"
                      << expectation << R"(
#include <ringtail.h>

static int x, y, a, b;
THREAD(left) { WRITE_ONCE(x, 1); a = READ_ONCE(y); }
THREAD(right) { WRITE_ONCE(y, 1); b = READ_ONCE(x); }
FINALLY { assert(a || b); }
)";
  const std::string command =
      std::string(RINGTAIL_BINARY) + " check --model tso " + path.string() + " >/dev/null 2>&1";
  return WEXITSTATUS(std::system(command.c_str()));
}

TEST(CheckStatus, ComparesWithWhatTheSpecExpects) {
  EXPECT_EQ(check("// @expect tso: violation (assertion)"), 0);
  EXPECT_EQ(check("// @expect tso: safe"), 1);
  EXPECT_EQ(check("// @expect tso: violation (deadlock)"), 1);
}

TEST(CheckStatus, AViolationThatNobodyExpectsIsOne) { EXPECT_EQ(check("// nothing is expected"), 1); }

TEST(CheckStatus, AnExpectationThatCannotBeReadIsBadInput) { EXPECT_EQ(check("// @expect tso: perhaps"), 2); }

// What options ask for and cannot be had is told before anything is searched, or at the end at the latest.
TEST(CheckStatus, WhatCannotBeWrittenIsBadInput) {
  const tests::Folder folder;
  const auto status_of = [&](const std::string& args) {
    const std::string out = (folder / "out").string();
    return WEXITSTATUS(
        std::system((std::string(RINGTAIL_BINARY) + " " + args +
                     " " RINGTAIL_SOURCE_DIR "/specs/examples/store_buffering.c >" + out + " 2>&1")
                        .c_str()));
  };
  for (const std::string command : {"check --model tso", "prove --model tso"})
    for (const std::string option : {"--dot", "--html", "--witness"}) {
      EXPECT_EQ(status_of(command + " " + option + " " + (folder / "w").string()), 0) << command << option;
      EXPECT_EQ(std::filesystem::remove(folder / "w"), true) << command << option;
      EXPECT_EQ(status_of(command + " " + option + " /no/such/folder/w"), 2) << command << option;
      EXPECT_EQ(status_of(command + " " + option + " " + folder.string()), 2) << command << option;
      EXPECT_EQ(status_of(command + " " + option + " /dev/full"), 2) << command << option;
    }
}

TEST(CheckStatus, WhatIsNoTimeIsBadInput) {
  for (const std::string command : {"check", "prove", "hunt", "list bugs"})
    for (const std::string time : {"-1", "nan", "inf", "soon"})
      EXPECT_EQ(WEXITSTATUS(std::system((std::string(RINGTAIL_BINARY) + " " + command + " --timeout=" + time +
                                         " " RINGTAIL_SOURCE_DIR "/specs/examples/store_buffering.c"
                                         " >/dev/null 2>&1")
                                            .c_str())),
                2)
          << command << " " << time;
}

}  // namespace
}  // namespace ringtail
