// SPDX-License-Identifier: GPL-2.0-or-later
// perf trace and perf script, and every line that the readers reject with what they say about it.
#include <gtest/gtest.h>
#include <zlib.h>

#include "tests/replay/capture/read.h"

namespace ringtail::capture {
namespace {

using kernel::Call;
using kernel::Outcome;
using kernel::Sys;
using kernel::Word;
using Kind = Event::Kind;

Word w(std::uint64_t v) { return Word::of(v); }
const Word unknown = Word::unknown();

TEST(PerfTrace, ArgumentsThatAreLeftOutAreZeroOrMasked) {
  struct Row {
    std::string_view line;
    Sys sys;
    std::vector<Word> args;
    std::int64_t ret;
  } const rows[] = {
      {"mmap(len: 8192, prot: READ|WRITE, flags: PRIVATE|ANONYMOUS) = 0x7f8d695ae000",
       Sys::mmap,
       {w(0), w(8192), w(3), w(0x22), unknown, unknown},
       0x7f8d695ae000},
      {"mmap(addr: 0x1000, len: 1, prot: READ|EXEC, flags: PRIVATE|FIXED|DENYWRITE, fd: 4</stale>, off: "
       "0x3000) = 4096",
       Sys::mmap,
       {w(0x1000), w(1), w(5), w(0x812), w(4), w(0x3000)},
       4096},
      {"mmap(len: 1, prot: READ, flags: PRIVATE|0x8000000) = 0x1000",
       Sys::mmap,
       {w(0), w(1), w(1), w(0x8000002), w(0), w(0)},
       4096},
      {"madvise(start: 0x1000, len_in: 4096) = 0", Sys::madvise, {w(0x1000), w(4096), w(0)}, 0},
      {"madvise(start: 0x1000, len_in: 4096, behavior: MADV_DONTNEED) = -1 EINVAL (Invalid argument)",
       Sys::madvise,
       {w(0x1000), w(4096), w(4)},
       -22},
      {"mlock2(start: 1, len: -1, flags: 4294967295) = -1 EINVAL (Invalid argument)",
       Sys::mlock2,
       {w(1), w(~0ull), w(~0ull)},
       -22},
      {"move_pages(nr_pages: 12, pages: 0x7ffe0000, nodes: 0x7ffe1000, status: 0x7ffe2000, flags: 2) = 0",
       Sys::move_pages,
       {w(0), w(12), w(0x7ffe0000), w(0x7ffe1000), w(0x7ffe2000), w(2)},
       0},
      {"move_pages(pid: 1 (a, comm), nr_pages: 1, pages: 0x7ffe0000, status: 0x7ffe1000) = 0",
       Sys::move_pages,
       {w(1), w(1), w(0x7ffe0000), w(0), w(0x7ffe1000), w(0)},
       0},
      {"mbind(start: 0x1000, len: 4096, mode: 16386, nmask: 0x7ffe0000, maxnode: 64, flags: 3) = 0",
       Sys::mbind,
       {w(0x1000), w(4096), w(16386), w(0x7ffe0000), w(64), w(3)},
       0},
      {"io_submit(ctx_id: 140444836282368, nr: 8, iocbpp: 0x7ffe0000) = 6",
       Sys::io_submit,
       {w(140444836282368), w(8), w(0x7ffe0000)},
       6},
      {"openat(dfd: CWD, filename: 0x695e10b1, flags: RDONLY|CLOEXEC) = 4",
       Sys::openat,
       {w(static_cast<std::uint64_t>(-100)), w(0x695e10b1), w(0x80000), unknown},
       4},
      {"clone(clone_flags: CHILD_CLEARTID|CHILD_SETTID|0x11, child_tidptr: 0x7000) = 25288 (stress-ng)",
       Sys::clone,
       {w(0x1200011), unknown, unknown, w(0x7000), unknown},
       25288},
      {"brk() = 0x1000", Sys::brk, {w(0)}, 4096},
      {"madvise(start: 0x1000, tomorrow: 3) = 0", Sys::madvise, {w(0x1000), unknown, unknown}, 0},
  };
  for (const Row& row : rows) {
    const Call c = only_call("     0.281 ( 0.014 ms): a comm/25264 " + std::string(row.line) + "\n");
    EXPECT_EQ(c.sys, row.sys) << row.line << c.path;
    for (std::size_t i = 0; i < row.args.size(); ++i)
      EXPECT_EQ(c.arg[i], row.args[i]) << row.line << " argument " << i;
    EXPECT_EQ(c.out.value, row.ret) << row.line;
    EXPECT_EQ(c.fd.path, "") << "perf looks paths up too late";
  }
}

TEST(PerfTrace, WhatPointersPointAtIsOpaque) {
  const Call c = only_call(
      "0.281 ( 0.014 ms): x/1 io_getevents(ctx_id: 4096, min_nr: 1, nr: 8, events: 0x7000, timeout: 0x8000) "
      "= 5\n");
  EXPECT_EQ(c.events.state, kernel::List<kernel::IoEvent>::State::opaque);
  EXPECT_EQ(c.timeout_ns, unknown);
  const Call m =
      only_call("0.281 ( 0.014 ms): x/1 move_pages(nr_pages: 1, pages: 0x7000, status: 0x8000) = 0\n");
  EXPECT_EQ(m.nodes.state, kernel::List<std::int32_t>::State::absent);
  EXPECT_EQ(m.pages.state, kernel::List<std::uint64_t>::State::opaque);
}

TEST(PerfTrace, TimesOrderWhatTheLinesDoNot) {
  const auto events = read_all(
      "     3.000 ( 0.010 ms): x/1 munmap(addr: 0x1000, len: 4096) = 0\n"
      "     1.000 ( 0.010 ms): x/2 brk() = 0x1000\n"
      "     1.500 (         ): x/2 munmap(addr: 0x2000, len: 4096) ...\n"
      "     1.500 ( 4.000 ms): x/2  ... [continued]: munmap()) = 0\n"
      "LOST 230 events!\n"
      "         ? (         ): x/3  ... [continued]: madvise()) = 0\n"
      "         ? (         ): x/4  ... [continued]: clone()) = \n"
      "     9.000 (         ): x/2 io_getevents(ctx_id: 4096, min_nr: 1, nr: 1, events: 0x7000) ...\n");
  std::vector<std::string> story;
  for (const Event& e : events) {
    const char* kinds[] = {"enter", "call", "exited", "signal", "lost", "fact", "problem"};
    story.push_back(std::string(kinds[static_cast<int>(e.kind)]) + ' ' + std::to_string(e.tid) + ' ' +
                    e.text + (e.kind <= Kind::call ? std::string(kernel::name_of(e.call.sys)) : ""));
  }
  EXPECT_EQ(story, (std::vector<std::string>{"call 2 brk", "enter 2 munmap", "call 1 munmap", "call 2 munmap",
                                             "call 3 madvise", "lost 0 ", "enter 2 io_getevents",
                                             "lost 0 230 events!", "call 2 io_getevents"}));
  EXPECT_EQ(events[4].begin_seq, 0u);
  EXPECT_EQ(events[4].call.arg[0], unknown);
  EXPECT_FALSE(events[8].call.out.known());
}

// The new thread's end of clone3() that another processor tells after the thread's next call has begun: perf
// gives it to that call, and what it lasted is less than nothing.
TEST(PerfTrace, AnEndBeforeItsBeginningIsAnotherCalls) {
  const auto events = read_all(
      "     1.000 (18446744073707.871 ms): x/1 munmap(addr: 0x1000, len: 4096) = 0\n"
      "     1.000 ( 0.010 ms): x/1  ... [continued]: munmap()) = -1 EINVAL (Invalid argument)\n"
      "     3.000 (         ): x/2 munmap(addr: 0x2000, len: 4096) ...\n"
      "     3.000 (18446744073707.871 ms): x/2  ... [continued]: clone3()) = 0\n"
      "     3.000 ( 0.010 ms): x/2  ... [continued]: munmap()) = 0\n");
  ASSERT_EQ(events.size(), 2u);
  for (const Event& e : events) {
    EXPECT_EQ(e.kind, Kind::call) << e.text;
    EXPECT_EQ(e.call.sys, Sys::munmap);
    EXPECT_EQ(e.call.arg[1], w(4096));
    EXPECT_EQ(e.end_ns - e.begin_ns, 10'000);
  }
  EXPECT_EQ(events[0].call.out.value, -22);
  EXPECT_EQ(events[1].call.out.value, 0);
}

TEST(PerfScript, RegistersByEitherTracepoint) {
  const std::string raw =
      "     a comm 25345 [001]  1775.507109: raw_syscalls:sys_enter: NR 279 (0, c, 7000, 0, 8000, "
      "ffffffff00000002)\n"
      "     a comm 25345 [001]  1775.507111:  raw_syscalls:sys_exit: NR 279 = -14\n";
  const std::string named =
      "a comm 25345/25345  1775.507109000: syscalls:sys_enter_move_pages: pid: 0x00000000, nr_pages: "
      "0x0000000c, "
      "pages: 0x7000, nodes: 0x00000000, status: 0x8000, flags: 0x00000002\n"
      "a comm 25345/25345  1775.507111000: syscalls:sys_exit_move_pages: 0xfffffffffffffff2\n";
  for (const std::string& text : {raw, named}) {
    const auto events = read_all(text);
    ASSERT_EQ(events.size(), 2u) << text;
    EXPECT_EQ(events[0].kind, Kind::enter);
    const Event& e = events[1];
    EXPECT_EQ(e.kind, Kind::call) << e.text;
    EXPECT_EQ(e.tid, 25345);
    EXPECT_EQ(e.begin_ns, 1775507109000);
    EXPECT_EQ(e.end_ns, 1775507111000);
    EXPECT_EQ(e.call.sys, Sys::move_pages);
    EXPECT_EQ(e.call.arg[1], w(12));
    EXPECT_EQ(e.call.arg[5], w(2)) << "an int is the lower half of its register";
    EXPECT_EQ(e.call.out.value, -14);
    EXPECT_EQ(e.call.status.state, kernel::List<std::int32_t>::State::opaque);
  }
  // Both at once tell each call once.
  const std::size_t half = raw.find('\n') + 1, named_half = named.find('\n') + 1;
  const auto both = read_all(raw.substr(0, half) + named.substr(0, named_half) + named.substr(named_half) +
                             raw.substr(half));
  EXPECT_EQ(both.size(), 2u);
}

// What is kept of each call of 1 munmap to a thread, and 0 of what is not; - for a loss that is counted, .
// for one that was.
std::string kept(std::string_view lines) {
  std::string story;
  for (const Event& e : read_all(std::string(lines))) {
    if (e.kind == Kind::lost) story += e.text.empty() ? '.' : '-';
    if (e.kind == Kind::call) story += e.call.out.known() ? static_cast<char>('0' + e.tid) : '?';
  }
  return story;
}

// The first processor's buffer comes first, and its loss lasts from 2.010 to 9.010.
TEST(PerfTrace, NoResultIsBelievedOfACallAsLongAsALossBesideIt) {
  constexpr std::string_view kFirst =
      "     2.000 ( 0.010 ms): x/1 munmap(addr: 0x1000, len: 4096) = 0\n"
      "LOST 230 events!\n"
      "     9.000 ( 0.010 ms): x/1 munmap(addr: 0x1000, len: 4096) = 0\n"
      "     9.200 ( 0.010 ms): x/1 munmap(addr: 0x1000, len: 4096) = 0\n";
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"     1.000 ( 0.010 ms): x/2 munmap(addr: 0x2000, len: 4096) = 0\n", "21.1.-1"},
      {"     1.000 ( 1.510 ms): x/2 munmap(addr: 0x2000, len: 4096) = 0\n", "1.?.1.-1"},
      {"     3.000 ( 0.010 ms): x/2 munmap(addr: 0x2000, len: 4096) = 0\n", "1.2.1.-1"},
      {"     3.000 ( 0.900 ms): x/2 munmap(addr: 0x2000, len: 4096) = 0\n", "1.?.1.-1"},
      {"     9.008 ( 0.009 ms): x/2 munmap(addr: 0x2000, len: 4096) = 0\n", "1.1.-2.1"},
      {"     1.000 ( 9.000 ms): x/2  ... [continued]: munmap()) = 0\n", "1.1.-1?."},
      {"     9.500 ( 0.010 ms): x/2 munmap(addr: 0x2000, len: 4096) = 0\n", "1.1.-12"},
  };
  for (const auto& [second, story] : rows)
    EXPECT_EQ(kept(std::string(kFirst).append(second)), story) << second;
  EXPECT_EQ(kept("LOST 1 events!\n     9.000 ( 0.010 ms): x/1 brk() = 0x1\nLOST 2 events!\nLOST 3 events!\n"),
            ".1.-.--");
  EXPECT_EQ(kept("LOST 7 events!\n     9.000 ( 0.010 ms): x/1 brk() = 0x1\n"), ".?.-");
}

// The second and third line are of a buffer that was read later: thread 1 came from there.
TEST(PerfTrace, CallsOfOneThreadThatOverlapAreNotTheirsWhoBeganThem) {
  EXPECT_EQ(kept("     1.000 ( 9.000 ms): x/1 munmap(addr: 0x1000, len: 4096) = 0\n"
                 "     2.000 ( 0.010 ms): x/1 munmap(addr: 0x2000, len: 4096) = 0\n"
                 "     8.000 ( 9.000 ms): x/1 munmap(addr: 0x3000, len: 4096) = 0\n"
                 "    18.000 ( 0.010 ms): x/1 munmap(addr: 0x4000, len: 4096) = 0\n"
                 "    18.000 ( 0.010 ms): x/2 munmap(addr: 0x4000, len: 4096) = 0\n"),
            "?1?12");
}

TEST(PerfScript, TheEndAfterALossMayBeAnotherCalls) {
  EXPECT_EQ(kept("x 1 [001] 1.000000: raw_syscalls:sys_enter: NR 208 (7f00, 1, 3f, 7000, 0, 0)\n"
                 "x 1 [001] 1.000004: PERF_RECORD_LOST lost 24\n"
                 "x 1 [001] 1.000005: raw_syscalls:sys_exit: NR 208 = 64\n"
                 "x 1 [001] 1.000006: raw_syscalls:sys_enter: NR 208 (7f00, 1, 3f, 7000, 0, 0)\n"
                 "x 1 [001] 1.000007: raw_syscalls:sys_exit: NR 208 = 63\n"),
            "-?1");
}

TEST(PerfScript, LossesOtherEventsAndNewThreads) {
  const auto events = read_all(
      "x 1 [001] 1.000000: raw_syscalls:sys_enter: NR 56 (11, 0, 0, 0, 0, 0)\n"
      "x 1 [001] 1.000001: exceptions:page_fault_user: address=0x1 ip=0x2 error_code=0x6\n"
      "\t    7f17827ce000 main+0x1 (/bin/x)\n"
      "\n"
      "x 2 [000] 1.000002: raw_syscalls:sys_exit: NR 56 = 0\n"
      "x 1 [001] 1.000003: raw_syscalls:sys_exit: NR 56 = 2\n"
      "x 1 [001] 1.000004: PERF_RECORD_LOST lost 24\n"
      "x 2 [001] 1.000005: raw_syscalls:sys_exit: NR 208 = -512\n"
      "x 2 [001] 1.000006: raw_syscalls:sys_enter: NR 231 (0, 0, 0, 0, 0, 0)\n");
  ASSERT_EQ(events.size(), 6u);
  EXPECT_EQ(events[1].call.out.value, 2);
  EXPECT_EQ(events[2].kind, Kind::lost);
  EXPECT_EQ(events[3].call.sys, Sys::io_getevents);
  EXPECT_EQ(events[3].call.arg[0], unknown);
  EXPECT_EQ(events[3].call.out.state, Outcome::State::restarted);
  EXPECT_EQ(events[5].call.out.state, Outcome::State::never);
}

TEST(Detect, ToldFromTheFirstLines) {
  const std::pair<std::string_view, Format> rows[] = {
      {"", Format::strace},
      {"execve(\"/bin/true\", [\"true\"], 0x7ffe /* 1 var */) = 0\n", Format::strace},
      {"# ringtail kernel=6.1\n31 brk(NULL) = 0x1000\n", Format::strace},
      {"read(3, \"{\\\"e\\\":\", 5) = 5\n", Format::strace},
      {"{\"ringtail\":\"capture\",\"version\":1}\n", Format::jsonl},
      {"{\x01 no JSON\n31 brk(NULL) = 0x1000\n", Format::strace},
      {"     0.044 ( 0.013 ms): t/29037 brk() = 0x1\n", Format::perf_trace},
      {"         ? (         ): t/29037  ... [continued]: execve()) = 0\n", Format::perf_trace},
      {"LOST 7 events!\n     0.044 ( 0.013 ms): t/29037 brk() = 0x1\n", Format::perf_trace},
      {"# cmdline : perf record\n t 29064 [000]  2080.710334:  raw_syscalls:sys_exit: NR 59 = 0\n",
       Format::perf_script},
      {"env 25424  1781.519198: exceptions:page_fault_user: address=0x7f ip=0x7f error_code=0x14\nenv 25424  "
       "1781.519220: "
       "syscalls:sys_enter_brk: brk: 0x00000000\n",
       Format::perf_script},
  };
  for (const auto& [text, format] : rows) EXPECT_EQ(name_of(detect(text)), name_of(format)) << text;
}

// What each reader says of a line that it cannot read. The line after it is read in every case.
TEST(Problems, SayWhatWasExpected) {
  const std::tuple<Format, std::string, std::string> rows[] = {
      {Format::strace, "hello, world", "expected a call, `NAME(`, not `hello, world`"},
      {Format::strace, "31 12345x madvise(", "expected a process id, a time or a call, not `x madvise(`"},
      {Format::strace, "[pid x] brk(NULL) = 0",
       "expected a process id, a time or a call, not `x] brk(NULL) = 0`"},
      {Format::strace, "31 25:00:00 brk(NULL) = 0",
       "expected a process id, a time or a call, not ` brk(NULL) = 0`"},
      {Format::strace, "31 99999999999999999999 brk(NULL) = 0",
       "expected a process id, a time or a call, not ` brk(NULL) = 0`"},
      {Format::strace, "munmap(0x1000, 4096",
       "expected ')' and '= RESULT' behind the arguments, but the line ends"},
      {Format::strace, "munmap(0x1000, 4096)", "expected '= RESULT' behind the arguments, but the line ends"},
      {Format::strace, "munmap(0x1000, 4096) = zero", "expected a number or '?' behind '=', not `zero`"},
      {Format::strace, "munmap(0x1000, 4096] = 0", "expected ',' or ')' behind an argument, not `] = 0`"},
      {Format::strace, "munmap(0x1000,, 4096) = 0", "expected an argument, not `, 4096) = 0`"},
      {Format::strace, "openat(AT_FDCWD, \"abc, 0) = 3",
       "expected the string, array or structure to end on this line, but the line ends"},
      {Format::strace, "move_pages(0, 1, [0x1000, NULL, [1], 0) = 0",
       "expected ')' and '= RESULT' behind the arguments, but the line ends"},
      {Format::strace, "io_submit(0x7000, 1, [{aio_data=0, = 1",
       "expected the string, array or structure to end on this line, but the line ends"},
      {Format::strace, "read(3, 0x1000",
       "expected ')' and '= RESULT' behind the arguments, but the line ends"},
      {Format::strace, "<... munmap>) = 0", "expected ` resumed>` behind the call's name, not `>) = 0`"},
      {Format::strace, "<... munmap resumed>",
       "expected ')' and '= RESULT' behind the arguments, but the line ends"},
      {Format::strace, "+++ exited", "expected '+++' at the end of the line, not `exited`"},
      {Format::strace, "--- ", "expected the name of a signal, but the line ends"},
      {Format::strace, std::string("\0\x01\xff", 3), "expected a call, `NAME(`, not `???`"},
      {Format::perf_trace, "hello", "expected a time in milliseconds, or '?', not `hello`"},
      {Format::perf_trace, "0.1 ms", "expected '(DURATION ms)' behind the time, not `ms`"},
      {Format::perf_trace, "0.1 (0.2 s): x/1 brk() = 0",
       "expected 'ms' behind the duration, not `s): x/1 brk() = 0`"},
      {Format::perf_trace, "0.1 (0.2 ms) x/1 brk() = 0",
       "expected '):' behind the duration, not ` x/1 brk() = 0`"},
      {Format::perf_trace, "0.1 (0.2 ms): x/y brk() = 0", "expected COMMAND/THREAD, not `y brk() = 0`"},
      {Format::perf_trace, "0.1 (0.2 ms): x/1 (", "expected a call, `NAME(`, not `(`"},
      {Format::perf_trace, "0.1 (0.2 ms): x/1 brk(brk 5) = 0",
       "expected ')' behind the arguments, not ` 5) = 0`"},
      {Format::perf_trace, "0.1 (0.2 ms): x/1 brk()",
       "expected '= RESULT' behind the arguments, but the line ends"},
      {Format::perf_trace, "0.1 (0.2 ms): x/1  ... [continued]: = 0",
       "expected `NAME())` behind `[continued]:`, not `= 0`"},
      {Format::perf_script, "hello", "expected an event, `COMMAND TID [CPU] TIME: NAME:`, not `hello`"},
      {Format::perf_script, "raw_syscalls:sys_enter: NR 12 (0, 0, 0, 0, 0, 0)",
       "expected `COMMAND TID [CPU] TIME:` before the event, not `raw_syscalls:sys_enter: NR 12 (0, 0, 0, 0, "
       "0, 0)`"},
      {Format::perf_script, "x 1 1.0: raw_syscalls:sys_enter: NR x",
       "expected the number of a call, not `x`"},
      {Format::perf_script, "x 1 1.0: raw_syscalls:sys_enter: NR 12 (0, 0",
       "expected six registers in brackets, but the line ends"},
      {Format::perf_script, "x 1 1.0: raw_syscalls:sys_exit: NR 12 = x", "expected a result, not `x`"},
      {Format::perf_script, "x 1 1.0: syscalls:sys_enter_brk: 5",
       "expected NAME: VALUE for each argument, but the line ends"},
      {Format::jsonl, "hello", "expected a JSON object"},
      {Format::jsonl, "{\"e\":\"call\"", "expected a JSON object"},
      {Format::jsonl, "{}", "expected \"e\" with the kind of an event"},
      {Format::jsonl, "{\"e\":\"cal\"}", "expected \"e\" with the kind of an event"},
      {Format::jsonl, "{\"e\":\"call\",\"tid\":\"x\"}", "expected a process id"},
      {Format::jsonl, "{\"e\":\"call\",\"seq\":[1]}", "expected [begin, end] of \"seq\""},
      {Format::jsonl, "{\"e\":\"call\",\"name\":\"frobnicate\"}",
       "expected the name of a call that the model has, or \"other\""},
      {Format::jsonl, "{\"e\":\"call\",\"args\":[1,2,3,4,5,6,7]}",
       "expected up to six words: numbers, null or false"},
      {Format::jsonl, "{\"e\":\"call\",\"args\":[true]}", "expected up to six words: numbers, null or false"},
      {Format::jsonl, "{\"e\":\"call\",\"ret\":\"maybe\"}", "expected a number, \"restarted\" or \"never\""},
      {Format::jsonl, "{\"e\":\"call\",\"pages\":[1,\"...\",2]}", "expected an array of numbers"},
      {Format::jsonl, "{\"e\":\"call\",\"events\":[[1,2,3]]}", "expected an array of [data, obj, res, res2]"},
      {Format::jsonl, "{\"e\":\"call\",\"path\":\"\\u0100\"}", "expected a string of bytes"},
      {Format::jsonl, "{\"e\":\"call\"} {}", "expected one JSON object a line"},
      {Format::jsonl, "{\"ringtail\":\"capture\",\"version\":2}",
       "expected version 1, the one that this program reads"},
  };
  const std::pair<Format, std::string> good[] = {
      {Format::strace, "31 brk(NULL) = 0x1000\n"},
      {Format::perf_trace, "1.0 ( 0.1 ms): x/31 brk() = 0x1000\n"},
      {Format::perf_script,
       "x 31 1.0: syscalls:sys_enter_brk: brk: 0x0\nx 31 1.0: syscalls:sys_exit_brk: 0x1000\n"},
      {Format::jsonl, "{\"e\":\"call\",\"tid\":31,\"name\":\"brk\",\"args\":[0],\"ret\":4096}\n"},
  };
  for (const auto& [format, line, message] : rows) {
    std::string next;
    for (const auto& [f, text] : good)
      if (f == format) next = text;
    std::string said;
    bool read_on = false;
    for (const Event& e : read_all(line + "\n" + next, format)) {
      if (e.kind == Kind::problem) {
        EXPECT_EQ(e.line, 1u) << line;
        said += e.text;
      }
      read_on |= e.kind == Kind::call && e.tid == 31 && e.call.out.value == 4096;
    }
    EXPECT_EQ(said, message) << name_of(format) << ": " << line;
    EXPECT_TRUE(read_on) << name_of(format) << ": " << line;
  }
}

// A source of any length that holds nothing in memory.
class Endless final : public ByteSource {
 public:
  Endless(std::uint64_t bytes, std::string_view tail) : left_(bytes), tail_(tail) {}
  std::size_t read(char* out, std::size_t size) override {
    if (left_ > 0) {
      const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left_, size));
      std::fill_n(out, n, 'a');
      left_ -= n;
      return n;
    }
    const std::size_t n = std::min(size, tail_.size());
    std::copy_n(tail_.data(), n, out);
    tail_.remove_prefix(n);
    return n;
  }

 private:
  std::uint64_t left_;
  std::string_view tail_;
};

