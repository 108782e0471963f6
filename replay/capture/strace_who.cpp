// SPDX-License-Identifier: GPL-2.0-or-later
// Whose a line is, and when, as far as it takes the lines before to tell.
#include <algorithm>

#include "replay/capture/strace.h"

namespace ringtail::capture {

void StraceReader::settle_time(Leader& by) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  constexpr std::int64_t kDay = 86'400 * kSecond;
  constexpr std::int64_t kLongest = 4'000'000'000 * kSecond;  // so that no sum of times overflows
  switch (by.clock) {
    case Leader::Clock::none:
      return;
    case Leader::Clock::epoch:
      break;
    case Leader::Clock::day:
      if (last_clock_ns_ >= 0 && by.ns + kDay / 2 < last_clock_ns_ && day_ns_ < 10'000 * kDay)
        day_ns_ += kDay;
      last_clock_ns_ = by.ns;
      by.ns += day_ns_;
      break;
    case Leader::Clock::relative:
      relative_ns_ = std::min(relative_ns_ + by.ns, kLongest);
      by.ns = relative_ns_;
      relative_ = true;
      break;
  }
  resolution_ns_ = by.resolution_ns;
}

std::int32_t StraceReader::unnamed() const {
  if (file_tid_ != 0) return file_tid_;
  return first_gone_ && live_.size() == 1 ? *live_.begin() : 0;
}

// Whom `[pid N]` names, where earlier lines had no number. A thread that was announced is itself. One that
// was not is the first process, unless that is in the middle of a call which this line does not resume: then
// it is a new child whose announcement -q has suppressed.
std::int32_t StraceReader::named(std::int32_t tid, bool resumes) {
  if (tid == first_tid_) return 0;
  if (live_.contains(tid) || first_tid_ != 0) return tid;
  if (active(0) != nullptr && !resumes) {
    live_.insert(tid);
    return tid;
  }
  first_tid_ = tid;
  return 0;
}

void StraceReader::take_words(const Words& words) {
  const auto mode_of = [this](std::int32_t tid) {
    const bool first = tid == first_tid_ || (first_tid_ == 0 && !live_.contains(tid));
    return saw_unnamed_ && first ? 0 : tid;
  };
  switch (words.about) {
    case Words::About::runs_64:
      compat_.erase(mode_of(words.tid));
      break;
    case Words::About::runs_32:
      compat_.insert(mode_of(words.tid));
      break;
    case Words::About::attached:
      live_.insert(words.tid);
      break;
    case Words::About::detached:
      lose(words.tid);
      live_.erase(words.tid);
      break;
    case Words::About::nothing:
    case Words::About::other:
      break;
  }
}

}  // namespace ringtail::capture
