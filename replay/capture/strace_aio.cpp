// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/capture/strace_aio.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "replay/capture/strace_list.h"

namespace ringtail::capture {

using kernel::Call;
using kernel::Iocb;
using kernel::IoEvent;
using kernel::Iovec;
using kernel::List;
using kernel::Word;

namespace {

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

}  // namespace

bool iovecs(Scanner& s, Word& pointer, List<Iovec>& out) {
  return list(s, pointer, out, kMaxIocbs, [&](Scanner& in, std::size_t) {
    if (*in.p != '{') return false;
    return iovec(in, out.items.emplace_back());
  });
}

namespace {

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

bool all_there(std::initializer_list<const Word*> words) {
  return std::none_of(words.begin(), words.end(),
                      [](const Word* w) { return w->state == Word::State::absent; });
}

// A read or write as strace prints it since 5.0, which most iocbs are: names are compared, none is looked up.
// Where anything else stands the cursor has not moved, and `cb` is to be reset.
bool usual_iocb(Scanner& s, Iocb& cb) {
  Scanner in = s;
  if (!in.take("{aio_data=")) return false;
  cb.data = scalar(in);
  if (!in.take(", aio_lio_opcode=")) return false;
  cb.opcode = scalar(in);
  if (!in.take(", aio_fildes=")) return false;
  bool whole = false;
  cb.fildes = annotated(in, &cb.path, whole);
  if (!whole || !in.take(", aio_buf=")) return false;
  cb.buf = iocb_buffer(in, cb);
  if (*in.p == '.' && !in.take("...")) return false;
  if (!in.take(", aio_nbytes=")) return false;
  cb.nbytes = scalar(in);
  if (!in.take(", aio_offset=")) return false;
  cb.offset = scalar(in);
  if (!in.take('}') || !all_there({&cb.data, &cb.opcode, &cb.fildes, &cb.buf, &cb.nbytes, &cb.offset}))
    return false;
  s = in;
  return true;
}

void reset(Iocb& cb) {
  cb.address = cb.data = cb.key = cb.opcode = cb.reqprio = cb.fildes = cb.buf = cb.nbytes = cb.offset =
      cb.flags = cb.resfd = cb.rw_flags = {};
  cb.path.clear();
  cb.iov.clear();
  cb.null = cb.unreadable = false;
}

bool iocb(Scanner& s, Iocb& cb, bool submitted) {
  reset(cb);
  if (usual_iocb(s, cb)) return imply_zeros(cb, submitted, true), true;
  reset(cb);
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

}  // namespace

bool one_iocb(Scanner& s, Call& call, Spare& spare) {
  if (!spare.iocbs.empty()) call.iocbs.items.swap(spare.iocbs);
  call.iocbs.items.resize(1);
  call.iocbs.state = List<Iocb>::State::complete;
  return iocb(s, call.iocbs.items[0], false);
}

bool iocb_array(Scanner& s, Word& pointer, Call& call, Spare& spare) {
  std::vector<Iocb>& items = call.iocbs.items;
  items.swap(spare.iocbs);
  std::size_t count = 0;
  const bool ok = list(s, pointer, call.iocbs, kMaxIocbs, [&](Scanner& in, std::size_t i) {
    if (i == items.size()) items.emplace_back();
    Iocb& cb = items[i];
    if (*in.p == '{') {
      // strace before 5.0 puts braces around a pointer that it could not follow, too.
      if (in.p[1] == '0' && in.p[2] == 'x') {
        Scanner ahead = in;
        ++ahead.p;
        const Word address = scalar(ahead);
        if (ahead.take('}')) {
          reset(cb);
          cb.address = address;
          cb.unreadable = true;
          in.p = ahead.p;
          return ++count, true;
        }
      }
      if (!iocb(in, cb, true)) return false;
    } else {
      reset(cb);
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

namespace {

// All four by name and in order, which is all that strace has printed since 4.13.
bool usual_event(Scanner& s, IoEvent& e) {
  Scanner in = s;
  if (!in.take("{data=")) return false;
  e.data = scalar(in);
  if (!in.take(", obj=")) return false;
  e.obj = scalar(in);
  if (!in.take(", res=")) return false;
  e.res = scalar(in);
  if (!in.take(", res2=")) return false;
  e.res2 = scalar(in);
  if (!in.take('}') || !all_there({&e.data, &e.obj, &e.res, &e.res2})) return false;
  s = in;
  return true;
}

}  // namespace

bool io_event(Scanner& s, IoEvent& e) {
  if (usual_event(s, e)) return true;
  e = {};
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

}  // namespace ringtail::capture
