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
constexpr std::string_view kNoResult = "')' and '= RESULT' behind the arguments";

}  // namespace

StraceReader::StraceReader(LineSource lines, std::int32_t tid) : lines_(std::move(lines)), file_tid_(tid) {}

bool StraceReader::next(Event& event) {
  while (queue_.empty()) {
    if (ended_) return false;
    std::string_view text;
    if (lines_.next(text)) {
      number_ = lines_.number();
      draft_line(text, lines_.oversized(), lines_.unterminated(), draft_, event, spare_);
      if (!join(draft_, event)) continue;
      if (queue_.empty()) return true;
      queue_.push_back(std::move(event));
      break;
    }
    ended_ = true;
    finish();
  }
  event = std::move(queue_.front());
  queue_.pop_front();
  return true;
}

// --- in stretches

struct StraceReader::Drafts final : Stretch {
  LineSource::Block block;
  std::vector<Draft> drafts;
  std::vector<Event> own;
  std::deque<Event> more;  // that no line has
  Spare spare;
};

std::unique_ptr<Stretch> StraceReader::stretch() const { return std::make_unique<Drafts>(); }

bool StraceReader::take(Stretch& stretch) { return lines_.take(static_cast<Drafts&>(stretch).block); }

void StraceReader::draft(Stretch& stretch) const {
  auto& s = static_cast<Drafts&>(stretch);
  const std::size_t count = s.block.ends.size();
  if (s.drafts.size() < count) s.drafts.resize(count), s.own.resize(count);
  for (std::size_t i = 0; i < count; ++i)
    draft_line(s.block.line(i), s.block.oversized, s.block.unterminated && i + 1 == count, s.drafts[i],
               s.own[i], s.spare);
}

void StraceReader::join(Stretch& stretch) {
  auto& s = static_cast<Drafts&>(stretch);
  s.events.clear();
  s.more.clear();
  const auto take_queue = [&] {
    for (; !queue_.empty(); queue_.pop_front())
      s.events.push_back(&s.more.emplace_back(std::move(queue_.front())));
  };
  for (std::size_t i = 0; i < s.block.ends.size(); ++i) {
    number_ = s.block.first + i;
    const bool event = join(s.drafts[i], s.own[i]);
    if (!queue_.empty()) take_queue();
    if (event) s.events.push_back(&s.own[i]);
  }
  s.lines = number_;
  if (!s.block.ends.empty()) return;
  finish();
  take_queue();
}

// --- one line after the other

bool StraceReader::problem(const Draft& draft, Event& event, std::string_view expected) {
  event.kind = Event::Kind::problem;
  event.begin_seq = event.end_seq = ++seq_;
  event.blind = draft.kind == Draft::Kind::resumed || event.call.sys != Sys::other;
  spare_.clear(event.call);
  event.text = draft.cut ? std::string(kCut) : problem_text(draft.scanner(), expected);
  return true;
}

bool StraceReader::join(Draft& d, Event& event) {
  if (d.announces != Draft::kNowhere && d.announces + carried_.size() > 0 &&
      d.announces + carried_.size() <= kMaxLine) {
    Scanner s(d.text);
    s.p += d.announces;
    take_words(words_of(s));
    carried_ += d.text.substr(0, d.announces);
    return false;
  }
  if (!carried_.empty()) {  // put together again
    joined_line_ = std::move(carried_);
    carried_.clear();
    joined_line_ += d.text;
    const std::size_t size = joined_line_.size();
    joined_line_ += kTail;
    draft_line(std::string_view(joined_line_).substr(0, size), d.kind == Draft::Kind::oversized, d.cut, d,
               event, spare_);
  }
  event.line = event.begin_line = number_;
  switch (d.kind) {
    case Draft::Kind::oversized:
      event.kind = Event::Kind::problem;
      event.blind = true;
      event.begin_seq = event.end_seq = ++seq_;
      event.text = kOversized;
      return true;
    case Draft::Kind::fact:
      event.begin_seq = event.end_seq = ++seq_;
      return true;
    case Draft::Kind::table:
      table_ = true;
      break;
    default:
      break;
  }
  if (table_) {
    if (d.text.ends_with(" total")) table_ = false;
    return false;
  }
  if (d.kind == Draft::Kind::nothing) return false;
  if (d.kind == Draft::Kind::strange) return problem(d, event);

  settle_time(d.by);
  if (!d.by.named) {
    d.by.tid = unnamed();
    if (d.kind != Draft::Kind::words) saw_unnamed_ = true;
  } else if (d.by.bracketed && saw_unnamed_ && file_tid_ == 0) {
    d.by.tid = named(d.by.tid, d.kind == Draft::Kind::resumed);
  }
  event.tid = d.by.tid;
  event.begin_ns = d.by.ns;
  if (!compat_.empty()) event.compat = compat_.contains(d.by.tid);
  switch (d.kind) {
    case Draft::Kind::words:
      take_words(d.words);
      return false;
    case Draft::Kind::call:
      if (active_ > 0) lose(d.by.tid);
      if (event.call.sys == Sys::other) event.call.name = names_.kept(d.name);
      if (d.expected != nullptr) return problem(d, event);
      if (raw_ && event.call.sys == Sys::other && is_told_raw(event.call.name))
        event.text.assign(d.arguments);
      return ended(d, nullptr, event);
    case Draft::Kind::begun:
      return begun(d, event);
    case Draft::Kind::resumed:
      return resumed(d, event);
    case Draft::Kind::signal:
      event.begin_seq = event.end_seq = ++seq_;
      event.end_ns = d.by.ns;
      return true;
    case Draft::Kind::gone:
      return gone(d, event);
    case Draft::Kind::misplaced:
    default:
      return problem(d, event);
  }
}