TEST(Problems, ALineOfFourGigabytesIsSkippedInLittleMemory) {
  LineSource lines(std::make_unique<Endless>(4ull << 30, "\nbrk(NULL) = 0x1000\n"));
  std::string_view line;
  ASSERT_TRUE(lines.next(line));
  EXPECT_TRUE(lines.oversized());
  EXPECT_TRUE(line.empty());
  ASSERT_TRUE(lines.next(line));
  EXPECT_FALSE(lines.oversized());
  EXPECT_EQ(line, "brk(NULL) = 0x1000");
  EXPECT_EQ(lines.number(), 2u);
  EXPECT_FALSE(lines.next(line));
}

TEST(Problems, AnOversizedLineIsReportedByEveryReader) {
  std::string text(kMaxLine + 2, 'a');
  text += '\n';
  for (const Format format : {Format::strace, Format::perf_trace, Format::perf_script, Format::jsonl}) {
    const auto events = read_all(text, format);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].text, "the line is longer than 8 MiB and was skipped");
    EXPECT_EQ(events[0].line, 1u);
    EXPECT_TRUE(events[0].blind);
  }
}

TEST(Problems, ALineThatMayHaveBeenACallIsToldFromOthers) {
  const auto blind = [](std::string_view line, Format format) {
    const auto events = read_all(std::string(line) + "\n", format);
    EXPECT_EQ(events.size(), 1u) << line;
    EXPECT_EQ(events.at(0).kind, Event::Kind::problem) << line;
    return events.at(0).blind;
  };
  EXPECT_TRUE(blind("7 io_submit(0x7000, 1, [{aio_data=0, ", Format::strace));
  EXPECT_TRUE(blind("7 madvise(0x7000, 4096, MADV_FREE) = x", Format::strace));
  EXPECT_FALSE(blind("the program's own words", Format::strace));
  EXPECT_FALSE(blind("7 printed(by the program", Format::strace));
  EXPECT_TRUE(blind("fio 25345 [001]  1.5: raw_syscalls:sys_enter: NR 28 (7000, ", Format::perf_script));
  EXPECT_FALSE(blind("the program's own words", Format::perf_script));
  EXPECT_TRUE(blind("1.5 ( 0.1 ms): fio/7 madvise(start: 0x7000 = 0", Format::perf_trace));
  EXPECT_FALSE(blind("the program's own words", Format::perf_trace));
  EXPECT_TRUE(blind("{\"e\":\"call\",\"name\":\"madvise\",", Format::jsonl));
}

TEST(Problems, UnfinishedCallsTakeBoundedMemory) {
  std::string text;
  const std::string path(1 << 20, 'x');
  for (int tid = 1; tid <= 64; ++tid)
    text += std::to_string(tid) + " open(\"" + path + "\", 0 <unfinished ...>\n";
  const auto reader = Reader::over(text, Format::strace);
  int problems = 0;
  for (Event e; reader->next(e);) problems += e.kind == Kind::problem;
  EXPECT_GT(problems, 32);
}

}  // namespace
}  // namespace ringtail::capture
