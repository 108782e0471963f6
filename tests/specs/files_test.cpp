// SPDX-License-Identifier: GPL-2.0-or-later
// What a reader may rely on in every file of the path model: short, licensed, and it says what it follows.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace ringtail {
namespace {

namespace fs = std::filesystem;

const fs::path kSpecs = RINGTAIL_SOURCE_DIR "/specs";

std::vector<std::string> lines(const fs::path& path) {
  std::vector<std::string> out;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

std::vector<fs::path> files(const std::set<std::string>& folders) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::recursive_directory_iterator(kSpecs)) {
    const fs::path relative = entry.path().lexically_relative(kSpecs);
    const std::string extension = entry.path().extension().string();
    if (folders.count(relative.begin()->string()) != 0 && (extension == ".c" || extension == ".h"))
      out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

const std::set<std::string> kPaths = {"aio", "bugs", "lib", "madvise", "migrate", "proofs", "radix_tree"};

// Scenes and invariants, which follow no source but state what holds.
const std::set<std::string> kOurs = {"lib/mm.h",    "lib/invariants.h", "lib/requests.h",
                                     "aio/scene.h", "aio/driver.h",     "radix_tree/tree.h"};

TEST(SpecFiles, AreLicensedAndUnderTwoHundredLines) {
  std::set<std::string> folders = kPaths;
  folders.insert({"examples", "include", "ops"});
  const std::vector<fs::path> all = files(folders);
  EXPECT_GT(all.size(), 200u);
  for (const fs::path& path : all) {
    const std::vector<std::string> text = lines(path);
    EXPECT_LT(text.size(), 200u) << path;
    ASSERT_FALSE(text.empty()) << path;
    EXPECT_EQ(text[0], "// SPDX-License-Identifier: GPL-2.0-or-later") << path;
  }
}

// A kernel file, a version, and a function or a type: enough to find the source beside the spec.
TEST(SpecFiles, SayWhichSourceTheyFollow) {
  const std::regex names("// @source .*\\.[chS]\\b.* v[0-9]+\\.[0-9]+");
  const std::regex function("[a-z0-9_]+\\(\\)|struct [a-z_]+");
  for (const fs::path& path : files(kPaths)) {
    if (kOurs.count(path.lexically_relative(kSpecs).string()) != 0) continue;
    int sources = 0;
    bool named = path.extension() == ".h";  // a header's functions have their names
    for (const std::string& line : lines(path)) {
      if (line.rfind("// @source", 0) != 0) continue;
      ++sources;
      EXPECT_TRUE(std::regex_search(line, names)) << path << ": " << line;
      named |= std::regex_search(line, function);
    }
    EXPECT_GT(sources, 0) << path;
    EXPECT_TRUE(named) << path << " names no function";
  }
}

// What is said of a spec with threads is said under every model, be it of a smaller variant.
TEST(SpecFiles, SpeakOfEveryModel) {
  int specs = 0;
  for (const fs::path& path : files({"aio", "bugs", "examples", "madvise", "migrate", "radix_tree"})) {
    std::string expected;
    bool threads = false;
    for (const std::string& line : lines(path)) {
      if (line.rfind("// @expect", 0) == 0) expected += line + "\n";
      threads |= line.rfind("THREAD(", 0) == 0;
    }
    if (path.extension() != ".c" || !threads) continue;
    ++specs;
    for (const std::string model : {"sc", "tso", "lkmm"})
      EXPECT_TRUE(std::regex_search(expected, std::regex("\\b(all|" + model + ")[,:]")))
          << path << " says nothing of " << model;
  }
  EXPECT_GT(specs, 200);
}

}  // namespace
}  // namespace ringtail
