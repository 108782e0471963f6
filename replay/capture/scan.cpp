// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/capture/scan.h"

#include <array>
#include <bit>
#include <cstring>
#include <limits>

#include "model/kernel/rule.h"
#include "replay/capture/constants.h"

namespace ringtail::capture {
namespace {

constexpr std::array<std::uint8_t, 256> hex_values() {
  std::array<std::uint8_t, 256> t{};
  t.fill(0xff);
  for (int i = 0; i < 10; ++i) t['0' + i] = static_cast<std::uint8_t>(i);
  for (int i = 0; i < 6; ++i) t['a' + i] = t['A' + i] = static_cast<std::uint8_t>(10 + i);
  return t;
}
constexpr std::array<std::uint8_t, 256> kHex = hex_values();

std::uint8_t hex_value(char c) { return kHex[static_cast<unsigned char>(c)]; }

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

// The number that the first `count` <= 8 bytes, all that are digits, spell: the eight bytes as one word, in
// which neighbours are put together three times.
std::uint64_t leading_digits(const char* p, int& count) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t x;
  std::memcpy(&x, p, sizeof x);
  x ^= 0x3030303030303030;  // digits become 0 to 9, all else greater
  const std::uint64_t others = ((x + 0x7676767676767676) | x) & 0x8080808080808080;
  count = std::countr_zero(others) / 8;
  if (count == 0) return 0;
  x <<= 64 - 8 * count;  // zeros before the first
  x = (x * 10 + (x >> 8)) & 0x00ff00ff00ff00ff;
  x = (x * 100 + (x >> 16)) & 0x0000ffff0000ffff;
  return (x * 10'000 + (x >> 32)) & 0xffffffff;
}

bool octal(Scanner& s, std::uint64_t& value) {
  value = 0;
  bool fits = true;
  while (is_digit(*s.p)) {
    if (*s.p > '7' || value > (kMax >> 3)) fits = false;
    value = value << 3 | static_cast<std::uint64_t>(*s.p++ - '0');
  }
  return fits;
}

}  // namespace

bool decimal(Scanner& s, std::uint64_t& value) {
  const char* from = s.p;
  int n = 0;
  std::uint64_t v = leading_digits(s.p, n);
  s.p += n;
  if (n < 8) return value = v, n > 0;
  while (is_digit(*s.p)) v = v * 10 + static_cast<std::uint64_t>(*s.p++ - '0');
  value = v;
  if (s.p - from < 20) return true;
  // Rare: near or above 2^64, where the loop may have wrapped.
  v = 0;
  for (const char* q = from; q < s.p; ++q) {
    const auto d = static_cast<std::uint64_t>(*q - '0');
    if (v > (kMax - d) / 10) return false;
    v = v * 10 + d;
  }
  return true;
}

bool hexadecimal(Scanner& s, std::uint64_t& value) {
  while (*s.p == '0' && hex_value(s.p[1]) < 16) ++s.p;
  const char* from = s.p;
  std::uint64_t v = 0;
  for (std::uint8_t d = hex_value(*s.p); d < 16; d = hex_value(*++s.p)) v = v << 4 | d;
  value = v;
  return s.p != from && s.p - from <= 16;
}

bool number(Scanner& s, std::uint64_t& value) {
  if (*s.p == '-') {
    if (!is_digit(s.p[1])) return false;
    ++s.p;
    const bool ok = number(s, value);
    value = 0 - value;
    return ok;
  }
  if (*s.p == '0') {
    if (s.p[1] == 'x' || s.p[1] == 'X') {
      s.p += 2;
      return hexadecimal(s, value);
    }
    if (is_digit(s.p[1])) return octal(s, value);
  }
  return decimal(s, value);
}

void skip_comment(Scanner& s) {
  const char* q = s.p;
  while (*q == ' ') ++q;
  if (q[0] != '/' || q[1] != '*') return;
  int depth = 0;
  do {
    if (s.end - q < 2) {
      s.p = s.end;
      return;
    }
    const bool opens = q[0] == '/' && q[1] == '*', closes = q[0] == '*' && q[1] == '/';
    depth += opens ? 1 : closes ? -1 : 0;
    q += opens || closes ? 2 : 1;
  } while (depth > 0);
  s.p = q;
}

kernel::Word scalar(Scanner& s) {
  using kernel::Word;
  if (is_digit(*s.p) && (s.p[1] == ',' || s.p[1] == '}' || s.p[1] == ')'))  // the most frequent of all
    return Word::of(static_cast<std::uint64_t>(*s.p++ - '0'));
  std::uint64_t sum = 0;
  bool known = true;
  bool first = true;
  for (;;) {
    const char c = *s.p;
    std::uint64_t v = 0;
    if (is_digit(c)) {
      if (!number(s, v)) known = false;
    } else if (c == '-') {
      if (is_digit(s.p[1])) {
        if (!number(s, v)) known = false;
      } else if (is_upper(s.p[1])) {
        ++s.p;
        const std::string_view name = word(s);
        if (const int error = kernel::errno_of(name)) {
          v = 0 - static_cast<std::uint64_t>(error);
        } else if (const std::uint64_t* named = constant(name)) {
          v = 0 - *named;
        } else {
          known = false;
        }
      } else {
        return first ? Word{} : Word::unknown();
      }
    } else if (is_upper(c) || c == '_') {
      if (const std::uint64_t* named = constant(word(s))) {
        v = *named;
      } else {
        known = false;
      }
      while (*s.p == '?') ++s.p, known = false;  // `MADV_???` outside a comment
    } else if (c == '(' && s.take("(nil)")) {    // strace before 4.6
      v = 0;
    } else {
      return first ? Word{} : Word::unknown();
    }
    if (*s.p == ',' || *s.p == ')' || *s.p == '}') {
      sum |= v;
      break;
    }
    if (s.p[0] == '<' && s.p[1] == '<') {
      s.p += 2;
      const std::uint64_t* shift = is_digit(*s.p) ? nullptr : constant(word(s));
      std::uint64_t by = 64;
      if (shift != nullptr) {
        by = *shift;
      } else {
        number(s, by);
      }
      if (by < 64) {
        v <<= by;
      } else {
        known = false;
      }
    }
    sum |= v;
    if (*s.p == ' ' || *s.p == '/') skip_comment(s);
    if (!s.take('|')) break;
    first = false;
  }
  return known ? Word::of(sum) : Word::unknown();
}

namespace {

// One backslash escape of strace, after the backslash.
char escape(Scanner& s) {
  const char c = *s.p;
  if (c >= '0' && c <= '7') {
    unsigned v = 0;
    for (int i = 0; i < 3 && *s.p >= '0' && *s.p <= '7'; ++i) v = v * 8 + static_cast<unsigned>(*s.p++ - '0');
    return static_cast<char>(v);
  }
  if (c == '\n') return '\\';
  ++s.p;
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'v':
      return '\v';
    case 'f':
      return '\f';
    case 'x': {
      unsigned v = 0;
      for (int i = 0; i < 2 && hex_value(*s.p) < 16; ++i) v = v * 16 + hex_value(*s.p++);
      return static_cast<char>(v);
    }
    default:
      return c;
  }
}

}  // namespace

