// SPDX-License-Identifier: GPL-2.0-or-later
// Captures of recorders that were told what to show: what a call contradicts that was left out is no
// divergence, and what nothing left out can explain is one.
#include <string>

#include <gtest/gtest.h>

#include "replay/capture/reader.h"
#include "replay/oracle/oracle.h"

namespace ringtail::oracle {
namespace {

Summary judged(const std::string& text, bool filtered = true) {
  const auto reader = capture::Reader::over(text, capture::Format::strace);
  Oracle oracle({});
  oracle.may_be_filtered(filtered);
  for (capture::Event e; reader->next(e);) oracle.take(e);
  return oracle.summary();
}

std::uint64_t divergences(const std::string& text) { return judged(text).total().diverges; }

// Calls that say nothing of those that follow, so many that what is not among them was not asked for.
std::string many(const std::string& line) {
  std::string out;
  for (int i = 0; i < 13; ++i) out += line + "\n";
  return out;
}
const std::string kAdvises = many("7 madvise(0x500000000000, 4096, MADV_NORMAL) = 0");
const std::string kMaps =
    "7 mmap(NULL, 16384, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000\n";
const std::string kUnmaps = "7 munmap(0x7f0000000000, 16384) = 0\n";
const std::string kNone =
    "7 madvise(0x7f0000000000, 4096, MADV_NORMAL) = -1 ENOMEM (Cannot allocate memory)\n";
const std::string kThere = "7 madvise(0x7f0000000000, 4096, MADV_NORMAL) = 0\n";
const std::string kProtects = "7 mprotect(0x500000000000, 4096, PROT_READ) = 0\n";
const std::string kBreaks = "7 brk(NULL) = 0x400000\n";
const std::string kOpens = "7 close(3) = 0\n";
const std::string kAll = kBreaks + kProtects + kOpens;

TEST(Shown, WhatCanBeUnmappedUnseenMayBeGone) {
  for (const std::string& shows : {std::string(), kBreaks, kProtects, kOpens, kBreaks + kProtects}) {
    EXPECT_EQ(divergences(kAdvises + shows + kMaps + kNone), 0u) << shows;
    EXPECT_EQ(judged(kAdvises + shows + kMaps + kNone).alone, 1u) << shows;
    EXPECT_EQ(divergences(kAdvises + shows + kUnmaps + kThere), 0u) << shows;
  }
}

TEST(Shown, WhoShowsAllShowsThat) {
  EXPECT_EQ(divergences(kAdvises + kAll + kMaps + kNone), 1u);
  EXPECT_EQ(judged(kAdvises + kAll + kMaps + kNone).alone, 0u);
  EXPECT_EQ(divergences(kAdvises + kAll + kMaps + kUnmaps + kThere), 1u);
  EXPECT_EQ(divergences("# ringtail pid=7\n# ringtail map=500000000000-500000001000 rw-p 00000000 00:00 0\n" +
                        kAdvises + kMaps + kNone),
            1u);
}

TEST(Shown, AFewCallsSayNothingOfTheRest) { EXPECT_EQ(divergences(kMaps + kNone), 1u); }

TEST(Shown, ItIsForgottenThen) {
  EXPECT_EQ(judged(kAdvises + kMaps + kNone + kNone).alone, 1u);
  EXPECT_EQ(judged(kAdvises + kMaps + kNone + kThere + kNone).alone, 2u);
}

TEST(Shown, WhatNothingExplainsDiverges) {
  EXPECT_EQ(judged(kAdvises + "7 madvise(0x7f0000000001, 4096, MADV_NORMAL) = 0\n").alone, 0u);
  EXPECT_EQ(divergences(kAdvises + "7 madvise(0x7f0000000001, 4096, MADV_NORMAL) = 0\n"), 1u);
  EXPECT_EQ(divergences(kAdvises + "7 munmap(0x7f0000000000, 4096) = -1 EBUSY (Device or resource busy)\n"),
            1u);
}

TEST(Shown, ACaptureThatIsNotFilteredIsHeldToAll) {
  EXPECT_EQ(judged(kAdvises + kMaps + kNone, false).total().diverges, 1u);
}

const std::string kSubmits = "7 io_submit(0x7f1000000000, 0, []) = 0\n";
const std::string kGets = "7 io_getevents(0x7f1000000000, 0, 1, [], {tv_sec=0, tv_nsec=0}) = 0";
const std::string kNoContext =
    "7 io_getevents(0x7f1000000000, 0, 1, 0x7000, {tv_sec=0, tv_nsec=0}) = -1 EINVAL (Invalid argument)\n";
const std::string kDestroys = "7 io_destroy(0x7f2000000000) = -1 EINVAL (Invalid argument)\n";
const std::string kSetsUp = "7 io_setup(8, [0x7f1000000000]) = 0\n";

TEST(Shown, AContextMayBeDestroyedUnseen) {
  const std::string gets = many(kGets);
  EXPECT_EQ(divergences(gets + kNoContext), 0u);
  EXPECT_EQ(divergences(gets + kDestroys + kNoContext), 1u);
  EXPECT_EQ(divergences(gets + kOpens + kNoContext), 1u);
  EXPECT_EQ(divergences(gets + kSetsUp), 0u);
}

// strace -e trace=!io_destroy: the ring of a live context cannot be another's.
TEST(Shown, AContextThatIsSetUpTwiceWasDestroyedUnseen) {
  const std::string begin = "7 execve(\"a\", [], []) = 0\n" + kAll + kAdvises;
  const std::string twice = kSetsUp + kSetsUp + kNoContext + kSetsUp;
  EXPECT_EQ(judged(begin + twice + kNoContext).alone, 3u);
  EXPECT_EQ(divergences(begin + twice + kNoContext), 0u);
  EXPECT_EQ(divergences(begin + kSetsUp + kNoContext), 1u) << "nothing shows that one was destroyed";
  EXPECT_EQ(divergences(begin + kSetsUp + kSetsUp), 1u) << "once may be a wrong result";
  EXPECT_EQ(divergences(begin + kDestroys + twice), 3u) << "destroys are shown";
  EXPECT_EQ(divergences("# ringtail calls=all\n" + begin + twice), 3u);
  EXPECT_EQ(divergences(begin + kMaps + kNone + twice), 1u) << "of the rest it explains nothing";
}

TEST(Shown, ARecorderThatSaysThatItShowsAllIsHeldToAll) {
  EXPECT_EQ(divergences("# ringtail calls=all\n" + kAdvises + kMaps + kNone), 1u);
}

TEST(Shown, EventsOfRequestsThatAreNotShown) {
  const std::string gets =
      "7 io_getevents(0x7f1000000000, 1, 1, [{data=0, obj=0x7000, res=0, res2=0}], NULL) = 1\n";
  EXPECT_EQ(divergences(kAdvises + kAll + kDestroys + "7 execve(\"a\", [], []) = 0\n" + kSetsUp + gets), 0u);
  EXPECT_EQ(
      divergences(kAdvises + kAll + kSubmits + "7 execve(\"a\", [], []) = 0\n" + kSetsUp + gets + kSubmits),
      1u);
}

// strace -z of several threads: whole lines, no errors.
TEST(Shown, SuccessesOnlyMayBeOutOfOrder) {
  const std::string threads = kAdvises + kAll + kMaps + "8 close(4) = 0\n" + kUnmaps + kThere;
  EXPECT_EQ(divergences(threads), 0u);
  EXPECT_EQ(divergences("7 close(9) = -1 EBADF (Bad file descriptor)\n" + threads), 1u);
  EXPECT_EQ(divergences("8 close(4 <unfinished ...>\n7 close(5) = 0\n8 <... close resumed>) = 0\n" + threads),
            1u);
}

}  // namespace
}  // namespace ringtail::oracle
