// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/memory.h"

namespace ringtail::kernel {
namespace memory {

// What is unknown of an address space that began at an execve is the image, the loader, the stack and a few
// more.
constexpr std::uint64_t kMaxMapCount = 65530, kUnknownVmas = 200;

bool fits_map_count(const Mm& mm) {
  return mm.whole && !mm.loose && !mm.wild && mm.space.vma_bound() + kUnknownVmas < kMaxMapCount;
}
Tri may_exceed_map_count(const Step& s) { return fits_map_count(s.mm) ? Tri::no : Tri::maybe; }

Tri cuts_whole(const Step& s, Range r) {
  const auto whole = [](const PageState& p, Address at) {
    // A device's file is mapped shared for that (dev_dax check_vma, perf_mmap, ring_buffer_map); the vdso and
    // its kin have no file.
    const Tri driver = p.test(kSpecial) & (p.test(kShared) | !p.test(kFile)) & !p.test(kAioRing);
    return p.test(kMapped) & (driver | (at & (kGiganticPage - 1) ? p.test(kHugetlb) : Tri::no));
  };
  const auto cut_at = [&](Address at) {
    if (at < s.page()) return Tri::no;
    const auto [before, behind] = s.edge(at);
    return whole(before, at) & whole(behind, at) & Tri::maybe;
  };
  return r.empty() ? Tri::no : cut_at(r.begin) | cut_at(r.end);
}

void unmapped(Step& s, Range r) {
  if (s.mm.grows) return s.unmap(r);
  // The stack lies within 16 GiB of the top, below a random offset; elsewhere only MAP_GROWSDOWN makes one.
  constexpr Address kStackRegion = kTaskSize - (Address{1} << 35);
  const PageState above = s.mm.space.at(r.end);
  const Tri grows = above.test(kMapped) & above.test(kGrowsDown);
  if (grows == Tri::yes || (grows == Tri::maybe && r.end >= kStackRegion)) s.forget(r);
  else s.unmap(r);
}

}  // namespace memory

Handler memory_handler(Sys sys) {
  using namespace memory;
  switch (sys) {
    case Sys::mmap:
      return {judge_mmap, nullptr, mmap_footprint};
    case Sys::munmap:
      return {judge_munmap, nullptr, munmap_footprint};
    case Sys::mremap:
      return {judge_mremap, nullptr, mremap_footprint};
    case Sys::mprotect:
    case Sys::pkey_mprotect:
      return {judge_mprotect, nullptr, mprotect_footprint};
    case Sys::brk:
      return {judge_brk, nullptr, brk_footprint};
    case Sys::shmat:
      return {judge_shmat, nullptr, shm_footprint};
    case Sys::shmdt:
      return {judge_shmdt, nullptr, shm_footprint};
    case Sys::mlock:
    case Sys::mlock2:
      return {judge_mlock, nullptr, mlock_footprint};
    case Sys::munlock:
      return {judge_munlock, nullptr, mlock_footprint};
    case Sys::mlockall:
      return {judge_mlockall, nullptr, mlockall_footprint};
    case Sys::munlockall:
      return {judge_munlockall, nullptr, mlockall_footprint};
    case Sys::remap_file_pages:
      return {judge_remap_file_pages, nullptr, remap_file_pages_footprint};
    default:
      return {};
  }
}

}  // namespace ringtail::kernel
