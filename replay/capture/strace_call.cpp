// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/capture/strace_call.h"

#include <utility>

#include "replay/capture/constants.h"
#include "replay/capture/reader.h"
#include "replay/capture/signature.h"

namespace ringtail::capture {

using kernel::Call;
using kernel::Iocb;
using kernel::IoEvent;
using kernel::Iovec;
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

// A scalar, and `<path>` behind it.
Word annotated(Scanner& s, std::string* path, bool& whole) {
  const Word w = scalar(s);
  const bool here = *s.p == '<' && !s.rest().starts_with("<unfinished");
  whole = !here || annotation(s, path);
  return w;
}

// `[a, b, ...]` (or braces, before strace 4.13), NULL, or a pointer. `one(scanner, i)` reads the i-th element
// and makes room for it; false when what stands there is none.
template <class One>
bool list(Scanner& s, Word& pointer, List<Word>::State& state, std::size_t cap, One one) {
  using State = List<Word>::State;
  const char open = *s.p;
  if (open != '[' && open != '{') {
    pointer = scalar(s);
    state = pointer.known() && pointer.value == 0 ? State::absent : State::opaque;
    return true;
  }
  const char close = open == '[' ? ']' : '}';
  ++s.p;
  pointer = Word::unknown();
  state = State::complete;
  for (std::size_t i = 0;; ++i) {
    s.spaces();
    if (s.take(close)) return true;
    if (s.at_end()) return state = State::truncated, true;
    if (s.take("...")) {  // `... /* 0x7ffe6f1b2000 */` where memory ended
      state = State::truncated;
      skip_comment(s);
    } else if (state == State::truncated || i >= cap || !one(s, i)) {
      state = State::truncated;
      const char* before = s.p;
      if (!skip_value(s) || s.p == before) return false;
    }
    s.spaces();
    s.take(',');
  }
}

template <class T, class One>
bool list(Scanner& s, Word& pointer, List<T>& out, std::size_t cap, One one) {
  List<Word>::State state{};
  const bool ok = list(s, pointer, state, cap, std::move(one));
  out.state = static_cast<typename List<T>::State>(state);
  return ok;
}

template <class T>
bool numbers(Scanner& s, Word& pointer, List<T>& out) {
  return list(s, pointer, out, kMaxItems, [&](Scanner& in, std::size_t) {
    bool whole = false;
    const Word w = annotated(in, nullptr, whole);
    if (!w.known() || !whole) return false;
    out.items.push_back(static_cast<T>(w.value));
    return true;
  });
}

// Calls field(name) at each value of `{name=value, value, name:value}`; the name is empty where none is
// printed.
template <class Field>
bool fields(Scanner& s, Field field) {
  if (!s.take('{')) return false;
  for (;;) {
    s.spaces();
    if (s.take('}')) return true;
    if (s.at_end()) return false;
    std::string_view name;
    if (is_lower(*s.p)) {
      const char* from = s.p;
      name = word(s);
      if (*s.p == '=' || *s.p == ':') {
        ++s.p;
      } else {
        name = {};
        s.p = from;
      }
    }
    const char* before = s.p;
    if (!field(name)) {
      s.p = before;
      if (!skip_value(s)) return false;
    }
    if (s.p == before && *s.p != ',' && *s.p != '}') return false;
    s.spaces();
    if (*s.p != ',' && *s.p != '}') {  // trailing matter behind a value that was understood
      if (!skip_value(s) || (*s.p != ',' && *s.p != '}')) return false;
    }
    s.take(',');
  }
}

bool iovec(Scanner& s, Iovec& v) {
  int position = 0;
  return fields(s, [&](std::string_view name) {
    const bool base = name == "iov_base" || (name.empty() && position++ == 0);
    Word& w = base ? v.base : v.len;
    w = scalar(s);
    if (w.state == Word::State::absent) w = Word::unknown();
    return *s.p == ',' || *s.p == '}';
  });
}

bool iovecs(Scanner& s, Word& pointer, List<Iovec>& out) {
  return list(s, pointer, out, kMaxIocbs, [&](Scanner& in, std::size_t) {
    if (*in.p != '{') return false;
    return iovec(in, out.items.emplace_back());
  });
}

constexpr std::pair<std::string_view, std::uint64_t> kOldOpcodes[] = {
    // strace 4.x
    {"pread", 0}, {"pwrite", 1}, {"fsync", 2},  {"fdsync", 3},  {"op4", 4},
    {"poll", 5},  {"noop", 6},   {"preadv", 7}, {"pwritev", 8},
};

Word iocb_buffer(Scanner& s, Iocb& cb) {
  bool cut = false;
  if (*s.p == '"') {  // contents instead of the address
    quoted(s, nullptr, cut);
    return Word::unknown();
  }
  if (*s.p == '[') {
    Word pointer;
    if (iovecs(s, pointer, cb.iov) && cb.iov.complete()) cb.nbytes = Word::of(cb.iov.items.size());
    return Word::unknown();
  }
  return scalar(s);
}

// IOPRIO_PRIO_VALUE(class, data) as strace prints it beside IOCB_FLAG_IOPRIO.
Word io_priority(Scanner& s) {
  if (!s.take("IOPRIO_PRIO_VALUE(")) return scalar(s);
  const Word cls = scalar(s);
  if (!s.take(',')) return Word::unknown();
  s.spaces();
  const Word data = scalar(s);
  if (!s.take(')') || !cls.known() || !data.known()) return Word::unknown();
  return Word::of(cls.value << 13 | data.value);
}

// strace leaves out fields that are zero: the key, the flags of reads and writes, and the priority always;
// the common flags and the eventfd for the opcodes where it looks at them.
void imply_zeros(Iocb& cb, bool submitted, bool modern) {
  const auto imply = [](Word& w) {
    if (w.state == Word::State::absent) w = Word::of(0);
  };
  imply(cb.data);
  imply(cb.key);
  imply(cb.reqprio);
  if (!modern) return;
  imply(cb.rw_flags);
  const bool looked_at = cb.opcode.known() && cb.opcode.value != 2 && cb.opcode.value != 3 &&
                         cb.opcode.value != 4 && cb.opcode.value != 6 && cb.opcode.value <= 8;
  if (!submitted || !looked_at) return;
  imply(cb.flags);
  imply(cb.resfd);
}

bool iocb(Scanner& s, Iocb& cb, bool submitted) {
  constexpr Word Iocb::*kPositions[] = {&Iocb::data,   &Iocb::key, &Iocb::opcode, &Iocb::reqprio,
                                        &Iocb::fildes, &Iocb::buf, &Iocb::nbytes, &Iocb::offset};
  std::size_t position = 0;
  bool modern = false;  // the names of strace 5 and later
  const bool ok = fields(s, [&](std::string_view name) {
    if (name.starts_with("aio_")) {
      name.remove_prefix(4);
      modern = true;
    }
    Word* w = nullptr;
    if (name.empty()) {
      if (is_lower(*s.p)) {  // `pwrite` alone, or `op 99`
        const std::string_view opcode = word(s);
        cb.opcode = Word::unknown();
        for (const auto& [text, value] : kOldOpcodes)
          if (text == opcode) cb.opcode = Word::of(value);
        return true;
      }
      if (position >= std::size(kPositions)) return false;
      w = &(cb.*kPositions[position++]);
      bool whole = true;
      *w = w == &cb.fildes ? annotated(s, &cb.path, whole) : scalar(s);
      return whole && w->state != Word::State::absent;
    }
    switch (name[0]) {
      case 'd':
        w = name == "data" ? &cb.data : nullptr;
        break;
      case 'k':
        w = name == "key" ? &cb.key : nullptr;
        break;
      case 'l':
        w = name == "lio_opcode" ? &cb.opcode : nullptr;
        break;
      case 'n':
        w = name == "nbytes" ? &cb.nbytes : nullptr;
        break;
      case 'o':
        w = name == "offset" ? &cb.offset : nullptr;
        break;
      case 'r':
        if (name == "rw_flags") w = &cb.rw_flags;
        if (name == "reqprio") return (cb.reqprio = io_priority(s)).state != Word::State::absent;
        if (name == "resfd") {
          bool whole = false;
          cb.resfd = annotated(s, nullptr, whole);
          return whole && cb.resfd.state != Word::State::absent;
        }
        break;
      case 'f':
        if (name == "fildes" || name == "filedes") {
          bool whole = false;
          cb.fildes = annotated(s, &cb.path, whole);
          return whole && cb.fildes.state != Word::State::absent;
        }
        if (name == "flags") w = &cb.flags;
        break;
      case 'b':
        if (name == "buf") return (cb.buf = iocb_buffer(s, cb)).state != Word::State::absent;
        break;
      case 's':
      case 'i':
        if (name == "str" || name == "iovec") {
          cb.buf = iocb_buffer(s, cb);
          return true;
        }
        break;
      default:
        break;
    }
    if (w == nullptr) return false;
    *w = scalar(s);
    return w->state != Word::State::absent;
  });
  if (ok && position == 0) imply_zeros(cb, submitted, modern);
  return ok;
}

void reset(Iocb& cb) {
  cb.address = cb.data = cb.key = cb.opcode = cb.reqprio = cb.fildes = cb.buf = cb.nbytes = cb.offset =
      cb.flags = cb.resfd = cb.rw_flags = {};
  cb.path.clear();
  cb.iov.clear();
  cb.null = cb.unreadable = false;
}

bool iocb_array(Scanner& s, Word& pointer, Call& call, Spare& spare) {
  std::vector<Iocb>& items = call.iocbs.items;
  items.swap(spare.iocbs);
  std::size_t count = 0;
  const bool ok = list(s, pointer, call.iocbs, kMaxIocbs, [&](Scanner& in, std::size_t i) {
    if (i == items.size()) items.emplace_back();
    Iocb& cb = items[i];
    reset(cb);
    if (*in.p == '{') {
      // strace before 5.0 puts braces around a pointer that it could not follow, too.
      if (in.p[1] == '0' && in.p[2] == 'x') {
        Scanner ahead = in;
        ++ahead.p;
        cb.address = scalar(ahead);
        if (ahead.take('}')) {
          cb.unreadable = true;
          in.p = ahead.p;
          return ++count, true;
        }
        cb.address = {};
      }
      if (!iocb(in, cb, true)) return false;
    } else {
      cb.address = scalar(in);
      if (cb.address.state == Word::State::absent) return false;
      cb.null = cb.address.known() && cb.address.value == 0;
      cb.unreadable = !cb.null;
    }
    return ++count, true;
  });
  items.resize(count);
  return ok;
}

bool io_event(Scanner& s, IoEvent& e) {
  constexpr Word IoEvent::*kPositions[] = {&IoEvent::data, &IoEvent::obj, &IoEvent::res, &IoEvent::res2};
  std::size_t position = 0;
  return fields(s, [&](std::string_view name) {
    Word* w = nullptr;
    if (name == "data") {
      w = &e.data;
    } else if (name == "obj") {
      w = &e.obj;
    } else if (name == "res") {
      w = &e.res;
    } else if (name == "res2") {
      w = &e.res2;
    } else if (name.empty() && position < std::size(kPositions)) {
      w = &(e.*kPositions[position++]);
    }
    if (w == nullptr) return false;
    *w = scalar(s);
    return w->state != Word::State::absent;
  });
}

bool event_array(Scanner& s, Word& pointer, Call& call) {
  return list(s, pointer, call.events, kMaxItems, [&](Scanner& in, std::size_t) {
    return *in.p == '{' && io_event(in, call.events.items.emplace_back());
  });
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
constexpr std::string_view kUnfinished = "<unfinished ...>";
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
        if (!spare.iocbs.empty()) call.iocbs.items.swap(spare.iocbs);
        call.iocbs.items.resize(1);
        reset(call.iocbs.items[0]);
        call.iocbs.state = List<Iocb>::State::complete;
        return iocb(s, call.iocbs.items[0], false);
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
    case Kind::clone_args:
      return clone3_args(s, arg, call);
    case Kind::none:
      break;
  }
  return whole;
}

}  // namespace

