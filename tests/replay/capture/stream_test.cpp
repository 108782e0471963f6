// SPDX-License-Identifier: GPL-2.0-or-later
// What goes on between lines: halves of calls, threads, facts, words of strace's own, and the order that
// comes out.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "replay/capture/jsonl.h"
#include "tests/folder.h"
#include "tests/replay/capture/read.h"

namespace ringtail::capture {
namespace {

using kernel::Outcome;
using kernel::Sys;
using kernel::Word;
using Kind = Event::Kind;

// `kind tid name begin-end ret` of each event.
std::string story(const std::vector<Event>& events) {
  constexpr const char* kKinds[] = {"enter", "call", "exited", "signal", "lost", "fact", "problem"};
  std::string out;
  for (const Event& e : events) {
    out += kKinds[static_cast<int>(e.kind)];
    out += ' ' + std::to_string(e.tid);
    if (e.kind == Kind::enter || e.kind == Kind::call) {
      out += ' ' + std::string(e.call.sys == Sys::other ? e.call.name : kernel::name_of(e.call.sys));
      out += ' ' + std::to_string(e.begin_seq) + '-' + std::to_string(e.end_seq);
      if (e.kind == Kind::call) out += e.call.out.known() ? " = " + std::to_string(e.call.out.value) : " = ?";
    } else {
      out += ' ' + e.text;
    }
    out += '\n';
  }
  return out;
}
std::string story(std::string_view text) { return story(read_all(text)); }

TEST(StraceStream, HalvesOfCallsAreJoinedWhereverTheySplit) {
  const std::string_view whole =
      "clone3({flags=CLONE_VM, exit_signal=SIGCHLD, stack=NULL, stack_size=0} => {parent_tid=[5]}, 88) = 5";
  const kernel::Call expected = only_call(std::string(whole) + "\n");
  for (std::size_t at = whole.find('(') + 1; at <= whole.find(')'); ++at) {
    const std::string text = "31 " + std::string(whole.substr(0, at)) +
                             " <unfinished ...>\n32 getpid() = 32\n31 <... clone3 resumed>" +
                             std::string(whole.substr(at)) + "\n";
    const auto events = read_all(text);
    ASSERT_EQ(events.size(), 3u) << text << story(events);
    EXPECT_EQ(events[0].kind, Kind::enter);
    EXPECT_TRUE(events[2].call == expected) << text;
    EXPECT_EQ(events[2].begin_line, 1u);
    EXPECT_EQ(events[2].line, 3u);
  }
}

TEST(StraceStream, SeqOrdersStartsAndEnds) {
  EXPECT_EQ(story("1 munmap(0x1000, 4096 <unfinished ...>\n"
                  "2 madvise(0x1000, 4096, MADV_FREE <unfinished ...>\n"
                  "1 <... munmap resumed>) = 0\n"
                  "3 brk(NULL) = 0x1000\n"
                  "2 <... madvise resumed>) = -1 ENOMEM (Cannot allocate memory)\n"),
            "enter 1 munmap 1-1\n"
            "enter 2 madvise 2-2\n"
            "call 1 munmap 1-3 = 0\n"
            "call 3 brk 4-5 = 4096\n"
            "call 2 madvise 2-6 = -12\n");
}

TEST(StraceStream, ALostHalfAndACallInFlightAreUnknown) {
  EXPECT_EQ(story("1 munmap(0x1000, 4096 <unfinished ...>\n"
                  "1 brk(NULL) = 0x1000\n"
                  "1 exit_group(0 <unfinished ...>\n"
                  "2 io_getevents(0x7000, 1, 1,  <unfinished ...>\n"
                  "1 +++ exited with 0 +++\n"),
            "enter 1 munmap 1-1\n"
            "call 1 munmap 1-2 = ?\n"
            "call 1 brk 3-4 = 4096\n"
            "enter 1 exit_group 5-5\n"
            "enter 2 io_getevents 6-6\n"
            "call 1 exit_group 5-7 = ?\n"
            "exited 1 exited with 0\n"
            "call 2 io_getevents 6-9 = ?\n");
}

TEST(StraceStream, ACallThatBeganBeforeTheCaptureHasNoArguments) {
  const auto events =
      read_all("7 <... io_getevents resumed>[{data=0, obj=0x9000, res=1, res2=0}], NULL) = 1 <0.1>\n");
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].kind, Kind::call);
  EXPECT_EQ(events[0].begin_seq, 0u);
  EXPECT_EQ(events[0].begin_line, 0u);
  EXPECT_EQ(events[0].call.arg[0], Word::unknown());
  EXPECT_EQ(events[0].call.out.value, 1);
}

