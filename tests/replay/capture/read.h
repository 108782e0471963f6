// SPDX-License-Identifier: GPL-2.0-or-later
// What the reader tests share: read a text to its end.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "replay/capture/reader.h"

namespace ringtail::capture {

// The names of calls, which live no longer than the reader, are kept.
inline std::vector<Event> read_all(Reader& reader) {
  static std::set<std::string> names;
  std::vector<Event> events;
  Event e;
  while (reader.next(e)) {
    events.push_back(e);
    events.back().call.name = *names.emplace(e.call.name).first;
  }
  return events;
}

inline std::vector<Event> read_all(std::string_view text, Format format = Format::automatic) {
  const auto reader = Reader::over(text, format);
  return read_all(*reader);
}

// The only call of a text, which must have no problem.
inline kernel::Call only_call(std::string_view text, Format format = Format::automatic) {
  kernel::Call call;
  int calls = 0;
  for (const Event& e : read_all(text, format)) {
    if (e.kind == Event::Kind::call) call = e.call, ++calls;
    if (e.kind == Event::Kind::problem) call.path = "problem: " + e.text;
  }
  if (calls != 1) call.path = "not one call but " + std::to_string(calls);
  return call;
}

}  // namespace ringtail::capture
