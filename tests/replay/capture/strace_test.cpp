// SPDX-License-Identifier: GPL-2.0-or-later
// Spellings of strace, one row each: what is written, and the one thing that it must come out as.
#include <functional>

#include <gtest/gtest.h>

#include "tests/replay/capture/read.h"

namespace ringtail::capture {
namespace {

using kernel::Call;
using kernel::Outcome;
using kernel::Sys;
using kernel::Word;
using Kind = Event::Kind;

Word w(std::uint64_t v) { return Word::of(v); }
Word minus(std::int64_t v) { return Word::of(static_cast<std::uint64_t>(-v)); }

// What an argument list of mmap with these flags reads as.
TEST(Strace, FlagsInEverySpelling) {
  const std::pair<std::string, Word> rows[] = {
      {"MAP_PRIVATE|MAP_ANONYMOUS", w(0x22)},
      {"MAP_SHARED|0x4000000000", w(0x4000000001)},
      {"0x22", w(0x22)},
      {"0x22 /* MAP_PRIVATE|MAP_ANONYMOUS */", w(0x22)},
      {"MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB|21<<MAP_HUGE_SHIFT", w(0x54040022)},
      {"MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB|30<<MAP_HUGE_SHIFT", w(0x78040022)},
      {"MAP_FILE", w(0)},
      {"0x8 /* MAP_??? */", w(8)},
      {"MAP_PRIVATE|MAP_TOMORROW", Word::unknown()},
      {"MAP_???", Word::unknown()},
  };
  for (const auto& [text, value] : rows) {
    const Call c = only_call("mmap(NULL, 4096, PROT_READ, " + text + ", -1, 0) = 0x7f0000000000\n");
    EXPECT_EQ(c.arg[3], value) << text;
    EXPECT_EQ(c.arg[4], minus(1)) << text << c.path;
    EXPECT_EQ(c.out.value, 0x7f0000000000) << text;
  }
}

TEST(Strace, ResultInEverySpelling) {
  using State = Outcome::State;
  const std::tuple<std::string, std::int64_t, State> rows[] = {
      {"= 0", 0, State::returned},
      {"= 0 <0.000012>", 0, State::returned},
      {"                        = 0", 0, State::returned},
      {"= 0x7f00 (flags O_RDWR, x) <0.1>", 0x7f00, State::returned},
      {"= -1 EINVAL (Invalid argument)", -22, State::returned},
      {"= -1 EINVAL (Invalid argument) <0.000012>", -22, State::returned},
      {"= -1 EHWPOISON (Memory page has hardware error)", -133, State::returned},
      {"= -1 E??? (errno 530)", -530, State::returned},
      {"= -1 (errno 22)", -22, State::returned},
      {"= -22", -22, State::returned},
      {"= 5</tmp/a file>", 5, State::returned},
      {"= 123 /* 5 in strace's PID NS */", 123, State::returned},
      {"= ? ERESTARTSYS (To be restarted if SA_RESTART is set)", 0, State::restarted},
      {"= ? ERESTARTNOHAND (To be restarted if no handler) <1.0>", 0, State::restarted},
      {"= ?", 0, State::never},
      {"= ? <0.5>", 0, State::never},
      {"= ? <unavailable>", 0, State::unknown},
  };
  for (const auto& [text, value, state] : rows) {
    const Call c = only_call("munmap(0x7f0000000000, 4096) " + text + "\n");
    EXPECT_EQ(c.sys, Sys::munmap) << text << c.path;
    EXPECT_EQ(c.out.value, value) << text;
    EXPECT_EQ(c.out.state, state) << text;
  }
}

TEST(Strace, ACallThatExitsNeverReturns) {
  EXPECT_EQ(only_call("exit_group(3) = ?\n").out.state, Outcome::State::never);
  EXPECT_EQ(only_call("exit(0) = ?\n").arg[0], w(0));
}

TEST(Strace, AnInjectedResultIsNotTheKernels) {
  const Call c =
      only_call("madvise(0x1000, 4096, MADV_FREE) = -1 ENOSYS (Function not implemented) (INJECTED)\n");
  EXPECT_EQ(c.sys, Sys::other);
  EXPECT_EQ(c.name, "madvise");
}

TEST(Strace, HowAnInjectedCallEndedThatWasSeenToBeginIsNotKnown) {
  const auto reader = Reader::over(
      "7 io_submit(0x7f0000000000, 0, [] <unfinished ...>\n8 close(3) = 0\n"
      "7 <... io_submit resumed>) = -1 EINVAL (Invalid argument) (INJECTED)\n",
      Format::strace);
  Event e;
  while (reader->next(e) && e.kind != Event::Kind::call)
    ;
  ASSERT_TRUE(reader->next(e));
  EXPECT_EQ(e.call.sys, Sys::io_submit);
  EXPECT_EQ(e.call.out.state, Outcome::State::unknown);
}

TEST(Strace, LeadersInEverySpelling) {
  struct Row {
    std::string leader;
    std::int32_t tid;
    std::int64_t ns;
  } const rows[] = {
      {"", 0, -1},
      {"31 ", 31, -1},
      {"31    ", 31, -1},
      {"31<comm (x) a> ", 31, -1},
      {"[pid    31] ", 31, -1},
      {"[pid 31<comm>] ", 31, -1},
      {"31 1795249940.088829740 ", 31, 1795249940088829740},
      {"31 1795249940.088829 ", 31, 1795249940088829000},
      {"31 1795249940.088 ", 31, 1795249940088000000},
      {"31 1795249940 ", 31, 1795249940000000000},
      {"1795249940 ", 0, 1795249940000000000},
      {"31 12:00:01 ", 31, 43201000000000},
      {"31 12:00:01.5 ", 31, 43201500000000},
      {"     0.000240 ", 0, 240000},
      {"31         0.000240 ", 31, 240000},
      {"31 12:00:01.500000 (+     0.000240) ", 31, 43201500000000},
      {"31 [  28] ", 31, -1},
      {"31 [00007f17827ce000] ", 31, -1},
      {"[pid 31] 12:00:01 [  28] [00007f17827ce000] ", 31, 43201000000000},
  };
  for (const Row& row : rows) {
    const auto events = read_all(row.leader + "madvise(0x1000, 4096, MADV_COLD) = 0 <0.5>\n");
    ASSERT_EQ(events.size(), 1u) << row.leader;
    EXPECT_EQ(events[0].kind, Kind::call) << row.leader << events[0].text;
    EXPECT_EQ(events[0].tid, row.tid) << row.leader;
    EXPECT_EQ(events[0].begin_ns, row.ns) << row.leader;
    EXPECT_EQ(events[0].end_ns, row.ns < 0 ? -1 : row.ns + 500000000) << row.leader;
    EXPECT_EQ(events[0].call.arg[2], w(20)) << row.leader;
  }
}

}  // namespace
}  // namespace ringtail::capture
