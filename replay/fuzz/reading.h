// SPDX-License-Identifier: GPL-2.0-or-later
// What holds of any bytes given to a reader: it ends, numbers its events in order, gives the same ones in
// stretches, and what it read survives JSON. For the fuzzers, and for what they have found
// (tests/replay/capture/corpus_test.cpp).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "replay/capture/jsonl.h"

namespace ringtail::capture {

// Whether the reader gives just these, two stretches at a time; of more than there are the first.
inline bool same_in_stretches(Reader& reader, const std::vector<Event>& events) {
  const std::unique_ptr<Stretch> stretches[] = {reader.stretch(), reader.stretch()};
  std::size_t i = 0;
  for (bool more = true; more && i < events.size();) {
    more = reader.take(*stretches[0]);
    const bool two = more;
    if (two) more = reader.take(*stretches[1]), reader.draft(*stretches[1]);
    reader.draft(*stretches[0]);
    for (int s = 0; s < (two ? 2 : 1); ++s) {
      reader.join(*stretches[s]);
      for (const Event* e : stretches[s]->events)
        if (i < events.size() && !(*e == events[i++])) return false;
    }
  }
  return i == events.size();
}

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
  if (!same_in_stretches(*Reader::over(bytes, format), events)) return "stretches give the same events";
  const auto again = Reader::over(json, Format::jsonl);
  for (const Event& e : events) {
    if (!again->next(event)) return "no event is lost in JSON";
    if (!(event == e)) return "events survive JSON";
  }
  return again->next(event) ? "JSON adds no event" : nullptr;
}

}  // namespace ringtail::capture
