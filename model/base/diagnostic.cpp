// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/base/diagnostic.h"

#include <algorithm>

#include <fmt/format.h>

namespace ringtail {
namespace {

constexpr std::size_t kLongestLine = 160;  // longer source lines are shown without a caret line

std::string_view line_of(std::string_view source, std::uint32_t line) {
  std::size_t at = 0;
  for (std::uint32_t i = 1; i < line; ++i) {
    at = source.find('\n', at);
    if (at == std::string_view::npos) return {};
    ++at;
  }
  return source.substr(at, source.find('\n', at) - at);
}

std::string_view name_of(Severity s) {
  switch (s) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::note:
      return "note";
  }
  return "";
}

// The text that stands before the caret, every character but a tab replaced by a blank, so that columns line
// up; bytes that no terminal should get are shown as '?'.
std::string printable(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](unsigned char c) { return c < 0x20 && c != '\t'; }, '?');
  return out;
}

}  // namespace

std::string render(const Diagnostic& d, std::string_view source) {
  std::string out = d.file;
  if (d.span.line != 0) out += fmt::format(":{}", d.span.line);
  if (d.span.line != 0 && d.span.column != 0) out += fmt::format(":{}", d.span.column);
  out += fmt::format(": {}: {}\n", name_of(d.severity), d.what);
  const std::string_view line = d.span.line == 0 ? std::string_view{} : line_of(source, d.span.line);
  if (!line.empty() && line.size() <= kLongestLine) {
    out += fmt::format("{:5} | {}\n", d.span.line, printable(line));
    if (d.span.column != 0 && d.span.column <= line.size() + 1) {
      std::string blank(line.substr(0, d.span.column - 1));
      std::replace_if(
          blank.begin(), blank.end(), [](char c) { return c != '\t'; }, ' ');
      const std::size_t room = line.size() + 1 - d.span.column;
      const std::size_t tildes = std::min<std::size_t>(d.span.length == 0 ? 0 : d.span.length - 1, room);
      out += fmt::format("      | {}^{}\n", blank, std::string(tildes, '~'));
    }
  }
  if (!d.hint.empty()) out += fmt::format("hint: {}\n", d.hint);
  return out;
}

std::string render(const std::vector<Diagnostic>& ds, std::string_view source) {
  std::string out;
  for (const Diagnostic& d : ds) out += render(d, source);
  return out;
}

}  // namespace ringtail
