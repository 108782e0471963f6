// SPDX-License-Identifier: GPL-2.0-or-later
// `ringtail fuzz capture`: damaged captures of every format are read and judged without harm; a reader that
// is wrong, or that dies, is found, and what is written has nothing to spare.
#include "replay/fuzz/capture.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/folder.h"

namespace ringtail::fuzz {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& p) {
  std::ifstream in(p, std::ios::binary);
  std::stringstream s;
  s << in.rdbuf();
  return s.str();
}

std::vector<std::string> samples() {
  std::vector<fs::path> paths;
  for (const auto& e : fs::directory_iterator(RINGTAIL_SOURCE_DIR "/tests/data/convert"))
    if (const auto ending = e.path().extension();
        ending != ".golden" && ending != ".md" && ending != ".zst" && ending != ".gz")
      paths.push_back(e.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> out;
  for (const fs::path& p : paths) out.push_back(text_of(p));
  return out;
}

std::string right(std::string_view text) { return broken_by(text, capture::Format::automatic); }

TEST(FuzzCapture, DamagedSamplesOfEveryFormatAreStood) {
  const std::vector<std::string> all = samples();
  ASSERT_GE(all.size(), 4u);
  for (std::uint64_t n = 1; n <= 30 * all.size(); ++n) {
    const auto broken = try_capture(n, all[n % all.size()], right);
    EXPECT_FALSE(broken) << broken->what << "\n" << broken->capture;
  }
}

RC_GTEST_PROP(FuzzCapture, MutationsAreWhatTheyWere, ()) {
  static const std::string sample = samples().front();
  const auto list = *mutations();
  RC_ASSERT(mutated(sample, list) == mutated(sample, list));
  RC_ASSERT(mutated(sample, {}) == sample);
}

std::string lines(int n) {
  std::string out;
  for (int i = 0; i < n; ++i) out += "line " + std::to_string(i) + "\n";
  return out;
}

template <class Check>
std::optional<BrokenCapture> first(Check check) {
  for (std::uint64_t n = 1; n < 200; ++n)
    if (auto broken = try_capture(n, lines(50), check)) return broken;
  return std::nullopt;
}

TEST(FuzzCapture, AWrongReaderIsFoundOnOneLine) {
  const auto broken = first([](std::string_view text) {
    return text.find("99") == text.npos ? std::string() : std::string("numbers have no two nines");
  });
  ASSERT_TRUE(broken);
  EXPECT_EQ(broken->what, "numbers have no two nines");
  EXPECT_LE(std::count(broken->capture.begin(), broken->capture.end(), '\n'), 1);
}

TEST(FuzzCapture, ACrashIsAnAnswer) {
  const auto broken = first([](std::string_view text) {
    if (text.find('\xff') != text.npos) std::abort();
    return std::string();
  });
  ASSERT_TRUE(broken);
  EXPECT_EQ(broken->what, "no crash (signal 6)");
  EXPECT_LE(broken->capture.size(), 20u);
}

TEST(FuzzCapture, TheCommandRunsItsCorpusFirst) {
  const tests::Folder corpus;
  std::ofstream(corpus / "one.capture") << "31 madvise(0x1000, 4096, MADV_DONTNEED) = 0\n31 madvise(";
  const auto run = [&](const std::string& rest) {
    const fs::path out = corpus / "out";
    const int status =
        WEXITSTATUS(std::system(("'" RINGTAIL_BINARY "' fuzz capture --corpus '" + corpus.string() + "' " +
                                 rest + " > '" + out.string() + "' 2>&1")
                                    .c_str()));
    return std::to_string(status) + " " + text_of(out);
  };
  EXPECT_EQ(run("--cases 4 --seed 3 '" RINGTAIL_SOURCE_DIR "/tests/data/replay/conforms.strace'"),
            "0 4 random captures from seed 3 and 1 of the corpus: 0 read or judged wrongly\n");
  EXPECT_EQ(run("--cases 2").substr(0, 2), "0 ");  // made here
  EXPECT_EQ(run("/no/such/capture").substr(0, 2), "2 ");
}

}  // namespace
}  // namespace ringtail::fuzz