TEST(StraceStream, SignalsExitsAndUnfinishedCallsOfTheDead) {
  EXPECT_EQ(story("1 --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED} ---\n"
                  "1 --- stopped by SIGSTOP ---\n"
                  "1 munmap(0x1000, 4096 <unfinished ...>) = ?\n"
                  "1 +++ killed by SIGSEGV (core dumped) +++\n"),
            "signal 1 SIGCHLD\n"
            "signal 1 SIGSTOP\n"
            "call 1 munmap 3-4 = ?\n"
            "exited 1 killed by SIGSEGV (core dumped)\n");
}

TEST(StraceStream, AThreadThatExecsTakesTheLeadersNumber) {
  EXPECT_EQ(story("1 io_getevents(0x7000, 1, 1,  <unfinished ...>\n"
                  "2 execve(\"/bin/true\", [\"true\"], 0x7ffe1000 /* 1 var */ <unfinished ...>\n"
                  "1 +++ superseded by execve in pid 2 +++\n"
                  "1 <... execve resumed>) = 0\n"),
            "enter 1 io_getevents 1-1\n"
            "enter 2 execve 2-2\n"
            "call 1 io_getevents 1-3 = ?\n"
            "exited 2 superseded by execve in pid 2\n"
            "call 1 execve 2-5 = 0\n");
}

// strace --seccomp-bpf reads the result before the leader is at the execve: its length of a write, for
// example.
TEST(StraceStream, AnExecveThatTakesTheLeadersNumberHasNotItsResult) {
  EXPECT_EQ(story("1 write(1, \"\", 12 <unfinished ...>\n"
                  "2 execve(\"/bin/true\", [\"true\"], 0x7ffe1000 /* 1 var */ <unfinished ...>\n"
                  "1 +++ superseded by execve in pid 2 +++\n"
                  "1 <... execve resumed>) = 12\n"
                  "1 execve(\"/bin/true\", [\"true\"], 0x7ffe1000 /* 1 var */ <unfinished ...>\n"
                  "1 <... execve resumed>) = 12\n"),
            "enter 1 write 1-1\n"
            "enter 2 execve 2-2\n"
            "call 1 write 1-3 = ?\n"
            "exited 2 superseded by execve in pid 2\n"
            "call 1 execve 2-5 = 0\n"
            "enter 1 execve 6-6\n"
            "call 1 execve 6-7 = 12\n");
}

TEST(StraceStream, OnATerminalTheFirstProcessStaysItself) {
  EXPECT_EQ(story("brk(NULL) = 0x1000\n"
                  "clone(child_stack=NULL, flags=SIGCHLDstrace: Process 32 attached\n"
                  " <unfinished ...>\n"
                  "[pid    32] brk(NULL) = 0x2000\n"
                  "[pid    31] <... clone resumed>) = 32\n"
                  "[pid    31] brk(0x3000) = 0x3000\n"
                  "[pid    32] +++ exited with 0 +++\n"
                  "brk(0x4000) = 0x4000\n"),
            "call 0 brk 1-2 = 4096\n"
            "enter 0 clone 3-3\n"
            "call 32 brk 4-5 = 8192\n"
            "call 0 clone 3-6 = 32\n"
            "call 0 brk 7-8 = 12288\n"
            "exited 32 exited with 0\n"
            "call 0 brk 10-11 = 16384\n");
}

