// SPDX-License-Identifier: GPL-2.0-or-later
// remap_file_pages: since 4.0 (c8d78c1823f4) an mmap of the same file over the range, by MAP_SHARED |
// MAP_FIXED. Where that fails late, for want of memory or because the segment was removed, the range is gone.
#include "model/kernel/memory.h"

namespace ringtail::kernel::memory {
namespace {

constexpr const char* kFunction = "mm/mmap.c remap_file_pages";
constexpr Rule kProtGiven{"remap_file_pages.prot", 22, kFunction};
constexpr Rule kEmpty{"remap_file_pages.empty", 22, kFunction};
constexpr Rule kWraps{"remap_file_pages.offset-wraps", 22, kFunction};
constexpr Rule kHole{"remap_file_pages.hole", 22, kFunction};
constexpr Rule kPrivate{"remap_file_pages.private", 22, "mm/mmap.c remap_file_pages: VM_SHARED"};
constexpr Rule kMap{"remap_file_pages.mmap", 22, "mm/mmap.c remap_file_pages: do_mmap"};
constexpr Rule kOk{"remap_file_pages.result", 0, kFunction};

constexpr int kMapErrors[] = {1, 4, 5, 6, 11, 12, 13, 16, 19, 22, 26, 43, 75, 95};

Range range_of(std::uint64_t start, std::uint64_t size, std::uint64_t page) {
  start &= ~(page - 1);
  return {start, start + (size & ~(page - 1))};
}

}  // namespace

void judge_remap_file_pages(Step& s) {
  if (!s.need(3)) return;
  const Range r = range_of(s.arg(0), s.arg(1), s.page());
  Checks& c = s.checks;
  c.fails(kProtGiven, s.arg(2) != 0);
  c.fails(kEmpty, r.end <= r.begin);
  const std::uint64_t pages = (r.end - r.begin) / s.page();
  c.fails(kWraps, s.knows(3) ? tri(s.arg(3) + pages < s.arg(3)) : Tri::maybe);
  if (c.decided()) return;
  const Survey v = s.survey(r);
  c.fails(kHole, !v.every(kMapped));
  c.fails(kPrivate, !v.every(kShared));
  if (c.decided()) return;
  for (const int e : kMapErrors) c.fails_with(kMap, e, Tri::maybe);
  c.returns(kOk, 0);

  if (s.failed()) return s.maybe(r, kUnmaps);
  if (!s.succeeded()) return;
  constexpr std::uint32_t kStays = kMapped | kShared | kProt | kFile | kShmem | kHugetlb | kSpecial;
  s.maybe(r, kReplaces & ~kStays);
}

void remap_file_pages_footprint(const World& w, const Task&, const Call& call, Footprint& f) {
  if (!call.arg[0].known() || !call.arg[1].known()) return f.add(kEverywhere, kReplaces);
  const Range r = range_of(call.arg[0].value, call.arg[1].value, w.profile.host.page_size);
  if (r.end > r.begin) f.add(r, call.out.failed() ? kUnmaps : kReplaces);
}

}  // namespace ringtail::kernel::memory
