// SPDX-License-Identifier: GPL-2.0-or-later
// Every spec is a C program too: gcc and clang accept it, in every variant that its @expect lines name.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "model/lang/load.h"

namespace ringtail::lang {
namespace {

std::vector<std::string> specs() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(RINGTAIL_SOURCE_DIR "/specs"))
    if (entry.path().extension() == ".c") out.push_back(entry.path().string());
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::vector<Define>> variants(const Annotations& a) {
  std::vector<std::vector<Define>> out = {{}};
  for (const Expectation& e : a.expectations) {
    std::vector<Define> defines;
    for (const std::string& macro : e.variant) defines.push_back({macro, "1"});
    if (!defines.empty()) out.push_back(std::move(defines));
  }
  return out;
}

void compile_all(const std::string& compiler) {
  if (std::system((compiler + " --version >/dev/null 2>&1").c_str()) != 0)
    GTEST_SKIP() << "there is no " << compiler;
  for (const std::string& path : specs()) {
    const auto spec = load_file(path, {});
    if (!spec) {
      ADD_FAILURE() << spec.error().text;
      continue;
    }
    for (const auto& defines : variants(spec->annotations)) {
      std::string command =
          compiler + " -std=gnu11 -Wall -Werror -fsyntax-only -I" RINGTAIL_SOURCE_DIR "/specs/include";
      for (const Define& d : defines) command += " -D" + d.name;
      EXPECT_EQ(std::system((command + " " + path).c_str()), 0) << command << " " << path;
    }
  }
}

TEST(Compilers, GccAcceptsEverySpec) { compile_all("gcc"); }
TEST(Compilers, ClangAcceptsEverySpec) { compile_all("clang"); }

TEST(Specs, LoadInEveryVariant) {
  for (const std::string& path : specs()) {
    const auto spec = load_file(path, {});
    if (!spec) {
      ADD_FAILURE() << spec.error().text;
      continue;
    }
    EXPECT_FALSE(spec->annotations.title.empty()) << path;
    EXPECT_FALSE(spec->annotations.expectations.empty()) << path << " expects nothing";
    for (const auto& defines : variants(spec->annotations)) {
      const auto variant = load_file(path, defines);
      if (!variant) {
        ADD_FAILURE() << variant.error().text;
        continue;
      }
      for (const Define& d : defines)
        EXPECT_TRUE(std::count(variant->variants.begin(), variant->variants.end(), d.name))
            << path << " never asks for " << d.name;
    }
  }
}

// What specs/README.md shows is what it says.
TEST(Specs, OfTheReadmeLoad) {
  std::ifstream in(RINGTAIL_SOURCE_DIR "/specs/README.md");
  std::stringstream text;
  text << in.rdbuf();
  const std::string readme = text.str();
  int found = 0;
  for (std::size_t at = readme.find("```c\n"); at != std::string::npos; at = readme.find("```c\n", at)) {
    at += 5;
    const std::string code = readme.substr(at, readme.find("```", at) - at);
    for (const std::vector<Define>& defines :
         {std::vector<Define>{}, {{"FIX", "1"}, {"FIX_NOT_ZERO", "1"}}}) {
      const auto spec = load_spec("README.md", code, defines, {});
      EXPECT_TRUE(spec) << spec.error().text;
      EXPECT_FALSE(spec && spec->annotations.expectations.empty());
    }
    ++found;
  }
  EXPECT_EQ(found, 2);
}

}  // namespace
}  // namespace ringtail::lang
