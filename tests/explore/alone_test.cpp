// SPDX-License-Identifier: GPL-2.0-or-later
// INIT and FINALLY run alone: to their end, whatever bound the threads have; and one that does not end is a
// violation, not a beginning or an end that was cut off.
#include <gtest/gtest.h>

#include "checker/explore/explore.h"
#include "model/lang/load.h"

namespace ringtail::explore {
namespace {

std::string verdict(const std::string& body, std::uint32_t unroll = 0) {
  const auto spec =
      lang::load_spec("alone.c", "#include <ringtail.h>\nstatic int x, y, word[8];\n" + body, {}, {});
  if (!spec) return spec.error().text;
  const Outcome o = explore(spec->program, {.model = memory::Model::sc, .unroll = unroll});
  if (o.violation) return o.violation->kind + ": " + o.violation->message;
  return o.result == Result::safe ? "safe" : "bounded";
}

TEST(Alone, INITIsNotBounded) {
  const std::string spec =
      "INIT { for (int i = 0; i < 8; i++) word[i] = 1; } THREAD(t) { assert(READ_ONCE(word[7]) == 1); }";
  EXPECT_EQ(verdict(spec), "safe");
  EXPECT_EQ(verdict(spec, 1), "safe");
  EXPECT_EQ(verdict(spec, 3), "safe");
}

TEST(Alone, FINALLYIsNotBounded) {
  EXPECT_EQ(
      verdict("THREAD(t) { WRITE_ONCE(x, 1); } FINALLY { for (int i = 0; i < 8; i++) y++; assert(y == 8); }",
              2),
      "safe");
  EXPECT_EQ(
      verdict("THREAD(t) { WRITE_ONCE(x, 1); } FINALLY { for (int i = 0; i < 8; i++) y++; assert(y == 7); }",
              2),
      "assertion: FINALLY, line 3: y == 7");
}

TEST(Alone, ThreadsAre) {
  EXPECT_EQ(verdict("THREAD(t) { for (int i = 0; i < 8; i++) WRITE_ONCE(x, i); assert(READ_ONCE(x) == 7); }"),
            "safe");
  EXPECT_EQ(
      verdict("THREAD(t) { for (int i = 0; i < 8; i++) WRITE_ONCE(x, i); assert(READ_ONCE(x) == 7); }", 3),
      "bounded");
}

TEST(Alone, ManyIterationsAreNotTooMany) {
  EXPECT_EQ(
      verdict(
          "INIT { for (int i = 0; i < 100000; i++) y = i; } THREAD(t) { assert(READ_ONCE(y) == 99999); }"),
      "safe");
}

TEST(Alone, WhatDoesNotEndIsAViolation) {
  const std::string why = "a loop that does not end, or not within a million iterations";
  EXPECT_EQ(verdict("INIT { while (READ_ONCE(x) == 0) ; } THREAD(t) { assert(READ_ONCE(y) == 0); }"),
            "deadlock: INIT, line 3: " + why);
  EXPECT_EQ(verdict("INIT { for (;;) x++; } THREAD(t) { assert(READ_ONCE(y) == 0); }"),
            "deadlock: INIT, line 3: " + why);
  EXPECT_EQ(
      verdict("THREAD(t) { WRITE_ONCE(y, 1); } FINALLY { while (READ_ONCE(x) == 0) ; assert(y == 1); }"),
      "deadlock: FINALLY, line 3: " + why);
}

// What fails after an access to freed memory may come of it: that access is told, not what failed.
TEST(AfterAFree, TheAccessIsToldNotWhatComesOfIt) {
  const std::string begin =
      "static int *p; static int freed; INIT { p = kzalloc(sizeof(int), GFP_KERNEL); } ";
  const std::string free = "THREAD(f) { kfree(p); smp_store_release(&freed, 1); } ";
  EXPECT_EQ(
      verdict(begin + free + "THREAD(t) { assume(smp_load_acquire(&freed)); WRITE_ONCE(x, *p); assert(0); }"),
      "use after free: the object is accessed although it may already be freed");
  EXPECT_EQ(
      verdict(begin + free + "THREAD(t) { assume(smp_load_acquire(&freed)); WRITE_ONCE(x, 1); assert(0); }"),
      "assertion: 0");
}

}  // namespace
}  // namespace ringtail::explore
