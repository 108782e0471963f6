// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/replay/planted/plants.h"

#include <algorithm>
#include <utility>

namespace ringtail::kernel {
Handler& planted_handler(Sys sys);  // step.cpp, when it is compiled with RINGTAIL_PLANT
}

namespace ringtail::plants {
namespace {

using namespace kernel;

constexpr Rule kWrong{"planted", 0, "tests/replay/planted"};

Range pages_of(const Step& s) {
  const Address begin = s.page_down(s.arg(0));
  return {begin, s.page_up(s.arg(0) + s.arg(1))};
}

// Nothing but that it succeeds, whatever it is given; and what a success leaves behind is forgotten.
void does_nothing(Step& s) { s.checks.returns(kWrong, 0); }

template <Handler (*family)(Sys)>
void truth(Step& s) {
  family(s.call.sys).judge(s);
}

void madvise_anywhere(Step& s) {
  if (!s.aligned(s.arg(0))) return does_nothing(s);
  truth<madvise_handler>(s);
}

void madvise_of_nothing(Step& s) {
  const Range r{s.arg(0), s.arg(0) + s.page_up(s.arg(1))};
  if (s.aligned(r.begin) && r.begin < r.end && s.any_mapped(r) == Tri::no && s.arg(2) == 4)
    return does_nothing(s);
  truth<madvise_handler>(s);
}

void munlock_keeps_locks(Step& s) {
  const Range r = pages_of(s);
  const bool locked = r.begin < r.end && s.survey(r).every(kLocked) == Tri::yes;
  truth<memory_handler>(s);
  if (locked && s.succeeded()) s.change(r, [](Range, PageState& p) { p.set(kLocked, true); });
}

void munmap_leaves_pages(Step& s) {
  if (s.succeeded()) return does_nothing(s);
  truth<memory_handler>(s);
}

void mprotect_takes_nothing(Step& s) {
  const Range r = pages_of(s);
  truth<memory_handler>(s);
  if (s.succeeded() && r.begin < r.end)
    s.change(r, [](Range, PageState& p) { p.set(kRead, true).set(kWrite, true); });
}

void move_pages_counts_queries(Step& s) {
  if (s.succeeded() && s.arg(3) == 0 && s.knows(1) && s.arg(1) > 0)
    return s.checks.returns(kWrong, static_cast<std::int64_t>(s.arg(1)));
  truth<migration_handler>(s);
}

void set_mempolicy_sets_nothing(Step& s) {
  const auto before = s.task.policy;
  truth<migration_handler>(s);
  if (s.succeeded()) s.task.policy = before;
}

void io_destroy_leaves_context(Step& s) {
  if (s.succeeded()) return does_nothing(s);
  truth<aio_handler>(s);
}

void io_getevents_of_any_range(Step& s) {
  if (s.knows(1) && s.knows(2) && s.call.arg[1].s64() > s.call.arg[2].s64() && s.call.arg[2].s64() >= 0)
    return s.checks.succeeds(kWrong);
  truth<aio_handler>(s);
}

void dup3_onto_itself(Step& s) {
  if (s.knows(0) && s.knows(1) && s.arg(0) == s.arg(1) && s.failed()) return does_nothing(s);
  truth<descriptor_handler>(s);
}

}  // namespace

const std::vector<Plant>& plants() {
  using live::Family;
  static const std::vector<Plant> all = {
      {"MadviseAnywhere", Family::madvise, Sys::madvise, madvise_anywhere},
      {"MadviseOfNothing", Family::madvise, Sys::madvise, madvise_of_nothing},
      {"MunlockKeepsLocks", Family::madvise, Sys::munlock, munlock_keeps_locks},
      {"MunmapLeavesPages", Family::memory, Sys::munmap, munmap_leaves_pages},
      {"MprotectTakesNothing", Family::madvise, Sys::mprotect, mprotect_takes_nothing},
      {"MovePagesCountsQueries", Family::numa, Sys::move_pages, move_pages_counts_queries},
      {"SetMempolicySetsNothing", Family::numa, Sys::set_mempolicy, set_mempolicy_sets_nothing},
      {"IoDestroyLeavesContext", Family::aio, Sys::io_destroy, io_destroy_leaves_context},
      {"IoGeteventsOfAnyRange", Family::aio, Sys::io_getevents, io_getevents_of_any_range},
      {"Dup3OntoItself", Family::descriptors, Sys::dup3, dup3_onto_itself},
  };
  return all;
}

void plant(const Plant* p) {
  static const Plant* current = nullptr;
  static void (*right)(Step&) = nullptr;
  if (current) kernel::planted_handler(current->sys).judge = right;
  current = p;
  if (!p) return;
  right = std::exchange(kernel::planted_handler(p->sys).judge, p->wrong);
}

}  // namespace ringtail::plants
