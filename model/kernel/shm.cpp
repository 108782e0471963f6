// SPDX-License-Identifier: GPL-2.0-or-later
// shmat and shmdt. The size of a segment is shmget's business and not in sight: a successful shmat maps at
// least the page at its address and perhaps more above it; shmdt removes at least that page.
#include <fmt/format.h>

#include "model/kernel/memory.h"

namespace ringtail::kernel::memory {
namespace {

constexpr std::uint64_t kReadOnly = 010000, kRound = 020000, kRemap = 040000, kExecute = 0100000;

constexpr Rule kBadId{"shmat.negative-id", 22, "ipc/shm.c do_shmat"};
constexpr Rule kUnaligned{"shmat.unaligned", 22, "ipc/shm.c do_shmat: shmaddr & (SHMLBA - 1)"};
constexpr Rule kRemapNull{"shmat.remap-nowhere", 22, "ipc/shm.c do_shmat"};
constexpr Rule kNoSegment{"shmat.no-segment", 22, "ipc/shm.c do_shmat: shm_obtain_object_check"};
constexpr Rule kAccess{"shmat.access", 13, "ipc/shm.c do_shmat: ipcperms"};
constexpr Rule kRemoved{"shmat.removed", 43, "ipc/shm.c do_shmat: ipc_valid_object"};
constexpr Rule kNoMemory{"shmat.no-memory", 12, "ipc/shm.c do_shmat"};
constexpr Rule kOccupied{"shmat.occupied", 22, "ipc/shm.c do_shmat: find_vma_intersection"};
constexpr Rule kLock{"shmat.lock-limit", 11, "mm/mmap.c mlock_future_check"};
constexpr Rule kLow{"shmat.below-mmap-min-addr", 1, "security/commoncap.c cap_mmap_addr"};
constexpr Rule kOk{"shmat.result", 0, "ipc/shm.c do_shmat"};
constexpr Rule kAligned{"shmat.address-aligned", 0, "mm/mmap.c get_unmapped_area"};
constexpr Rule kWhere{"shmat.address-as-given", 0, "ipc/shm.c do_shmat: MAP_FIXED"};
constexpr Rule kFree{"shmat.address-free", 0, "mm/mmap.c vm_unmapped_area"};
constexpr Rule kInside{"shmat.address-in-task-size", 0, "mm/mmap.c get_unmapped_area"};
constexpr Rule kDtUnaligned{"shmdt.unaligned", 22, "ipc/shm.c shmdt"};
constexpr Rule kDtNothing{"shmdt.not-attached", 22, "ipc/shm.c shmdt"};
constexpr Rule kDtOk{"shmdt.result", 0, "ipc/shm.c shmdt"};

}  // namespace

void judge_shmat(Step& s) {
  if (!s.need(3)) return;
  const auto id = static_cast<std::int32_t>(s.arg(0));
  const std::uint64_t flags = s.arg(2) & 0xffffffff;
  Address addr = s.arg(1);
  Checks& c = s.checks;
  c.fails(kBadId, id < 0);
  const bool remap = flags & kRemap, given = addr != 0;
  if (given && !s.aligned(addr)) {
    c.fails(kUnaligned, !(flags & kRound));
    addr = s.page_down(addr);
    c.fails(kRemapNull, addr == 0 && remap);
  }
  c.fails(kRemapNull, !given && remap);
  c.may_fail(kNoSegment);
  c.may_fail(kAccess);
  c.may_fail(kRemoved);
  c.may_fail(kNoMemory);
  if (given && !remap) c.fails(kOccupied, s.any_mapped({addr, addr + s.page()}));
  if (given && addr < 0x10000) c.may_fail(kLow), c.fails_with(kLow, 13, Tri::maybe);
  c.fails(kLock, s.mm.lock_future & Tri::maybe);
  c.succeeds(kOk);
  if (s.failed() && given && remap && !c.decided()) s.maybe({addr, kTaskSizeLa57}, kUnmaps);
  if (!s.succeeded() || c.decided()) return;

  const Address at = static_cast<Address>(s.result());
  const Range first{at, at + s.page()};
  const auto hex = [](Address a) { return [a] { return fmt::format("{:#x}", a); }; };
  c.expect(kAligned, tri(s.aligned(at)), hex(at),
           [] { return std::string("an address that is a multiple of the page size"); });
  if (given) c.expect(kWhere, tri(at == addr), hex(at), hex(addr));
  else
    c.expect(kFree, !s.any_mapped(first), hex(at),
             [] { return std::string("an address where the segment's bytes are free"); });
  c.expect(kInside, tri(at >= s.page() && at < kTaskSizeLa57), hex(at),
           [] { return std::string("an address in the user's part of the address space"); });
  if (!s.aligned(at) || at >= kTaskSizeLa57) return;
  ++s.mm.segments;

  // As far as nothing is known to stand there, the segment may reach.
  Range rest{first.end, first.end};
  if (remap) {
    s.maybe({first.end, kTaskSizeLa57}, kReplaces);
  } else {
    s.look({first.end, kTaskSizeLa57}, [&](Range piece, const PageState& p) {
      if (p.test(kMapped) == Tri::yes) return false;
      rest.end = piece.end;
      return true;
    });
    s.maybe(rest, kFills);
  }
  PageState p;
  p.set(kMapped, true).set(kRead, true).set(kWrite, !(flags & kReadOnly)).set(kExec, (flags & kExecute) != 0);
  p.set(kShared, true)
      .set(kFile, true)
      .set(kMayWrite, !(flags & kReadOnly))
      .set(kSpecial, false)
      .set(kSysV, true);
  p.set(kAioRing, false)
      .set(kGrowsDown, false)
      .set(kWipeOnFork, false)
      .set(kDontFork, false)
      .set(kLocked, s.mm.lock_future);
  p.set(kSealed, false);
  s.assign(first, p);
}

void judge_shmdt(Step& s) {
  if (!s.need(1)) return;
  const Address addr = s.arg(0);
  Checks& c = s.checks;
  c.fails(kDtUnaligned, !s.aligned(addr));
  if (c.decided()) return;
  const Range first{addr, addr + s.page()};
  const Survey v = s.survey(first);
  const bool none =
      s.mm.whole && !s.mm.loose && !s.mm.wild && s.mm.segments == 0 && !s.world.overlaps.any(s.op);
  c.fails(kDtNothing, none                                                     ? Tri::yes
                      : v.any(kMapped) == Tri::yes && v.any(kSysV) == Tri::yes ? Tri::no
                                                                               : Tri::maybe);
  c.returns(kDtOk, 0);
  if (!s.succeeded()) return;
  if (s.mm.segments && v.any(kSysV) == Tri::yes) --s.mm.segments;
  if (v.any(kSysV) == Tri::yes) unmapped(s, first);
  else s.maybe(first, kUnmaps);  // of a segment that an overlapping shmat has put there, perhaps
  // Fragments of the segment above go with it.
  std::vector<Range> maybe;
  s.mm.space.for_each({addr, kTaskSizeLa57}, [&](Range r, const PageState& p) {
    if (p.test(kMapped) == Tri::yes && p.test(kShmem) != Tri::no && p.test(kSysV) != Tri::yes)
      maybe.push_back(r);
  });
  for (const Range r : maybe) s.maybe(r, kUnmaps);
}

void shm_footprint(const World& w, const Task&, const Call& call, Footprint& f) {
  if (call.out.failed()) return;
  const bool at = call.sys == Sys::shmat;
  const Word where =
      at && call.out.known() ? Word::of(static_cast<std::uint64_t>(call.out.value)) : call.arg[at ? 1 : 0];
  const std::uint64_t page = w.profile.host.page_size;
  if (!where.known() || (at && call.arg[2].known() && (call.arg[2].value & kRemap)))
    return f.add(kEverywhere, kReplaces);
  f.add(kEverywhere, at ? kFills : kUnmaps);
  if (call.out.known()) f.add({where.value & ~(page - 1), (where.value & ~(page - 1)) + page}, kReplaces);
}

}  // namespace ringtail::kernel::memory
