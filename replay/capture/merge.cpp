// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/capture/merge.h"

#include <algorithm>
#include <utility>

namespace ringtail::capture {
namespace {
constexpr std::int64_t kSecond = 1'000'000'000;
}

MergedReader::MergedReader(std::vector<std::unique_ptr<StraceReader>> files) {
  for (auto& reader : files) {
    File& file = files_.emplace_back();
    file.reader = std::move(reader);
    advance(file);
    const std::int64_t resolution = file.reader->resolution_ns();
    if (!file.done && (resolution == 0 || resolution >= kSecond || file.reader->relative())) by_time_ = false;
  }
}

std::uint64_t MergedReader::lines() const {
  std::uint64_t sum = 0;
  for (const File& file : files_) sum += file.reader->lines();
  return sum;
}

std::uint64_t MergedReader::bytes() const {
  std::uint64_t sum = 0;
  for (const File& file : files_) sum += file.reader->bytes();
  return sum;
}

void MergedReader::tell_raw_arguments() {
  for (File& file : files_) file.reader->tell_raw_arguments();
}

void MergedReader::advance(File& file) {
  file.done = !file.reader->next(file.ahead);
  if (file.done) return;
  if (file.ahead.begin_ns >= 0) file.begin_ns = file.ahead.begin_ns;
}

bool MergedReader::next(Event& event) { return by_time_ ? next_by_time(event) : next_by_file(event); }

bool MergedReader::next_by_time(Event& event) {
  for (;;) {
    File* first = nullptr;
    for (File& file : files_)
      if (!file.done && (first == nullptr || file.begin_ns < first->begin_ns)) first = &file;
    const std::int64_t horizon =
        first == nullptr ? TimeOrder::kForever : first->begin_ns - first->reader->resolution_ns();
    if (order_.next(event, horizon)) return true;
    if (first == nullptr) return false;
    Event e = std::move(first->ahead);
    first->ahead = Event();
    const std::int64_t slack = first->reader->resolution_ns();
    const std::int64_t before = first->begin_ns;
    advance(*first);
    switch (e.kind) {
      case Event::Kind::enter:
        order_.began(std::move(e), slack);
        break;
      case Event::Kind::call: {
        // Without -T: until the thread did something else.
        if (e.end_ns < 0 && !first->done) e.end_ns = first->begin_ns;
        const bool entered = e.begin_line != e.line || e.begin_ns < 0;
        if (entered) {
          order_.ended(std::move(e), slack);
        } else {
          order_.call(std::move(e), slack);
        }
        break;
      }
      default:
        if (e.begin_ns < 0) e.begin_ns = before;
        order_.other(std::move(e));
        break;
    }
  }
}

bool MergedReader::next_by_file(Event& event) {
  if (!std::exchange(said_, true)) {
    event = Event();
    event.kind = Event::Kind::fact;
    event.text = "order=thread";
    return true;
  }
  while (at_ < files_.size()) {
    File& file = files_[at_];
    if (!file.done) {
      event = std::move(file.ahead);
      file.ahead = Event();
      advance(file);
      return true;
    }
    ++at_;
  }
  return false;
}

}  // namespace ringtail::capture
