// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/atomic.h"

#include <algorithm>
#include <array>

#include "model/kernel/advice.h"
#include "model/kernel/aio_rules.h"
#include "model/kernel/memory.h"

namespace ringtail::kernel {
namespace {

// Calls that hold mmap_lock (mmap_sem) for writing from their first check of the address space to their last
// change, and where that was read. What they do without it is no part of this: faulting pages in (mlock,
// MAP_POPULATE), the AIO context itself (io_setup, io_destroy), of which only the ring's mapping counts here.
struct Atomic {
  Sys sys;
  std::string_view cites;
  Version since = {};
};
constexpr Atomic kAtomic[] = {
    {Sys::mmap, "mm/util.c vm_mmap_pgoff"},
    {Sys::munmap, "mm/mmap.c __vm_munmap"},
    {Sys::mprotect, "mm/mprotect.c do_mprotect_pkey"},
    {Sys::pkey_mprotect, "mm/mprotect.c do_mprotect_pkey"},
    {Sys::mremap, "mm/mremap.c mremap"},
    {Sys::brk, "mm/mmap.c brk"},
    {Sys::mlock, "mm/mlock.c do_mlock"},
    {Sys::mlock2, "mm/mlock.c do_mlock"},
    {Sys::munlock, "mm/mlock.c munlock"},
    {Sys::madvise, "mm/madvise.c madvise_need_mmap_write: advice that changes VMA flags only"},
    {Sys::io_setup, "fs/aio.c aio_setup_ring", {3, 11, 0}},
    // Before 3.11 whoever dropped the last reference unmapped the ring.
    {Sys::io_destroy, "fs/aio.c kill_ioctx: vm_munmap", {3, 11, 0}},
};

bool known(const Call& call, int n) {
  for (int i = 0; i < n; ++i)
    if (!call.arg[static_cast<std::size_t>(i)].known()) return false;
  return true;
}

}  // namespace

std::optional<Ranges> touched_by(const World& w, const Task& t, const Call& call,
                                 std::optional<Address> brk) {
  const std::uint64_t page = w.profile.host.page_size;
  const auto down = [page](Address a) { return a & ~(page - 1); };
  const auto up = [page](Address a) { return (a + page - 1) & ~(page - 1); };
  const auto arg = [&call](int i) { return call.arg[static_cast<std::size_t>(i)].value; };
  const bool failed = call.out.failed();
  const Address result = static_cast<Address>(call.out.value);
  Ranges r;
  if (!call.out.known()) return std::nullopt;
  switch (call.sys) {
    case Sys::mmap: {
      constexpr std::uint64_t kGrowsDown = 0x100, kHugetlb = 0x40000, kAnonymous = 0x20;
      if (!known(call, 4) || arg(3) & (kGrowsDown | kHugetlb)) return std::nullopt;
      const Address len = up(arg(1));
      if (failed) {
        if (arg(3) & (memory::kFixed | memory::kFixedNoReplace) && arg(0) == down(arg(0)))
          r.add(arg(0), arg(0) + len);
        return r;
      }
      // Of a file that may be of hugetlbfs, up to its page boundary.
      const bool huge = !(arg(3) & kAnonymous) && (result & (memory::kHugePage - 1)) == 0;
      r.add(result, huge ? (result + len + memory::kHugePage - 1) & ~(memory::kHugePage - 1) : result + len);
      return r;
    }
    case Sys::munmap:
    case Sys::mprotect:
    case Sys::pkey_mprotect:
    case Sys::madvise: {
      constexpr std::uint64_t kGrows = 0x03000000;  // PROT_GROWSDOWN, PROT_GROWSUP
      if (!known(call, 2) || (call.sys != Sys::munmap && call.sys != Sys::madvise && arg(2) & kGrows))
        return std::nullopt;
      if (arg(0) == down(arg(0))) r.add(arg(0), arg(0) + up(arg(1)));
      return r;
    }
    case Sys::mlock:
    case Sys::mlock2:
    case Sys::munlock:
      if (!known(call, 2)) return std::nullopt;
      r.add(down(arg(0)), up(arg(0) + arg(1)));
      return r;
    case Sys::mremap: {
      constexpr std::uint64_t kToGiven = 2, kDontUnmap = 4;  // MREMAP_...
      if (!known(call, 4) || (arg(3) & kToGiven && !known(call, 5))) return std::nullopt;
      if (arg(1) > kTaskSize || arg(2) > kTaskSize) return std::nullopt;
      if (arg(3) & kDontUnmap) return std::nullopt;  // unlocks all of its VMA
      const Address from = down(arg(0)), old_len = up(arg(1)), new_len = up(arg(2));
      r.add(from, from + std::max({old_len, new_len, page}));
      if (arg(3) & kToGiven) r.add(down(arg(4)), down(arg(4)) + new_len);
      if (!failed && result != from) r.add(result, result + new_len);
      return r;
    }
    case Sys::brk: {
      if (!known(call, 1) || !brk || (arg(0) == 0 && !w.sees_exec)) return std::nullopt;
      const Address old = *brk, wanted = arg(0) ? arg(0) : old;
      // One that leaves the break alone has to do with it, too.
      r.add(down(std::min({old, wanted, result})), up(std::max({old, wanted, result}) + 1));
      return r;
    }
    case Sys::io_setup: {
      if (call.out.value == -22) return r;  // before anything was mapped
      if (failed || call.outs.items.empty() || !known(call, 1)) return std::nullopt;
      const Address id = call.outs.items[0];
      r.add(id, id + aio::ring_at_most(w.profile, arg(0) & 0xffffffff));
      return r;
    }
    case Sys::io_destroy: {
      if (failed) return r;
      const AioContext* c = known(call, 1) ? t.mm->aio.find(arg(0)) : nullptr;
      if (!c || !c->events || c->early || c->reborn || c->owed_deaths) return std::nullopt;
      r.add(arg(0), arg(0) + aio::ring_at_most(w.profile, c->events));
      return r;
    }
    default:
      return std::nullopt;
  }
}

bool is_atomic(const Profile& p, const Call& call) {
  static const auto since = [] {
    std::array<Version, kSysCount> t;
    t.fill(kForever);
    for (const Atomic& a : kAtomic) t[static_cast<std::size_t>(a.sys)] = a.since;
    return t;
  }();
  if (!p.from(since[static_cast<std::size_t>(call.sys)])) return false;
  if (call.sys != Sys::madvise) return true;
  const Advice* a = call.arg[2].known() ? advice_of(static_cast<std::int32_t>(call.arg[2].value)) : nullptr;
  return a && a->flags_only;
}

}  // namespace ringtail::kernel
