// SPDX-License-Identifier: GPL-2.0-or-later
// Lines against a plain split of the text, whatever the sizes of the pieces they come in, one by one and in
// blocks.
#include "replay/capture/lines.h"

#include <random>

#include <gtest/gtest.h>

#include "tests/replay/capture/pieces.h"

namespace ringtail::capture {
namespace {

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(end > kMaxLine ? std::string_view() : text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

void compare(std::string_view text, std::size_t most, unsigned seed) {
  LineSource source(std::make_unique<Pieces>(text, most, seed));
  source.peek();
  const std::vector<std::string> expected = split(text);
  std::string_view line;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_TRUE(source.next(line)) << i;
    ASSERT_EQ(line, expected[i]) << "line " << i;
    ASSERT_EQ(line.data()[line.size()], '\n');
    ASSERT_EQ(source.number(), i + 1);
    ASSERT_EQ(source.unterminated(), i + 1 == expected.size() && text.back() != '\n');
  }
  ASSERT_FALSE(source.next(line));
  ASSERT_FALSE(source.next(line));
  EXPECT_EQ(source.bytes(), text.size());
  EXPECT_EQ(source.error(), "the end");
}

void compare_blocks(std::string_view text, std::size_t most, unsigned seed) {
  LineSource source(std::make_unique<Pieces>(text, most, seed));
  source.peek();
  const std::vector<std::string> expected = split(text);
  std::size_t i = 0;
  LineSource::Block block;
  while (source.take(block)) {
    ASSERT_FALSE(block.ends.empty());
    ASSERT_LE(block.ends.size(), LineSource::Block::kMostLines);
    ASSERT_EQ(block.first, i + 1);
    for (std::size_t k = 0; k < block.ends.size(); ++k, ++i) {
      ASSERT_LT(i, expected.size());
      ASSERT_EQ(block.line(k), expected[i]) << "line " << i;
      ASSERT_EQ(block.line(k).data()[block.line(k).size()], '\n');
    }
    ASSERT_EQ(block.unterminated, i == expected.size() && text.back() != '\n');
    ASSERT_EQ(source.number(), i);
  }
  EXPECT_EQ(i, expected.size());
  EXPECT_TRUE(block.ends.empty());
  EXPECT_FALSE(source.take(block));
  EXPECT_EQ(source.bytes(), text.size());
  EXPECT_EQ(source.error(), "the end");
}

TEST(Lines, AreThoseOfTheText) {
  std::mt19937 random(20260101);
  for (unsigned seed = 0; seed < 60; ++seed) {
    // Short lines, long ones, and now and then one that fits no buffer's room.
    std::string text;
    const std::size_t longest = std::size_t{1} << (4 + seed % 15);
    const std::size_t size = 20'000 + random() % 1'500'000;
    while (text.size() < size) {
      const std::size_t length = random() % 16 == 0 ? random() % longest : random() % 150;
      text.append(length, static_cast<char>('a' + random() % 26));
      text += '\n';
    }
    if (seed % 3 == 0) text += "cut";
    const std::size_t most = std::size_t{1} << (6 + random() % 14);
    compare(text, most, seed);
    compare_blocks(text, most, seed);
  }
}

TEST(Lines, ThatNobodyWritesAreCutToNothing) {
  std::string text = "one\n";
  text.append(kMaxLine + 100, 'x');
  text += "\ntwo\n";
  compare(text, 1 << 20, 1);
  compare_blocks(text, 1 << 20, 1);
}

TEST(Lines, ThatAreManyAndShortComeInSeveralBlocks) {
  const std::string text(3 * LineSource::Block::kMostLines + 5, '\n');
  compare_blocks(text, 1 << 20, 1);
}

}  // namespace
}  // namespace ringtail::capture
