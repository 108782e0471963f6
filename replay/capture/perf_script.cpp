// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/capture/perf_script.h"

#include <algorithm>
#include <utility>

#include "replay/capture/registers.h"

namespace ringtail::capture {

using kernel::Call;
using kernel::Outcome;
using kernel::Sys;

namespace {

constexpr std::size_t kMaxOpen = 16384;

std::string_view last_token(std::string_view& text) {
  while (text.ends_with(' ')) text.remove_suffix(1);
  const std::size_t space = text.rfind(' ');
  const std::string_view token = space == std::string_view::npos ? text : text.substr(space + 1);
  text.remove_suffix(token.size());
  return token;
}

bool digits(std::string_view text, std::int32_t& value) {
  if (text.empty() || text.size() > 9) return false;
  std::int64_t v = 0;
  for (const char c : text) {
    if (!is_digit(c)) return false;
    v = v * 10 + (c - '0');
  }
  value = static_cast<std::int32_t>(v);
  return true;
}

// 1775.507109 -> nanoseconds; -1 when it is none
std::int64_t time_of(std::string_view text) {
  const std::size_t dot = text.find('.');
  std::int32_t whole = 0;
  if (dot == std::string_view::npos || !digits(text.substr(0, dot), whole)) return -1;
  std::int64_t fraction = 0;
  int count = 0;
  for (const char c : text.substr(dot + 1)) {
    if (!is_digit(c)) return -1;
    if (count < 9) fraction = fraction * 10 + (c - '0'), ++count;
  }
  for (; count < 9; ++count) fraction *= 10;
  return whole * 1'000'000'000ll + fraction;
}

}  // namespace

bool PerfScriptReader::next(Event& event) {
  while (queue_.empty()) {
    if (ended_) return false;
    std::string_view text;
    if (lines_.next(text)) {
      if (line(text, event) == Read::nothing) continue;
      if (queue_.empty()) return true;
      queue_.push_back(std::move(event));
      break;
    }
    ended_ = true;
    std::vector<std::int32_t> tids;
    for (const auto& [tid, open] : open_) tids.push_back(tid);
    std::sort(tids.begin(), tids.end());
    for (const std::int32_t tid : tids) lose(tid);
    if (!lines_.error().empty()) {
      Event& e = queue_.emplace_back();
      e.kind = Event::Kind::problem;
      e.line = e.begin_line = lines_.number();
      e.begin_seq = e.end_seq = ++seq_;
      e.text = lines_.error();
    }
  }
  event = std::move(queue_.front());
  queue_.pop_front();
  return true;
}

PerfScriptReader::Read PerfScriptReader::problem(Event& event, const Scanner& s, std::string_view expected) {
  event.kind = Event::Kind::problem;
  event.blind = event.tid != 0;  // who and when are told already, so that it is an event
  event.call.clear();
  event.begin_seq = event.end_seq = ++seq_;
  event.text = lines_.unterminated() ? std::string(kCut) : problem_text(s, expected);
  return Read::event;
}

// COMMAND TID [CPU] TIME: or COMMAND PID/TID TIME:, read from its end because a command's name may hold
// anything.
bool PerfScriptReader::leader(std::string_view text, Event& event) {
  std::string_view token = last_token(text);
  if (!token.ends_with(':')) return false;
  token.remove_suffix(1);
  event.begin_ns = time_of(token);
  if (event.begin_ns < 0) return false;
  token = last_token(text);
  if (token.starts_with('[')) token = last_token(text);
  const std::size_t slash = token.find('/');
  if (slash != std::string_view::npos) {
    return digits(token.substr(0, slash), event.pid) && digits(token.substr(slash + 1), event.tid);
  }
  return digits(token, event.tid);
}

PerfScriptReader::Read PerfScriptReader::line(std::string_view text, Event& event) {
  event.kind = Event::Kind::call;
  event.tid = event.pid = 0;
  event.line = event.begin_line = lines_.number();
  event.begin_ns = event.end_ns = -1;
  event.blind = event.compat = false;
  event.text.clear();
  event.call.clear();
  Scanner s(text);
  if (lines_.oversized()) {
    event.kind = Event::Kind::problem;
    event.blind = true;
    event.begin_seq = event.end_seq = ++seq_;
    event.text = kOversized;
    return Read::event;
  }
  if (text.empty() || text[0] == '\t') return Read::nothing;
  if (text[0] == '#') {
    if (!fact_of(text, event)) return Read::nothing;
    event.begin_seq = event.end_seq = ++seq_;
    return Read::event;
  }
  std::size_t at = text.find(" PERF_RECORD_");
  if (at != std::string_view::npos) {
    leader(text.substr(0, at), event);
    s.p += at + 1;
    if (!s.take("PERF_RECORD_LOST")) return Read::nothing;
    event.kind = Event::Kind::lost;
    event.text = std::string_view(text).substr(at + 1);
    event.begin_seq = event.end_seq = ++seq_;
    for (auto& [tid, open] : open_) open.doubted = true;
    return Read::event;
  }
  at = text.find("syscalls:sys_e");
  if (at == std::string_view::npos) {
    // Another event, `exceptions:page_fault_user: ...`, or a frame of a stack, `    7f17827ce000 name
    // (file)`.
    const std::size_t colon = text.find(": ");
    if (colon != std::string_view::npos && text[0] != ':') return Read::nothing;
    if (text.starts_with("          ")) return Read::nothing;
    return problem(event, s, "an event, `COMMAND TID [CPU] TIME: NAME:`");
  }
  const bool raw = at >= 4 && text.substr(at - 4, 4) == "raw_";
  if (!leader(text.substr(0, raw ? at - 4 : at), event))
    return problem(event, s, "`COMMAND TID [CPU] TIME:` before the event");
  s.p += at + std::string_view("syscalls:sys_").size();
  if (raw_ && !raw) return Read::nothing;
  const bool enters = s.take("enter");
  if (!enters && !s.take("exit")) return problem(event, s, "sys_enter or sys_exit");
  if (raw) {
    if (!s.take(':')) return problem(event, s, "':' behind the name of the event");
    s.spaces();
    std::uint64_t nr = 0;
    if (!s.take("NR ")) return problem(event, s, "`NR NUMBER`");
    if (*s.p == '-') return Read::nothing;  // no call at all: the mark of a thread that was being traced
    if (!decimal(s, nr)) return problem(event, s, "the number of a call");
    event.call.sys = kernel::sys_of_number(nr);
    if (event.call.sys == Sys::other) event.call.name = names_.kept("syscall_" + std::to_string(nr));
    s.spaces();
    if (enters) {
      if (!raw_arguments(s, event.call)) return problem(event, s, "six registers in brackets");
      raw_ = true;
      return enter(event);
    }
    std::uint64_t value = 0;
    if (!s.take('=')) return problem(event, s, "'= RESULT'");
    s.spaces();
    if (!number(s, value) || lines_.unterminated()) return problem(event, s, "a result");
    return exit(event, static_cast<std::int64_t>(value));
  }
  if (!s.take('_')) return problem(event, s, "'_NAME' behind sys_enter or sys_exit");
  names_.name(word(s), event.call);
  if (!s.take(':')) return problem(event, s, "':' behind the name of the event");
  s.spaces();
  if (enters) {
    if (!named_arguments(s, event.call)) return problem(event, s, "NAME: VALUE for each argument");
    return enter(event);
  }
  std::uint64_t value = 0;
  if (!number(s, value) || lines_.unterminated()) return problem(event, s, "a result");
  return exit(event, static_cast<std::int64_t>(value));
}

bool PerfScriptReader::raw_arguments(Scanner& s, Call& call) {
  if (!s.take('(')) return false;
  for (int i = 0; i < 6; ++i) {
    std::uint64_t value = 0;
    s.spaces();
    if (!hexadecimal(s, value)) return false;
    set_register(call, i, value);
    if (!s.take(i < 5 ? ',' : ')')) return false;
  }
  return true;
}

bool PerfScriptReader::named_arguments(Scanner& s, Call& call) {
  // By position: the names have changed between kernels, the order has not.
  for (int i = 0; !s.at_end(); ++i) {
    s.spaces();
    if (s.at_end()) break;
    if (word(s).empty() || !s.take(':')) return false;
    s.spaces();
    std::uint64_t value = 0;
    if (!number(s, value)) return false;
    set_register(call, i, value);
    if (!skip_value(s)) return false;
    if (!s.take(',') && !s.at_end()) return false;
  }
  return !lines_.unterminated();
}

PerfScriptReader::Read PerfScriptReader::enter(Event& event) {
  const auto open = open_.find(event.tid);
  if (open != open_.end()) {
    if (raw_ && open->second.call == event.call) return Read::nothing;  // told before by the other tracepoint
    lose(event.tid);
  }
  Scanner nowhere("\n");
  nowhere.end = nowhere.p;
  if (open_.size() >= kMaxOpen) return problem(event, nowhere, "fewer calls that have begun and not ended");
  Open& begun = open_[event.tid];
  begun.call = event.call;
  begun.line = event.line;
  begun.seq = event.begin_seq = event.end_seq = ++seq_;
  begun.ns = event.begin_ns;
  event.kind = Event::Kind::enter;
  return Read::event;
}

PerfScriptReader::Read PerfScriptReader::exit(Event& event, std::int64_t value) {
  event.end_ns = event.begin_ns;
  bool doubted = false;
  const auto open = open_.find(event.tid);
  if (open == open_.end() || open->second.call.sys != event.call.sys ||
      open->second.call.name != event.call.name) {
    // A new thread leaves the call that made it, which is its parent's to tell.
    if (kernel::is_spawn(event.call.sys) && value == 0) return Read::nothing;
    lose(event.tid);
    event.begin_line = 0;
    event.begin_seq = 0;
    event.begin_ns = -1;
    for (int i = 0; i < signature_of(event.call.sys).count; ++i) set_unknown(event.call, i);
  } else {
    event.call = std::move(open->second.call);
    event.begin_line = open->second.line;
    event.begin_seq = open->second.seq;
    event.begin_ns = open->second.ns;
    doubted = open->second.doubted;
    open_.erase(open);
  }
  event.call.out = outcome_of(value);
  if (doubted) doubt_end(event.call);
  event.end_seq = ++seq_;
  return Read::event;
}

void PerfScriptReader::lose(std::int32_t tid) {
  const auto open = open_.find(tid);
  if (open == open_.end()) return;
  Event& e = queue_.emplace_back();
  e.kind = Event::Kind::call;
  e.tid = tid;
  e.line = lines_.number();
  e.begin_line = open->second.line;
  e.begin_seq = open->second.seq;
  e.begin_ns = open->second.ns;
  e.end_seq = ++seq_;
  e.call = std::move(open->second.call);
  const bool exits = e.call.sys == Sys::exit || e.call.sys == Sys::exit_group;
  e.call.out = {0, exits ? Outcome::State::never : Outcome::State::unknown};
  open_.erase(open);
}

}  // namespace ringtail::capture
