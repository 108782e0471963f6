// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/live/show.h"

#include <algorithm>
#include <ostream>
#include <sstream>

#include "replay/capture/signature.h"
#include "replay/host/facts.h"

namespace ringtail::live {
namespace {

using capture::Event;
using capture::Kind;
using kernel::Call;
using kernel::Iocb;
using kernel::List;
using kernel::Sys;
using kernel::Word;

// One call on its way into an event.
class Showing {
 public:
  Showing(const Record& r, const Recorder& how, bool ended, Call& call)
      : r_(r), how_(how), call_(call), returned_(ended), succeeded_(ended && r.result >= 0) {}

  void all() {
    call_.sys = r_.sys;
    if (returned_) call_.out = {r_.result, kernel::Outcome::State::returned};
    const capture::Signature& signature = capture::signature_of(r_.sys);
    for (std::size_t i = 0; i < static_cast<std::size_t>(signature.count); ++i)
      one(i, signature.parameters[i].kind);
    if (!returned_ || !how_.annotate) return;
    if (r_.sys == Sys::memfd_create && succeeded_) call_.out_path = "/memfd:zero (deleted)";
  }

 private:
  // Whether argument `i` points at `bytes` of what is recorded; where.
  const char* seen(std::size_t i, std::size_t bytes, bool after = false) const {
    const std::uint64_t at = r_.args[i] - scratch_at(r_.thread);
    if (at > sizeof(Scratch) || bytes > sizeof(Scratch) - at) return nullptr;
    return reinterpret_cast<const char*>(after ? &r_.after : &r_.before) + at;
  }

  template <class T>
  void list(std::size_t i, std::uint64_t count, List<T>& out, bool after) {
    Word& arg = call_.arg[i] = Word::of(r_.args[i]);
    if (r_.args[i] == 0) return;
    out.state = List<T>::State::opaque;
    if (count > 64 || (after && !succeeded_)) return;
    const auto* from = reinterpret_cast<const T*>(seen(i, count * sizeof(T), after));
    if (!from) return;
    out.items.assign(from, from + count);
    out.state = List<T>::State::complete;
    if (!how_.addresses) arg = Word::unknown();
  }

  // Words of a mask of `bits` as recorders print it.
  void mask(std::size_t i, std::size_t bits, List<std::uint64_t>& out, bool after) {
    const std::uint64_t n = r_.args[bits];
    list(i, n <= 1 ? ~std::uint64_t{0} : (n + 62) / 64, out, after);
  }

  Word word(std::uint64_t v) const { return Word::of(v); }
  Word hidden(std::uint64_t v) const { return how_.addresses ? Word::of(v) : Word{}; }

  Iocb iocb(const RawIocb& raw, bool submitted) {
    Iocb cb;
    cb.data = word(raw.data), cb.key = word(raw.key), cb.opcode = word(raw.opcode);
    cb.rw_flags = word(raw.rw_flags);
    cb.fildes = word(static_cast<std::uint64_t>(std::int64_t{raw.fildes}));
    cb.reqprio = hidden(static_cast<std::uint64_t>(std::int64_t{raw.reqprio}));
    const bool rw = raw.opcode < 2, vector = raw.opcode == 7 || raw.opcode == 8, poll = raw.opcode == 5;
    const auto shown = [&](bool strace, std::uint64_t v) { return strace ? word(v) : hidden(v); };
    cb.buf = shown(raw.opcode == 0 || poll, raw.buf);
    if ((rw || vector) && !cb.buf.known()) cb.buf = Word::unknown();
    cb.nbytes = shown(rw || vector, raw.nbytes);
    cb.offset = shown(rw || vector, static_cast<std::uint64_t>(raw.offset));
    cb.flags = shown(submitted && (rw || vector || poll), raw.flags);
    cb.resfd = shown(submitted && (rw || vector || poll), raw.resfd);
    if (vector && raw.buf >= scratch_at(r_.thread)) {
      const std::uint64_t at = raw.buf - scratch_at(r_.thread);
      if (raw.nbytes <= 4 && at + 16 * raw.nbytes <= sizeof(Scratch)) iovecs(raw.buf, raw.nbytes, cb.iov);
    }
    return cb;
  }

  void iovecs(std::uint64_t address, std::uint64_t count, List<kernel::Iovec>& out) {
    const auto* v = reinterpret_cast<const std::uint64_t*>(reinterpret_cast<const char*>(&r_.before) +
                                                           (address - scratch_at(r_.thread)));
    for (std::uint64_t n = 0; n < count; ++n) out.items.push_back({word(v[2 * n]), word(v[2 * n + 1])});
    out.state = List<kernel::Iovec>::State::complete;
  }

  const RawIocb* raw_iocb(std::uint64_t address) const {
    const std::uint64_t at = address - scratch_at(r_.thread);
    return at + sizeof(RawIocb) <= sizeof(Scratch) && at < sizeof(Scratch)
               ? reinterpret_cast<const RawIocb*>(reinterpret_cast<const char*>(&r_.before) + at)
               : nullptr;
  }