bool annotation(Scanner& s, std::string* out) {
  if (out != nullptr) out->clear();
  if (!s.take('<')) return true;
  int angles = 1;
  int squares = 0;
  const char* run = s.p;
  const auto flush = [&] {
    if (out != nullptr) out->append(run, s.p);
  };
  for (;; ++s.p) {
    const char c = *s.p;
    if (c == '\n' && s.at_end()) {
      flush();
      return false;
    }
    if (c == '\\') {
      flush();
      ++s.p;
      const char plain = escape(s);
      if (out != nullptr) out->push_back(plain);
      run = s.p;
      --s.p;
      continue;
    }
    if (c == '[') {
      ++squares;
    } else if (c == ']') {
      --squares;
    } else if (c == '<') {
      ++angles;
    } else if (c == '>') {
      // The arrow of `TCP:[127.0.0.1:80->127.0.0.1:4242]` closes nothing.
      const char after = s.p[1];
      const bool arrow = s.p[-1] == '-' && squares > 0 && (is_word(after) || after == '[' || after == '@');
      if (!arrow && --angles == 0) break;
    }
  }
  flush();
  ++s.p;
  if (s.take("(deleted)") && out != nullptr) out->append(" (deleted)");
  return true;
}

bool quoted(Scanner& s, std::string* out, bool& truncated) {
  truncated = false;
  if (!s.take('"')) return false;
  const char* run = s.p;
  for (;;) {
    while (*s.p != '"' && *s.p != '\\' && *s.p != '\n') ++s.p;
    if (out != nullptr) out->append(run, s.p);
    if (*s.p == '"') break;
    if (*s.p == '\n') return false;
    ++s.p;
    const char plain = escape(s);
    if (out != nullptr) out->push_back(plain);
    run = s.p;
  }
  ++s.p;
  truncated = s.take("...");
  return true;
}

bool skip_value(Scanner& s) {
  int depth = 0;
  bool cut = false;
  for (;; ++s.p) {
    switch (*s.p) {
      case '\n':
        return depth == 0 && s.at_end();
      case '"':
        if (!quoted(s, nullptr, cut)) return false;
        --s.p;
        break;
      case '(':
      case '[':
      case '{':
        ++depth;
        break;
      case ')':
      case ']':
      case '}':
        if (depth-- == 0) return true;
        break;
      case ',':
        if (depth == 0) return true;
        break;
      case '<':
        if (s.p[1] == '<' || s.p[1] == ' ') break;
        if (s.p[1] == 'u' && s.rest().starts_with("<unfinished")) {
          if (depth == 0) return true;
          break;
        }
        if (s.p[-1] == ' ' || s.p[-1] == '.') break;
        if (!annotation(s, nullptr)) return false;
        --s.p;
        break;
      case '/':
        if (s.p[1] == '*') {
          skip_comment(s);
          if (s.at_end()) return false;
          --s.p;
        }
        break;
      default:
        break;
    }
  }
}

}  // namespace ringtail::capture
