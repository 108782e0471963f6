// SPDX-License-Identifier: GPL-2.0-or-later
// What of <ringtail.h> a spec is given: no less than it needs, so that it means the same.
#include "model/lang/prelude.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "model/lang/load.h"
#include "model/lang/parse.h"
#include "model/lang/preprocess.h"

namespace ringtail::lang {
namespace {

bool is_part(const PreludeFile& file) {
  return file.name.starts_with("prelude/") && !file.name.starts_with("prelude/host");
}

std::optional<Include> whole(const std::string& path, bool, const std::string&) {
  const PreludeFile* file = prelude_file(path);
  return file ? std::optional(Include{"<" + path + ">", std::string(file->text)}) : std::nullopt;
}

void note(const Declaration& d, std::set<std::string>& names) {
  for (const InitDeclarator& one : d.declarators)
    if (!one.declarator.name.empty()) names.insert(one.declarator.name);
  if (const auto* tagged = std::get_if<Tagged>(&d.spec.node); tagged && tagged->defined) {
    if (!tagged->tag.empty()) names.insert(tagged->tag);
    for (const Enumerator& e : tagged->enumerators) names.insert(e.name);
  }
}

// All that the parser finds defined in a file of it, but for what a macro has put together.
TEST(Prelude, EveryNameIsKnownToBeDefinedInItsFile) {
  Sources sources;
  Errors errors(sources);
  const Preprocessed p =
      preprocess(sources, sources.add("all.c", "#include <ringtail.h>\n"), {}, whole, errors);
  const SpecTree tree = parse(p.tokens, errors);
  ASSERT_EQ(errors.text(), "");
  std::set<std::string> names(p.macros.begin(), p.macros.end());
  names.erase("__RINGTAIL__");
  for (const auto& item : tree.items) {
    if (const auto* d = std::get_if<Declaration>(&item)) note(*d, names);
    if (const auto* f = std::get_if<Function>(&item)) names.insert(f->declarator.name);
  }
  EXPECT_GT(names.size(), 1000u);
  std::set<std::string> known;
  std::string text;
  for (const PreludeFile& file : prelude()) {
    if (!is_part(file)) continue;
    text += file.text;
    for (const std::string_view name : defined_by(file)) known.emplace(name);
  }
  const auto is_said = [&](const std::string& name) {
    const auto in_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
    for (auto at = text.find(name); at != text.npos; at = text.find(name, at + 1))
      if (!in_word(text[at - 1]) && !in_word(text[at + name.size()])) return true;
    return false;
  };
  for (const std::string& name : names) EXPECT_TRUE(known.contains(name) || !is_said(name)) << name;
}

// A file defines what it is known to define, and nothing that every spec says.
TEST(Prelude, WordsOfEverySpecNeedNothing) {
  NeededPrelude needed;
  needed.take(
      "// spin_lock_irq\n/* list_add */ static int x, *next, n; THREAD(t) { char *s = \"kzalloc\"; "
      "WRITE_ONCE(x, 1); if (READ_ONCE(n)) BUG_ON(s && next->prev); for (int i = 0; i < 3; ++i) ; }");
  const std::string text = needed.ringtail_h();
  EXPECT_EQ(text.find("list"), text.npos) << text;
  EXPECT_EQ(text.find("slab"), text.npos) << text;
  EXPECT_EQ(
      std::count(text.begin(), text.end(), '\n'),
      std::count(prelude_file("ringtail.h")->text.begin(), prelude_file("ringtail.h")->text.end(), '\n'));
}

TEST(Prelude, WhatAFileNeedsIsTaken) {
  NeededPrelude needed;
  needed.take("wait_event");
  const std::string text = needed.ringtail_h();
  for (const char* file : {"prelude/wait_event.h", "prelude/wait.h", "prelude/list.h", "prelude/sched.h"})
    EXPECT_NE(text.find(file), text.npos) << file;
}

// The program, with objects of the spec by their names: where they lie depends on what else there is. What
// the prelude has, and the spec does not use, is left out.
std::string canonical(const ir::Program& program) {
  std::string text = ir::print(program), out;
  for (std::size_t at = 0; at < text.size();) {
    const bool begins = std::isdigit(static_cast<unsigned char>(text[at])) &&
                        !std::isalnum(static_cast<unsigned char>(text[at - 1]));
    if (!begins) {
      out += text[at++];
      continue;
    }
    std::size_t used = 0;
    const std::uint64_t value = std::stoull(text.substr(at), &used, 0);
    const auto g = std::find_if(program.globals.begin(), program.globals.end(), [&](const ir::Global& one) {
      return one.address <= value && value < one.address + one.size + 1;
    });
    out += g == program.globals.end() ? text.substr(at, used)
                                      : g->name + "+" + std::to_string(value - g->address);
    at += used;
  }
  for (const ir::Global& g : program.globals)
    if (const auto line = out.find("global " + g.name + " at "); g.prelude && line != out.npos)
      out.erase(line, out.find('\n', line) + 1 - line);
  return out;
}

// Every spec that there is: with what it needs, and with all of it, which is what a word of each file asks
// for.
TEST(Prelude, ASpecIsTheSameWithAllOfIt) {
  std::string words;
  for (const PreludeFile& file : prelude())
    if (is_part(file)) words += std::string(defined_by(file).front()) + " ";
  int specs = 0;
  const auto read = [](const std::filesystem::path& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  };
  for (const char* root : {RINGTAIL_SOURCE_DIR "/specs", RINGTAIL_SOURCE_DIR "/tests"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (entry.path().extension() != ".c") continue;
      const auto find = [&](const std::string& path, bool,
                            const std::string& from) -> std::optional<Include> {
        const auto beside = (std::filesystem::path(from).parent_path() / path).lexically_normal();
        if (!std::filesystem::is_regular_file(beside)) return std::nullopt;
        return Include{beside.string(), read(beside)};
      };
      const std::string text = read(entry.path());
      const auto part = load_spec(entry.path(), text, {}, find);
      const auto all = load_spec(entry.path(), text, {{"RT_TEST_ALL", words}}, find);
      ASSERT_EQ(part.has_value(), all.has_value()) << entry.path();
      if (!part) continue;
      ++specs;
      ASSERT_EQ(canonical(part->program), canonical(all->program)) << entry.path();
    }
  EXPECT_GT(specs, 100);
}

// A name that a macro puts together is not seen in time, and found all the same.
TEST(Prelude, APastedNameIsFound) {
  const auto spec =
      load_spec("pasted.c",
                "#include <ringtail.h>\n#define CALL(a, b) a##b\n"
                "static struct list_head l; THREAD(t) { CALL(list_, move)(&l, &l); BUG_ON(!l.next); }\n",
                {}, {});
  EXPECT_TRUE(spec.has_value()) << spec.error().text;
  const auto misspelt =
      load_spec("misspelt.c", "#include <ringtail.h>\nTHREAD(t) { list_mov(0, 0); }\n", {}, {});
  ASSERT_FALSE(misspelt.has_value());
  EXPECT_NE(misspelt.error().text.find("list_move"), std::string::npos) << misspelt.error().text;
}

}  // namespace
}  // namespace ringtail::lang
