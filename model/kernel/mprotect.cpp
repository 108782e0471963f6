// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/memory.h"

namespace ringtail::kernel::memory {
namespace {

constexpr std::uint64_t kProtSem = 8, kGrowsDownFlag = 0x01000000, kGrowsUpFlag = 0x02000000;

constexpr std::int32_t kNoKey = -1, kKeys = 16;  // of the processor's protection keys

constexpr const char* kFunction = "mm/mprotect.c do_mprotect_pkey";
constexpr Rule kBothWays{"mprotect.grows-both-ways", 22, kFunction};
constexpr Rule kUnaligned{"mprotect.unaligned", 22, kFunction};
constexpr Rule kEmpty{"mprotect.no-length", 0, kFunction};
constexpr Rule kWraps{"mprotect.length-wraps", 12, kFunction};
constexpr Rule kBadProt{"mprotect.bad-prot", 22, "include/linux/mman.h arch_validate_prot"};
constexpr Rule kHole{"mprotect.hole", 12, kFunction};
constexpr Rule kGrows{"mprotect.not-growing", 22, kFunction};
constexpr Rule kAccess{"mprotect.may-not", 13, "mm/mprotect.c do_mprotect_pkey: newflags & ~(newflags >> 4)"};
constexpr Rule kLsm{"mprotect.security-module", 13, "mm/mprotect.c security_file_mprotect"};
constexpr Rule kDriver{"mprotect.driver", 22, "vm_ops->mprotect and vm_ops->may_split"};
constexpr Rule kNoCall{"pkey_mprotect.unimplemented", 38, "commit e8c24d3a23a4", {}, {4, 9, 0}};
constexpr Rule kKey{"pkey_mprotect.key", 22, "mm/mprotect.c do_mprotect_pkey: mm_pkey_is_allocated"};
constexpr Rule kMsealed{"mprotect.sealed", 1, "mm/mseal.c, commit 8be7258aad44", {6, 10, 0}};
constexpr Rule kCharge{"mprotect.commit-charge", 12,
                       "mm/mprotect.c mprotect_fixup: private pages become writable"};
constexpr Rule kSplit{"mprotect.map-count", 12, "mm/mmap.c split_vma"};
constexpr Rule kOk{"mprotect.result", 0, kFunction};

}  // namespace

void judge_mprotect(Step& s) {
  const bool keyed = s.call.sys == Sys::pkey_mprotect;
  if (!s.need(keyed ? 4 : 3)) return;
  const auto key = keyed ? static_cast<std::int32_t>(s.arg(3)) : kNoKey;
  const Address addr = s.arg(0), len = s.page_up(s.arg(1));
  const std::uint64_t prot = s.arg(2) & ~(kGrowsDownFlag | kGrowsUpFlag);
  const bool down = s.arg(2) & kGrowsDownFlag, up = s.arg(2) & kGrowsUpFlag;
  Checks& c = s.checks;
  if (keyed) c.fails(kNoCall, Tri::yes);
  c.fails(kBothWays, down && up);
  c.fails(kUnaligned, !s.aligned(addr));
  if (c.decided()) return;
  if (s.arg(1) == 0) return c.returns(kEmpty, 0);
  c.fails(kWraps, addr + len <= addr);
  c.fails(kBadProt, (prot & ~(kProtSem | 7)) != 0);
  // Which keys are allocated is not followed; 0 is, where the processor has any.
  c.fails(kKey, tri(key < kNoKey || key >= kKeys) | (tri(key != kNoKey) & Tri::maybe));
  if (c.decided()) return;

  Range r{addr, addr + len};
  if (down || up) {  // the range starts, or ends, where the VMA does, which nobody shows
    c.may_fail(kHole);
    c.may_fail(kGrows);
    c.may_fail(kAccess);
    c.returns(kOk, 0);
    s.maybe(down ? Range{0, r.end} : Range{r.begin, kTaskSizeLa57}, kProt | kAccounted);
    return;
  }
  const bool read = prot & 1, write = prot & 2, exec = prot & 4;
  const bool partial_huge = ((r.begin | r.end) & (kHugePage - 1)) != 0;
  s.look(r, [&](Range, const PageState& p) {
    const Tri mapped = p.test(kMapped);
    c.fails(kHole, !mapped);
    if (c.decided()) return false;
    if (write) c.fails(kAccess, mapped & !p.test(kMayWrite));
    if (exec) c.fails(kAccess, mapped & !p.test(kMayExec));
    if (read && p.test(kSpecial) != Tri::no) c.may_fail(kAccess);
    if (exec) c.may_fail(kLsm);
    if (p.test(kSpecial) != Tri::no || (partial_huge && p.test(kHugetlb) != Tri::no)) c.may_fail(kDriver);
    c.fails(kMsealed, mapped & s.sealed(p.test(kSealed)));
    if (write && p.test(kAccounted) != Tri::yes && p.test(kWrite) != Tri::yes && p.test(kShared) != Tri::yes)
      c.may_fail(kCharge);
    return !c.decided();
  });
  c.fails(kSplit, may_exceed_map_count(s));
  c.returns(kOk, 0);

  if (s.succeeded()) {
    s.change(r, [&](Range, PageState& p) {
      if (p.test(kMapped) == Tri::no) p = {};  // overlapped or diverging: something was mapped there
      p.set(kMapped, true).set(kRead, read).set(kWrite, write).set(kExec, exec);
      if (key != kNoKey) p.forget(kProt & ~kExec);  // what the key allows is the thread's affair
      if (write && p.test(kShared) == Tri::no && p.test(kAccounted) != Tri::yes) p.forget(kAccounted);
    });
  } else if (s.failed()) {
    s.maybe(r, kProt | kAccounted);  // the walk may have got some way
  }
}

void mprotect_footprint(const World& w, const Task&, const Call& call, Footprint& f) {
  const std::uint64_t page = w.profile.host.page_size;
  if (!call.arg[0].known() || !call.arg[1].known() || !call.arg[2].known() ||
      call.arg[2].value >= kGrowsDownFlag)
    return f.add(kEverywhere, kProt | kAccounted);
  if (call.arg[0].value & (page - 1)) return;
  f.add({call.arg[0].value, call.arg[0].value + ((call.arg[1].value + page - 1) & ~(page - 1))},
        kProt | kAccounted);
}

}  // namespace ringtail::kernel::memory
