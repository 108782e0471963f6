// SPDX-License-Identifier: GPL-2.0-or-later
// One call that ended, on its way through the model: what a family's judge reads, decides and changes.
//
// A judge walks the kernel's checks (`checks`, see rule.h), reading the state through look(), which shows it
// as the call may have found it (blurred by overlapping calls, see overlap.h). Then it applies what the call
// did, given the result that was observed, through change() or assign(), which blur what overlapping calls
// may have changed afterwards. State follows the observed result even when the call diverges: the capture is
// what happened.
//
// A family is three functions a call, in a Handler. Only `judge` is needed.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "model/kernel/rule.h"
#include "model/kernel/world.h"

namespace ringtail::kernel {

// How far a mapping may grow is RLIMIT_STACK, unless that is unlimited: then not into the next mapping.
inline constexpr Address kMostGrowth = Address{1} << 36;
constexpr Range growth_below(Address start) { return {start > kMostGrowth ? start - kMostGrowth : 0, start}; }

// What some page and what every page of a range has, found in one pass. Pages that are not mapped have no
// bits.
struct Survey {
  std::uint32_t some = 0;           // bits that at least one page surely has
  std::uint32_t may = 0;            // bits that some page may have
  std::uint32_t all = kEverything;  // bits that every page surely has
  std::uint32_t lacked = 0;         // bits that at least one page surely lacks

  Tri any(std::uint32_t b) const { return some & b ? Tri::yes : tri(may & b) & Tri::maybe; }
  Tri every(Bit b) const { return all & b ? Tri::yes : lacked & b ? Tri::no : Tri::maybe; }
  void add(const PageState& s) {
    const bool hole = s.test(kMapped) == Tri::no;
    const std::uint32_t known = hole ? kEverything : s.known;
    some |= s.bits;
    may |= s.bits | (~known & kEverything);
    all &= s.bits;
    lacked |= known & ~s.bits;
  }
};

class Step {
 public:
  Step(World& world, Task& task, const Call& call, Op& op)
      : world(world),
        task(task),
        mm(*task.mm),
        call(call),
        op(op),
        profile(world.profile),
        checks(world.profile, call.out) {
    world.overlaps.collect(op, mm.id, others_);
  }

  World& world;
  Task& task;
  Mm& mm;
  const Call& call;
  Op& op;  // this call among those that overlap it
  const Profile& profile;
  Checks checks;

  // --- reading
  std::uint64_t arg(int i) const { return call.arg[static_cast<std::size_t>(i)].value; }
  bool knows(int i) const { return call.arg[static_cast<std::size_t>(i)].known(); }
  // Whether arguments [0, n) are known; if not, the call is not judged.
  bool need(int n);
  std::int64_t result() const { return call.out.value; }
  bool failed() const { return call.out.failed(); }
  bool succeeded() const { return call.out.known() && !call.out.failed(); }

  std::uint64_t page() const { return profile.host.page_size; }
  bool aligned(Address a) const { return (a & (page() - 1)) == 0; }
  Address page_down(Address a) const { return a & ~(page() - 1); }
  Address page_up(Address a) const {
    return (a + page() - 1) & ~(page() - 1);
  }  // wraps to 0 as the kernel's does

  // The pieces of `r` in ascending order as this call may have found them: f(Range, const PageState&).
  template <class F>
  void look(Range r, F&& f) const;
  // Of the page in front of `at`, and of the one that begins there.
  std::pair<PageState, PageState> edge(Address at) const;
  Survey survey(Range r) const {
    Survey v;
    look(r, [&v](Range, const PageState& s) { v.add(s); });
    return v;
  }
  // Whether some page, and whether every page of `r` is mapped (of an empty range: no, and yes).
  Tri any_mapped(Range r) const { return survey(r).any(kMapped); }
  Tri all_mapped(Range r) const { return r.empty() ? Tri::yes : survey(r).every(kMapped); }

  // Whether what has this for kSealed is sealed: mseal is not followed, and a recorder that is older than it
  // cannot be asked to show it. Only a call that says so (EPERM) is believed.
  Tri sealed(Tri known) const {
    const bool unseen =
        known == Tri::no && result() == -1 && (world.learned.seals || !world.learned.shows_all);
    return known | (unseen ? Tri::maybe : Tri::no);
  }

  // What a call that only looks has seen of mappings.
  std::vector<Glance> glances() const;

  // Whether no call of this address space overlaps.
  bool alone() const { return others_.empty(); }
  // Whether calls that overlap made a difference to what this one found, or left.
  bool lost() const { return lost_; }

  // Whether the address space is as calls one after the other have left it.
  bool settled() const { return !mm.loose && !mm.wild && others_.empty(); }

