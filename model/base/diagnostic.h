// SPDX-License-Identifier: GPL-2.0-or-later
// What is wrong with an input, where, and what was expected; and the one renderer of it:
//
//   specs/aio/ring.c:14:9: error: expected ';' before 'return'
//       14 | 	head = 1
//          |         ^
//   hint: ...
//
// Lines and columns count from 1; column 0 means the whole line, line 0 the whole file. A column counts
// bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ringtail {

struct Span {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t length = 1;  // bytes marked by the caret and the tildes after it
  friend bool operator==(const Span&, const Span&) = default;
};

enum class Severity : std::uint8_t { error, warning, note };

struct Diagnostic {
  std::string file;
  Span span;
  std::string what;
  std::string hint;  // may be empty
  Severity severity = Severity::error;
  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

// `source` is the text of the file, for the caret line; empty when it is not at hand.
std::string render(const Diagnostic& d, std::string_view source);
std::string render(const std::vector<Diagnostic>& ds, std::string_view source);

}  // namespace ringtail
