// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/lang/literal.h"

namespace ringtail::lang {
namespace {

int digit(char c, int base) {
  const int d = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : base;
  return d < base ? d : -1;
}

}  // namespace

std::optional<std::string> unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '\\') {
      out += text[i++];
      continue;
    }
    if (++i == text.size()) return std::nullopt;
    constexpr std::string_view kNames = "abfnrtv\\'\"?", kValues = "\a\b\f\n\r\t\v\\'\"?";
    if (const std::size_t k = kNames.find(text[i]); k != std::string_view::npos) {
      out += kValues[k];
      ++i;
      continue;
    }
    const int base = text[i] == 'x' ? 16 : 8;
    if (base == 16) ++i;
    const std::size_t first = i;
    int value = 0;
    for (; i < text.size() && digit(text[i], base) >= 0 && (base == 16 || i < first + 3); ++i) {
      value = value * base + digit(text[i], base);
      if (value > 255) return std::nullopt;
    }
    if (i == first) return std::nullopt;
    out += static_cast<char>(value);
  }
  return out;
}

}  // namespace ringtail::lang
