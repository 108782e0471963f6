// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/hunt/path_op.h"

#include <algorithm>

namespace ringtail::hunt {
namespace {

constexpr int kWillneed = 3, kDontneed = 4, kFree = 8, kRemove = 9, kHwpoison = 100, kSoftOffline = 101,
              kCold = 20, kPageout = 21, kPopulateRead = 22, kPopulateWrite = 23, kCollapse = 25,
              kGuardInstall = 102, kGuardRemove = 103;

constexpr PathOp kPathOps[] = {
    {{Op::user, -1}, "user", "op_fault_store({0}, {2})", "access.h", PathOp::kWrites | PathOp::kOnePage},
    {{Op::madvise, kFlagAdvice},
     "madvise_flag",
     "op_madvise({0}, {1}, MADV_RANDOM)",
     "advice.h",
     PathOp::kWritesLock},
    {{Op::madvise, kWillneed}, "willneed", "op_madvise({0}, {1}, MADV_WILLNEED)", "advice.h"},
    {{Op::madvise, kDontneed}, "dontneed", "op_madvise({0}, {1}, MADV_DONTNEED)", "advice.h", PathOp::kLoses},
    {{Op::madvise, kFree}, "free", "op_madvise({0}, {1}, MADV_FREE)", "advice.h", PathOp::kLoses},
    {{Op::madvise, kRemove},
     "remove",
     "op_madvise({0}, {1}, MADV_REMOVE)",
     "advice.h",
     PathOp::kLoses | PathOp::kUnmapsFile | PathOp::kTakesPages},
    {{Op::madvise, kHwpoison},
     "hwpoison",
     "op_hwpoison({0})",
     "hwpoison.h",
     PathOp::kLoses | PathOp::kOnePage | PathOp::kTakesPages},
    {{Op::madvise, kSoftOffline}, "soft_offline", "op_move_pages({0}, 1)", "move.h", PathOp::kOnePage},
    {{Op::madvise, kCold}, "cold", "op_cold({0}, {1})", "advice.h"},
    {{Op::madvise, kPageout}, "pageout", "op_pageout({0}, {1})", "advice.h"},
    {{Op::madvise, kPopulateRead}, "populate_read", "op_populate({0}, {1}, false)", "advice.h"},
    {{Op::madvise, kPopulateWrite}, "populate_write", "op_populate({0}, {1}, true)", "advice.h"},
    {{Op::madvise, kCollapse}, "collapse", "op_collapse({0}, {1})", "collapse.h", PathOp::kWritesLock},
    {{Op::madvise, kGuardInstall}, "guard_install", "op_guard_install({0}, {1})", "advice.h", PathOp::kLoses},
    {{Op::madvise, kGuardRemove}, "guard_remove", "op_guard_remove({0}, {1})", "advice.h"},
    {{Op::mmap, -1}, "mmap", "op_mmap()", "areas.h", PathOp::kWritesLock},
    {{Op::mmap_fixed, -1},
     "mmap_fixed",
     "op_mmap_fixed({0}, {1})",
     "areas.h",
     PathOp::kWritesLock | PathOp::kLoses},
    {{Op::munmap, -1}, "munmap", "op_munmap({0}, {1})", "areas.h", PathOp::kWritesLock | PathOp::kLoses},
    {{Op::mremap, -1}, "mremap", "op_mremap({0}, {1}, {3})", "remap.h", PathOp::kWritesLock | PathOp::kLoses},
    {{Op::mprotect, -1},
     "mprotect",
     "op_mprotect({0}, {1}, VM_READ)",
     "protect.h",
     PathOp::kWritesLock | PathOp::kLoses},
    {{Op::mlock, -1}, "mlock", "op_mlock({0}, {1})", "protect.h", PathOp::kWritesLock},
    {{Op::munlock, -1}, "munlock", "op_munlock({0}, {1})", "protect.h", PathOp::kWritesLock},
    {{Op::fork, -1}, "fork", "op_fork()", "areas.h", PathOp::kWritesLock},
    {{Op::move_pages, -1}, "move_pages", "op_move_pages({0}, 1)", "move.h", PathOp::kOnePage},
    {{Op::migrate_pages, -1}, "migrate_pages", "op_migrate_pages({1}, 1)", "move.h"},
    {{Op::mbind, -1}, "mbind", "op_mbind({0}, {1}, 1)", "move.h", PathOp::kWritesLock},
    {{Op::move_pages, kEverybodys},
     "move_pages_all",
     "op_move_pages_all({0}, 1)",
     "move.h",
     PathOp::kOnePage},
    {{Op::migrate_pages, kEverybodys}, "migrate_pages_all", "op_migrate_pages_all({1}, 1)", "move.h"},
    {{Op::mbind, kEverybodys}, "mbind_all", "op_mbind_all({0}, {1}, 1)", "move.h", PathOp::kWritesLock},
    {{Op::size_fd, -1},
     "punch",
     "op_punch({0}, {1})",
     "advice.h",
     PathOp::kLoses | PathOp::kUnmapsFile | PathOp::kTakesPages},
    {{Op::get_mempolicy, -1}, "get_mempolicy", "op_page_node({0})", "access.h", PathOp::kOnePage},
    {{Op::mem_write, -1},
     "mem_write",
     "op_mem_write({0}, {2})",
     "access.h",
     PathOp::kWrites | PathOp::kForces | PathOp::kOnePage},
    {{Op::vm_write, -1}, "vm_write", "op_vm_writev({0}, {1}, {2})", "access.h", PathOp::kWrites},
    {{Op::direct_io, -1},
     "direct_io",
     "op_direct_io({0}, {2})",
     "access.h",
     PathOp::kWrites | PathOp::kOnePage},
    {{Op::exit, -1}, "exit", "op_exit()", "leave.h", PathOp::kWritesLock | PathOp::kLoses},
};

// Of advice without a path.
constexpr PathOp kWalk{{}, "advice", "op_guard_remove({0}, {1})", "advice.h"};

}  // namespace

const PathOp& path_op(Operation by) {
  const auto it =
      std::find_if(std::begin(kPathOps), std::end(kPathOps), [&](const PathOp& p) { return p.by == by; });
  return it == std::end(kPathOps) ? kWalk : *it;
}

std::vector<Operation> page_operations() {
  std::vector<Operation> out;
  for (const PathOp& p : kPathOps)
    if (p.by.advice != kEverybodys && p.by.op != Op::size_fd) out.push_back(p.by);
  return out;
}

}  // namespace ringtail::hunt
