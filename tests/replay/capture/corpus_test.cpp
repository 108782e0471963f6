// SPDX-License-Identifier: GPL-2.0-or-later
// The fuzzers' inputs, those that they once found among them: tests/fuzz/corpus/FORMAT/NAME.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "replay/fuzz/reading.h"

namespace ringtail::capture {
namespace {

namespace fs = std::filesystem;

TEST(Corpus, OfTheFuzzersHolds) {
  int seen = 0;
  for (const auto& e :
       fs::recursive_directory_iterator(fs::path(RINGTAIL_SOURCE_DIR) / "tests/fuzz/corpus")) {
    if (!e.is_regular_file()) continue;
    ++seen;
    std::ifstream in(e.path(), std::ios::binary);
    std::stringstream bytes;
    bytes << in.rdbuf();
    const auto format = format_of(e.path().parent_path().filename().string()).value_or(Format::automatic);
    EXPECT_EQ(broken_by(bytes.str(), format), nullptr) << e.path();
  }
  EXPECT_GE(seen, 30);
}

}  // namespace
}  // namespace ringtail::capture
