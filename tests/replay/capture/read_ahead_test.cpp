// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/capture/read_ahead.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace ringtail::capture {
namespace {

std::string munmaps(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += fmt::format("7 munmap({:#x}, 4096) = 0\n", 0x10000 + 4096 * i);
  return text;
}

class ReadAheadOf : public ::testing::TestWithParam<int> {};

TEST_P(ReadAheadOf, GivesTheReadersEventsInItsOrder) {
  const std::string text = munmaps(GetParam()) + "7 nonsense(\n";
  const auto plain = Reader::over(text, Format::strace);
  ReadAhead ahead(Reader::over(text, Format::strace));
  std::uint64_t count = 0;
  for (Event e; plain->next(e); ++count) {
    const Event* other = ahead.next();
    ASSERT_NE(other, nullptr) << count;
    EXPECT_EQ(other->kind, e.kind);
    EXPECT_EQ(other->line, e.line);
    EXPECT_EQ(other->text, e.text);
    EXPECT_EQ(other->call, e.call);
  }
  EXPECT_EQ(ahead.next(), nullptr);
  EXPECT_EQ(ahead.next(), nullptr);
  EXPECT_EQ(count, static_cast<std::uint64_t>(GetParam()) + 1);
  EXPECT_EQ(ahead.lines(), plain->lines());
}

// None, less than a batch, batches to the brim, and more than all batches hold.
INSTANTIATE_TEST_SUITE_P(Lines, ReadAheadOf, ::testing::Values(0, 1, 127, 128, 1023, 1024, 5000));

TEST(ReadAhead, MayBeLeftBeforeTheEnd) {
  const std::string text = munmaps(100000);
  ReadAhead ahead(Reader::over(text, Format::strace));
  ASSERT_NE(ahead.next(), nullptr);
}

}  // namespace
}  // namespace ringtail::capture