TEST(StraceStream, OnATerminalWithQuietnessANewChildIsNotTheFirstProcess) {
  EXPECT_EQ(story("vfork( <unfinished ...>\n"
                  "[pid    32] brk(NULL) = 0x2000\n"
                  "[pid    31] <... vfork resumed>) = 32\n"
                  "[pid    31] +++ exited with 0 +++\n"
                  "brk(NULL) = 0x2000\n"),
            "enter 0 vfork 1-1\n"
            "call 32 brk 2-3 = 8192\n"
            "call 0 vfork 1-4 = 32\n"
            "exited 0 exited with 0\n"
            "call 32 brk 6-7 = 8192\n");
}

TEST(StraceStream, CallsOf32BitCodeAreMarked) {
  const auto events = read_all(
      "1 brk(NULL) = 0x1000\n"
      "strace: [ Process PID=1 runs in 32 bit mode. ]\n"
      "1 brk(NULL) = 0x1000\n2 brk(NULL) = 0x1000\n"
      "[ Process PID=1 runs in 64 bit mode. ]\n"
      "1 brk(NULL) = 0x1000\n");
  ASSERT_EQ(events.size(), 4u) << story(events);
  EXPECT_FALSE(events[0].compat);
  EXPECT_TRUE(events[1].compat);
  EXPECT_FALSE(events[2].compat);
  EXPECT_FALSE(events[3].compat);
}

TEST(StraceStream, FactsAndWhatIsPassedOver) {
  EXPECT_EQ(story("# ringtail kernel=6.1.0-13-amd64\n"
                  "# another comment\n"
                  "\n"
                  "brk(NULL) = 0x1000\n"
                  " > /lib/x86_64-linux-gnu/libc.so.6(brk+0xb) [0x10a]\n"
                  " | 00000  61 62 63  abc |\n"
                  "% time     seconds  usecs/call     calls    errors syscall\n"
                  "------ ----------- ----------- --------- --------- ----------------\n"
                  "100.00    0.000000           0         1           brk\n"
                  "100.00    0.000000           0         1           total\n"
                  "brk(NULL) = 0x1000\n"),
            "fact 0 kernel=6.1.0-13-amd64\n"
            "call 0 brk 2-3 = 4096\n"
            "call 0 brk 4-5 = 4096\n");
}