  // --- changing
  // f(Range, PageState&) for the pieces of `r`, cut at its ends.
  template <class F>
  void change(Range r, F&& f);
  void assign(Range r, const PageState& s);
  // Below a mapping that grows down pages may come back by themselves, so there nothing is known instead.
  void unmap(Range r);
  // A mapping that grows down begins at `start` now.
  void grows_from(Address start);
  void forget(Range r) { assign(r, PageState{}); }
  // The call may or may not have done this to `r`: `loses` as in a Footprint.
  void maybe(Range r, std::uint32_t loses);

  // Calls that overlap this one and may be in the same address space: f(const Op&).
  template <class F>
  void overlapping(F&& f) const {
    for (const Op* o : others_) f(*o);
  }
  // Those that overlap this one and may change something in `r`, or look there, and perhaps more: what a call
  // asks about lies together, and most others do not touch it.
  const Overlaps::Others& around(Range r) const {
    if (r.begin < around_.begin || r.end > around_.end) {
      around_ = {r.begin - std::min(r.begin, page()), r.end + std::min(~r.end, page())};
      near_.take_around(others_, around_);
    }
    return near_;
  }
  // f(const Op&, const Footprint::Part&) for what those that overlap this one may change in `r`.
  template <class F>
  void overlapping(Range r, F&& f) const {
    if (others_.empty()) return;
    for (const Op* o : around(r))
      for (const Footprint::Part& part : o->footprint)
        if (part.range.intersects(r)) f(*o, part);
  }

 private:
  bool blurred(Range r) const;  // whether look() must do more than read
  bool visible(const PageState& s) const { return !mm.loose || s.owner == task.group || s.unknown(); }
  void view(Range r, std::vector<std::pair<Range, PageState>>& pieces) const;
  bool being_remapped(Range r) const;  // a call that still runs may be mapping or unmapping something there
  void settle(Range r);                // after a change: blur by overlapping calls that ended

  Overlaps::Others others_;        // the calls that overlap this one
  mutable Overlaps::Others near_;  // of them, those around...
  mutable Range around_{1, 0};     // ...this
  mutable bool lost_ = false;
};

template <class F>
void Step::look(Range r, F&& f) const {
  if (!blurred(r)) return mm.space.for_each(r, f);
  std::vector<std::pair<Range, PageState>> pieces;
  view(r, pieces);
  for (const auto& [range, state] : pieces) {
    if constexpr (std::is_void_v<decltype(f(range, state))>) f(range, state);
    else if (!f(range, state)) return;
  }
}

template <class F>
void Step::change(Range r, F&& f) {
  const bool raced = !others_.empty();
  mm.space.update(r, [&](Range piece, PageState& s) {
    if (!visible(s)) s = {};
    const PageState before = s;
    f(piece, s);
    // What was learnt about being mapped may be the doing of a call that has not ended, and others that
    // overlap both may have come before it: it is not kept.
    if (raced && s.test(kMapped) != before.test(kMapped) && being_remapped(piece))
      s = before.test(kMapped) == Tri::yes ? before : PageState{}, lost_ = true;
    s.owner = mm.loose && !s.unknown() ? task.group : 0;
  });
  if (raced) settle(r);
}

// What a family does for one call.
struct Handler {
  // The call ended.
  void (*judge)(Step&) = nullptr;
  // The call began and others may overlap it before its end: its result is not known, its arguments perhaps
  // in part.
  void (*began)(World&, Task&, const Call&) = nullptr;
  // What it may change; asked at its beginning (result unknown) and at its end (result known, so that a call
  // that failed without effect has none).
  void (*footprint)(const World&, const Task&, const Call&, Footprint&) = nullptr;
  // Of a call that changes no mapping and holds no lock from its beginning to its end: where it may look for
  // mappings, and, once it has ended, what it has seen there, in the order of its moments.
  Range (*looks)(const World&, const Call&) = nullptr;
  std::vector<Glance> (*saw)(const Step&) = nullptr;
};

// What the child of fork and its kin shares with its parent (process.cpp).
void spawn_shares(const Call& call, Tri& mm, Tri& files);

// One function a family, in its own file; an empty Handler for calls that it does not know.
Handler memory_handler(Sys);      // memory.cpp: mmap munmap mremap mprotect brk shmat shmdt mlock...
Handler process_handler(Sys);     // process.cpp
Handler madvise_handler(Sys);     // madvise.cpp
Handler migration_handler(Sys);   // migration.cpp
Handler aio_handler(Sys);         // aio.cpp
Handler descriptor_handler(Sys);  // files.cpp

extern const Handler* const kHandlers;  // of every call, by Sys
inline const Handler& handler_of(Sys sys) { return kHandlers[static_cast<std::size_t>(sys)]; }

}  // namespace ringtail::kernel
