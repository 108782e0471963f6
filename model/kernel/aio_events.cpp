// SPDX-License-Identifier: GPL-2.0-or-later
// io_getevents, io_pgetevents and io_cancel: what may be said of requests, given those that were submitted.
#include <algorithm>

#include <fmt/format.h>

#include "model/kernel/aio_rules.h"

namespace ringtail::kernel::aio {
namespace {

constexpr Version k3_10{3, 10, 0}, k3_11{3, 11, 0}, k4_15{4, 15, 0}, k4_18{4, 18, 0}, k5_16{5, 16, 0};

constexpr Rule kTimeoutFirst{"io_getevents.timeout-fault", 14, "fs/aio.c io_getevents: get_timespec64",
                             k4_15};
constexpr Rule kSigmask{"io_pgetevents.sigmask-fault", 14,
                        "fs/aio.c io_pgetevents: copy_from_user, set_user_sigmask"};
constexpr Rule kSigmaskSize{"io_pgetevents.sigmask-size", 22, "kernel/signal.c set_user_sigmask: sigsetsize"};
constexpr Rule kNoPgetevents{"io_pgetevents.unknown", 38, "commit 7a074e96dee6", {}, k4_18};
constexpr Rule kReadNone{"io_getevents.context", 22,
                         "fs/aio.c do_io_getevents: lookup_ioctx, read_events: ctx->dead"};
constexpr Rule kReadRange{"io_getevents.range", 22, "fs/aio.c do_io_getevents: 0 <= min_nr <= nr"};
constexpr Rule kTimeoutLate{
    "io_getevents.timeout-fault", 14, "fs/aio.c read_events: copy_from_user", {}, k4_15};
constexpr Rule kReadFault{"io_getevents.fault", 14, "fs/aio.c aio_read_events_ring: copy_to_user"};
constexpr Rule kReadSignal{"io_getevents.signal", 4,
                           "fs/aio.c io_getevents: signal_pending with nothing read"};
constexpr Rule kReadResult{"io_getevents.result", 0, "fs/aio.c read_events"};
constexpr Rule kReadMost{"io_getevents.nr", 0, "fs/aio.c aio_read_events_ring: no more than nr events"};
constexpr Rule kReadLeast{"io_getevents.min_nr", 0,
                          "fs/aio.c read_events: none only when the timeout is over"};
constexpr Rule kReadFewer{"io_getevents.min_nr", 0,
                          "fs/aio.c read_events: fewer only after the timeout or a signal"};
constexpr Rule kReadEarly{"io_getevents.timeout", 0,
                          "fs/aio.c read_events: fewer than min_nr only when the timeout is over"};
constexpr Rule kReadList{"io_getevents.events", 0, "fs/aio.c aio_read_events: as many events as it returns"};
constexpr Rule kEventNone{"io_event.request", 0, "fs/aio.c aio_complete: one event a request, once"};
constexpr Rule kEventResult{"io_event.res", 0, "fs/aio.c aio_complete_rw, aio_fsync_work, aio_poll_wake"};
constexpr Rule kEventSecond{"io_event.res2", 0, "fs/aio.c aio_complete_rw: res2 is 0, commit 6b19b766e8f0",
                            k5_16};
constexpr Rule kEventSecondOfFiles{
    "io_event.res2", 0, "aio_complete's callers: res2 is 0 but for the endpoints of USB gadgets", {}, k5_16};
constexpr Rule kEventObject{"io_event.obj", 0,
                            "fs/aio.c io_submit_one: obj is the iocb's address, which was read"};

constexpr Rule kCancelFault{"io_cancel.fault", 14, "fs/aio.c io_cancel: get_user(aio_key)"};
constexpr Rule kCancelKey{"io_cancel.key", 22, "fs/aio.c io_cancel: aio_key is KIOCB_KEY"};
constexpr Rule kCancelNone{"io_cancel.context", 22, "fs/aio.c io_cancel: lookup_ioctx"};
constexpr Rule kCancelMiss{"io_cancel.request", 22, "fs/aio.c io_cancel: not among active_reqs"};
constexpr Rule kCancelled{"io_cancel.cancelled", 115, "fs/aio.c io_cancel: -EINPROGRESS", k3_11};
constexpr Rule kCancelAgain{
    "io_cancel.again", 11, "fs/aio.c io_cancel: the driver's cancel method", {}, k3_11};
constexpr Rule kCancelCopied{
    "io_cancel.result", 0, "fs/aio.c io_cancel: the event goes to *result", {}, k3_11};

// Whether the call came back well before its timeout. What a recorder measures is longer than what the kernel
// took; old kernels count in ticks. Times printed in whole milliseconds or seconds are too coarse to tell.
bool back_early(const Step& s) {
  const World& w = s.world;
  if (!s.call.timeout_ns.known() || w.begin_ns < 0 || w.now_ns < w.begin_ns) return false;
  constexpr std::int64_t kMillisecond = 1'000'000;
  const std::int64_t took = w.now_ns - w.begin_ns;
  if (took % kMillisecond == 0) return false;
  const std::uint64_t timeout = s.call.timeout_ns.value;
  return static_cast<std::uint64_t>(took + 20 * kMillisecond) < timeout - timeout / 64;
}

// Holds the events that the call returned against the requests that the context has.
void judge_events(Step& s, AioContext& c) {
  const bool open = wild(s, c);
  const bool apart = c.reborn && s.op.begin_seq <= c.since;  // they may be of the context before this one
  const auto& events = s.call.events;
  const std::int64_t n = s.result();
  Checks& k = s.checks;
  const auto count = [&] { return fmt::format("{}", n); };
  const auto at_most = [&] {
    return fmt::format("at most {}, of requests not yet seen to complete", c.requests.total());
  };
  for (std::size_t i = 0; i < events.items.size(); ++i) {
    const IoEvent& e = events.items[i];
    const auto text = [&] {
      return fmt::format("[{}] = {{data={:#x}, obj={:#x}, res={}, res2={}}}", i, e.data.value, e.obj.value,
                         e.res.s64(), e.res2.s64());
    };
    if (e.res2.known()) k.expect(kEventSecond, tri(e.res2.value == 0), text, [] { return "res2=0"; });
    if (e.res2.known() && !open && !apart && !c.ffs)
      k.expect(kEventSecondOfFiles, tri(e.res2.value == 0), text, [] { return "res2=0"; });
    if (e.obj.known())
      k.expect(kEventObject, tri(e.obj.value >= 4096 && e.obj.value < (std::uint64_t{1} << 56)), text,
               [] { return "an address of user space"; });
    if (e.res.known())
      k.expect(kEventResult, tri(Shape{}.allows(e.res.s64(), true)), text,
               [] { return "bytes, a mask or -errno"; });
    if (apart || c.requests.complete(e, c.cancelled) || open) continue;
    if (c.requests.knows(e))
      k.expect(kEventResult, Tri::no, text, [] { return "a result that the request can have"; });
    else k.expect(kEventNone, Tri::no, text, [] { return "an event of a request not yet seen to complete"; });
  }
  const std::int64_t rest = n - static_cast<std::int64_t>(events.items.size());
  if (rest > 0 && !events.complete() && !apart && !c.requests.complete_unknown(rest))
    k.expect(kEventNone, tri(open), count, at_most);
}

void check_sigmask(Step& s) {
  Checks& c = s.checks;
  if (s.knows(5) && s.arg(5) == 0) return;
  const std::optional<Sigmask> given = sigmask_of(s.call);
  if (!given) {
    c.fails(kSigmask, faults(s, s.call.arg[5], 16, false) | Tri::maybe);
    c.may_fail(kSigmaskSize);
  } else if (given->mask != SignalMask::none) {
    c.fails(kSigmaskSize, given->size != kSigsetBytes);
    c.fails(kSigmask, given->mask == SignalMask::unreadable);
  }
}

}  // namespace

std::optional<Sigmask> sigmask_of(const Call& call) {
  const std::vector<std::uint64_t>& outs = call.outs.items;
  if (!call.outs.complete() || outs.size() != 2 || outs[1] > 2) return std::nullopt;
  return Sigmask{outs[0], static_cast<SignalMask>(outs[1])};
}

void judge_getevents(Step& s) {
  if (!s.need(3)) return;
  const bool pselect = s.call.sys == Sys::io_pgetevents;
  const std::uint64_t id = s.arg(0);
  const std::int64_t least = s.call.arg[1].s64(), most = s.call.arg[2].s64();
  const Word timeout = s.call.arg[4];
  const bool null_timeout = timeout.known() && timeout.value == 0;
  const Tri bad_timeout = s.call.timeout_ns.known() || null_timeout ? Tri::no : faults(s, timeout, 16, false);
  Checks& c = s.checks;
  if (pselect) c.fails(kNoPgetevents, Tri::yes);
  c.fails(kTimeoutFirst, bad_timeout);
  if (pselect) check_sigmask(s);
  const Tri there = alive(s, id);
  c.fails(kReadNone, !there);
  c.fails(kReadRange, !(0 <= least && least <= most));
  c.fails(kTimeoutLate, bad_timeout == Tri::yes && !s.profile.from(k3_10) ? Tri::maybe : bad_timeout);
  if (c.decided()) return;
  AioContext* known = s.mm.aio.find(id);
  const bool some = most > 0 && (!known || wild(s, *known) || known->requests.total() > 0);
  const std::uint64_t bytes =
      kEventBytes * static_cast<std::uint64_t>(std::clamp<std::int64_t>(most, 0, 1 << 20));
  // A recorder that followed the pointer says that it can be followed.
  const bool shown = s.succeeded() || (s.call.events.complete() && !s.call.events.items.empty());
  c.fails(kReadFault, some && !shown ? faults(s, s.call.arg[3], bytes, true) & Tri::maybe : Tri::no);
  c.may_fail(kReadSignal);
  c.succeeds(kReadResult);
  c.inexact();
  if (!s.succeeded()) return;

  const std::int64_t n = s.result();
  const auto count = [&] { return fmt::format("{}", n); };
  c.expect(kReadMost, tri(n >= 0 && n <= most), count, [&] { return fmt::format("at most {}", most); });
  c.expect(kReadLeast, tri(!(n == 0 && least > 0 && null_timeout)), count,
           [&] { return fmt::format("at least 1 of {}", least); });
  if (there == Tri::yes && null_timeout && n > 0)
    c.expect_unless_signal(kReadFewer, n >= least, count,
                           [&] { return fmt::format("{} to {}", least, most); });
  if (there == Tri::yes && !null_timeout)
    c.expect_unless_signal(kReadEarly, n >= least || !back_early(s), count,
                           [&] { return fmt::format("{} to {}, or less in time", least, most); });
  if (s.call.events.complete())
    c.expect(
        kReadList, tri(static_cast<std::int64_t>(s.call.events.items.size()) == n),
        [&] { return fmt::format("{} events and {}", s.call.events.items.size(), n); },
        [] { return "the same number"; });
  if (!known || (known->live == Tri::no && known->since < s.op.begin_seq)) known = &seen_alive(s, id);
  if (n > 0 && n <= most) judge_events(s, *known);
}

void judge_cancel(Step& s) {
  if (!s.need(1)) return;
  const std::uint64_t id = s.arg(0);
  const Iocb* cb =
      s.call.iocbs.complete() && s.call.iocbs.items.size() == 1 ? &s.call.iocbs.items[0] : nullptr;
  if (cb && (cb->null || cb->unreadable)) cb = nullptr;
  const Word address = s.call.arg[1].known() ? s.call.arg[1] : cb ? cb->address : Word{};
  Checks& c = s.checks;
  c.fails(kCancelFault, cb ? Tri::no : faults(s, s.call.arg[1], kIocbBytes, false));
  c.fails(kCancelKey, !cb || !cb->key.known() ? Tri::maybe : tri((cb->key.value & 0xffffffff) != 0));
  const Tri there = alive(s, id);
  c.fails(kCancelNone, !there);
  if (c.decided()) return;
  AioContext* known = s.mm.aio.find(id);
  bool read = false;  // meanwhile: the event of the very request, perhaps
  s.overlapping([&](const Op& o) {
    const bool reads = o.sys == Sys::io_getevents || o.sys == Sys::io_pgetevents;
    read = read || (reads && !o.in_flight() && !(o.out.known() && o.out.value <= 0));
  });
  // The request is found by the iocb's address; what stands there now may be another one.
  const bool may =
      read || !known || wild(s, *known) || known->ffs || known->requests.may_poll(Word{}, address);
  c.fails(kCancelled, may ? Tri::maybe : Tri::no);
  c.fails(kCancelAgain, may ? Tri::maybe : Tri::no);
  if (may && kCancelCopied.holds(s.profile.version)) c.returns(kCancelCopied, 0);
  c.fails(kCancelMiss, Tri::yes);  // it may always have completed already
  if (known && (s.result() == -kCancelled.error || !s.failed())) {
    known->cancelled = true;
    touched(s, *known);
    IoEvent e{cb ? cb->data : Word{}, address, {}, {}};
    if (s.succeeded() && kCancelCopied.holds(s.profile.version)) known->requests.complete(e, true);
  }
}

void cancel_began(World&, Task& t, const Call& call) {
  if (AioContext* c = call.arg[0].known() ? t.mm->aio.find(call.arg[0].value) : nullptr) c->cancelled = true;
}

}  // namespace ringtail::kernel::aio