TEST(StraceStream, ClocksCrossMidnightAndRelativeTimesAddUp) {
  const auto clock = read_all("1 23:59:59.9 brk(NULL) = 0\n1 00:00:00.1 brk(NULL) = 0\n");
  EXPECT_EQ(clock[1].begin_ns - clock[0].begin_ns, 200'000'000);
  const auto relative =
      read_all("     0.000000 brk(NULL) = 0\n     0.000100 brk(NULL) = 0\n     0.000200 brk(NULL) = 0\n");
  EXPECT_EQ(relative[2].begin_ns, 300'000);
}

class Files : public testing::Test {
 protected:
  std::string write(const std::string& name, std::string_view text) {
    const std::string path = folder_ / name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  const tests::Folder folder_;
};

TEST_F(Files, OfFfAreMergedByTheirTimes) {
  const std::string one = write("ff.11",
                                "100000001.000010 munmap(0x1000, 4096) = 0 <0.000050>\n"
                                "100000001.000100 brk(NULL) = 0x1000 <0.000001>\n"
                                "100000001.000200 +++ exited with 0 +++\n");
  const std::string two = write("ff.12", "100000001.000030 brk(NULL) = 0x2000 <0.000005>\n");
  const auto reader = Reader::open({two, one});
  ASSERT_TRUE(reader.has_value());
  EXPECT_EQ(story(read_all(**reader)),
            "enter 11 munmap 1-1\n"
            "call 12 brk 2-3 = 8192\n"
            "call 11 munmap 1-4 = 0\n"
            "call 11 brk 5-6 = 4096\n"
            "exited 11 exited with 0\n");
}

TEST_F(Files, OfFfWithoutDurationsLastUntilTheThreadsNextLine) {
  const std::string one = write("ff.11",
                                "100000001.000010 munmap(0x1000, 4096) = 0\n"
                                "100000001.000100 brk(NULL) = 0x1000\n");
  const std::string two =
      write("ff.12", "100000001.000030 brk(NULL) = 0x2000\n100000001.000040 brk(NULL) = 0x2000\n");
  const auto reader = Reader::open({one, two});
  ASSERT_TRUE(reader.has_value());
  EXPECT_EQ(story(read_all(**reader)),
            "enter 11 munmap 1-1\n"
            "enter 12 brk 2-2\n"
            "call 12 brk 2-3 = 8192\n"
            "enter 12 brk 4-4\n"
            "call 11 munmap 1-5 = 0\n"
            "enter 11 brk 6-6\n"
            "call 12 brk 4-7 = 8192\n"
            "call 11 brk 6-8 = 4096\n");
}

TEST_F(Files, OfFfWithoutTimesSayThatOnlyThreadsAreOrdered) {
  const std::string one = write("ff.11", "brk(NULL) = 0x1000\n");
  const std::string two = write("ff.12", "brk(NULL) = 0x2000\n");
  const auto reader = Reader::open({one, two});
  ASSERT_TRUE(reader.has_value());
  EXPECT_EQ(story(read_all(**reader)),
            "fact 0 order=thread\n"
            "call 11 brk 1-2 = 4096\n"
            "call 12 brk 1-2 = 8192\n");
}

TEST_F(Files, ThatAreBinaryAreNoCaptures) {
  std::string elf(
      "\x7f"
      "ELF\x02\x01\x01",
      7);
  elf.resize(4096);
  std::string noise;
  for (unsigned i = 0, x = 1; i < 4096; ++i) noise += static_cast<char>((x = x * 1664525 + 1013904223) >> 24);
  for (const std::string& bytes : {elf, noise}) {
    const std::string path = write("junk", bytes);
    const auto reader = Reader::open({path});
    ASSERT_FALSE(reader.has_value());
    EXPECT_EQ(reader.error(), path + ": not a capture: it is binary, not text");
  }
}

// A damaged byte or two make no capture binary, and nothing is no reason to refuse one.
TEST_F(Files, WithAFewStrangeBytesAreRead) {
  const auto reader = Reader::open({write("strange", std::string("\0\xff\n7 brk(NULL) = 4096\n", 22))});
  ASSERT_TRUE(reader.has_value());
  EXPECT_NE(story(read_all(**reader)).find("call 7 brk"), std::string::npos);
  EXPECT_TRUE(Reader::open({write("empty", "")}).has_value());
}

TEST_F(Files, OfSeveralCapturesAreNotOneCapture) {
  const std::string one = write("a.strace", "brk(NULL) = 0x1000\n");
  const std::string two = write("b.strace", "brk(NULL) = 0x1000\n");
  EXPECT_FALSE(Reader::open({one, two}).has_value());
  EXPECT_FALSE(Reader::open({one + ".not-there"}).has_value());
  EXPECT_EQ(captures_of({"x.1", "a", "x.2", "b.zst", "y.1"}),
            (std::vector<std::vector<std::string>>{{"x.1", "x.2"}, {"a"}, {"b.zst"}, {"y.1"}}));
}

TEST(Stream, AFolderIsNoCapture) {
  const auto reader = Reader::open({testing::TempDir()});
  ASSERT_FALSE(reader);
  EXPECT_NE(reader.error().find("Is a directory"), std::string::npos) << reader.error();
}

}  // namespace
}  // namespace ringtail::capture
