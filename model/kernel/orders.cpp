// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/orders.h"

#include <algorithm>

#include "model/kernel/atomic.h"
#include "model/kernel/step.h"

namespace ringtail::kernel {

bool Orders::note(const Step& step, const When& when) {
  const Op& op = step.op;
  if (!op.atomic || step.alone()) return false;
  const Mm& mm = step.mm;
  bool others = false, disturbed = mm.loose || mm.wild || mm.grows, cut = false;
  step.overlapping([&](const Op& o) {
    if (o.atomic) {
      others = others || o.in_flight();
      disturbed = disturbed || (!o.in_flight() && !o.out.known());
    } else {
      for (const Footprint::Part& part : o.footprint) {
        disturbed = disturbed || cuts_vmas(part.loses & ~kPolicy);
        cut = cut || cuts_vmas(part.loses);
      }
    }
  });
  const auto known = groups_.find(mm.id);
  Group* g = known == groups_.end() ? nullptr : &known->second;
  if (!g && !others) return false;
  if (g && g->spoilt) return true;
  if (g) g->cut = g->cut || cut;
  const auto brk = g ? g->brk : mm.brk;
  const auto touched = disturbed ? std::nullopt : touched_by(step.world, step.task, step.call, brk);
  if (touched && !concerned(step, g, *touched)) return g != nullptr;
  if (!g) {
    g = &groups_[mm.id];
    g->brk = mm.brk;
    g->brk_start = mm.brk_start;
    g->brk_seen = mm.brk_seen;
    g->cut = cut;
  }
  if (!touched || g->calls.size() == kMostCalls) return spoil(mm.id), true;

  for (const Range r : *touched) cover(*g, mm.space, r);
  if (g->before.intervals() > kMostPieces) return spoil(mm.id), true;
  auto noted = std::make_unique<Noted>(Noted{when, step.call, *touched, nullptr, 0, true});
  constexpr std::uint64_t kAnonymous = 0x20;
  if (step.call.sys == Sys::mmap && !(step.arg(3) & kAnonymous))
    noted->files = std::make_shared<FileTable>(*step.task.files);
  if (step.call.sys == Sys::io_destroy)
    if (const AioContext* c = step.mm.aio.find(step.arg(0))) noted->ring = c->ring;
  g->calls.push_back(std::move(noted));
  return true;
}

// Whether what the call touches is touched by others of the group, or may be by those that overlap it.
bool Orders::concerned(const Step& step, const Group* g, const Ranges& touched) {
  if (touched.empty()) return false;
  if (g && std::any_of(g->covered.begin(), g->covered.end(), [&](Range r) { return touched.intersect(r); }))
    return true;
  bool met = false;
  step.overlapping([&](const Op& o) {
    met = met || (o.sys == Sys::brk && step.call.sys == Sys::brk);
    for (const Footprint::Part& part : o.footprint) {
      if (met || !touched.intersect(part.range)) continue;
      if (part.loses != kFills) met = true;
      else  // a mapping finds a place only where there is none
        for (const Range r : touched)
          step.mm.space.for_each(r, [&](Range, const PageState& s) {
            met = met || s.test(kMapped) != Tri::yes;
            return !met;
          });
    }
  });
  return met;
}

// Copies what is known of the parts of `r` that are not covered yet: no call of the group has changed them.
void Orders::cover(Group& g, const AddressSpace& space, Range r) {
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
  auto& calls = it->second.calls;
  if (!calls.empty() && calls.back()->when.tid == step.op.tid &&
      calls.back()->when.begin_seq == step.op.begin_seq)
    calls.back()->lost = step.lost() || step.call.sys == Sys::brk;
  if (step.world.overlaps.any_running([&](const Op& o) { return o.atomic && o.mm == step.mm.id; })) return;
  Group g = std::move(it->second);
  groups_.erase(it);
  if (g.spoilt) ++left;
  else close(step, g);
}

// Calls that touch a page in common, perhaps through others; the breaks are about one place.
std::vector<Orders::Set> Orders::sets_of(const Group& g) {
  std::vector<Set> sets;
  const auto meet = [](const Noted& a, const Noted& b) {
    if (a.call.sys == Sys::brk && b.call.sys == Sys::brk) return true;
    return std::any_of(a.touched.begin(), a.touched.end(), [&](Range r) { return b.touched.intersect(r); });
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

void Orders::close(const Step& step, Group& g) {
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
