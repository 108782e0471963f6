// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/lang/prelude.h"

#include <algorithm>

#include "model/lang/parser.h"

namespace ringtail::lang {
namespace {

bool begins_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool in_word(char c) { return begins_word(c) || (c >= '0' && c <= '9'); }

std::size_t word_end(std::string_view text, std::size_t at) {
  while (at < text.size() && in_word(text[at])) ++at;
  return at;
}

// Behind the comment or the literal that begins at `at`; `at` when none does.
std::size_t skipped(std::string_view text, std::size_t at) {
  const auto behind = [&](std::string_view end) {
    const std::size_t found = text.find(end, at + 2);
    return found == text.npos ? text.size() : found + end.size();
  };
  if (text[at] == '/' && at + 1 < text.size()) {
    if (text[at + 1] == '/') return behind("\n") - 1;
    if (text[at + 1] == '*') return behind("*/");
  }
  if (text[at] != '"') return at;
  for (++at; at < text.size() && text[at] != '"' && text[at] != '\n'; ++at)
    if (text[at] == '\\') ++at;
  return std::min(at + 1, text.size());
}

// f(begin, end) for every word outside of comments and literals.
template <class F>
void for_words(std::string_view text, F f) {
  for (std::size_t at = 0; at < text.size();) {
    if (begins_word(text[at])) {
      const std::size_t end = word_end(text, at);
      f(at, end);
      at = end;
    } else if (in_word(text[at])) {  // a number
      at = word_end(text, at);
    } else {
      at = std::max(at + 1, skipped(text, at));
    }
  }
}

}  // namespace

const PreludeFile* prelude_file(std::string_view name) {
  for (const PreludeFile& file : prelude())
    if (file.name == name) return &file;
  return nullptr;
}

// Our headers have what they define at the beginnings of lines, and all else is indented. There it is what
// stands before '(', '[', '=', ',' or ';' outside of all brackets, the name of a tag, all of an enum, and the
// name of a function's type.
std::vector<std::string_view> defined_by(const PreludeFile& file) {
  std::vector<std::string_view> names;
  bool in_enum = false;
  std::size_t next = 0;
  for (std::size_t start = 0; start < file.text.size(); start = next) {
    next = std::min(file.text.find('\n', start), file.text.size() - 1) + 1;
    const std::string_view line = file.text.substr(start, next - start);
    constexpr std::string_view kDefine = "#define ";
    if (line.starts_with(kDefine)) {
      names.push_back(line.substr(kDefine.size(), word_end(line, kDefine.size()) - kDefine.size()));
      continue;
    }
    if (line[0] == '#' || line[0] == '/' ||
        (!in_enum && std::string_view(" \t\n").find(line[0]) != line.npos))
      continue;
    in_enum = in_enum || line.starts_with("enum ");
    const bool is_type = line.starts_with("typedef ");
    int depth = 0;
    std::string_view before;  // the word before
    for (std::size_t at = 0; at < line.size();) {
      const char c = line[at];
      if (begins_word(c)) {
        const std::size_t end = word_end(line, at);
        const std::string_view word = line.substr(at, end - at);
        const std::size_t behind = line.find_first_not_of(" \t", end);
        const bool tag = before == "struct" || before == "union" || before == "enum";
        const bool declares = std::string_view(tag ? "{" : "([=,;").find(line[behind]) != line.npos;
        const bool pointed = is_type && depth == 1 && line[at - 1] == '*' && line[at - 2] == '(';
        if ((depth == 0 && declares) || pointed || in_enum) names.push_back(word);
        before = word;
        at = end;
        continue;
      }
      if (c == '(' || c == '{' || c == '[') ++depth;
      if ((c == ')' || c == '}' || c == ']') && depth > 0) --depth;
      if (c == '}' || c == ')') in_enum = false;
      at = in_word(c) ? word_end(line, at) : std::max(at + 1, skipped(line, at));
    }
  }
  std::erase_if(names, is_keyword);
  return names;
}

NeededPrelude::NeededPrelude() {
  for (const PreludeFile& file : prelude())
    if (file.name.starts_with("prelude/") &&
        !file.name.starts_with("prelude/host"))  // which is for C compilers
      for (const std::string_view name : defined_by(file)) definers_.emplace(name, &file);
}

void NeededPrelude::take(std::string_view text) {
  for_words(text, [&](std::size_t begin, std::size_t end) {
    const auto [from, to] = definers_.equal_range(text.substr(begin, end - begin));
    for (auto it = from; it != to; ++it) {
      const PreludeFile* const file = it->second;
      if (std::find(needed_.begin(), needed_.end(), file) != needed_.end()) continue;
      needed_.push_back(file);
      take(file->text);
    }
  });
}

std::string NeededPrelude::ringtail_h() const {
  std::string text(prelude_file("ringtail.h")->text);
  constexpr std::string_view kInclude = "#include \"";
  for (auto at = text.find(kInclude); at != text.npos; at = text.find(kInclude, at + 1)) {
    const std::size_t from = at + kInclude.size(), end = text.find('"', from);
    const std::string_view name = std::string_view(text).substr(from, end - from);
    const bool needed = std::any_of(needed_.begin(), needed_.end(),
                                    [&](const PreludeFile* file) { return file->name == name; });
    if (!needed)
      std::fill(text.begin() + static_cast<std::ptrdiff_t>(at),
                text.begin() + static_cast<std::ptrdiff_t>(end) + 1, ' ');
  }
  return text;
}

}  // namespace ringtail::lang
