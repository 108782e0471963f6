// SPDX-License-Identifier: GPL-2.0-or-later
// A thread that is killed as it enters a call: strace prints the call's number for its result.
#include <string>

#include <gtest/gtest.h>

#include "replay/capture/reader.h"
#include "replay/oracle/oracle.h"

namespace ringtail::oracle {
namespace {

Counts counted(const std::string& text) {
  const auto reader = capture::Reader::over(text, capture::Format::strace);
  Oracle oracle({});
  oracle.shows_signals(true);
  for (capture::Event e; reader->next(e);) oracle.take(e);
  return oracle.summary().total();
}

const std::string kCall = "7 mprotect(0x7f0000000000, 4096, PROT_READ) = 10\n";
const std::string kSignal = "7 --- SIGSEGV {si_signo=SIGSEGV} ---\n";
const std::string kKilled = "7 +++ killed by SIGKILL +++\n";

TEST(Killed, ACallThatDidNotRunHasNoResult) {
  for (const std::string& text : {kCall, kCall + kKilled, kCall + kSignal + kKilled}) {
    EXPECT_EQ(counted(text).diverges, 0u) << text;
    EXPECT_EQ(counted(text).not_judged, 1u) << text;
  }
}

TEST(Killed, WhoGoesOnWasNotKilled) {
  const Counts c = counted(kCall + kSignal + "7 munmap(0x7f0000000000, 4096) = 0\n" + kKilled);
  EXPECT_EQ(c.diverges, 1u);
  EXPECT_EQ(c.not_judged, 0u);
  EXPECT_EQ(c.conforms, 1u);
}

TEST(Killed, AnotherNumberIsAnotherMatter) {
  EXPECT_EQ(counted("7 mprotect(0x7f0000000000, 4096, PROT_READ) = 11\n" + kKilled).diverges, 1u);
}

}  // namespace
}  // namespace ringtail::oracle
