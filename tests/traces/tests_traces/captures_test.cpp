// SPDX-License-Identifier: GPL-2.0-or-later
// Every capture of traces/ was made by a kernel that did what it did: none may diverge, every line of it can
// be read, and of the calls that ringtail is about at most one in fifty may go unjudged (where the format has
// their contents at all).
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "replay/capture/reader.h"
#include "replay/oracle/oracle.h"

namespace ringtail {
namespace {

namespace fs = std::filesystem;

const fs::path kTraces = fs::path(RINGTAIL_SOURCE_DIR) / "traces";

bool is_capture(const fs::path& p) { return p.extension() == ".zst" || p.extension() == ".gz"; }

std::vector<std::string> captures() {
  std::vector<std::string> found;
  for (const auto& e : fs::recursive_directory_iterator(kTraces))
    if (e.is_regular_file() && is_capture(e.path()))
      found.push_back(fs::relative(e.path(), kTraces).string());
  std::sort(found.begin(), found.end());
  return found;
}

std::string test_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
}

bool ours(kernel::Sys s) {
  const kernel::Family f = kernel::family_of(s);
  return f == kernel::Family::madvise || f == kernel::Family::migration || f == kernel::Family::aio;
}

class Capture : public ::testing::TestWithParam<std::string> {};

TEST_P(Capture, IsReadWholeAndConforms) {
  auto reader = capture::Reader::open({(kTraces / GetParam()).string()});
  ASSERT_TRUE(reader) << reader.error();
  oracle::Oracle oracle({});
  for (capture::Event e; (*reader)->next(e);) oracle.take(e);
  const oracle::Summary& s = oracle.summary();

  EXPECT_EQ(s.problems, 0u) << (s.first_problems.empty() ? "" : s.first_problems[0].what);
  EXPECT_GT(s.total().all(), 0u);
  for (const oracle::Divergence& d : s.divergences)
    ADD_FAILURE() << GetParam() << ":" << d.line << ": " << d.call << "\n  observed " << d.observed
                  << ", rule " << d.rule;

  const bool has_contents = (*reader)->format() == capture::Format::strace;
  oracle::Counts judged;
  for (int i = 0; i < kernel::kSysCount; ++i)
    if (ours(static_cast<kernel::Sys>(i))) judged.add(s.by_sys[i]);
  if (has_contents) {
    EXPECT_LE(judged.not_judged * 50, judged.all() + 49) << "of " << judged.all() << " calls";
  }
}

INSTANTIATE_TEST_SUITE_P(Traces, Capture, ::testing::ValuesIn(captures()), test_name);

TEST(Traces, EachCaptureHasALineOfProvenance) {
  std::ifstream in(kTraces / "README.md");
  std::stringstream text;
  text << in.rdbuf();
  ASSERT_GE(captures().size(), 16u);
  for (const std::string& c : captures()) EXPECT_NE(text.str().find("`" + c + "`"), std::string::npos) << c;
}

TEST(Traces, StayUnderTwentyMegabytes) {
  std::uintmax_t bytes = 0;
  for (const std::string& c : captures()) bytes += fs::file_size(kTraces / c);
  EXPECT_LT(bytes, 20u << 20);
}

}  // namespace
}  // namespace ringtail
