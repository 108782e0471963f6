// SPDX-License-Identifier: GPL-2.0-or-later
// Whose line it is, and when: what stands before the call, and what strace says in between.
#include <algorithm>

#include "replay/capture/strace.h"

namespace ringtail::capture {
namespace {

constexpr std::uint64_t kEpoch = 100'000'000;     // seconds: a smaller number is the -r of a line
constexpr std::uint64_t kLatest = 4'000'000'000;  // seconds: the year 2096, so that no sum of times overflows
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

}  // namespace

bool StraceReader::leader(Scanner& s, Leader& by) {
  bool indented = false;
  for (;;) {
    const char c = *s.p;
    if (is_digit(c)) {
      std::uint64_t n = 0;
      if (!decimal(s, n)) return false;
      if (*s.p == ' ') {
        if (!by.named && !indented && by.ns < 0 && n <= kMaxTid) {
          by.tid = static_cast<std::int32_t>(n);
          by.named = true;
        } else if (!time(s, n, by)) {
          return false;
        }
      } else if (*s.p == '<' && !by.named) {
        by.tid = static_cast<std::int32_t>(n);
        by.named = n <= kMaxTid;
        if (!by.named) return false;
        annotation(s, nullptr);
      } else if (!time(s, n, by)) {
        return false;
      }
      s.spaces();
    } else if (c == ' ') {
      indented = true;
      s.spaces();
    } else if (c == '[') {
      if (s.take("[pid ")) {
        s.spaces();
        std::uint64_t n = 0;
        if (!decimal(s, n) || n > kMaxTid) return false;
        by.tid = static_cast<std::int32_t>(n);
        by.named = by.bracketed = true;
        if (*s.p == '<') annotation(s, nullptr);
        if (!s.take(']')) return false;
      } else if (s.rest().starts_with("[ Process")) {
        return true;
      } else {  // -n prints `[  28] `, -i `[00007f17827ce000] `
        const std::size_t close = s.rest().find(']');
        if (close == std::string_view::npos) return false;
        s.p += close + 1;
      }
      s.spaces();
    } else if (c == '(' && s.p[1] == '+') {  // -r beside -t: `(+     0.000240) `
      const std::size_t close = s.rest().find(')');
      if (close == std::string_view::npos) return false;
      s.p += close + 1;
      s.spaces();
    } else {
      return true;
    }
  }
}

// `first` was read; behind it stands the rest of 12:00:00, 12:00:00.5, 1795249940.088829740, 0.000240, or
// nothing.
bool StraceReader::time(Scanner& s, std::uint64_t first, Leader& by) {
  if (first > kLatest) return false;
  bool clock = false;
  if (*s.p == ':') {
    clock = true;
    std::uint64_t minutes = 0, seconds = 0;
    ++s.p;
    if (!decimal(s, minutes) || !s.take(':') || !decimal(s, seconds)) return false;
    if (first > 23 || minutes > 59 || seconds > 60) return false;
    first = first * 3600 + minutes * 60 + seconds;
  }
  std::int64_t ns = static_cast<std::int64_t>(first) * kSecond;
  std::int64_t resolution = kSecond;
  if (s.take('.')) {
    constexpr std::int64_t kUnit[] = {kSecond, 100'000'000, 10'000'000, 1'000'000, 100'000,
                                      10'000,  1'000,       100,        10,        1};
    std::uint64_t fraction = 0;
    const char* from = s.p;
    if (!decimal(s, fraction) || s.p - from > 9) return false;
    resolution = kUnit[s.p - from];
    ns += static_cast<std::int64_t>(fraction) * resolution;
  }
  if (*s.p != ' ') return false;
  if (clock) {
    if (last_clock_ns_ >= 0 && ns + kDay / 2 < last_clock_ns_ && day_ns_ < 10'000 * kDay) day_ns_ += kDay;
    last_clock_ns_ = ns;
    ns += day_ns_;
  } else if (first < kEpoch) {
    relative_ns_ = std::min(relative_ns_ + ns, static_cast<std::int64_t>(kLatest) * kSecond);
    ns = relative_ns_;
    relative_ = true;
  }
  by.ns = ns;
  resolution_ns_ = resolution;
  return true;
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

// What strace says of itself on the same stream.
bool StraceReader::own_words(Scanner& s) {
  const bool signed_by = s.take("strace: ");
  const auto number_behind = [&](std::string_view words, std::int32_t& tid) {
    std::uint64_t n = 0;
    if (!s.take(words) || !decimal(s, n) || n > kMaxTid) return false;
    tid = static_cast<std::int32_t>(n);
    return true;
  };
  std::int32_t tid = 0;
  if (number_behind("[ Process PID=", tid)) {
    const bool first = tid == first_tid_ || (first_tid_ == 0 && !live_.contains(tid));
    if (saw_unnamed_ && first) tid = 0;
    if (s.rest().starts_with(" runs in 64 bit")) {
      compat_.erase(tid);
    } else {
      compat_.insert(tid);
    }
    return true;
  }
  if (number_behind("Process ", tid)) {
    if (s.rest().starts_with(" attached")) {
      live_.insert(tid);
    } else if (s.rest().starts_with(" detached")) {
      lose(tid);
      live_.erase(tid);
    }
    return true;
  }
  return signed_by;
}

// On a terminal strace announces a new process wherever it stands, in the middle of a line:
//   clone(child_stack=NULL, flags=SIGCHLDstrace: Process 32 attached
//   ) = 32
// The two parts are put together again. True when the line in hand is the first part.
bool StraceReader::interrupted() {
  constexpr std::string_view kWords = "strace: Process ";
  constexpr std::string_view kEnd = " attached";
  const bool announces = text_.ends_with('d') && text_.ends_with(kEnd) && !lines_.unterminated();
  const std::size_t at = announces ? text_.rfind(kWords) : std::string_view::npos;
  if (at != std::string_view::npos && at + carried_.size() > 0 && carried_.size() + at <= kMaxLine) {
    Scanner s(text_);
    s.p += at;
    own_words(s);
    carried_ += text_.substr(0, at);
    return true;
  }
  if (!carried_.empty()) {
    joined_line_ = std::move(carried_);
    carried_.clear();
    joined_line_ += text_;
    joined_line_ += kTail;
    text_ = std::string_view(joined_line_).substr(0, joined_line_.size() - kTail.size());
  }
  return false;
}

}  // namespace ringtail::capture