  void iocbs(std::size_t i) {
    constexpr std::uint64_t kShown = std::size(Scratch{}.iocbpp);
    call_.arg[i] = word(r_.args[i]);
    if (!r_.args[i]) return;
    call_.iocbs.state = List<Iocb>::State::opaque;
    const std::uint64_t count = std::min(r_.args[1], kShown);
    const auto* pointers = reinterpret_cast<const std::uint64_t*>(seen(i, count * 8));
    if (!pointers || static_cast<std::int64_t>(r_.args[1]) < 0) return;
    for (std::uint64_t n = 0; n < count; ++n) {
      Iocb& cb = call_.iocbs.items.emplace_back();
      if (const RawIocb* raw = raw_iocb(pointers[n])) {
        cb = iocb(*raw, true);
        if (how_.annotate) cb.path = r_.notes[n + 1].data();
        cb.address = hidden(pointers[n]);
      } else {
        cb.address = word(pointers[n]);
        cb.null = pointers[n] == 0;
        cb.unreadable = !cb.null;
      }
    }
    call_.iocbs.state = count == r_.args[1] ? List<Iocb>::State::complete : List<Iocb>::State::truncated;
    if (!how_.addresses) call_.arg[i] = Word::unknown();
  }

  void event_list(std::size_t i, std::uint64_t count) {
    call_.arg[i] = word(r_.args[i]);
    if (!r_.args[i]) return;
    call_.events.state = List<kernel::IoEvent>::State::opaque;
    if (!succeeded_ || count > static_cast<std::uint64_t>(kEntries)) return;
    const auto* e = reinterpret_cast<const RawEvent*>(seen(i, count * sizeof(RawEvent), true));
    if (!e) return;
    for (std::uint64_t n = 0; n < count; ++n)
      call_.events.items.push_back({word(e[n].data), word(e[n].obj),
                                    word(static_cast<std::uint64_t>(e[n].res)),
                                    word(static_cast<std::uint64_t>(e[n].res2))});
    call_.events.state = List<kernel::IoEvent>::State::complete;
    if (!how_.addresses) call_.arg[i] = Word::unknown();
  }