bool StraceReader::begun(Draft& d, Event& event) {
  if (active_ > 0) lose(d.by.tid);
  if (open_bytes_ + d.name.size() + 1 + d.arguments.size() + kOpenCost > kMaxOpenBytes)
    return problem(d, event, "less than 24 MiB of calls that have begun and not ended");
  Open& open = *slot(d.by.tid);
  open.text.clear();
  open.readable = d.readable;
  open.took_over = false;
  open.position = d.position;
  if (event.call.sys != Sys::other) {
    d.half.resize(d.half.size() - kTail.size());
    open.text.swap(d.half);
  } else {
    event.call.name = names_.kept(d.name);
    if (raw_ && is_told_raw(event.call.name)) event.text = open.text = d.arguments;
  }
  spare_.copy(open.call, event.call);
  open.line = number_;
  open.seq = ++seq_;
  open.ns = d.by.ns;
  open_bytes_ += open.text.size();
  event.begin_seq = event.end_seq = open.seq;
  open.active = true;
  ++active_;
  return true;
}

bool StraceReader::resumed(Draft& d, Event& event) {
  Open* open = active(d.by.tid);
  if (open != nullptr && kernel::name_of(open->call.sys) != d.name && open->call.name != d.name) {
    lose(d.by.tid);
    open = nullptr;
  }
  if (open == nullptr) return resumed_alone(d, event);
  bool read = false;
  if (open->call.sys == Sys::other) {
    event.call.name = open->call.name;
    if (!open->text.empty() && d.position != Draft::kUnread) (event.text = open->text).append(d.arguments);
    read = d.position == Draft::kUnread ? problem(d, event, kNoResult)
           : d.expected != nullptr      ? problem(d, event)
                                        : ended(d, open, event);
  } else if (open->readable && (d.position == Draft::kOnlyResult ||
                                (d.position != Draft::kUnread && d.position == open->position))) {
    Spare::move_arguments(event.call, open->call, d.position == Draft::kOnlyResult ? 6 : d.position);
    read = d.expected != nullptr ? problem(d, event) : ended(d, open, event);
  } else {
    std::string_view rest = Scanner(d.text).rest();
    rest.remove_prefix(static_cast<std::size_t>(d.rest - d.text.data()));
    if (rest.ends_with(kUnfinished) && open->text.size() + rest.size() <= kMaxLine) {
      rest.remove_suffix(kUnfinished.size());
      if (rest.ends_with(' ')) rest.remove_suffix(1);
      open_bytes_ += rest.size();
      open->text += rest;
      open->readable = false;
      return false;
    }
    joined_.assign(open->text);
    joined_ += rest;
    const std::size_t size = joined_.size();
    joined_ += kTail;
    d.text = std::string_view(joined_).substr(0, size);
    Scanner joined(d.text);
    joined.p += d.name.size() + 1;
    spare_.clear(event.call);
    event.call.sys = open->call.sys;
    read = draft_call(joined, d, event, spare_) ? ended(d, open, event) : problem(d, event);
  }
  close(*open);
  return read;
}

