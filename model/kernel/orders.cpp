// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/orders.h"

#include <algorithm>

#include "model/kernel/atomic.h"
#include "model/kernel/step.h"

namespace ringtail::kernel {

namespace {

// Whether the call may change mappings although it is not atomic: then calls that it does not overlap come
// before it, or after.
bool remaps(Sys sys) {
  return family_of(sys) == Family::memory || sys == Sys::io_setup || sys == Sys::io_destroy;
}

// What those that overlap a call are and may do. Which they are is anybody's guess: nothing here branches
// on it.
struct Beside {
  bool atomic_runs = false;  // one that is atomic has not ended
  bool looks = false;        // one that only looks has not ended
  bool unclear = false;      // one that is atomic has ended, and its result is not known
  bool disturbs = false;     // one that is not atomic may change VMAs, other than by their policy
  bool cuts = false;         // one that is not atomic may change VMAs

  explicit Beside(const Step& step) {
    step.overlapping([this](const Op& o) {
      const bool atomic = o.atomic, runs = o.in_flight();
      atomic_runs |= atomic & runs;
      looks |= !atomic & runs & !o.looks.empty();
      unclear |= atomic & !runs & !o.out.known();
      disturbs |= !atomic & cuts_vmas(o.footprint.loses & ~kPolicy);
      cuts |= !atomic & cuts_vmas(o.footprint.loses);
    });
  }
};

// Whether something may be mapped or unmapped in `r`, which the part intersects.
bool may_remap(const Step& step, const Footprint::Part& part, Range r) {
  if (!(part.loses & (kMapped | kUnmaps | kFills))) return false;
  if (part.loses != kFills) return true;
  bool room = false;  // a mapping finds a place only where there is none
  step.mm.space.for_each(
      r, [&](Range, const PageState& s) { return !(room = room || s.test(kMapped) != Tri::yes); });
  return room;
}

}  // namespace

bool Orders::note(const Step& step, const When& when) {
  const Op& op = step.op;
  const Mm& mm = step.mm;
  const auto known = groups_.find(mm.id);
  Group* g = known == groups_.end() ? nullptr : &known->second;
  if (g && op.sys == Sys::mbind) g->cut = true;
  if (!op.atomic && !op.looks.empty()) return note_glances(step, when, g);
  if (!op.atomic) {
    if (g && remaps(op.sys) &&
        !step.world.overlaps.any_running([&](const Op& o) { return o.atomic && o.mm == mm.id; }))
      close(step);
    return false;
  }
  if (step.alone()) return false;
  const Beside beside(step);
  const bool others = beside.atomic_runs || beside.looks;
  const bool disturbed = mm.loose || mm.wild || mm.grows || beside.unclear || beside.disturbs;
  if (!g && !others) return false;
  if (g && g->spoilt) return true;
  if (g) g->cut = g->cut || beside.cuts;
  const auto brk = g ? g->brk : mm.brk;
  const auto ranges = disturbed ? std::nullopt : touched_by(step.world, step.task, step.call, brk);
  if (ranges && !concerned(step, g, *ranges)) return g != nullptr;
  if (!g) g = &open(mm, beside.cuts);
  if (!ranges || g->calls.size() == kMostCalls) return spoil(mm.id), true;

  cover(*g, mm.space, *ranges);
  if (g->before.intervals() > kMostPieces) return spoil(mm.id), true;
  auto noted = std::make_unique<Noted>(Noted{.when = when,
                                             .call = step.call,
                                             .touched = {ranges->begin(), ranges->end()},
                                             .saw = {},
                                             .files = nullptr});
  constexpr std::uint64_t kAnonymous = 0x20;
  if (step.call.sys == Sys::mmap && !(step.arg(3) & kAnonymous))
    noted->files = std::make_shared<FileTable>(*step.task.files);
  if (step.call.sys == Sys::io_destroy)
    if (const AioContext* c = step.mm.aio.find(step.arg(0))) noted->ring = c->ring;
  g->calls.push_back(std::move(noted));
  return true;
}

Orders::Group& Orders::open(const Mm& mm, bool cut) {
  Group& g = groups_[mm.id];
  g.brk = mm.brk;
  g.brk_start = mm.brk_start;
  g.brk_seen = mm.brk_seen;
  g.cut = cut;
  return g;
}

// A call that only looked. What it cannot be sure to have seen in these surroundings is left out.
bool Orders::note_glances(const Step& step, const When& when, Group* g) {
  const Mm& mm = step.mm;
  const bool grouped = g != nullptr;
  if (step.alone() || mm.loose || mm.wild || mm.grows || step.op.begin_seq <= mm.seen_until) return grouped;
  if (g && (g->spoilt || g->calls.size() >= kMostCalls)) return true;
  const Beside beside(step);
  if (!grouped && !beside.atomic_runs) return false;
  if (beside.unclear || beside.disturbs) return grouped;
  std::vector<Glance> saw = step.glances();
  std::erase_if(saw, [&](const Glance& one) {
    bool matters = g && std::any_of(g->covered.begin(), g->covered.end(),
                                    [&](Range r) { return r.intersects(one.range); });
    step.overlapping(one.range, [&](const Op& o, const Footprint::Part& part) {
      matters = matters || (o.atomic && o.in_flight() && may_remap(step, part, one.range));
    });
    return !matters;
  });
  if (saw.empty() || saw.size() > kMostMoments) return grouped;
  const bool cut = step.op.sys == Sys::mbind || beside.cuts;
  if (!g) g = &open(mm, cut);
  g->cut = g->cut || cut;
  std::vector<Range> touched;
  for (const Glance& one : saw) touched.push_back(one.range);
  cover(*g, mm.space, touched);
  if (g->before.intervals() > kMostPieces) return spoil(mm.id), true;
  g->calls.push_back(std::make_unique<Noted>(Noted{.when = when,
                                                   .call = step.call,
                                                   .touched = std::move(touched),
                                                   .saw = std::move(saw),
                                                   .files = nullptr}));
  return true;
}

// Whether what the call touches is touched by others of the group, or may be by those that overlap it.
bool Orders::concerned(const Step& step, const Group* g, const Ranges& touched) {
  if (touched.empty()) return false;
  const Sys sys = step.call.sys;
  if (g && sys == Sys::brk) return true;  // it is where the next one starts
  // One that runs may find its place where this call has made it.
  const bool makes_room =
      g && (sys == Sys::munmap || sys == Sys::mremap || sys == Sys::brk || sys == Sys::io_destroy);
  if (g && std::any_of(g->covered.begin(), g->covered.end(), [&](Range r) { return touched.intersect(r); }))
    return true;
  bool met = false;
  if (sys == Sys::brk) step.overlapping([&](const Op& o) { met = met || o.sys == Sys::brk; });
  for (const Range r : touched) {
    for (const Op* o : step.around(r)) met = met || (o->in_flight() && o->looks.intersects(r));
    step.overlapping(r, [&](const Op&, const Footprint::Part& part) {
      met = met || part.loses != kFills || makes_room || may_remap(step, part, r);
    });
  }
  return met;
}

// Copies what is known of the parts of these that are not covered yet: no call of the group has changed them.
void Orders::cover(Group& g, const AddressSpace& space, Where touched) {
  for (const Range r : touched) {
    std::sort(g.covered.begin(), g.covered.end(), [](Range a, Range b) { return a.begin < b.begin; });
    std::vector<Range> fresh;
    Address at = r.begin;
    for (const Range c : g.covered) {
      if (c.end <= at) continue;
      if (c.begin >= r.end) break;
      if (at < c.begin) fresh.push_back({at, c.begin});
      at = c.end;
    }
    if (at < r.end) fresh.push_back({at, r.end});
    for (const Range f : fresh) {
      g.before.take(space, f, kMostPieces);
      g.covered.push_back(f);
    }
  }
}

void Orders::spoil(std::uint32_t mm) {
  const auto it = groups_.find(mm);
  if (it == groups_.end()) return;
  it->second = Group{};
  it->second.spoilt = true;
}

void Orders::judged(const Step& step, const Verdict& v) {
  const auto it = groups_.find(step.mm.id);
  if (it == groups_.end()) return;
  if (v.kind != Verdict::Kind::conforms) spoil(step.mm.id);
  const Group& g = it->second;
  if (!g.calls.empty()) {
    Noted& last = *g.calls.back();
    if (last.when.tid == step.op.tid && last.when.begin_seq == step.op.begin_seq)
      last.lost = step.lost() || step.call.sys == Sys::brk || !last.saw.empty();
  }
  const bool enough = g.spoilt || g.calls.size() >= kEnoughCalls;
  const auto awaited = [&](const Op& o) {
    return o.mm == step.mm.id &&
           (o.atomic || (!enough && std::any_of(g.covered.begin(), g.covered.end(),
                                                [&](Range r) { return r.intersects(o.looks); })));
  };
  if (!step.world.overlaps.any_running(awaited)) close(step);
}

// Calls that touch a page in common, perhaps through others; the breaks are about one place.
std::vector<Orders::Set> Orders::sets_of(const Group& g) {
  std::vector<Set> sets;
  const auto meet = [](const Noted& a, const Noted& b) {
    if (a.call.sys == Sys::brk && b.call.sys == Sys::brk) return true;
    for (const Range mine : a.touched)
      for (const Range r : b.touched)
        if (mine.intersects(r)) return true;
    return false;
  };
  for (const auto& call : g.calls) {
    Set set;
    std::erase_if(sets, [&](const Set& s) {
      if (std::none_of(s.begin(), s.end(), [&](const Noted* n) { return meet(*n, *call); })) return false;
      set.insert(set.end(), s.begin(), s.end());
      return true;
    });
    set.push_back(call.get());
    sets.push_back(std::move(set));
  }
  for (Set& s : sets)
    std::sort(s.begin(), s.end(),
              [](const Noted* a, const Noted* b) { return a->when.end_seq < b->when.end_seq; });
  return sets;
}

void Orders::close(const Step& step) {
  const auto it = groups_.find(step.mm.id);
  Group g = std::move(it->second);
  groups_.erase(it);
  step.mm.seen_until = std::max(step.mm.seen_until, step.world.latest_begin());
  if (g.spoilt) ++left;
  else search_all(step, g);
}

void Orders::search_all(const Step& step, Group& g) {
  // mremap alone asks whether what it moves is one VMA.
  if (g.cut &&
      std::any_of(g.calls.begin(), g.calls.end(), [](const auto& n) { return n->call.sys == Sys::mremap; })) {
    ++left;
    return;
  }
  // Pages come and go without calls.
  g.before.for_all([](Range, PageState& s) { s.forget(kPresent | kGuards); });
  for (const Set& s : sets_of(g))
    if (std::any_of(s.begin(), s.end(), [](const Noted* n) { return n->lost; }))
      ++(search(step, g, s) ? tried : left);
}

}  // namespace ringtail::kernel
