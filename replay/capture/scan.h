// SPDX-License-Identifier: GPL-2.0-or-later
// A cursor over one line of a text capture, and the small things that every recorder prints: numbers,
// constants by name, strings, what -y puts behind a descriptor, and values that nobody needs.
//
// The text ends with '\n' at `end`, and no '\n' stands before it, so that looking at *p never needs a check:
// every loop stops at '\n' because it is none of the bytes that the loop is after. Behind it as many bytes as
// kTail has can be read.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/kernel/call.h"

namespace ringtail::capture {

inline constexpr std::string_view kTail("\n\0\0\0\0\0\0\0", 8);

struct Scanner {
  const char* p;
  const char* end;  // *end == '\n'

  explicit Scanner(std::string_view line) : p(line.data()), end(line.data() + line.size()) {}

  bool at_end() const { return p >= end; }
  bool take(char c) { return *p == c ? (++p, true) : false; }
  bool take(std::string_view text) {
    if (*p != text[0] || !rest().starts_with(text)) return false;
    p += text.size();
    return true;
  }
  void spaces() {
    while (*p == ' ' || *p == '\t') ++p;
  }
  std::string_view rest() const { return {p, static_cast<std::size_t>(end - p)}; }
};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
inline constexpr auto kWord = [] {
  std::array<bool, 256> t{};
  for (int c = 0; c < 128; ++c) {
    const char a = static_cast<char>(c);
    t[static_cast<std::size_t>(c)] = is_digit(a) || is_upper(a) || is_lower(a) || a == '_';
  }
  return t;
}();
constexpr bool is_word(char c) { return kWord[static_cast<unsigned char>(c)]; }

// Digits in base ten; false when there are none or they do not fit.
bool decimal(Scanner& s, std::uint64_t& value);
// Hexadecimal digits without a prefix.
bool hexadecimal(Scanner& s, std::uint64_t& value);
// 0x1f, 017, 15, -15: as C has it. A negative number comes out as its two's complement.
bool number(Scanner& s, std::uint64_t& value);

// An identifier: letters, digits, underscores.
inline std::string_view word(Scanner& s) {
  const char* from = s.p;
  while (is_word(*s.p)) ++s.p;
  return {from, static_cast<std::size_t>(s.p - from)};
}

// `/* ... */` with spaces before it, if one stands here.
void skip_comment(Scanner& s);

// A number, a constant, or an or-expression of them: `MAP_PRIVATE|21<<MAP_HUGE_SHIFT|0x80`, `0x2 /* MPOL_BIND
// */`,
// `-100 /* AT_FDCWD */`, `NULL`, `-ENOENT`. Unknown when a constant in it is. Where nothing of the kind
// stands, the result is absent and the cursor has not moved.
kernel::Word scalar(Scanner& s);

// `<...>` behind a descriptor or a process id, with what follows it as `(deleted)`; unescaped into `out`
// unless null.
// "/memfd:x>(deleted)" of strace 6 and "/memfd:x (deleted)>" of 5 both become "/memfd:x (deleted)".
// False when it does not end on this line.
bool annotation(Scanner& s, std::string* out);

// A quoted string and the `...` that says it was cut. False when it does not end on this line.
bool quoted(Scanner& s, std::string* out, bool& truncated);

// Whatever stands here, up to the ',' or closing bracket that ends it, minding strings and nested brackets.
// False when a string or bracket does not end on this line.
bool skip_value(Scanner& s);

}  // namespace ringtail::capture
