// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/orders.h"

#include <algorithm>

#include "model/kernel/atomic.h"

namespace ringtail::kernel {

bool Orders::note(const World& w, const Task& t, const When& when, const Call& call, const Op& op) {
  if (!op.atomic) return false;
  const Mm& mm = *t.mm;
  bool others = false, disturbed = mm.loose || mm.wild || mm.grows;
  w.overlaps.for_each(op, mm.id, [&](const Op& o) {
    if (o.atomic) {
      others = others || o.in_flight();
      disturbed = disturbed || (!o.in_flight() && !o.out.known());
    } else {
      for (const Footprint::Part& part : o.footprint) disturbed = disturbed || cuts_vmas(part.loses);
    }
  });
  auto it = groups_.find(mm.id);
  if (it == groups_.end()) {
    if (!others) return false;
    it = groups_.try_emplace(mm.id).first;
    it->second.brk = mm.brk;
    it->second.brk_start = mm.brk_start;
    it->second.brk_seen = mm.brk_seen;
  }
  Group& g = it->second;
  if (g.spoilt) return true;
  const auto touched = disturbed ? std::nullopt : touched_by(w, t, call, g.brk);
  if (touched && touched->empty()) return true;
  if (!touched || g.calls.size() == kMostCalls) return spoil(mm.id), true;

  for (const Range r : *touched) cover(g, mm.space, r);
  if (g.before.intervals() > kMostPieces) return spoil(mm.id), true;
  auto noted = std::make_unique<Noted>(Noted{when, call, *touched, nullptr, 0});
  constexpr std::uint64_t kAnonymous = 0x20;
  if (call.sys == Sys::mmap && !(call.arg[3].value & kAnonymous))
    noted->files = std::make_shared<FileTable>(*t.files);
  if (call.sys == Sys::io_destroy)
    if (const AioContext* c = t.mm->aio.find(call.arg[0].value)) noted->ring = c->ring;
  g.calls.push_back(std::move(noted));
  return true;
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

void Orders::judged(World& w, const Task& t, Mm& mm, const Verdict& v) {
  const auto it = groups_.find(mm.id);
  if (it == groups_.end()) return;
  if (v.kind != Verdict::Kind::conforms) spoil(mm.id);
  for (const Op& op : w.overlaps.running())
    if (op.atomic && op.mm == mm.id) return;
  Group g = std::move(it->second);
  groups_.erase(it);
  if (g.spoilt) ++left;
  else if (g.calls.size() > 1) close(w, t, mm, g);
}

// Calls that touch a page in common, perhaps through others; the breaks are about one place.
std::vector<Orders::Set> Orders::sets_of(const Group& g) {
  std::vector<Set> sets;
  const auto meet = [](const Noted& a, const Noted& b) {
    if (a.call.sys == Sys::brk && b.call.sys == Sys::brk) return true;
    for (const Range x : a.touched)
      for (const Range y : b.touched)
        if (x.intersects(y)) return true;
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

void Orders::close(World& w, const Task& t, Mm& mm, Group& g) {
  // Pages come and go without calls.
  g.before.for_all([](Range, PageState& s) { s.forget(kPresent | kGuards); });
  for (const Set& s : sets_of(g)) ++(search(w, t, mm, g, s) ? tried : left);
}

}  // namespace ringtail::kernel
