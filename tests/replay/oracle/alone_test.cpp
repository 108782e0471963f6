// SPDX-License-Identifier: GPL-2.0-or-later
// Captures of one thread that has others beside it: strace without -f, which names no threads, and a single
// file of strace -ff.
#include <gtest/gtest.h>

#include "tests/replay/oracle/calls.h"

namespace ringtail::oracle {
namespace {

using capture::Event;
using kernel::Sys;
using Kind = kernel::Verdict::Kind;

constexpr std::uint64_t kAt = 0x7f0000000000, kThread = 0x100 | 0x10000, kSpawn = 0x100 | 0x4000;

struct Alone : testing::Test {
  Kind take(std::int32_t tid, Sys sys, const std::vector<std::uint64_t>& args, std::int64_t result) {
    return oracle.take(call(tid, sys, args, result))->kind;
  }
  Kind map(std::int32_t tid) { return take(tid, Sys::mmap, {0, 0x4000, 3, 0x22, ~0ull, 0}, kAt); }
  void begins_as(std::int32_t tid, std::string_view name) {
    Event e = call(tid, Sys::other, {}, 0);
    e.call.name = name;
    oracle.take(e);
  }
  Oracle oracle{{}};
};

TEST_F(Alone, AThreadThatIsNotFollowedMayUnmap) {
  take(0, Sys::execve, {}, 0);
  map(0);
  take(0, Sys::clone, {kThread, 0}, 8);
  EXPECT_EQ(map(0), Kind::conforms);
}

TEST_F(Alone, OneThatIsFollowedIsSeenToDoSo) {
  take(0, Sys::execve, {}, 0);
  map(0);
  take(0, Sys::clone, {kThread, 0}, 8);
  begins_as(8, "rseq");
  EXPECT_EQ(map(0), Kind::diverges);
}

TEST_F(Alone, NamedThreadsAreFollowed) {
  take(7, Sys::execve, {}, 0);
  map(7);
  take(7, Sys::clone, {kThread, 0}, 8);
  EXPECT_EQ(map(7), Kind::diverges);
}

TEST_F(Alone, WhoIsWaitedForIsInAnotherSpaceByThen) {
  take(0, Sys::execve, {}, 0);
  map(0);
  take(0, Sys::clone, {kSpawn, 0}, 8);
  EXPECT_EQ(map(0), Kind::diverges);
}

TEST_F(Alone, ACaptureThatBeginsAsAThreadDoesIsOfOneOfSeveral) {
  for (const std::string_view first : {"rseq", "set_robust_list", "getrandom"}) {
    oracle = Oracle({});
    begins_as(8, first);
    map(8);
    EXPECT_EQ(map(8), first == "getrandom" ? Kind::diverges : Kind::conforms) << first;
  }
}

TEST_F(Alone, ItsNextProgramIsItsOwn) {
  begins_as(8, "rseq");
  take(8, Sys::execve, {}, 0);
  map(8);
  EXPECT_EQ(map(8), Kind::diverges);
}

}  // namespace
}  // namespace ringtail::oracle
