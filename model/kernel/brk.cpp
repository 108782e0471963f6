// SPDX-License-Identifier: GPL-2.0-or-later
// brk: never an error; it returns the break as it is after the call, so that a refusal shows as the old one.
#include <algorithm>

#include <fmt/format.h>

#include "model/kernel/memory.h"

namespace ringtail::kernel::memory {
namespace {

constexpr Rule kOk{"brk.result", 0, "mm/mmap.c brk: the new break or the old one"};
constexpr Rule kBelow{"brk.below-start", 0, "mm/mmap.c brk: brk < min_brk"};
constexpr Rule kBlocked{"brk.next-mapping", 0, "mm/mmap.c brk: the area is not free"};
constexpr Rule kShrinks{"brk.always-shrinks", 0, "mm/mmap.c brk: always allow shrinking"};

constexpr Address kMostHeap = Address{1} << 36;

// What a call may have mapped or unmapped that set the break to `now` from where nobody knows.
Range around(const Step& s, Address now) {
  const Address start = s.mm.brk_start ? s.mm.brk_start : now - std::min(now, kMostHeap);
  return {s.page_down(std::min(start, now)), s.page_up(now) + kMostHeap};
}

}  // namespace

void judge_brk(Step& s) {
  if (!s.need(1)) return;
  const Address wanted = s.arg(0);
  Checks& c = s.checks;
  bool raced = false;
  s.overlapping([&](const Op& o) {
    const bool asks = s.world.sees_exec && o.object.known() && o.object.value == 0;
    raced = raced || (o.sys == Sys::brk && !asks);
  });
  // Every program asks for its break first. Where the recorder leaves execve out, another one than before is
  // a new program's.
  if (wanted == 0 && s.mm.brk && s.succeeded() && static_cast<Address>(s.result()) != *s.mm.brk && !raced &&
      !s.world.sees_exec) {
    c.succeeds(kOk);
    s.world.exec(s.task);
    s.task.mm->brk = static_cast<Address>(s.result());
    return;
  }
  const bool known = s.mm.brk && !raced && !s.mm.loose && !s.mm.wild;
  const Address old = s.mm.brk.value_or(0);

  if (!known) {
    c.succeeds(kOk);
  } else if (wanted < s.mm.brk_start) {
    c.returns(kBelow, static_cast<std::int64_t>(old));
  } else if (wanted <= old) {
    const Range gone{s.page_up(wanted), s.page_up(old)};
    const bool certain = s.mm.brk_start && (gone.empty() || s.all_mapped(gone) == Tri::yes);
    c.returns(kShrinks, static_cast<std::int64_t>(wanted));
    if (!certain) c.returns(kShrinks, static_cast<std::int64_t>(old)), c.succeeds(kShrinks);
  } else {
    const Range more{s.page_up(old), s.page_up(wanted)};
    c.returns(kBlocked, static_cast<std::int64_t>(old));
    if (more.empty() || s.any_mapped(more) != Tri::yes) c.succeeds(kOk);
  }
  if (!s.succeeded()) return;
  if (wanted == 0 && raced && s.world.sees_exec) return;  // one of the breaks that the others make
  const Address now = static_cast<Address>(s.result());
  if (known)
    c.expect(
        kOk, tri(now == wanted || now == old), [now] { return fmt::format("{:#x}", now); },
        [&] {
          return wanted < s.mm.brk_start ? fmt::format("{:#x}", old)
                                         : fmt::format("{:#x} or {:#x}", wanted, old);
        });

  if (!s.mm.brk_seen && s.mm.whole && wanted == 0 && !raced) s.mm.brk_start = now;
  s.mm.brk_seen = true;
  if (!known) {
    if (s.mm.brk)
      s.maybe({s.page_down(std::min(now, old)), s.page_up(std::max({now, wanted, old}))}, kReplaces);
    else if (wanted) s.maybe(around(s, now), kReplaces);  // a question leaves it where it is
    s.mm.brk = now;
    if (raced || s.mm.loose) s.mm.brk.reset();  // threads of unknown descent may have several
    return;
  }
  s.mm.brk = now;
  const Range grown{s.page_up(old), s.page_up(now)}, shrunk{s.page_up(now), s.page_up(old)};
  if (!shrunk.empty()) unmapped(s, shrunk);
  if (grown.empty()) return;
  PageState p;
  p.set(kMapped, true)
      .set(kRead, true)
      .set(kWrite, true)
      .set(kExec, Tri::maybe)
      .set(kShared, false)
      .set(kMayWrite, true);
  p.set(kMayExec, true).set(kFile, false).set(kShmem, false).set(kHugetlb, false).set(kSpecial, false);
  p.set(kGrowsDown, false).set(kSealed, false).set(kAioRing, false).set(kSysV, false).set(kGuards, false);
  p.set(kLocked, s.mm.lock_future);
  p.set(kWipeOnFork, false)
      .set(kDontFork, false)
      .set(kDontDump, false)
      .set(kPrivateCopies, false)
      .set(kAccounted, true);
  s.assign(grown, p);
}

void brk_footprint(const World& w, const Task& t, const Call& call, Footprint& f) {
  const std::uint64_t page = w.profile.host.page_size;
  const auto up = [page](Address a) { return (a + page - 1) & ~(page - 1); };
  if (!call.arg[0].known()) return f.add(kEverywhere, kReplaces);
  const Address wanted = call.arg[0].value;
  if (wanted == 0) return;  // a question
  if (!t.mm->brk) return f.add({up(wanted - std::min(wanted, kMostHeap)), up(wanted) + kMostHeap}, kReplaces);
  // Asked at the end of the call, mm.brk is already the new one: the range then starts where the heap does,
  // and what went was told when it began.
  const Address a = up(wanted), b = up(*t.mm->brk);
  f.add({call.out.known() ? std::min({a, b, up(t.mm->brk_start)}) : std::min(a, b), std::max(a, b)},
        kReplaces);
}

}  // namespace ringtail::kernel::memory
