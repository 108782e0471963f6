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
#include "model/lang/parse.h"
#include "model/lang/prelude.h"

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

// The tree of a spec, after the preprocessor, with everything that the prelude brings.
std::string print_spec(const std::string& name, const std::string& text, std::string& errors_out) {
  Sources sources;
  Errors errors(sources);
  const auto find = [](const std::string& path, bool, const std::string& from) -> std::optional<Include> {
    for (const PreludeFile& file : prelude())
      if (file.name == path) return Include{path, std::string(file.text)};
    const auto beside = std::filesystem::path(from).parent_path() / path;
    if (!std::filesystem::exists(beside)) return std::nullopt;
    return Include{beside.string(), read(beside)};
  };
  const Preprocessed p = preprocess(sources, sources.add(name, text), {}, find, errors);
  const SpecTree tree = parse(p.tokens, errors);
  errors_out = errors.text();
  return print(tree);
}

TEST(Print, IsTheInverseOfParseForKernelC) {
  std::vector<std::pair<std::string, std::string>> texts = {
      {"spec.c",
       "static int x = - -1, y = -(-1), z = ~(1 + 2) * 3 - (4 - 5), *p = & *&x;\n"
       "static int (*f)(int a, int *b[3]), (*g[2])(void), *(*h)(long);\n"
       "THREAD(t) { if (x) if (y) z = 1; else z = 2; x = y ? z : x ? (y, z) : -x++ + ++y; (x ? f : f)(1, 0); "
       "}\n"
       "THREAD(u) { do ; while (0); for (int i = 0, j; ; ) { goto l; l: ; } switch (x) { case 1 ... 2: "
       "default: break; } }\n"
       "enum e { A = (1, 2), B }; struct s { union { int a; struct { long b; }; }; enum e c[A + B]; } s = { "
       ".a = 1, .c[1] = 2 };\n"
       "typedef typeof(s.c[0]) t; static unsigned long n = sizeof(t *[3]) + sizeof x + offsetof(struct s, "
       "c[1]);\n"
       "static char c = '\\n', d = '\\377'; static long m = ((struct s){ 1 }).b + ({ int q = 1; q; });\n"}};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(RINGTAIL_SOURCE_DIR "/specs"))
    if (entry.path().extension() == ".c") texts.emplace_back(entry.path(), read(entry.path()));
  for (const auto& [name, text] : texts) {
    std::string errors, again_errors;
    const std::string once = print_spec(name, text, errors);
    ASSERT_EQ(errors, "") << text;
    const std::string twice = print_spec("printed.c", once, again_errors);
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
