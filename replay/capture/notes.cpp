// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/capture/notes.h"

namespace ringtail::capture {

std::string problem_text(const Scanner& s, std::string_view expected) {
  constexpr std::size_t kMost = 48;
  std::string text = "expected ";
  text += expected;
  if (s.at_end()) return text + ", but the line ends";
  text += ", not `";
  for (const char c : s.rest().substr(0, kMost)) {
    const auto u = static_cast<unsigned char>(c);
    text += u < ' ' || u > '~' ? '?' : c;
  }
  text += '`';
  return text;
}

bool fact_of(std::string_view line, Event& event) {
  constexpr std::string_view kMark = "# ringtail ";
  if (!line.starts_with(kMark)) return false;
  line.remove_prefix(kMark.size());
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos || equals == 0) return false;
  event.kind = Event::Kind::fact;
  event.text = line;
  return true;
}

}  // namespace ringtail::capture