// Begun before the capture did: the arguments that were printed then are not known, the others have lost
// their place.
bool StraceReader::resumed_alone(Draft& d, Event& event) {
  const Sys sys = event.call.sys;
  spare_.clear(event.call);
  event.call.sys = sys;
  if (sys == Sys::other) event.call.name = names_.kept(d.name);
  const int count = signature_of(sys).count;
  for (int i = 0; i < count; ++i) event.call.arg[static_cast<std::size_t>(i)] = kernel::Word::unknown();
  Open before;
  Scanner s(d.text);
  s.p = d.rest;
  s.spaces();
  d.ending = {};
  while (*s.p != ')') {
    if (s.take("=>") || s.take(',') || s.take(kUnfinished)) continue;
    const char* at = s.p;
    if (!skip_value(s) || s.at_end() || s.p == at) {
      d.at = s.p;
      return problem(d, event, kNoResult);
    }
  }
  ++s.p;
  const bool whole = read_result(s, event.call, d.ending, d.expected);
  d.at = s.p;
  return whole ? ended(d, &before, event) : problem(d, event);
}

bool StraceReader::ended(const Draft& d, const Open* open, Event& event) {
  if (d.cut && !d.ending.delimited) return problem(d, event, "the rest of the result");
  if (open == nullptr) {
    event.begin_seq = ++seq_;
    event.begin_ns = d.by.ns;
  } else {
    event.begin_line = open->line;
    event.begin_seq = open->seq;
    event.begin_ns = open->ns;
  }
  event.end_ns = event.begin_ns >= 0 && d.ending.duration_ns >= 0 ? event.begin_ns + d.ending.duration_ns
                 : open != nullptr                                ? d.by.ns
                                                                  : -1;
  event.end_seq = ++seq_;
  Call& call = event.call;
  // With --seccomp-bpf strace shows what the leader's registers had then.
  if (open != nullptr && open->took_over && call.out.known() && call.out.value > 0) call.out.value = 0;
  if (d.ending.injected && open != nullptr) {
    call.out = {};  // it was seen to begin
  } else if (d.ending.injected) {
    const Outcome out = call.out;
    const std::string_view name = kernel::name_of(call.sys);
    spare_.clear(call);
    call.name = name;
    call.out = out;
  }
  if (saw_unnamed_ && kernel::is_spawn(call.sys) && call.out.known() && call.out.value > 0)
    live_.insert(static_cast<std::int32_t>(call.out.value));
  return true;
}

bool StraceReader::gone(const Draft& d, Event& event) {
  Scanner s = d.scanner();
  std::string_view how = s.rest();
  how.remove_suffix(3);
  while (how.ends_with(' ')) how.remove_suffix(1);
  lose(d.by.tid, Outcome::State::never);
  event.kind = Event::Kind::exited;
  event.text = how;
  if (s.take("superseded by execve in pid ")) {
    // The other thread takes this one's id, and its execve will be resumed under it.
    std::uint64_t other = 0;
    if (!decimal(s, other) || other > kMaxTid) return problem(d, event, "a process id");
    event.tid = static_cast<std::int32_t>(other);
    if (Open* open = active(event.tid)) {
      open->took_over = true;
      std::swap(*slot(d.by.tid), *open);
      forget(event.tid);
    }
  } else {
    forget(d.by.tid);
  }
  live_.erase(event.tid);
  compat_.erase(event.tid);
  if (event.tid == 0) first_gone_ = true;
  event.begin_seq = event.end_seq = ++seq_;
  event.end_ns = d.by.ns;
  return true;
}

Event& StraceReader::note() {
  Event& e = queue_.emplace_back();
  e.kind = Event::Kind::problem;
  e.line = e.begin_line = number_;
  e.begin_seq = e.end_seq = ++seq_;
  return e;
}

void StraceReader::finish() {
  if (!carried_.empty())
    note().text = "expected the rest of a line behind strace's own words, but the capture ends";
  // Calls in flight when the capture ended, in the order of their threads.
  std::vector<std::int32_t> tids;
  for (const auto& [tid, open] : open_) tids.push_back(tid);
  std::sort(tids.begin(), tids.end());
  for (const std::int32_t tid : tids) lose(tid);
  if (!lines_.error().empty()) note().text = lines_.error();
}

// --- calls that have begun

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

void StraceReader::lose(std::int32_t tid, Outcome::State how) {
  Open* open = active(tid);
  if (open == nullptr) return;
  Event& e = queue_.emplace_back();
  e.kind = Event::Kind::call;
  e.tid = tid;
  e.compat = compat_.contains(tid);
  e.line = number_;
  e.begin_line = open->line;
  e.begin_seq = open->seq;
  e.begin_ns = open->ns;
  e.end_seq = ++seq_;
  spare_.move(e.call, open->call);
  if (e.call.sys == Sys::other) e.text = open->text;
  const bool exits = kernel::is_exit(e.call.sys);
  e.call.out = {0, exits ? Outcome::State::never : how};
  close(*open);
}

}  // namespace ringtail::capture
