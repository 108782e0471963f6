// SPDX-License-Identifier: GPL-2.0-or-later
// The address-space calls: mmap munmap mremap mprotect brk shmat shmdt remap_file_pages and the mlock
// family, one file each, and what they share.
#pragma once

#include "model/kernel/step.h"

namespace ringtail::kernel::memory {

inline constexpr std::uint64_t kFixed = 0x10, kFixedNoReplace = 0x100000;  // MAP_FIXED...
inline constexpr std::uint64_t kHugePage =
    2 << 20;  // the smallest of x86-64: bounds within which hugetlb rounds
inline constexpr std::uint64_t kGiganticPage = 1 << 30;  // the greatest: where it is sure to be cut

// Whether a few more VMAs surely stay below vm.max_map_count.
bool fits_map_count(const Mm&);
// Whether splitting VMAs can have hit vm.max_map_count (65530 unless raised; nobody lowers it).
Tri may_exceed_map_count(const Step& s);

// Whether an end of `r` may cut a VMA whose driver refuses that (vm_ops->may_split: hugetlb inside a page,
// perf's buffers, the vdso, DAX).
Tri cuts_whole(const Step& s, Range r);

// The pages of `r` are gone. Below a stack they may come back by themselves, so there nothing is known
// instead.
void unmapped(Step& s, Range r);

void judge_mmap(Step&);
void judge_munmap(Step&);
void judge_mremap(Step&);
void judge_mprotect(Step&);  // mprotect, pkey_mprotect
void judge_brk(Step&);
void judge_shmat(Step&);
void judge_shmdt(Step&);
void judge_mlock(Step&);  // mlock, mlock2
void judge_munlock(Step&);
void judge_mlockall(Step&);
void judge_munlockall(Step&);
void judge_remap_file_pages(Step&);

using FootprintOf = void(const World&, const Task&, const Call&, Footprint&);
FootprintOf mmap_footprint, munmap_footprint, mremap_footprint, mprotect_footprint, brk_footprint,
    shm_footprint, mlock_footprint, mlockall_footprint, remap_file_pages_footprint;

}  // namespace ringtail::kernel::memory
