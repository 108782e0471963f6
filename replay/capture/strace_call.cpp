// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/capture/strace_call.h"

#include <utility>

#include "model/kernel/rule.h"
#include "replay/capture/constants.h"
#include "replay/capture/signature.h"
#include "replay/capture/strace_aio.h"
#include "replay/capture/strace_list.h"

namespace ringtail::capture {

using kernel::Call;
using kernel::Iocb;
using kernel::IoEvent;
using kernel::List;
using kernel::Outcome;
using kernel::Sys;
using kernel::Word;

namespace {

// A value that is not of the expected shape is stepped over; false when it does not end.
bool unknown_value(Scanner& s, Word& word) {
  word = Word::unknown();
  return skip_value(s);
}

bool timespec(Scanner& s, Word& pointer, Word& ns) {
  if (*s.p != '{') {
    pointer = scalar(s);
    ns = pointer.known() && pointer.value == 0 ? Word{} : Word::unknown();
    return true;
  }
  pointer = Word::unknown();
  Word sec, nsec;
  int position = 0;
  const bool ok = fields(s, [&](std::string_view name) {
    Word& w = name == "tv_sec" || (name.empty() && position++ == 0) ? sec : nsec;
    w = scalar(s);
    return w.state != Word::State::absent;
  });
  constexpr std::uint64_t kSecond = 1'000'000'000;
  // Outside of these the kernel's own arithmetic saturates; nothing hangs on the exact length of such a wait.
  const bool plain = sec.known() && nsec.known() && sec.value < (1ull << 33) && nsec.value < kSecond;
  ns = plain ? Word::of(sec.value * kSecond + nsec.value) : Word::unknown();
  return ok;
}

// `{sigmask=~[RT_1], sigsetsize=8}`; the mask is a pointer where it could not be read, or NULL.
bool signal_mask(Scanner& s, Word& pointer, Call& call) {
  using kernel::SignalMask;
  if (*s.p != '{') {
    pointer = scalar(s);
    return true;
  }
  pointer = Word::unknown();
  Word size;
  auto mask = SignalMask::readable;
  const bool ok = fields(s, [&](std::string_view name) {
    if (name == "sigsetsize") return size = scalar(s), size.state != Word::State::absent;
    if (name != "sigmask" || *s.p == '[' || *s.p == '~') return false;
    const Word at = scalar(s);
    mask = at.known() && at.value == 0 ? SignalMask::none : SignalMask::unreadable;
    return at.state != Word::State::absent;
  });
  if (ok && size.known()) {
    call.outs.items = {size.value, static_cast<std::uint64_t>(mask)};
    call.outs.state = List<std::uint64_t>::State::complete;
  }
  return ok;
}

// clone3: `{flags=…, exit_signal=…, stack=…} => {parent_tid=[5]}`; outs[0] is the flags, outs[1] the exit
// signal.
bool clone3_args(Scanner& s, Word& pointer, Call& call) {
  if (*s.p != '{') {
    pointer = scalar(s);
    call.outs.state = List<std::uint64_t>::State::opaque;
    return true;
  }
  pointer = Word::unknown();
  Word flags, signal = Word::of(0);
  bool ok = fields(s, [&](std::string_view name) {
    if (name == "flags") return flags = scalar(s), flags.state != Word::State::absent;
    if (name == "exit_signal") return signal = scalar(s), signal.state != Word::State::absent;
    return false;
  });
  s.spaces();
  if (ok && s.take("=>")) {
    s.spaces();
    ok = *s.p == '{' ? fields(s, [](std::string_view) { return false; }) : skip_value(s);
  }
  call.outs.state = List<std::uint64_t>::State::opaque;
  if (flags.known() && signal.known()) {
    call.outs.items = {flags.value, signal.value};
    call.outs.state = List<std::uint64_t>::State::complete;
  }
  return ok;
}

// clone prints its arguments by name and in an order of its own.
int clone_position(std::string_view name) {
  if (name == "flags") return 0;
  if (name == "child_stack" || name == "stack") return 1;
  if (name == "parent_tid" || name == "parent_tidptr") return 2;
  if (name == "child_tidptr" || name == "child_tid") return 3;
  if (name == "tls") return 4;
  return 5;  // stack_size
}

// `exit(0 <unfinished ...>) = ?`: the thread died in the call.
bool unfinished_here(const Scanner& s) { return *s.p == '<' && s.rest().starts_with(kUnfinished); }

bool argument(Scanner& s, Call& call, Kind kind, Word& arg, Spare& spare) {
  bool whole = true;
  switch (kind) {
    case Kind::u64:
      arg = scalar(s);
      break;
    case Kind::u32:
    case Kind::i32:
      arg = annotated(s, nullptr, whole);
      arg.value = as_kind(kind, arg.value);
      break;
    case Kind::fd: {
      const bool first = call.fd.fd.state == Word::State::absent;
      arg = annotated(s, first ? &call.fd.path : nullptr, whole);
      arg.value = as_kind(kind, arg.value);
      if (first) call.fd.fd = arg;
      break;
    }
    case Kind::path:
      if (*s.p == '"') {
        call.path.clear();
        arg = Word::unknown();
        return quoted(s, &call.path, call.path_truncated);
      }
      arg = scalar(s);
      break;
    case Kind::pointer:
      if (*s.p == '0' || *s.p == 'N') arg = scalar(s);
      if (arg.state == Word::State::absent || *s.p == ' ') return unknown_value(s, arg);
      break;
    case Kind::pages:
      return numbers(s, arg, call.pages);
    case Kind::nodes:
      return numbers(s, arg, call.nodes);
    case Kind::status:
      return numbers(s, arg, call.status);
    case Kind::mask:
      return numbers(s, arg, call.mask);
    case Kind::mask2:
      return numbers(s, arg, call.mask2);
    case Kind::outs:
      return numbers(s, arg, call.outs);
    case Kind::iov:
      return iovecs(s, arg, call.iov);
    case Kind::iocbs:
      return iocb_array(s, arg, call, spare);
    case Kind::iocb: {
      call.iocbs.state = List<Iocb>::State::opaque;
      if (*s.p == '{') {
        arg = Word::unknown();
        return one_iocb(s, call, spare);
      }
      arg = scalar(s);
      if (arg.known() && arg.value == 0) call.iocbs.state = List<Iocb>::State::absent;
      break;
    }
    case Kind::events:
      return event_array(s, arg, call);
    case Kind::event:
      if (*s.p == '{') {
        arg = Word::unknown();
        call.events.state = List<IoEvent>::State::complete;
        return io_event(s, call.events.items.emplace_back());
      }
      arg = scalar(s);
      call.events.state =
          arg.known() && arg.value == 0 ? List<IoEvent>::State::absent : List<IoEvent>::State::opaque;
      break;
    case Kind::timeout:
      return timespec(s, arg, call.timeout_ns);
    case Kind::sigmask:
      return signal_mask(s, arg, call);
    case Kind::clone_args:
      return clone3_args(s, arg, call);
    case Kind::none:
      break;
  }
  return whole;
}

}  // namespace

Arguments read_arguments(Scanner& s, Call& call, Spare& spare, const char*& expected, int& position) {
  const Signature& signature = signature_of(call.sys);
  if (call.sys == Sys::other) {  // nobody looks at these: straight to the result
    const std::string_view text = s.rest();
    for (std::size_t at = text.rfind(" = "); at != std::string_view::npos && at > 0;
         at = text.rfind(" = ", at - 1)) {
      std::size_t close = at;
      while (close > 0 && text[close - 1] == ' ') --close;
      if (close > 0 && text[close - 1] == ')') return s.p += close, Arguments::closed;
      if (at < 3) break;
    }
    return Arguments::open;
  }
  bool comma = true;
  for (int i = position;; ++i) {
    position = comma ? i : -1;
    if (*s.p == ' ') s.spaces();
    if (s.take(')')) return Arguments::closed;
    if (s.at_end()) return Arguments::open;
    if (*s.p == '<' && s.take(kUnfinished)) {
      s.spaces();
      if (s.take(')')) return Arguments::closed;
      return expected = "')' behind `<unfinished ...>`", Arguments::bad;
    }
    int at = i;
    if (is_lower(*s.p)) {  // `name=`: always by clone, with --argument-names by all
      const char* from = s.p;
      const std::string_view name = word(s);
      if (!s.take('=')) {
        s.p = from;
      } else if (call.sys == Sys::clone) {
        at = clone_position(name);
      }
    }
    const char* before = s.p;
    Word ignored;
    Word& arg = at < 6 ? call.arg[static_cast<std::size_t>(at)] : ignored;
    const Kind kind =
        at < signature.count ? signature.parameters[static_cast<std::size_t>(at)].kind : Kind::pointer;
    bool ok = argument(s, call, kind, arg, spare);
    if (ok && *s.p == ' ') s.spaces();
    if (!ok || (*s.p != ',' && *s.p != ')' && !s.at_end() && !unfinished_here(s))) {
      s.p = before;
      ok = unknown_value(s, arg);
    }
    if (!ok) return expected = "the string, array or structure to end on this line", Arguments::bad;
    if (arg.state == Word::State::absent && s.p == before) {
      if (s.at_end()) return position = -1, Arguments::open;
      if (!unfinished_here(s)) return expected = "an argument", Arguments::bad;
      arg = Word::unknown();
    }
    comma = s.take(',');
    if (comma || *s.p == ')' || s.at_end() || unfinished_here(s)) continue;
    return expected = "',' or ')' behind an argument", Arguments::bad;
  }
}

namespace {

// 0.000012 -> 12000
bool seconds(Scanner& s, std::int64_t& ns) {
  std::uint64_t whole = 0;
  if (!decimal(s, whole) || whole > 1'000'000'000) return false;
  std::uint64_t fraction = 0;
  if (s.take('.')) {
    constexpr std::uint64_t kUnit[] = {1'000'000'000, 100'000'000, 10'000'000, 1'000'000, 100'000,
                                       10'000,        1'000,       100,        10,        1};
    const char* from = s.p;
    if (is_digit(*s.p) && (!decimal(s, fraction) || s.p - from > 9)) return false;
    fraction *= kUnit[s.p - from];
  }
  ns = static_cast<std::int64_t>(whole * 1'000'000'000 + fraction);
  return true;
}

void error_number(Scanner& s, Outcome& out) {
  if (const int error = kernel::errno_of(word(s))) {
    out = {-error, Outcome::State::returned};
    return;
  }
  // `-1 E??? (errno 530)`, `-1 ERRNO_530 (Unknown error 530)`
  while (*s.p == '?') ++s.p;
  out = {0, Outcome::State::unknown};
}

}  // namespace

bool read_result(Scanner& s, Call& call, Ending& ending, const char*& expected) {
  s.spaces();
  if (!s.take('=')) return expected = "'= RESULT' behind the arguments", false;
  s.spaces();
  Outcome& out = call.out;
  bool failed = false;
  if (s.take('?')) {
    out = {0, Outcome::State::unknown};
    s.spaces();
    if (s.take("ERESTART")) out.state = Outcome::State::restarted;
    else if (kernel::is_exit(call.sys) || s.at_end() || (*s.p == '<' && is_digit(s.p[1])))
      out.state = Outcome::State::never;  // its thread has ended in it
  } else {
    std::uint64_t value = 0;
    if (!number(s, value)) return expected = "a number or '?' behind '='", false;
    out = {static_cast<std::int64_t>(value), Outcome::State::returned};
    if (*s.p == '<') {
      annotation(s, &call.out_path);
    }
    failed = out.value == -1;
    if (failed && s.p[0] == ' ' && s.p[1] == 'E') {
      ++s.p;
      error_number(s, out);
    }
  }
  while (!s.at_end()) {
    s.spaces();
    if (*s.p == '(') {
      const std::string_view rest = s.rest();
      if (rest.starts_with("(INJECTED")) ending.injected = true;
      if (failed && rest.starts_with("(errno ")) {
        Scanner in = s;
        in.p += 7;
        std::uint64_t error = 0;
        // Of a thread that is being killed strace prints registers that no call left: no such errno exists.
        if (decimal(in, error) && error > 0 && error < 4096)
          out = {-static_cast<std::int64_t>(error), Outcome::State::returned};
        else out = {-1, Outcome::State::never};
      }
      do ++s.p;
      while (skip_value(s) && *s.p == ',');
      if (!s.take(')')) break;
      ending.delimited = s.at_end();
    } else if (*s.p == '<' && is_digit(s.p[1])) {
      ++s.p;
      if (!seconds(s, ending.duration_ns) || !s.take('>')) {
        ending.duration_ns = -1;
        break;
      }
      ending.delimited = s.at_end();
    } else if (!s.at_end()) {
      ++s.p;
    }
  }
  return true;
}

}  // namespace ringtail::capture