Arguments read_arguments(Scanner& s, Call& call, Spare& spare, const char*& expected) {
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
  for (int i = 0;; ++i) {
    if (*s.p == ' ') s.spaces();
    if (s.take(')')) return Arguments::closed;
    if (s.at_end()) return Arguments::open;
    if (*s.p == '<' && s.take(kUnfinished)) {
      s.spaces();
      if (s.take(')')) return Arguments::closed;
      return expected = "')' behind `<unfinished ...>`", Arguments::bad;
    }
    int position = i;
    if (is_lower(*s.p)) {  // `name=`: always by clone, with --argument-names by all
      const char* from = s.p;
      const std::string_view name = word(s);
      if (!s.take('=')) {
        s.p = from;
      } else if (call.sys == Sys::clone) {
        position = clone_position(name);
      }
    }
    const char* before = s.p;
    Word ignored;
    Word& arg = position < 6 ? call.arg[static_cast<std::size_t>(position)] : ignored;
    const Kind kind = position < signature.count
                          ? signature.parameters[static_cast<std::size_t>(position)].kind
                          : Kind::pointer;
    bool ok = argument(s, call, kind, arg, spare);
    if (ok && *s.p == ' ') s.spaces();
    if (!ok || (*s.p != ',' && *s.p != ')' && !s.at_end() && !unfinished_here(s))) {
      s.p = before;
      ok = unknown_value(s, arg);
    }
    if (!ok) return expected = "the string, array or structure to end on this line", Arguments::bad;
    if (arg.state == Word::State::absent && s.p == before) {
      if (s.at_end()) return Arguments::open;
      if (!unfinished_here(s)) return expected = "an argument", Arguments::bad;
      arg = Word::unknown();
    }
    if (s.take(',') || *s.p == ')' || s.at_end() || unfinished_here(s)) continue;
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
    int digits = 0;
    for (; is_digit(*s.p) && digits < 9; ++digits)
      fraction = fraction * 10 + static_cast<std::uint64_t>(*s.p++ - '0');
    for (; digits < 9; ++digits) fraction *= 10;
  }
  ns = static_cast<std::int64_t>(whole * 1'000'000'000 + fraction);
  return true;
}

void error_number(Scanner& s, Outcome& out) {
  if (const int error = errno_of(word(s))) {
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
    if (call.sys == Sys::exit || call.sys == Sys::exit_group) out.state = Outcome::State::never;
    s.spaces();
    if (s.take("ERESTART")) out.state = Outcome::State::restarted;
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
        else out = {-1, Outcome::State::unknown};
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
