// SPDX-License-Identifier: GPL-2.0-or-later
// Lines against a plain split of the text, whatever the sizes of the pieces they come in, with and without a
// thread that reads ahead.
#include "replay/capture/lines.h"

#include <algorithm>
#include <cstring>
#include <random>

#include <gtest/gtest.h>

namespace ringtail::capture {
namespace {

// Gives text in pieces of random size, as a pipe does.
class Pieces final : public ByteSource {
 public:
  Pieces(std::string_view text, std::size_t most, unsigned seed) : rest_(text), most_(most), random_(seed) {}
  std::size_t read(char* out, std::size_t size) override {
    const std::size_t n = std::min({rest_.size(), size, 1 + random_() % most_});
    if (n > 0) std::memcpy(out, rest_.data(), n);
    rest_.remove_prefix(n);
    if (n == 0) error_ = "the end";
    return n;
  }

 private:
  std::string_view rest_;
  std::size_t most_;
  std::mt19937 random_;
};

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(end > kMaxLine ? std::string_view() : text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

void compare(std::string_view text, std::size_t most, unsigned seed, bool ahead) {
  LineSource source(std::make_unique<Pieces>(text, most, seed));
  source.peek();
  if (ahead) source.read_ahead();
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
    compare(text, most, seed, false);
    compare(text, most, seed, true);
  }
}

TEST(Lines, ThatNobodyWritesAreCutToNothing) {
  std::string text = "one\n";
  text.append(kMaxLine + 100, 'x');
  text += "\ntwo\n";
  for (const bool ahead : {false, true}) compare(text, 1 << 20, 1, ahead);
}

TEST(Lines, NeedNotBeReadToTheEnd) {
  const std::string text(10 << 20, '\n');
  LineSource source(std::make_unique<Pieces>(text, 1 << 20, 1));
  source.read_ahead();
  std::string_view line;
  EXPECT_TRUE(source.next(line));
}

}  // namespace
}  // namespace ringtail::capture
