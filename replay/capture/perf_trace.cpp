// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/capture/perf_trace.h"

#include <algorithm>
#include <utility>

#include "model/kernel/rule.h"
#include "replay/capture/constants.h"
#include "replay/capture/registers.h"

namespace ringtail::capture {

using kernel::Call;
using kernel::Outcome;
using kernel::Sys;

namespace {

constexpr std::int64_t kMicrosecond = 1000;
constexpr std::int64_t kWindow = 250'000'000;  // how far the buffers of two processors may be apart, ns
constexpr std::size_t kMaxOpen = 4096;
constexpr std::size_t kMaxGaps = 64;
constexpr std::uint64_t kTwo = 2;          // an end and a beginning, without which no call goes on as another
constexpr std::uint64_t kShortest = 250;   // ns from one event of a processor to the next
constexpr std::uint64_t kLong = 100'000;   // ns, in which a thread may go to another processor and back
constexpr std::uint64_t kMany = 1u << 20;  // events
constexpr std::uint64_t kDoubts = 1024, kLinesADoubt = 16;  // what looking through costs stays in bounds
constexpr std::int32_t kNobody = -1;                        // whose the events are that were lost

// perf takes the prefix off the names of constants.
struct Prefix {
  Sys sys;
  int argument;
  std::string_view prefix;
};
constexpr Prefix kPrefixes[] = {
    {Sys::mmap, 2, "PROT_"},
    {Sys::mmap, 3, "MAP_"},
    {Sys::mprotect, 2, "PROT_"},
    {Sys::pkey_mprotect, 2, "PROT_"},
    {Sys::mremap, 3, "MREMAP_"},
    {Sys::madvise, 2, "MADV_"},
    {Sys::process_madvise, 3, "MADV_"},
    {Sys::clone, 0, "CLONE_"},
    {Sys::open, 1, "O_"},
    {Sys::openat, 2, "O_"},
    {Sys::openat, 0, "AT_FD"},
    {Sys::execveat, 0, "AT_FD"},
    {Sys::execveat, 4, "AT_"},
    {Sys::fcntl, 1, "F_"},
    {Sys::eventfd2, 1, "EFD_"},
    {Sys::pipe2, 1, "O_"},
    {Sys::dup3, 2, "O_"},
    {Sys::socket, 0, "AF_"},
    {Sys::socket, 1, "SOCK_"},
    {Sys::socketpair, 0, "AF_"},
    {Sys::socketpair, 1, "SOCK_"},
    {Sys::accept4, 3, "SOCK_"},
    {Sys::memfd_create, 1, "MFD_"},
    {Sys::mlockall, 0, "MCL_"},
    {Sys::mlock2, 2, "MLOCK_"},
    {Sys::fallocate, 1, "FALLOC_FL_"},
    {Sys::mbind, 2, "MPOL_"},
    {Sys::set_mempolicy, 0, "MPOL_"},
    {Sys::mbind, 5, "MPOL_MF_"},
    {Sys::move_pages, 5, "MPOL_MF_"},
};

// Arguments that perf leaves out whatever they are: those that the flags before them say do not matter.
constexpr std::pair<Sys, int> kMasked[] = {
    {Sys::mmap, 4},  {Sys::mmap, 5},  {Sys::mremap, 4}, {Sys::open, 2},  {Sys::openat, 3}, {Sys::fcntl, 2},
    {Sys::clone, 1}, {Sys::clone, 2}, {Sys::clone, 3},  {Sys::clone, 4}, {Sys::socket, 2},
};

bool masked(const Call& call, int argument) {
  for (const auto& [sys, i] : kMasked) {
    if (sys != call.sys || i != argument) continue;
    constexpr std::uint64_t kAnonymous = 0x20;
    return sys != Sys::mmap || !call.arg[3].known() || (call.arg[3].value & kAnonymous) != 0;
  }
  return false;
}

// 16.789 -> 16789000
bool milliseconds(Scanner& s, std::int64_t& ns) {
  std::uint64_t whole = 0;
  if (!decimal(s, whole)) return false;
  std::int64_t fraction = 0;
  if (s.take('.')) {
    int digits = 0;
    for (; is_digit(*s.p); ++s.p, ++digits)
      if (digits < 6) fraction = fraction * 10 + (*s.p - '0');
    for (; digits < 6; ++digits) fraction *= 10;
  }
  constexpr std::uint64_t kMost = 1'000'000'000'000;  // thirty years
  ns = whole > kMost ? -1 : static_cast<std::int64_t>(whole) * 1'000'000 + fraction;
  return true;
}

// READ|WRITE|0x40 with the argument's prefix.
kernel::Word value(Scanner& s, const Call& call, int argument) {
  using kernel::Word;
  std::string_view prefix;
  for (const Prefix& p : kPrefixes)
    if (p.sys == call.sys && p.argument == argument) prefix = p.prefix;
  std::uint64_t sum = 0;
  bool known = true;
  do {
    std::uint64_t v = 0;
    if (is_digit(*s.p) || (*s.p == '-' && is_digit(s.p[1]))) {
      known &= number(s, v);
    } else {
      const std::string_view name = word(s);
      if (name.empty()) return Word::unknown();
      const std::uint64_t* constant_value = constant(std::string(prefix).append(name));
      if (constant_value == nullptr) constant_value = constant(name);
      known &= constant_value != nullptr;
      if (constant_value != nullptr) v = *constant_value;
    }
    sum |= v;
  } while (s.take('|'));
  return known ? Word::of(sum) : Word::unknown();
}

}  // namespace

bool PerfTraceReader::next(Event& event) {
  for (;;) {
    const std::int64_t horizon = ended_ || has_barrier_ ? TimeOrder::kForever : latest_ns_ - kWindow;
    if (forget_) {
      event = {};
      event.kind = Event::Kind::lost;
      event.begin_seq = event.end_seq = order_.next_seq();
      forget_ = false;
      return true;
    }
    if (order_.next(event, horizon)) {
      take_gap(event);
      return true;
    }
    if (has_barrier_) {
      event = std::move(barrier_);
      event.begin_seq = event.end_seq = order_.next_seq();
      has_barrier_ = false;
      return true;
    }
    if (ended_) return false;
    std::string_view text;
    if (lines_.next(text)) {
      line(text);
    } else {
      finish();
    }
  }
}

void PerfTraceReader::barrier(Event event) {
  event.line = event.begin_line = lines_.number();
  barrier_ = std::move(event);
  has_barrier_ = true;
}

void PerfTraceReader::problem(const Scanner& s, std::string_view expected, bool blind) {
  Event e;
  e.kind = Event::Kind::problem;
  e.blind = blind;
  e.text = lines_.unterminated() ? std::string(kCut) : problem_text(s, expected);
  barrier(std::move(e));
}

void PerfTraceReader::lost(Scanner& s) {
  Event event;
  event.kind = Event::Kind::lost;
  event.tid = kNobody;
  event.line = event.begin_line = lines_.number();
  event.text = s.rest();
  if (losses_.empty()) {
    if (gaps_.size() == kMaxGaps) {
      gaps_[1].from = gaps_[0].from;
      gaps_[1].events += gaps_[0].events;
      gaps_.erase(gaps_.begin());
    }
    gaps_.push_back({last_ns_, TimeOrder::kForever, 0});
    Event begins = event;
    begins.text.clear();
    begins.end_ns = last_ns_ + 2 * kMicrosecond;  // behind what ended then
    order_.other(std::move(begins));
  }
  std::uint64_t events = 0;
  gaps_.back().events += decimal(s, events) ? std::min(events, kMany) : kMany;
  losses_.push_back(std::move(event));
}

void PerfTraceReader::close_gap(std::int64_t to) {
  if (losses_.empty()) return;
  gaps_.back().to = to;
  for (Event& loss : losses_) {
    loss.end_ns = to + 2 * kMicrosecond;
    order_.other(std::move(loss));
  }
  losses_.clear();
}

void PerfTraceReader::take_gap(Event& e) {
  if (e.kind == Event::Kind::lost) e.tid = 0;
  if (e.kind != Event::Kind::call) return;
  for (const Gap& gap : gaps_) {
    if (e.begin_ns > gap.to || e.end_ns <= gap.from) continue;
    const auto lasts = static_cast<std::uint64_t>(e.end_ns - e.begin_ns);
    const bool over = (e.begin_ns <= gap.from && e.end_ns >= gap.to) || e.end_ns == gap.to;
    if (gap.events >= kTwo && (lasts >= kLong || (over && lasts >= gap.events * kShortest)))
      doubt_end(e.call);
    forget_ = true;
  }
}

void PerfTraceReader::check_thread(Event& e) {
  if (e.begin_ns < 0 || e.end_ns < 0) return;
  if (until_.size() >= kMaxOpen) until_.clear();
  std::int64_t& until = until_[e.tid];
  if (e.begin_ns + kMicrosecond < until) {
    if (doubts_ < kDoubts + lines_.number() / kLinesADoubt)
      ++doubts_, order_.doubt(e.tid, e.begin_ns + kMicrosecond);
    if (e.end_ns > until) doubt_end(e.call);
  }
  until = std::max(until, e.end_ns);
}

void PerfTraceReader::finish() {
  ended_ = true;
  close_gap(latest_ns_);
  std::vector<std::int32_t> tids;
  for (const auto& [tid, open] : open_) tids.push_back(tid);
  std::sort(tids.begin(), tids.end());
  for (const std::int32_t tid : tids) {
    Open& open = open_[tid];
    Event e;
    e.kind = Event::Kind::call;
    e.tid = tid;
    e.line = lines_.number();
    e.begin_line = open.line;
    e.begin_ns = open.begin_ns;
    e.call = std::move(open.call);
    const bool exits = e.call.sys == Sys::exit || e.call.sys == Sys::exit_group;
    e.call.out = {0, exits ? Outcome::State::never : Outcome::State::unknown};
    order_.ended(std::move(e), 0);
  }
  open_.clear();
  if (!lines_.error().empty()) {
    Event e;
    e.kind = Event::Kind::problem;
    e.text = lines_.error();
    barrier(std::move(e));
  }
}

void PerfTraceReader::line(std::string_view text) {
  Scanner s(text);
  if (lines_.oversized()) {
    Event e;
    e.kind = Event::Kind::problem;
    e.blind = true;
    e.text = kOversized;
    return barrier(std::move(e));
  }
  if (text.empty()) return;
  if (text[0] == '#') {
    Event e;
    if (fact_of(text, e)) barrier(std::move(e));
    return;
  }
  if (s.take("LOST ")) return lost(s);
  // Time, duration, who.
  Event event;
  event.line = event.begin_line = lines_.number();
  s.spaces();
  bool timed = true;
  if (s.take('?')) {
    timed = false;
  } else if (!milliseconds(s, event.begin_ns)) {
    return problem(s, "a time in milliseconds, or '?'", false);
  }
  s.spaces();
  if (!s.take('(')) return problem(s, "'(DURATION ms)' behind the time", false);
  s.spaces();
  std::int64_t duration = -1;
  mixed_up_ = false;
  if (*s.p != ')') {
    if (!milliseconds(s, duration)) return problem(s, "a duration in milliseconds");
    mixed_up_ = duration < 0;
    s.spaces();
    if (!s.take("ms")) return problem(s, "'ms' behind the duration");
  }
  if (!s.take(')') || !s.take(':')) return problem(s, "'):' behind the duration");
  s.spaces();
  // COMM/TID, unless there is one thread only; a command's name may hold anything, but no parenthesis follows
  // a thread.
  const std::size_t paren = std::min(s.rest().find('('), s.rest().find(" ... [continued]"));
  const std::size_t slash = s.rest().substr(0, paren == std::string_view::npos ? 0 : paren).rfind('/');
  if (slash != std::string_view::npos) {
    s.p += slash + 1;
    std::uint64_t tid = 0;
    if (!decimal(s, tid) || tid > 1u << 24) return problem(s, "COMMAND/THREAD");
    event.tid = static_cast<std::int32_t>(tid);
  }
  s.spaces();
  if (timed && duration >= 0) event.end_ns = event.begin_ns + duration;
  if (timed) last_ns_ = std::max(event.begin_ns, event.end_ns);
  latest_ns_ = std::max(latest_ns_, last_ns_);
  if (!gaps_.empty() && event.end_ns > gaps_.back().from) close_gap(event.end_ns);
  if (s.take("... [continued]: ")) return continued(s, std::move(event));
  call(s, std::move(event));
}

void PerfTraceReader::call(Scanner& s, Event event) {
  const std::string_view name = word(s);
  if (name.empty() || !s.take('(')) {
    // Other events (page faults, tracepoints) have a bracket or a colon behind their names.
    if (!name.empty() && (*s.p == ' ' || *s.p == ':')) return;
    return problem(s, "a call, `NAME(`");
  }
  names_.name(name, event.call);
  if (!arguments(s, event.call)) return problem(s, "')' behind the arguments");
  s.spaces();
  if (mixed_up_ || s.rest().starts_with("...")) {
    if (open_.size() >= kMaxOpen) return problem(s, "fewer calls that have begun and not ended");
    Open& open = open_[event.tid];
    open.call = event.call;
    open.begin_ns = event.begin_ns;
    open.line = event.line;
    return order_.began(std::move(event), kMicrosecond);
  }
  bool nothing = false;
  if (!result(s, event.call, nothing)) return problem(s, "'= RESULT' behind the arguments");
  if (nothing) return;
  if (event.begin_ns < 0) event.begin_ns = latest_ns_;
  if (event.end_ns < 0) event.end_ns = event.begin_ns;
  check_thread(event);
  order_.call(std::move(event), kMicrosecond);
}

void PerfTraceReader::continued(Scanner& s, Event event) {
  const std::string_view name = word(s);
  if (name.empty() || !s.take('(') || !s.take(')')) return problem(s, "`NAME())` behind `[continued]:`");
  s.take(')');
  const auto open = open_.find(event.tid);
  Call whole;
  names_.name(name, whole);
  const bool begun =
      open != open_.end() && open->second.call.sys == whole.sys && open->second.call.name == whole.name;
  if (begun) {
    whole = std::move(open->second.call);
    event.begin_line = open->second.line;
  } else {
    for (int i = 0; i < signature_of(whole.sys).count; ++i) set_unknown(whole, i);
  }
  event.call = std::move(whole);
  bool nothing = false;
  if (!result(s, event.call, nothing)) return problem(s, "'= RESULT' behind `[continued]`");
  // A new thread's first line ends the call that made it, which is its parent's to tell; it may come late,
  // when the thread's next call has begun.
  if (!begun && kernel::is_spawn(event.call.sys) && (nothing || event.call.out.value == 0)) return;
  if (open != open_.end()) open_.erase(open);
  if (!begun) {
    event.begin_line = 0;
    event.begin_ns = -1;
  }
  if (event.end_ns < 0) event.end_ns = latest_ns_;
  check_thread(event);
  order_.ended(std::move(event), kMicrosecond);
}

bool PerfTraceReader::arguments(Scanner& s, Call& call) {
  const Signature& signature = signature_of(call.sys);
  std::uint32_t given = 0;
  bool strange = false;  // a name that this kernel's prototype has and the table has not
  while (!s.take(')')) {
    s.spaces();
    const std::string_view name = word(s);
    if (name.empty() || !s.take(": ")) return false;
    int i = 0;
    while (i < signature.count && signature.parameters[static_cast<std::size_t>(i)].name != name) ++i;
    if (i == signature.count) {
      strange = strange || call.sys != Sys::other;
      if (!skip_value(s)) return false;
    } else {
      const kernel::Word w = value(s, call, i);
      const char* before = s.p;
      if (!skip_value(s)) return false;  // `</path>`, ` (command)`
      const bool annotated = s.p == before || *before == '<' || *before == ' ';
      if (w.known() && annotated) {
        set_register(call, i, w.value);
      } else {
        set_unknown(call, i);
      }
      given |= 1u << i;
    }
    s.take(',');
    if (s.at_end()) return false;
  }
  for (int i = 0; i < signature.count; ++i) {
    if ((given >> i & 1) != 0) continue;
    if (strange || masked(call, i)) {
      set_unknown(call, i);
    } else {
      set_register(call, i, 0);
    }
  }
  return true;
}

// `= 0`, `= 0x7f..`, `= -1 EINVAL (Invalid argument)`, `= 25288 (stress-ng)`, and `= ` in a new thread.
bool PerfTraceReader::result(Scanner& s, Call& call, bool& nothing) {
  s.spaces();
  if (!s.take('=')) return false;
  s.spaces();
  if (s.at_end()) return nothing = !lines_.unterminated();
  if (s.take('?')) {
    call.out = {0, kernel::is_exit(call.sys) ? Outcome::State::never : Outcome::State::unknown};
    return true;
  }
  std::uint64_t v = 0;
  if (!number(s, v)) return false;
  call.out = outcome_of(static_cast<std::int64_t>(v));
  bool delimited = false;
  if (call.out.value == -1 && s.take(" E")) {
    --s.p;
    const int error = kernel::errno_of(word(s));
    call.out = error != 0 ? Outcome{-error, Outcome::State::returned} : Outcome{0, Outcome::State::unknown};
  }
  delimited = s.rest().ends_with(')');
  return !lines_.unterminated() || delimited;
}

}  // namespace ringtail::capture
