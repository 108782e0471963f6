// SPDX-License-Identifier: GPL-2.0-or-later
// Any bytes to a reader: it ends, numbers its events in order, and what it read survives JSON.
#include <cstdint>
#include <vector>

#include "replay/capture/jsonl.h"

using namespace ringtail::capture;

namespace {

void expect(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  // `compressed` is no format: there the bytes go to the decompressors, and the format is told from what
  // comes out.
  const Format format = format_of(RINGTAIL_FORMAT).value_or(Format::automatic);
  const auto reader = Reader::over(bytes, format);
  std::string json = json_header();
  std::vector<Event> events;
  std::uint64_t last = 0;
  constexpr std::size_t kMostEvents = 10000;
  Event event;
  while (events.size() < kMostEvents && reader->next(event)) {
    if (reader->format() != Format::jsonl) {  // which tells what it was told
      expect(event.begin_seq <= event.end_seq && event.end_seq >= last);
      last = event.end_seq;
    }
    append_json(json, event);
    events.push_back(event);
  }
  const auto again = Reader::over(json, Format::jsonl);
  for (const Event& e : events) {
    expect(again->next(event));
    expect(event == e);
  }
  expect(!again->next(event));
  return 0;
}