  void one(std::size_t i, Kind kind) {
    Word& arg = call_.arg[i];
    switch (kind) {
      case Kind::pages:
        return list(i, r_.args[1], call_.pages, false);
      case Kind::nodes:
        return list(i, r_.args[1], call_.nodes, false);
      case Kind::status:
        return list(i, r_.args[1], call_.status, true);
      case Kind::mask:
        if (r_.sys == Sys::get_mempolicy) return mask(i, 2, call_.mask, true);
        return mask(i, r_.sys == Sys::mbind ? 4 : r_.sys == Sys::migrate_pages ? 1 : 2, call_.mask, false);
      case Kind::mask2:
        return mask(i, 1, call_.mask2, false);
      case Kind::outs:
        return outs(i);
      case Kind::iov:
        call_.iov.state =
            r_.args[i] ? List<kernel::Iovec>::State::opaque : List<kernel::Iovec>::State::absent;
        arg = word(r_.args[i]);
        if (r_.args[2] <= 4 && seen(i, 16 * r_.args[2])) {
          iovecs(r_.args[i], r_.args[2], call_.iov);
          if (!how_.addresses) arg = Word::unknown();
        }
        return;
      case Kind::iocbs:
        return iocbs(i);
      case Kind::iocb:
        arg = word(r_.args[i]);
        if (const RawIocb* raw = raw_iocb(r_.args[i])) {
          call_.iocbs.items = {iocb(*raw, false)};
          call_.iocbs.state = List<Iocb>::State::complete;
          if (!how_.addresses) arg = Word::unknown();
        } else if (r_.args[i]) {
          call_.iocbs.state = List<Iocb>::State::opaque;
        }
        return;
      case Kind::events:
        return event_list(i, static_cast<std::uint64_t>(r_.result));
      case Kind::timeout:
        arg = word(r_.args[i]);
        if (const auto* t = reinterpret_cast<const std::int64_t*>(seen(i, 16))) {
          arg = how_.addresses ? arg : Word::unknown();
          const bool plain = t[0] >= 0 && t[0] < (1ll << 33) && t[1] >= 0 && t[1] < 1'000'000'000;
          call_.timeout_ns =
              plain ? word(static_cast<std::uint64_t>(t[0] * 1'000'000'000 + t[1])) : Word::unknown();
        } else if (r_.args[i]) {
          call_.timeout_ns = Word::unknown();
        }
        return;
      case Kind::sigmask:
        arg = word(r_.args[i]);
        // As strace shows it, where the mask itself is not asked for.
        if (const auto* set = reinterpret_cast<const std::uint64_t*>(seen(i, 16));
            set && (!set[0] || set[1] != 8)) {
          call_.outs.items = {set[1], static_cast<std::uint64_t>(set[0] ? kernel::SignalMask::readable
                                                                        : kernel::SignalMask::none)};
          call_.outs.state = List<std::uint64_t>::State::complete;
          if (!how_.addresses) arg = Word::unknown();
        }
        return;
      case Kind::fd:
        arg = word(capture::as_kind(kind, r_.args[i]));
        if (call_.fd.fd.known()) return;
        call_.fd.fd = arg;
        if (how_.annotate) call_.fd.path = r_.notes[0].data();
        return;
      case Kind::path:
        arg = how_.addresses ? word(r_.args[i]) : Word::unknown();
        for (std::size_t n = 0; n < std::size(kNames); ++n)
          if (r_.args[i] == kScene + offsetof(Common, names) + n * sizeof(Common::names[0]))
            call_.path = kNames[n];
        return;
      default:
        arg = word(capture::as_kind(kind, r_.args[i]));
    }
  }

  void outs(std::size_t i) {
    call_.arg[i] = word(r_.args[i]);
    if (!r_.args[i]) return;
    call_.outs.state = List<std::uint64_t>::State::opaque;
    if (!succeeded_) return;
    std::vector<std::uint64_t> values;
    if (r_.sys == Sys::io_setup) {
      if (r_.context) values = {r_.context};
    } else if (const char* at = seen(i, 8, true)) {
      const auto* v = reinterpret_cast<const std::uint32_t*>(at);
      values = {v[0]};
      if (r_.sys != Sys::get_mempolicy) values.push_back(v[1]);
    }
    if (values.empty()) return;
    call_.outs.items = values;
    call_.outs.state = List<std::uint64_t>::State::complete;
    if (!how_.addresses) call_.arg[i] = Word::unknown();
  }

  const Record& r_;
  const Recorder& how_;
  Call& call_;
  const bool returned_, succeeded_;
};

}  // namespace

std::vector<Event> events_of(const Run& run, const Recorder& recorder) {
  constexpr std::uint64_t kStart = 100;  // of the clock; earlier: what sets the scene
  std::vector<Event> events;
  std::uint64_t seq = 0;
  const std::int32_t first = run.tids[0];
  const auto set_up = [&](Sys sys, std::vector<std::uint64_t> args, std::int64_t result) {
    Event e;
    e.tid = first;
    e.begin_seq = ++seq;
    e.end_seq = ++seq;
    e.begin_line = e.line = seq;
    e.call.sys = sys;
    for (std::size_t i = 0; i < args.size(); ++i) e.call.arg[i] = Word::of(args[i]);
    e.call.out = {result, kernel::Outcome::State::returned};
    events.push_back(e);
  };
  const auto fact = [&](std::string text) {
    Event e;
    e.kind = Event::Kind::fact;
    e.begin_seq = e.end_seq = ++seq;
    e.line = seq;
    e.text = std::move(text);
    events.push_back(e);
  };
  for (const std::string& f : host::host_facts())
    if (recorder.facts || f.starts_with("kernel=")) fact(f);  // by which a capture is judged anywhere
  // Threads that were there before the first call are known by the calls that made them.
  for (std::size_t i = 1; i < run.tids.size(); ++i) set_up(Sys::clone, {0x3d0f00}, run.tids[i]);
  if (recorder.facts) {
    fact("pid=" + std::to_string(first));
    std::istringstream lines(run.maps);
    for (std::string line; std::getline(lines, line);) fact("map=" + line);
  } else {
    set_up(Sys::munmap, {kArena, std::uint64_t{1} << 32}, 0);
    set_up(Sys::mmap, {kScene, kSceneBytes, 3, 0x100022, ~std::uint64_t{0}, 0},
           static_cast<std::int64_t>(kScene));
  }
  const std::uint64_t start = std::max(kStart, seq + 1);

  const bool overlaps = run.tids.size() > 1 || std::any_of(run.records.begin(), run.records.end(),
                                                           [](const Record& r) { return r.exits; });
  for (const Record& r : run.records) {
    Event e;
    e.tid = r.tid;
    e.begin_seq = start + r.begin;
    e.end_seq = start + r.end;
    e.begin_line = e.begin_seq;
    e.line = e.end_seq;
    if (r.exits) {
      e.kind = Event::Kind::exited;
      e.text = "exited with 0";
      events.push_back(e);
      continue;
    }
    if (overlaps) {
      Event begin = e;
      begin.kind = Event::Kind::enter;
      begin.end_seq = begin.begin_seq;
      begin.line = e.begin_seq;
      Showing(r, recorder, false, begin.call).all();
      events.push_back(begin);
    } else {
      e.begin_line = e.line;
    }
    Showing(r, recorder, true, e.call).all();
    events.push_back(e);
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const Event& a, const Event& b) { return a.line < b.line; });
  return events;
}

}  // namespace ringtail::live
