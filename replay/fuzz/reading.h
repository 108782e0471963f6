// SPDX-License-Identifier: GPL-2.0-or-later
// What holds of any bytes given to a reader: it ends, numbers its events in order, and what it read survives
// JSON. For the fuzzers, and for what they have found (tests/replay/capture/corpus_test.cpp).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "replay/capture/jsonl.h"

namespace ringtail::capture {

// Null, or what does not hold.
inline const char* broken_by(std::string_view bytes, Format format) {
  const auto reader = Reader::over(bytes, format);
  std::string json = json_header();
  std::vector<Event> events;
  std::uint64_t last = 0;
  constexpr std::size_t kMostEvents = 10000;
  Event event;
  while (events.size() < kMostEvents && reader->next(event)) {
    if (reader->format() != Format::jsonl) {  // which tells what it was told
      if (event.begin_seq > event.end_seq || event.end_seq < last) return "events are in order";
      last = event.end_seq;
    }
    append_json(json, event);
    events.push_back(event);
  }
  const auto again = Reader::over(json, Format::jsonl);
  for (const Event& e : events) {
    if (!again->next(event)) return "no event is lost in JSON";
    if (!(event == e)) return "events survive JSON";
  }
  return again->next(event) ? "JSON adds no event" : nullptr;
}

}  // namespace ringtail::capture
