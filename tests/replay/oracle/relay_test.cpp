// SPDX-License-Identifier: GPL-2.0-or-later
// Two runners report what one does.
#include "replay/oracle/relay.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "replay/oracle/report.h"

namespace ringtail::oracle {
namespace {

std::string report(const std::string& text, bool two_runners) {
  const auto reader = capture::Reader::over(text, capture::Format::strace);
  Oracle oracle({});
  std::uint64_t told = 0;
  relay(*reader, oracle, two_runners, [&](std::uint64_t lines) {
    EXPECT_GE(lines, told) << "progress goes back";
    told = lines;
  });
  EXPECT_EQ(told, reader->lines());
  return report_text(oracle.summary());
}

// Each call depends on the one before, so that a stretch out of its turn shows: maps and unmaps one page, and
// now and then maps it where it stands, which no kernel does. Calls are split across lines and stretches.
std::string capture_of(int calls) {
  std::string text;
  for (int i = 0; i < calls; ++i) {
    const bool wrong = i % 1000 == 999;
    text += fmt::format("7 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0{}= {:#x}\n",
                        i % 3 ? ") " : " <unfinished ...>\n8 brk(NULL) = 0x5000\n7 <... mmap resumed>) ",
                        0x7f0000000000 + 4096 * (i % 7));
    if (wrong)
      text += fmt::format("7 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = {:#x}\n",
                          0x7f0000000000 + 4096 * (i % 7));
    if (i % 500 == 0) text += "7 nonsense(\n";
    text += fmt::format("7 munmap({:#x}, 4096) = 0\n", 0x7f0000000000 + 4096 * (i % 7));
  }
  return text;
}

class Relay : public ::testing::TestWithParam<int> {};

TEST_P(Relay, TwoRunnersReportWhatOneDoes) {
  const std::string text = capture_of(GetParam());
  const std::string one = report(text, false);
  EXPECT_EQ(report(text, true), one);
  EXPECT_EQ(one.find("mmap.address-free") != one.npos, GetParam() >= 1000) << one;
}

// None, less than a stretch, about as many events as one or two hold, and many.
INSTANTIATE_TEST_SUITE_P(Calls, Relay, ::testing::Values(0, 1, 300, 965, 966, 967, 1931, 1932, 1933, 20000));

// Lines that fill a stretch by their length.
TEST(RelayOfLongLines, GivesTheSameReport) {
  std::string text;
  for (int i = 0; i < 40; ++i) {
    text += "7 move_pages(0, 20000, [";
    for (int p = 0; p < 20000; ++p) text += fmt::format("{:#x}, ", 0x7f0000000000 + 4096 * p);
    text += "], NULL, [], 0) = -1 EPERM (Operation not permitted)\n7 getpid() = 7\n";
  }
  EXPECT_EQ(report(text, true), report(text, false));
}

}  // namespace
}  // namespace ringtail::oracle
