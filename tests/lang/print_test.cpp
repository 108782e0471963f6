// SPDX-License-Identifier: GPL-2.0-or-later
// print is the inverse of parse: over every litmus file of tests/data, of the specs, and of the folder that
// RINGTAIL_LITMUS_CORPUS names, where it is set.
#include "model/lang/print.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "model/lang/lex.h"
#include "model/lang/litmus.h"
#include "model/lang/load.h"

namespace ringtail::lang {
namespace {

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string print_of(const std::string& name, const std::string& text, std::string& errors_out) {
  Sources sources;
  Errors errors(sources);
  const LexedLitmus lexed = lex_litmus(sources, sources.add(name, text), errors);
  const LitmusTree tree = parse_litmus(lexed, errors);
  errors_out = errors.text();
  return print(tree);
}

std::vector<std::filesystem::path> litmus_files() {
  std::vector<std::filesystem::path> roots = {RINGTAIL_SOURCE_DIR "/tests/data",
                                              RINGTAIL_SOURCE_DIR "/specs"};
  if (const char* corpus = std::getenv("RINGTAIL_LITMUS_CORPUS")) roots.push_back(corpus);
  std::vector<std::filesystem::path> out;
  for (const auto& root : roots) {
    if (!std::filesystem::exists(root)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
      if (entry.path().extension() == ".litmus" && !entry.path().filename().string().starts_with("bad-"))
        out.push_back(entry.path());
  }
  return out;
}

TEST(Print, IsTheInverseOfParseForLitmus) {
  for (const auto& path : litmus_files()) {
    std::string errors, again_errors;
    const std::string once = print_of(path.string(), read(path), errors);
    ASSERT_EQ(errors, "");
    const std::string twice = print_of(path.string() + " (printed)", once, again_errors);
    ASSERT_EQ(again_errors, "") << once;
    ASSERT_EQ(once, twice);
  }
}

TEST(Load, LowersEveryLitmusTest) {
  for (const auto& path : litmus_files()) {
    const auto spec = load_litmus(path.string(), read(path));
    // The public collection has seven tests that call what the reference does not know either: smp_memb() and
    // spin_unlock_wait().
    if (!spec && spec.error().text.find("is not one of the kernel's primitives") != std::string::npos)
      continue;
    if (!spec) {
      ADD_FAILURE() << spec.error().text;
      continue;
    }
    EXPECT_FALSE(spec->program.threads.empty());
  }
}

}  // namespace
}  // namespace ringtail::lang
