// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/capture/strace_draft.h"

#include "replay/capture/notes.h"
#include "replay/capture/signature.h"

namespace ringtail::capture {

using kernel::Sys;

namespace {

constexpr std::uint64_t kEpoch = 100'000'000;     // seconds: a smaller number is the -r of a line
constexpr std::uint64_t kLatest = 4'000'000'000;  // seconds: the year 2096, so that no sum of times overflows
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::string_view kDetached = "<detached ...>";

// `first` was read; behind it stands the rest of 12:00:00, 12:00:00.5, 1795249940.088829740, 0.000240, or
// nothing.
bool time(Scanner& s, std::uint64_t first, Leader& by) {
  if (first > kLatest) return false;
  by.clock = first < kEpoch ? Leader::Clock::relative : Leader::Clock::epoch;
  if (*s.p == ':') {
    by.clock = Leader::Clock::day;
    std::uint64_t minutes = 0, seconds = 0;
    ++s.p;
    if (!decimal(s, minutes) || !s.take(':') || !decimal(s, seconds)) return false;
    if (first > 23 || minutes > 59 || seconds > 60) return false;
    first = first * 3600 + minutes * 60 + seconds;
  }
  by.ns = static_cast<std::int64_t>(first) * kSecond;
  by.resolution_ns = kSecond;
  if (s.take('.')) {
    constexpr std::int64_t kUnit[] = {kSecond, 100'000'000, 10'000'000, 1'000'000, 100'000,
                                      10'000,  1'000,       100,        10,        1};
    std::uint64_t fraction = 0;
    const char* from = s.p;
    if (!decimal(s, fraction) || s.p - from > 9) return false;
    by.resolution_ns = kUnit[s.p - from];
    by.ns += static_cast<std::int64_t>(fraction) * by.resolution_ns;
  }
  return *s.p == ' ';
}

// A number in front is a process id when it is at most kMaxTid and a time otherwise.
bool leader(Scanner& s, Leader& by) {
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

// On a terminal strace announces a new process wherever it stands, in the middle of a line:
//   clone(child_stack=NULL, flags=SIGCHLDstrace: Process 32 attached
//   ) = 32
std::size_t announcement(std::string_view text) {
  constexpr std::string_view kWords = "strace: Process ";
  constexpr std::string_view kEnd = " attached";
  return text.ends_with('d') && text.ends_with(kEnd) ? text.rfind(kWords) : Draft::kNowhere;
}
static_assert(Draft::kNowhere == std::string_view::npos);

void misplaced(Draft& d, const Scanner& s, const char* expected) {
  d.kind = Draft::Kind::misplaced;
  d.at = s.p;
  d.expected = expected;
}

void first_half(std::string_view body, Draft& d, Event& event, Spare& spare) {
  d.kind = Draft::Kind::begun;
  event.kind = Event::Kind::enter;
  d.at = body.data();
  d.arguments = body.substr(d.name.size() + 1);
  d.readable = false;
  d.position = Draft::kUnread;
  if (event.call.sys == Sys::other) return;
  d.half.assign(body);
  d.half += kTail;
  Scanner s(std::string_view(d.half).substr(0, body.size()));
  s.p += d.name.size() + 1;
  const char* expected = nullptr;
  int position = 0;
  d.readable = read_arguments(s, event.call, spare, expected, position) == Arguments::open;
  if (d.readable) d.position = position;
}

void second_half(Scanner& s, Draft& d, Event& event, Spare& spare) {
  if (!s.take("<... ")) return misplaced(d, s, "`<... NAME resumed>`");
  const char* from = s.p;
  while (is_word(*s.p) || *s.p == '?') ++s.p;
  d.name = {from, static_cast<std::size_t>(s.p - from)};
  if (!s.take(" resumed>")) return misplaced(d, s, "` resumed>` behind the call's name");
  d.kind = Draft::Kind::resumed;
  d.rest = s.p;
  s.spaces();
  d.at = s.p;
  d.position = Draft::kUnread;
  event.call.sys = sys_named(d.name);
  if (event.call.sys != Sys::other && *s.p == ')') {
    ++s.p;
    d.position = Draft::kOnlyResult;
    if (!read_result(s, event.call, d.ending, d.expected)) d.at = s.p;
    return;
  }
  const int first = signature_of(event.call.sys).first_written;
  if (event.call.sys != Sys::other && first < 0) return;
  const char* arguments = s.p;
  int position = first;
  if (read_arguments(s, event.call, spare, d.expected, position) != Arguments::closed) {
    d.expected = nullptr;
    return;
  }
  d.arguments = {arguments, static_cast<std::size_t>(s.p - 1 - arguments)};
  d.position = first < 0 ? Draft::kOnlyResult : first;
  if (!read_result(s, event.call, d.ending, d.expected)) d.at = s.p;
}

void whole_call(Scanner& s, Draft& d, Event& event, Spare& spare) {
  const char* from = s.p;
  d.name = word(s);
  if (d.name.empty() && *s.p == '?') {  // a number that strace has no name for
    while (*s.p == '?') ++s.p;
    d.name = {from, static_cast<std::size_t>(s.p - from)};
  }
  if (d.name.empty() || *s.p != '(') {
    s.p = from;
    d.words = words_of(s);
    if (d.words.about == Words::About::nothing) return misplaced(d, s, "a call, `NAME(`");
    d.kind = Draft::Kind::words;
    return;
  }
  ++s.p;
  event.call.sys = sys_named(d.name);
  if (s.end[-1] == '>' && s.end[-2] == '.' && s.end - from >= 16) {
    std::string_view body(from, static_cast<std::size_t>(s.end - from));
    for (const std::string_view tail : {kUnfinished, kDetached}) {
      if (!body.ends_with(tail)) continue;
      body.remove_suffix(tail.size());
      if (body.ends_with(' ')) body.remove_suffix(1);  // the space is part of the words
      return first_half(body, d, event, spare);
    }
  }
  d.kind = Draft::Kind::call;
  draft_call(s, d, event, spare);
}

}  // namespace

Words words_of(Scanner s) {
  const bool signed_by = s.take("strace: ");
  Words words;
  const auto number_behind = [&](std::string_view text) {
    std::uint64_t n = 0;
    if (!s.take(text) || !decimal(s, n) || n > kMaxTid) return false;
    words.tid = static_cast<std::int32_t>(n);
    return true;
  };
  using enum Words::About;
  if (number_behind("[ Process PID=")) {
    words.about = s.rest().starts_with(" runs in 64 bit") ? runs_64 : runs_32;
  } else if (number_behind("Process ")) {
    words.about = s.rest().starts_with(" attached")   ? attached
                  : s.rest().starts_with(" detached") ? detached
                                                      : other;
  } else if (signed_by) {
    words.about = other;
  }
  return words;
}

bool draft_call(Scanner& s, Draft& d, Event& event, Spare& spare) {
  const char* arguments = s.p;
  int position = 0;
  d.expected = nullptr;
  switch (read_arguments(s, event.call, spare, d.expected, position)) {
    case Arguments::closed:
      d.arguments = {arguments, static_cast<std::size_t>(s.p - 1 - arguments)};
      d.ending = {};
      if (read_result(s, event.call, d.ending, d.expected)) return true;
      break;
    case Arguments::open:
      s.p = s.end;
      d.expected = "')' and '= RESULT' behind the arguments";
      break;
    case Arguments::bad:
      break;
  }
  d.at = s.p;
  return false;
}

void draft_line(std::string_view text, bool oversized, bool cut, Draft& d, Event& event, Spare& spare) {
  event.kind = Event::Kind::call;
  event.tid = event.pid = 0;
  event.begin_ns = event.end_ns = -1;
  event.blind = event.compat = false;
  event.text.clear();
  spare.clear(event.call);
  d.kind = Draft::Kind::nothing;
  d.cut = cut;
  d.text = text;
  d.by = {};
  d.announces = cut ? Draft::kNowhere : announcement(text);
  d.expected = nullptr;
  d.ending = {};
  if (oversized) {
    d.kind = Draft::Kind::oversized;
    return;
  }
  if (text.empty()) return;
  if (text[0] == '#') {
    if (fact_of(text, event)) d.kind = Draft::Kind::fact;
    return;
  }
  if (text[0] == '%' && text.starts_with("% time")) {
    d.kind = Draft::Kind::table;
    return;
  }
  // Stack traces (-k) and dumps of buffers (-e read=, write=) under a line.
  if (text.starts_with(" > ") || text.starts_with(" | ")) return;

  Scanner s(text);
  if (!leader(s, d.by)) {
    d.kind = Draft::Kind::strange;
    d.at = s.p;
    d.expected = "a process id, a time or a call";
    return;
  }
  event.tid = d.by.tid;
  if (!d.by.named && (*s.p == 's' || *s.p == 'P' || *s.p == '[')) {
    d.words = words_of(s);
    if (d.words.about != Words::About::nothing) {
      d.kind = Draft::Kind::words;
      return;
    }
  }
  switch (*s.p) {
    case '<':
      return second_half(s, d, event, spare);
    case '+':
      if (!s.take("+++ ")) return misplaced(d, s, "`+++ exited with STATUS +++`");
      if (!s.rest().ends_with("+++")) return misplaced(d, s, "'+++' at the end of the line");
      d.kind = Draft::Kind::gone;
      d.at = s.p;
      return;
    case '-':
      if (!s.take("--- ")) return misplaced(d, s, "`--- SIGNAL {...} ---`");
      s.take("stopped by ");
      event.text = word(s);
      if (event.text.empty()) return misplaced(d, s, "the name of a signal");
      d.kind = Draft::Kind::signal;
      event.kind = Event::Kind::signal;
      return;
    default:
      return whole_call(s, d, event, spare);
  }
}

}  // namespace ringtail::capture
