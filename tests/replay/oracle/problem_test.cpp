// SPDX-License-Identifier: GPL-2.0-or-later
// Lines that cannot be read: what was behind them may have happened.
#include <string>

#include <gtest/gtest.h>

#include "replay/capture/reader.h"
#include "replay/oracle/oracle.h"

namespace ringtail::oracle {
namespace {

Summary replay(const std::string& text) {
  const auto reader = capture::Reader::over(text, capture::Format::strace);
  Oracle oracle({});
  for (capture::Event e; reader->next(e);) oracle.take(e);
  return oracle.summary();
}

const std::string kSetup = "7 io_setup(16, [0x7f0000000000]) = 0\n";
const std::string kEvent =
    "7 io_getevents(0x7f0000000000, 1, 1, [{data=0x5, obj=0x5000, res=512, res2=0}], NULL) = 1\n";

TEST(Problems, AnEventOfNoRequestDiverges) { EXPECT_EQ(replay(kSetup + kEvent).total().diverges, 1u); }

TEST(Problems, ACallThatCannotBeReadMayHaveSubmittedIt) {
  const Summary s = replay(kSetup + "7 io_submit(0x7f0000000000, 1, [{aio_data=0x5 = 1\n" + kEvent);
  EXPECT_EQ(s.problems, 1u);
  EXPECT_EQ(s.total().diverges, 0u);
}

TEST(Problems, TheProgramsOwnWordsHaveNot) {
  const Summary s = replay(kSetup + "5 requests are submitted\n" + kEvent);
  EXPECT_EQ(s.problems, 1u);
  EXPECT_EQ(s.total().diverges, 1u);
}

}  // namespace
}  // namespace ringtail::oracle
