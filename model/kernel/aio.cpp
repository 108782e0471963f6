// SPDX-License-Identifier: GPL-2.0-or-later
// io_setup and io_destroy, the ring and what is known of contexts; io_submit is in aio_submit.cpp,
// io_getevents, io_pgetevents and io_cancel in aio_events.cpp.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "model/kernel/aio_rules.h"
#include "model/kernel/user_memory.h"

namespace ringtail::kernel {
namespace aio {
namespace {

constexpr Version k3_10{3, 10, 0}, k3_12{3, 12, 0}, k3_16{3, 16, 0}, k3_19{3, 19, 0}, k4_1{4, 1, 0},
    k4_14{4, 14, 0};

constexpr Rule kSetupFault{"io_setup.fault", 14, "fs/aio.c io_setup: get_user(ctxp), put_user"};
constexpr Rule kSetupUsed{"io_setup.used", 22, "fs/aio.c io_setup: *ctxp must be 0"};
constexpr Rule kSetupZero{"io_setup.zero", 22, "fs/aio.c io_setup: nr_events == 0"};
constexpr Rule kSetupHuge{"io_setup.huge", 22,
                          "fs/aio.c ioctx_alloc: 256 MiB of events, of twice what was asked for", k3_10};
constexpr Rule kSetupHugeOnce{"io_setup.huge", 22, "fs/aio.c ioctx_alloc: 256 MiB of events", {}, k3_10};
constexpr Rule kSetupKiocbs{"io_setup.kiocbs", 22, "fs/aio.c ioctx_alloc: 256 MiB of struct kiocb", {}, k4_1};
constexpr Rule kSetupWraps{"io_setup.wraps", 11, "fs/aio.c ioctx_alloc: !nr_events after doubling", k3_10};
constexpr Rule kSetupLimit{"io_setup.limit", 11, "fs/aio.c ioctx_alloc: more than aio-max-nr"};
constexpr Rule kSetupMemory{"io_setup.memory", 12, "fs/aio.c aio_setup_ring: no pages, no address space"};
constexpr Rule kSetupTotal{"io_setup.total", 11, "fs/aio.c ioctx_alloc: aio-nr would exceed aio-max-nr"};
constexpr Rule kSetup{"io_setup.result", 0, "fs/aio.c io_setup"};
constexpr Rule kSetupId{"io_setup.id", 0,
                        "fs/aio.c aio_setup_ring: the id is the address of the ring's mapping"};
constexpr Rule kSetupAgain{"io_setup.again", 0, "fs/aio.c aio_setup_ring: no two live contexts share a ring"};
constexpr Rule kSetupMapped{"io_setup.mapped", 0, "fs/aio.c aio_setup_ring: do_mmap takes a free range"};

constexpr Rule kDestroyNone{"io_destroy.context", 22, "fs/aio.c io_destroy: lookup_ioctx, kill_ioctx"};
constexpr Rule kDestroy{"io_destroy.result", 0, "fs/aio.c io_destroy"};
constexpr Rule kDestroyOnce{"io_destroy.once", 0,
                            "fs/aio.c kill_ioctx: atomic_xchg(dead), commit fb2d44838320", k3_16};

constexpr std::uint64_t kMostEvents = 0x10000000 / kEventBytes;
constexpr std::uint64_t kPossibleCpus = 1024;  // more than the rings of real machines allow for

// The ring of a context that was asked for `nr` events on a machine with `cpus` processors that it could ever
// have.
std::uint64_t ring_bytes(const Profile& p, std::uint64_t nr, std::uint64_t cpus) {
  if (p.from(k3_10)) nr = 2 * std::max(nr, 4 * cpus);
  const std::uint64_t bytes = kEventBytes * (nr + 2) + kEventBytes;
  return (bytes + p.host.page_size - 1) & ~(p.host.page_size - 1);
}
std::uint64_t ring_at_least(const Profile& p, std::uint64_t nr) {
  return ring_bytes(p, nr, static_cast<std::uint64_t>(p.host.cpus.value_or(1)));
}

void map_ring(Step& s, std::uint64_t id, std::uint64_t nr) {
  const std::uint64_t bytes = ring_at_least(s.profile, nr);
  PageState ring;
  ring.set(kMapped, true).set(kRead, true).set(kWrite, true).set(kShared, true).set(kMayWrite, true);
  ring.set(kFile, true).set(kSpecial, true).set(kAioRing, true).set(kHugetlb, false).set(kGrowsDown, false);
  if (s.profile.from({4, 8, 0})) ring.set(kExec, false);
  s.assign({id, id + bytes}, ring);
  // How large it is beyond that depends on how many processors there could be.
  const std::uint64_t most = ring_at_most(s.profile, nr);
  if (bytes < most) s.maybe({id + bytes, id + most}, kFills);
}

// A ring can be only where nothing is mapped.
void expect_free(Step& s, std::uint64_t id, std::uint64_t nr, const Rule& rule) {
  Tri taken = Tri::no;
  s.look({id, id + ring_at_least(s.profile, nr)},
         [&](Range, const PageState& p) { taken = taken | p.test(kMapped); });
  s.checks.expect(
      rule, taken == Tri::yes ? Tri::no : Tri::yes, [id] { return fmt::format("[{:#x}]", id); },
      [] { return "a range where nothing is mapped"; });
}

// Whether what the call says of a context still holds: not surely, if something was forgotten while it ran.
Tri still(const Step& s) { return s.op.begin_seq <= s.mm.aio.forgotten_until ? Tri::maybe : Tri::yes; }

// A context stands at `id` now, asked for `nr` events.
void born(Step& s, std::uint64_t id, std::uint64_t nr) {
  AioContexts& contexts = s.mm.aio;
  AioContext* known = contexts.find(id);
  const std::uint64_t since = now(s);
  if (known && known->early && s.op.begin_seq <= known->since) {
    if (known->live == Tri::no) known->live = Tri::maybe;  // this one was destroyed, or one before it
    known->older = !contexts.whole && destroy_runs(s, id);
    known->early = false;
    known->events = nr;
    known->ring = ring_at_least(s.profile, nr);
    known->since = since;
    return;
  }
  const bool older = (known ? known->older : !contexts.whole) && destroy_runs(s, id);
  const std::uint32_t owed = known ? known->owed_deaths + (known->live != Tri::no ? 1 : 0) : 0;
  AioContext& c = contexts.at(id);
  AioContext before = std::exchange(c, {});
  if (known && s.op.begin_seq <= before.touched) {
    c.requests = std::move(before.requests);
    c.cancelled = before.cancelled;
    c.ffs = before.ffs;
    c.touched = before.touched;
  }
  c.id = id;
  c.owner = s.task.group;
  c.live = still(s);
  c.older = older;
  c.reborn = known != nullptr || older;
  for (const Submitting& x : contexts.submitting()) c.wild = c.wild || x.id == id;  // it may be into this one
  c.owed_deaths = owed;
  c.since = since;
  c.events = nr;
  c.ring = ring_at_least(s.profile, nr);
  map_ring(s, id, nr);
}

// What a context for `nr` events counts for in aio-nr, at least: once it was what the ring had room for.
std::uint64_t least_charge(const Profile& p) {
  const bool inflated = p.from(k3_10) && !p.from(k4_14);
  return inflated ? 4 * static_cast<std::uint64_t>(p.host.cpus.value_or(1)) : 0;
}

void judge_setup(Step& s) {
  s.world.aio.setups = true;
  if (!s.knows(0)) return s.checks.not_judged(reason::kArguments);
  const std::uint64_t nr = s.arg(0) & 0xffffffff;
  const std::uint64_t doubled = nr > 4 * 8192 ? (2 * nr) & 0xffffffff : 1;
  const auto& max = s.profile.host.aio_max_nr;
  const bool shown = s.call.outs.complete() && !s.call.outs.items.empty();  // what ctxp points at
  const std::uint64_t least = least_charge(s.profile);
  Checks& c = s.checks;
  c.fails(kSetupFault, shown ? Tri::no : faults(s, s.call.arg[1], 8, false));
  c.fails(kSetupUsed, Tri::maybe);
  c.fails(kSetupZero, nr == 0);
  c.fails(kSetupHuge, doubled > kMostEvents);
  c.fails(kSetupHugeOnce, nr > kMostEvents);
  c.fails(kSetupKiocbs, nr > kMostEvents / 32 ? Tri::maybe : Tri::no);
  c.fails(kSetupWraps, doubled == 0);
  c.fails(kSetupLimit, !max ? Tri::maybe : tri(nr > *max));
  c.may_fail(kSetupMemory);
  c.fails(kSetupTotal, max && !s.mm.wild && !s.mm.loose && !s.world.overlaps.any(s.op) && s.mm.aio.whole &&
                               s.mm.aio.charged(least) + std::max(nr, least) > *max
                           ? Tri::yes
                           : Tri::maybe);
  c.fails(kSetupFault, shown ? Tri::no : faults(s, s.call.arg[1], 8, true));
  c.returns(kSetup, 0);
  if (s.failed()) return;

  if (!s.succeeded() || !s.call.outs.complete() || s.call.outs.items.empty()) {
    s.mm.aio.came_unseen(now(s));
    return s.maybe(kEverywhere, kFills);
  }
  const std::uint64_t id = s.call.outs.items[0];
  const auto text = [&] { return fmt::format("[{:#x}]", id); };
  const bool plausible = id != 0 && s.aligned(id) && id < (std::uint64_t{1} << 56);
  c.expect(kSetupId, tri(plausible), text, [] { return "the address of a page"; });
  if (!plausible) return;
  const AioContext* known = s.mm.aio.find(id);
  if (!known || !known->early)
    expect_free(s, id, nr, known && known->live == Tri::yes ? kSetupAgain : kSetupMapped);
  born(s, id, nr);
}

void judge_destroy(Step& s) {
  if (!s.need(1)) return;
  const std::uint64_t id = s.arg(0);
  const Tri there = alive(s, id);
  s.checks.fails(kDestroyNone, !there);
  s.checks.returns(kDestroy, 0);
  if (s.failed() || there == Tri::no) return;

  AioContext* c = s.mm.aio.find(id);
  if (!s.call.out.known()) {  // it may have been destroyed
    if (c && c->live == Tri::yes) c->live = Tri::maybe;
    return s.maybe({s.page_down(id), s.page_down(id) + std::max(c ? c->ring : 0, s.page())},
                   kUnmaps | kAioRing);
  }
  if (c && c->owed_deaths && s.op.begin_seq <= c->since) {
    c->owed_deaths--;
    return;
  }
  if (c && c->older && s.op.begin_seq <= c->since) {
    c->live = Tri::maybe;
    return;
  }
  if (!c) c = &seen_alive(s, id);
  if (c->live ==
      Tri::no) {  // it overlaps the call that destroyed it: there must have been another one to destroy
    c->early = setup_runs(s);
    const bool may = s.mm.loose || s.mm.wild || c->early || still(s) != Tri::yes || !s.world.aio.setups;
    s.checks.expect(
        kDestroyOnce, tri(may), [] { return "0"; },
        [] { return "-EINVAL for all but one io_destroy of a context"; });
  }
  c->live = !still(s);
  c->owner = s.task.group;
  c->since = now(s);
  if (c->live != Tri::no)  // there may be another one by now
    return s.maybe({id, id + ring_at_most(s.profile, kMostEvents)}, kUnmaps | kAioRing);
  const std::uint64_t least = std::max(c->ring, s.page());
  s.unmap({id, id + least});
  // Where it ended is not known to the page: what may have been of it may be gone.
  s.change({id + least, id + std::max(least, ring_at_most(s.profile, c->events ? c->events : kMostEvents))},
           [](Range, PageState& p) {
             if (p.test(kMapped) == Tri::yes && p.test(kAioRing) != Tri::no) p.forget(kMapped);
           });
  s.mm.aio.died(id);
}

// The ring comes and goes. Where a new one will be is not known before io_setup returns.
void setup_footprint(const World& w, const Task&, const Call& call, Footprint& f) {
  if (call.out.failed()) return;
  if (!call.out.known() || call.outs.items.empty() || !call.arg[0].known()) return f.add(kEverywhere, kFills);
  const std::uint64_t id = call.outs.items[0];
  f.add({id, id + ring_at_least(w.profile, call.arg[0].value & 0xffffffff)}, kReplaces);
}
void destroy_footprint(const World& w, const Task& t, const Call& call, Footprint& f) {
  if (!call.arg[0].known() || call.out.failed()) return;
  const std::uint64_t id = call.arg[0].value;
  AioContext* c = t.mm->aio.find(id);
  f.add({id, id + std::max(c ? c->ring : 0, w.profile.host.page_size)}, kUnmaps | kAioRing);
}

}  // namespace

std::uint64_t ring_at_most(const Profile& p, std::uint64_t nr) { return ring_bytes(p, nr, kPossibleCpus); }

void judge_ring_mapped(Step& s) {
  const std::uint64_t id = s.call.outs.items[0], nr = s.arg(0) & 0xffffffff;
  s.checks.returns(kSetup, 0);
  expect_free(s, id, nr, kSetupMapped);
  map_ring(s, id, nr);
}

void judge_ring_unmapped(Step& s, std::uint64_t ring) {
  s.checks.returns(kDestroy, 0);
  s.unmap({s.arg(0), s.arg(0) + ring});
  s.maybe({s.arg(0) + ring, s.arg(0) + std::max(ring, ring_at_most(s.profile, ring / kEventBytes))}, kUnmaps);
}

// aio_ring_remap gives the context the address that the ring has then. Before there was that, the id that the
// ring's header has led to no context at the new address, and at the old one there was no header to read.
void ring_moved(Step& s, Range from, Address to) {
  AioContexts& contexts = s.mm.aio;
  if (contexts.size() == 0 || !s.profile.from(k3_12)) return;
  for (const std::uint64_t id : contexts.within(from)) {
    AioContext& there = *contexts.find(id);
    if (there.live == Tri::no) continue;
    if (id != from.begin || !s.settled() || there.live == Tri::maybe) {  // a part of it, or perhaps not it
      there.live = Tri::maybe;
      continue;
    }
    AioContext moved = std::move(there);
    there = {};
    there.id = id;
    there.owner = moved.owner;
    there.since = now(s);
    contexts.died(id);
    if (!s.profile.from(k3_19)) continue;
    moved.id = to;
    moved.since = now(s);
    contexts.at(to) = std::move(moved);
  }
}

std::uint64_t now(const Step& s) {
  std::uint64_t latest = s.op.begin_seq;
  s.world.overlaps.for_each_running([&](const Op& op) { latest = std::max(latest, op.begin_seq); });
  return latest;
}

bool setup_runs(const Step& s) {
  return s.world.overlaps.any_running(
      [&](const Op& op) { return op.sys == Sys::io_setup && op.mm == s.mm.id; });
}

void touched(const Step& s, AioContext& c) {
  if (!s.alone() && setup_runs(s)) c.touched = now(s);
}

bool destroy_runs(const Step& s, std::uint64_t id) {
  return s.world.overlaps.any_running([&](const Op& op) {
    return op.sys == Sys::io_destroy && op.mm == s.mm.id && (!op.object.known() || op.object.value == id);
  });
}

bool inside_ring(Mm& mm, std::uint64_t id) {
  const auto contexts = mm.aio.within({id, id + 1});
  return std::any_of(contexts.begin(), contexts.end(),
                     [&](std::uint64_t c) { return c != id && mm.aio.find(c)->live == Tri::yes; });
}

Tri alive(const Step& s, std::uint64_t id) {
  if (s.mm.wild) return Tri::maybe;
  AioContexts& contexts = s.mm.aio;
  contexts.bury([&](std::uint64_t since) {
    return s.op.begin_seq <= since ||
           s.world.overlaps.any_running([since](const Op& op) { return op.begin_seq <= since; });
  });
  const auto ring = [&] {
    Tri r = Tri::no;
    s.look({s.page_down(id), s.page_down(id) + s.page()}, [&](Range, const PageState& p) {
      r = p.test(kMapped) & p.test(kAioRing) & (p.test(kRead) == Tri::no ? Tri::no : Tri::yes);
    });
    return r;
  };
  const AioContext* c = contexts.find(id);
  if (c && s.mm.loose && c->owner != s.task.group) return Tri::maybe;
  if (c && c->live == Tri::maybe) return Tri::maybe;
  if (!c || c->live == Tri::no) {
    if (c ? s.op.begin_seq <= c->since : !contexts.whole) return Tri::maybe;
    if (!s.world.aio.setups || setup_runs(s)) return Tri::maybe;
    // Moved by mremap, perhaps a part of it, or there from the start.
    return ring() == Tri::yes && !inside_ring(s.mm, id) ? Tri::maybe : Tri::no;
  }
  if (s.op.begin_seq <= c->since || destroy_runs(s, id)) return Tri::maybe;
  // The kernel reads the ring's first page to find the context: it may have been unmapped.
  return s.failed() && ring() != Tri::yes ? Tri::maybe : Tri::yes;
}

AioContext& seen_alive(Step& s, std::uint64_t id) {
  AioContext& c = s.mm.aio.at(id);
  c = {};
  c.id = id;
  c.owner = s.task.group;
  c.live = still(s);
  c.wild = true;
  c.early = setup_runs(s);
  c.since = now(s);
  s.change({s.page_down(id), s.page_down(id) + s.page()},
           [](Range, PageState& p) { p.set(kMapped, true).set(kAioRing, true).set(kRead, true); });
  return c;
}

Tri faults(const Step& s, Word pointer, std::uint64_t bytes, bool write) {
  return kernel::faults(s, pointer, bytes, write ? Access::write : Access::read);
}

}  // namespace aio

Handler aio_handler(Sys sys) {
  switch (sys) {
    case Sys::io_setup:
      return {aio::judge_setup, nullptr, aio::setup_footprint};
    case Sys::io_destroy:
      return {aio::judge_destroy, nullptr, aio::destroy_footprint};
    case Sys::io_submit:
      return {aio::judge_submit, aio::submit_began, nullptr};
    case Sys::io_getevents:
    case Sys::io_pgetevents:
      return {aio::judge_getevents, nullptr, nullptr};
    case Sys::io_cancel:
      return {aio::judge_cancel, aio::cancel_began, nullptr};
    default:
      return {};
  }
}

}  // namespace ringtail::kernel
