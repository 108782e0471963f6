// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/capture/strace.h"

#include <algorithm>
#include <utility>

#include "replay/capture/notes.h"
#include "replay/capture/signature.h"

namespace ringtail::capture {

using kernel::Call;
using kernel::Outcome;
using kernel::Sys;

namespace {

constexpr std::size_t kOpenCost = 2048;  // what an open call takes besides its text
constexpr std::string_view kUnfinished = "<unfinished ...>";
constexpr std::string_view kDetached = "<detached ...>";

}  // namespace

StraceReader::StraceReader(LineSource lines, std::int32_t tid) : lines_(std::move(lines)), file_tid_(tid) {}

bool StraceReader::next(Event& event) {
  while (queue_.empty()) {
    if (ended_) return false;
    if (lines_.next(text_)) {
      if (interrupted()) continue;
      if (line(text_, event) == Read::nothing) continue;
      if (queue_.empty()) return true;
      queue_.push_back(std::move(event));
      break;
    }
    ended_ = true;
    if (!carried_.empty()) {
      Event& e = queue_.emplace_back();
      e.kind = Event::Kind::problem;
      e.line = e.begin_line = lines_.number();
      e.begin_seq = e.end_seq = ++seq_;
      e.text = "expected the rest of a line behind strace's own words, but the capture ends";
    }
    // Calls in flight when the capture ended, in the order of their threads.
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

StraceReader::Read StraceReader::problem(Event& event, const Scanner& s, std::string_view expected) {
  event.kind = Event::Kind::problem;
  event.begin_seq = event.end_seq = ++seq_;
  spare_.clear(event.call);
  event.text = lines_.unterminated() ? std::string(kCut) : problem_text(s, expected);
  return Read::event;
}

StraceReader::Read StraceReader::line(std::string_view text, Event& event) {
  event.kind = Event::Kind::call;
  event.pid = 0;
  event.line = event.begin_line = lines_.number();
  event.begin_ns = event.end_ns = -1;
  event.compat = false;
  event.text.clear();
  Scanner s(text);
  if (lines_.oversized()) {
    event.tid = 0;
    event.kind = Event::Kind::problem;
    event.begin_seq = event.end_seq = ++seq_;
    spare_.clear(event.call);
    event.text = kOversized;
    return Read::event;
  }
  if (text.empty()) return Read::nothing;
  if (text[0] == '#') {
    event.tid = 0;
    if (!fact_of(text, event)) return Read::nothing;
    event.begin_seq = event.end_seq = ++seq_;
    spare_.clear(event.call);
    return Read::event;
  }
  if (text[0] == '%' && text.starts_with("% time")) summary_ = true;
  if (summary_) {
    if (text.ends_with(" total")) summary_ = false;
    return Read::nothing;
  }
  // Stack traces (-k) and dumps of buffers (-e read=, write=) under a line.
  if (text.starts_with(" > ") || text.starts_with(" | ")) return Read::nothing;

  Leader by;
  event.tid = 0;
  if (!leader(s, by)) return problem(event, s, "a process id, a time or a call");
  const bool resumes = s.p[0] == '<' && s.p[1] == '.';
  if (!by.named) {
    by.tid = unnamed();
    const bool maybe_words = *s.p == 's' || *s.p == 'P' || *s.p == '[';
    Scanner words = s;
    if (maybe_words && own_words(words)) return Read::nothing;
    saw_unnamed_ = true;
  } else if (by.bracketed && saw_unnamed_ && file_tid_ == 0) {
    by.tid = named(by.tid, resumes);
  }
  event.tid = by.tid;
  event.begin_ns = by.ns;
  if (!compat_.empty()) event.compat = compat_.contains(by.tid);
  switch (*s.p) {
    case '<':
      return resumed(s, by, event);
    case '+':
      return thread_gone(s, by, event);
    case '-': {
      if (!s.take("--- ")) return problem(event, s, "`--- SIGNAL {...} ---`");
      s.take("stopped by ");
      event.kind = Event::Kind::signal;
      event.text = word(s);
      event.begin_seq = event.end_seq = ++seq_;
      event.end_ns = by.ns;
      spare_.clear(event.call);
      if (event.text.empty()) return problem(event, s, "the name of a signal");
      return Read::event;
    }
    default:
      return call_line(s, by, event);
  }
}

StraceReader::Read StraceReader::call_line(Scanner& s, const Leader& by, Event& event) {
  const char* from = s.p;
  std::string_view name = word(s);
  if (name.empty() && *s.p == '?') {  // a number that strace has no name for
    while (*s.p == '?') ++s.p;
    name = {from, static_cast<std::size_t>(s.p - from)};
  }
  if (name.empty() || *s.p != '(') {
    s.p = from;
    Scanner words = s;
    if (own_words(words)) return Read::nothing;
    return problem(event, s, "a call, `NAME(`");
  }
  ++s.p;
  if (active_ > 0) lose(by.tid);
  if (s.end[-1] == '>' && s.end[-2] == '.' && s.end - from >= 16) {
    std::string_view body(from, static_cast<std::size_t>(s.end - from));
    for (const std::string_view tail : {kUnfinished, kDetached}) {
      if (!body.ends_with(tail)) continue;
      body.remove_suffix(tail.size());
      if (body.ends_with(' ')) body.remove_suffix(1);  // the space is part of the words
      return unfinished(body, sys_named(name), by, event);
    }
  }
  spare_.clear(event.call);
  names_.name(name, event.call);
  const char* expected = nullptr;
  const char* arguments = s.p;
  switch (read_arguments(s, event.call, spare_, expected)) {
    case Arguments::closed:
      if (raw_ && event.call.sys == Sys::other && writes_elsewhere(event.call.name))
        event.text.assign(arguments, s.p - 1);
      return ended(s, by, nullptr, event);
    case Arguments::open:
      s.p = s.end;
      return problem(event, s, "')' and '= RESULT' behind the arguments");
    case Arguments::bad:
      return problem(event, s, expected);
  }
  return Read::nothing;
}

StraceReader::Read StraceReader::unfinished(std::string_view body, Sys sys, const Leader& by, Event& event) {
  if (open_bytes_ + body.size() + kOpenCost > kMaxOpenBytes)
    return problem(event, Scanner(body), "less than 24 MiB of calls that have begun and not ended");
  Open* open = slot(by.tid);
  spare_.clear(open->call);
  const std::size_t paren = body.find('(');
  names_.name(body.substr(0, paren), open->call);
  open->text.clear();
  open->read = false;
  if (raw_ && sys == Sys::other && writes_elsewhere(open->call.name)) {
    open->text.assign(body.substr(paren + 1));
    event.text = open->text;
  }
  if (sys != Sys::other) {
    open->text.assign(body);
    open->text += kTail;
    Scanner s(std::string_view(open->text).substr(0, body.size()));
    s.p += paren + 1;
    const char* expected = nullptr;
    open->read = read_arguments(s, open->call, spare_, expected) == Arguments::open;
    open->text.resize(body.size());
  }
  open->line = lines_.number();
  open->seq = ++seq_;
  open->ns = by.ns;
  open_bytes_ += open->text.size();
  event.kind = Event::Kind::enter;
  spare_.copy(event.call, open->call);
  event.begin_seq = event.end_seq = open->seq;
  open->active = true;
  ++active_;
  return Read::event;
}

StraceReader::Read StraceReader::resumed(Scanner& s, const Leader& by, Event& event) {
  if (!s.take("<... ")) return problem(event, s, "`<... NAME resumed>`");
  const char* from = s.p;
  while (is_word(*s.p) || *s.p == '?') ++s.p;
  const std::string_view name(from, static_cast<std::size_t>(s.p - from));
  if (!s.take(" resumed>")) return problem(event, s, "` resumed>` behind the call's name");
  Open* open = active(by.tid);
  if (open != nullptr && kernel::name_of(open->call.sys) != name && open->call.name != name) {
    lose(by.tid);
    open = nullptr;
  }
  const std::string_view rest = s.rest();  // with its spaces, which may stand in a string that was split
  s.spaces();
  spare_.clear(event.call);
  const char* expected = nullptr;
  if (open == nullptr) {
    // Begun before the capture did: the arguments that were printed then are not known, the others have lost
    // their place.
    names_.name(name, event.call);
    const int count = signature_of(event.call.sys).count;
    for (int i = 0; i < count; ++i) event.call.arg[static_cast<std::size_t>(i)] = kernel::Word::unknown();
    Open before;
    while (*s.p != ')') {
      if (s.take("=>") || s.take(',') || s.take(kUnfinished)) continue;
      const char* at = s.p;
      if (!skip_value(s) || s.at_end() || s.p == at) {
        return problem(event, s, "')' and '= RESULT' behind the arguments");
      }
    }
    ++s.p;
    return ended(s, by, &before, event);
  }
  Read read = Read::nothing;
  if (open->call.sys == Sys::other || (open->read && *s.p == ')')) {
    spare_.move(event.call, open->call);
    const char* more = s.p;
    if (event.call.sys == Sys::other &&
        read_arguments(s, event.call, spare_, expected) != Arguments::closed) {
      read = problem(event, s, "')' and '= RESULT' behind the arguments");
    } else {
      if (event.call.sys != Sys::other) ++s.p;
      else if (!open->text.empty()) (event.text = open->text).append(more, s.p - 1);
      read = ended(s, by, open, event);
    }
    close(*open);
    return read;
  }
  if (rest.ends_with(kUnfinished) && open->text.size() + rest.size() <= kMaxLine) {
    std::string_view more = rest;
    more.remove_suffix(kUnfinished.size());
    if (more.ends_with(' ')) more.remove_suffix(1);
    open_bytes_ += more.size();
    open->text += more;
    open->read = false;
    return Read::nothing;
  }
  joined_.assign(open->text);
  joined_ += rest;
  joined_ += kTail;
  Scanner joined(std::string_view(joined_).substr(0, joined_.size() - kTail.size()));
  joined.p += name.size() + 1;
  names_.name(name, event.call);
  switch (read_arguments(joined, event.call, spare_, expected)) {
    case Arguments::closed:
      read = ended(joined, by, open, event);
      break;
    case Arguments::open:
      read = problem(event, joined, "')' and '= RESULT' behind the arguments");
      break;
    case Arguments::bad:
      read = problem(event, joined, expected);
      break;
  }
  close(*open);
  return read;
}

StraceReader::Read StraceReader::ended(Scanner& s, const Leader& by, const Open* open, Event& event) {
  Ending ending;
  const char* expected = nullptr;
  if (!read_result(s, event.call, ending, expected)) return problem(event, s, expected);
  if (lines_.unterminated() && !ending.delimited) return problem(event, s, "the rest of the result");
  if (open == nullptr) {
    event.begin_seq = ++seq_;
    event.begin_ns = by.ns;
    event.end_ns = by.ns >= 0 && ending.duration_ns >= 0 ? by.ns + ending.duration_ns : -1;
  } else {
    event.begin_line = open->line;
    event.begin_seq = open->seq;
    event.begin_ns = open->ns;
    event.end_ns = open->ns >= 0 && ending.duration_ns >= 0 ? open->ns + ending.duration_ns : by.ns;
  }
  event.end_seq = ++seq_;
  Call& call = event.call;
  if (ending.injected) {
    const Outcome out = call.out;
    const std::string_view name = kernel::name_of(call.sys);
    spare_.clear(call);
    call.name = name;
    call.out = out;
  }
  if (saw_unnamed_ && kernel::is_spawn(call.sys) && call.out.known() && call.out.value > 0)
    live_.insert(static_cast<std::int32_t>(call.out.value));
  return Read::event;
}

StraceReader::Read StraceReader::thread_gone(Scanner& s, const Leader& by, Event& event) {
  if (!s.take("+++ ")) return problem(event, s, "`+++ exited with STATUS +++`");
  if (!s.rest().ends_with("+++")) return problem(event, s, "'+++' at the end of the line");
  std::string_view how = s.rest();
  how.remove_suffix(3);
  while (how.ends_with(' ')) how.remove_suffix(1);
  lose(by.tid);
  event.kind = Event::Kind::exited;
  event.text = how;
  if (s.take("superseded by execve in pid ")) {
    // The other thread takes this one's id, and its execve will be resumed under it.
    std::uint64_t other = 0;
    if (!decimal(s, other) || other > kMaxTid) return problem(event, s, "a process id");
    event.tid = static_cast<std::int32_t>(other);
    if (Open* open = active(event.tid)) {
      std::swap(*slot(by.tid), *open);
      forget(event.tid);
    }
  } else {
    forget(by.tid);
  }
  live_.erase(event.tid);
  compat_.erase(event.tid);
  if (event.tid == 0) first_gone_ = true;
  event.begin_seq = event.end_seq = ++seq_;
  event.end_ns = by.ns;
  spare_.clear(event.call);
  return Read::event;
}

StraceReader::Open* StraceReader::find(std::int32_t tid) {
  if (last_ != nullptr && last_tid_ == tid) return last_;
  const auto it = open_.find(tid);
  if (it == open_.end()) return nullptr;
  last_tid_ = tid;
  last_ = it->second.get();
  return last_;
}

StraceReader::Open* StraceReader::slot(std::int32_t tid) {
  if (Open* open = find(tid)) return open;
  last_tid_ = tid;
  last_ = (open_[tid] = std::make_unique<Open>()).get();
  open_bytes_ += kOpenCost;
  return last_;
}

StraceReader::Open* StraceReader::active(std::int32_t tid) {
  Open* open = active_ > 0 ? find(tid) : nullptr;
  return open != nullptr && open->active ? open : nullptr;
}

void StraceReader::close(Open& open) {
  open.active = false;
  --active_;
  open_bytes_ -= open.text.size();
  open.text.clear();
  constexpr std::size_t kKept = 4096;
  if (open.text.capacity() > kKept) std::string().swap(open.text);
}

void StraceReader::forget(std::int32_t tid) {
  const auto it = open_.find(tid);
  if (it == open_.end()) return;
  if (it->second->active) close(*it->second);
  open_bytes_ -= kOpenCost;
  open_.erase(it);
  last_ = nullptr;
}

void StraceReader::lose(std::int32_t tid) {
  Open* open = active(tid);
  if (open == nullptr) return;
  Event& e = queue_.emplace_back();
  e.kind = Event::Kind::call;
  e.tid = tid;
  e.compat = compat_.contains(tid);
  e.line = lines_.number();
  e.begin_line = open->line;
  e.begin_seq = open->seq;
  e.begin_ns = open->ns;
  e.end_seq = ++seq_;
  spare_.move(e.call, open->call);
  if (e.call.sys == Sys::other) e.text = open->text;
  const bool exits = kernel::is_exit(e.call.sys);
  e.call.out = {0, exits ? Outcome::State::never : Outcome::State::unknown};
  close(*open);
}

}  // namespace ringtail::capture
