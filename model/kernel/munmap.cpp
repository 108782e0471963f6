// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/memory.h"

namespace ringtail::kernel::memory {
namespace {

constexpr Rule kUnaligned{"munmap.unaligned", 22, "mm/mmap.c do_munmap: offset_in_page(start)"};
constexpr Rule kBeyond{"munmap.beyond-task-size", 22,
                       "mm/mmap.c do_munmap: start > TASK_SIZE || len > TASK_SIZE - start"};
constexpr Rule kEmpty{"munmap.empty", 22, "mm/mmap.c do_munmap: PAGE_ALIGN(len) == 0"};
constexpr Rule kSplit{"munmap.map-count", 12, "mm/mmap.c do_munmap: a split would exceed vm.max_map_count"};
constexpr Rule kHuge{"munmap.inside-huge-page", 22, "mm/hugetlb.c hugetlb_vm_op_split"};
constexpr Rule kDriver{"munmap.driver", 22, "mm/vma.c __split_vma: vm_ops->may_split", {4, 15, 0}};
constexpr Rule kMsealed{"munmap.sealed", 1, "mm/mseal.c, commit 8be7258aad44", {6, 10, 0}};
constexpr Rule kOk{"munmap.result", 0, "mm/mmap.c do_munmap: pages that are not mapped are no error"};

}  // namespace

void judge_munmap(Step& s) {
  if (!s.need(2)) return;
  const Address addr = s.arg(0), len = s.arg(1), end = addr + s.page_up(len);
  Checks& c = s.checks;
  c.fails(kUnaligned, !s.aligned(addr));
  c.fails(kBeyond, addr > kTaskSizeLa57 || len > kTaskSizeLa57 - addr);
  c.fails(kBeyond, addr > kTaskSize || len > kTaskSize - addr ? Tri::maybe : Tri::no);
  c.fails(kEmpty, s.page_up(len) == 0);
  if (c.decided()) return;

  // Cutting a VMA at both ends makes one more; cutting a huge page is refused.
  const Range r{addr, end};
  const Survey v = s.survey(r);
  c.fails(kSplit, may_exceed_map_count(s));
  if ((addr | end) & (kHugePage - 1)) c.fails(kHuge, v.any(kHugetlb) & Tri::maybe);
  c.fails(kDriver, cuts_whole(s, r));
  c.fails(kMsealed, s.sealed(v.any(kSealed)));
  c.returns(kOk, 0);
  if (s.succeeded()) unmapped(s, r);
}

void munmap_footprint(const World& w, const Task&, const Call& call, Footprint& f) {
  if (call.out.failed()) return;
  if (!call.arg[0].known() || !call.arg[1].known()) return f.add(kEverywhere, kReplaces);
  const std::uint64_t page = w.profile.host.page_size, addr = call.arg[0].value;
  if (addr & (page - 1)) return;
  const Range r{addr, addr + ((call.arg[1].value + page - 1) & ~(page - 1))};
  f.add(r, call.out.known() ? kReplaces : kUnmaps);
}

}  // namespace ringtail::kernel::memory
