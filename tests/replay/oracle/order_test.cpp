// SPDX-License-Identifier: GPL-2.0-or-later
// Captures that tell less than the order of all calls.
#include <gtest/gtest.h>

#include "tests/replay/oracle/calls.h"

namespace ringtail::oracle {
namespace {

using capture::Event;

Event fact(std::string text) {
  Event e;
  e.kind = Event::Kind::fact;
  e.text = std::move(text);
  return e;
}

constexpr std::uint64_t kAt = 0x7f0000000000;
const std::vector<std::uint64_t> kAnonymous{0, 0x4000, 3, 0x22, ~0ull, 0};

// The second mmap is told to lie where the first one does.
kernel::Verdict::Kind second_mmap(bool ordered, bool compat) {
  Oracle oracle({});
  if (!ordered) oracle.take(fact("order=thread"));
  oracle.take(call(7, kernel::Sys::mmap, kAnonymous, kAt));
  Event e = call(7, kernel::Sys::mmap, kAnonymous, kAt);
  e.compat = compat;
  return oracle.take(e)->kind;
}

TEST(Order, WhereOneMappingStandsNoOtherMayLie) {
  EXPECT_EQ(second_mmap(true, false), kernel::Verdict::Kind::diverges);
}

TEST(Order, WithoutOrderBetweenThreadsAnotherMayHaveUnmappedIt) {
  EXPECT_EQ(second_mmap(false, false), kernel::Verdict::Kind::conforms);
}

TEST(Order, CallsOf32BitProgramsAreNotJudgedAndVoidWhatWasKnown) {
  EXPECT_EQ(second_mmap(true, true), kernel::Verdict::Kind::not_judged);
  Oracle oracle({});
  oracle.take(call(7, kernel::Sys::mmap, kAnonymous, kAt));
  Event e = call(7, kernel::Sys::munmap, {kAt, 0x4000}, 0);
  e.compat = true;
  EXPECT_EQ(oracle.take(e)->reason, kernel::reason::kCompat);
  EXPECT_EQ(oracle.take(call(7, kernel::Sys::mmap, kAnonymous, kAt))->kind, kernel::Verdict::Kind::conforms);
}

}  // namespace
}  // namespace ringtail::oracle
