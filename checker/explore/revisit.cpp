// SPDX-License-Identifier: GPL-2.0-or-later
// The backward half of the search: a write that was added last feeds a read that was there before it.
#include "checker/explore/search.h"

namespace ringtail::explore {

using machine::Act;
using machine::Request;

namespace {

bool is_lock(const Event& read) { return read.tag == memory::Tag::lock_read; }

}  // namespace

// All revisits by `w`, which is not in co yet, unless it is half of a read-modify-write. With `conflict`, the
// write of another read-modify-write that reads the same write as w's does: then the graph itself is
// inconsistent, and only revisits that remove the conflict count.
template <int W>
void Search<W>::revisits(S& s, Slot w, Slot conflict) {
  const Event& e = s.events[w];
  const Slot rival = conflict == no_slot ? no_slot : s.rmw_read(conflict);
  Slot reads[S::capacity];
  std::size_t n = 0;
  const Set needed = needs(s, w);
  const Set candidates = s.locations[e.loc].reads - needed;
  candidates.each([&](Slot r) { reads[n++] = r; });
  for (std::size_t k = 0; k < n && !stop_; ++k) {
    const Slot r = reads[k];
    const Event& re = s.events[r];
    if (conflict != no_slot && r != rival && s.rank[r] > s.rank[rival]) continue;
    const Revisit how = accepts(*re.at, e.value, re.thread) ? Revisit::read
                        : r == rival && is_lock(re)         ? Revisit::evict
                                                            : Revisit::refuse;
    if (how != Revisit::read && !may_wait(re.at->header.request)) continue;
    Set dropped;
    for (std::size_t i = s.rank[r] + 1u; i < s.n; ++i) dropped.add(s.order[i]);
    dropped = dropped - needed;
    dropped.drop(w);
    if (conflict != no_slot && !dropped.has(conflict)) continue;
    bool default_way = by_default(s, r, w, needed);
    for (std::size_t i = s.rank[r] + 1u; default_way && i < s.n; ++i)
      if (dropped.has(s.order[i])) default_way = by_default(s, s.order[i], w, needed);
    if (default_way) revisit(s, w, r, s.used - dropped, conflict != no_slot, how);
  }
}

// Whether `e` had been added in the default way to what was there before it and what `w` needs.
template <int W>
bool Search<W>::by_default(S& s, Slot e, Slot w, const Set& needed) {
  const Event& ev = s.events[e];
  const auto previous = [&](Slot x) { return s.rank[x] <= s.rank[e] || needed.has(x); };
  const auto previous_set = [&] {
    Set p = needed;
    for (std::size_t i = 0; i <= s.rank[e]; ++i) p.add(s.order[i]);
    return p;
  };
  switch (ev.what) {
    case What::fence:
    case What::alloc:
    case What::free:
    case What::count:
      return true;
    case What::park:
      return false;
    case What::choose:
      return ev.value == ev.at->header.request.operand;
    case What::ghost:
      return ev.rf == no_slot || needed.has(ev.rf);
    case What::read: {
      if (ev.promised) return false;
      if (ev.rf != from_initial && !previous(ev.rf)) return false;
      // Where there are grace periods the latest may not be possible.
      bool waits = false;
      for (Slot c = s.co_next(ev.loc, ev.rf); c != no_slot; c = s.events[c].co_next) {
        if (c == w || !previous(c)) continue;
        if (!s.waits) return false;
        waits = !accepts(*ev.at, s.events[c].value, ev.thread);
        if (!waits && possible(s, e, c, previous_set())) return false;
      }
      return !waits;
    }
    case What::write: {
      bool fed = false;
      s.readers[e].each([&](Slot r) { fed |= previous(r); });
      if (fed) return false;
      if (s.ghosts != 0)
        for (std::size_t i = 0; i < s.n; ++i) {
          const Event& g = s.events[s.order[i]];
          if (g.what == What::ghost && g.rf == e) return false;
        }
      if (ev.rmw) return true;  // its place in co is that of its read
      for (Slot c = ev.co_next; c != no_slot; c = s.events[c].co_next) {
        if (c == w || !previous(c)) continue;
        if (!s.waits) return false;
        if (possible(s, e, c, previous_set())) return false;
      }
      return true;
    }
  }
  return true;
}

// Whether a read could have read `source`, or a write been placed right after it, in the graph of `previous`.
template <int W>
bool Search<W>::possible(const S& s, Slot e, Slot source, const Set& previous) {
  S& child = borrow(s);
  child.keep(previous);
  const Event& ev = child.events[e];
  bool ok = true;
  if (ev.what == What::write) {
    child.unplace(e);
    ok = child.rmw_after(ev.loc, source) == no_slot;
    if (ok) child.place(e, source);
  } else {
    child.read_from(e, source);
    child.events[e].value = child.events[source].value;
    const Request& q = ev.at->header.request;
    if (q.act == Act::rmw && machine::holds(q.guard, ev.value, q.guard_value))
      ok = child.rmw_after(ev.loc, source) == no_slot;
  }
  if (ok) {
    child.rebuild_before();
    ok = consistent(child);
  }
  give_back();
  return ok;
}

template <int W>
void Search<W>::revisit(const S& s, Slot w, Slot r, const Set& kept, bool from_conflict, Revisit how) {
  S& base = borrow(s);
  base.keep(kept);
  if (from_conflict) note_evidence(base, w, no_slot);
  const std::uint8_t t = base.events[r].thread;
  Event& re = base.events[r];
  if (how == Revisit::evict) {
    base.make_ghost(r, w);
  } else {
    base.read_from(r, w);
    re.value = base.events[w].value;
    re.refused = how == Revisit::refuse;
  }
  if (how == Revisit::refuse) {
    base.threads[t].next = re.at;
    compute_prefix(base, r);
    note_wait(base, t);
  }
  if (how == Revisit::read) {
    if (re.tag == memory::Tag::is_locked || re.tag == memory::Tag::is_unlocked)
      re.tag = re.value == 0 ? memory::Tag::is_unlocked : memory::Tag::is_locked;
    const Request& q = re.at->header.request;
    const bool writes = q.act == Act::rmw && machine::holds(q.guard, re.value, q.guard_value);
    if (q.tag == memory::Tag::lock_read) {
      re.rmw = writes;
      re.tag = writes ? memory::Tag::lock_read : memory::Tag::lock_fail;
    }
    resume(base, t, *re.at, re.value, r);
    compute_prefix(base, r);
  }
  // The places in co that the revisiting write may have, the last first.
  const Event we = base.events[w];
  const bool placed = we.rmw && base.locations[we.loc].writes.has(w);  // not: half of a promise
  const auto finish = [&](S& in) {
    const Request& q = in.events[r].at->header.request;
    const bool free = !from_conflict && !in.waits && in.events[w].co_next == no_slot;
    if (!in_order(in, w) || (how != Revisit::evict && !in_order(in, r))) return;
    if (how == Revisit::read && q.act == Act::rmw &&
        machine::holds(q.guard, in.events[r].value, q.guard_value)) {
      add_rmw_write(in, r);
      if (!free && !consistent(in)) return;
      revisits(in, in.threads[t].last(), no_slot);
      if (!stop_) visit(in);
      return;
    }
    if (free || consistent(in)) visit(in);
  };
  base.rebuild_before();
  // who is refused waits for what comes after the last write
  if (placed) {
    if (how != Revisit::refuse || base.co_last(we.loc) == w) finish(base);
  } else {
    for (Slot p = base.co_last(we.loc);;) {
      const bool ordered = how == Revisit::evict || order_allows_place(base, w, r, p);
      const auto sees_all = [&](Slot e) {
        const std::uint8_t thread = base.events[e].thread;
        return sees_nothing_later(base, thread, we.loc, p, base.threads[thread].count - 1u);
      };
      if (base.rmw_after(we.loc, p) == no_slot && (ordered || (lkmm_ && sees_all(w) && sees_all(r)))) {
        S& child = borrow(base);
        child.place(w, p);
        child.sc = ordered && (!child.tso || child.reads_own_writes());
        if (how == Revisit::evict) child.rebuild_before();
        else if (child.sc) link_place(child, w, r);
        finish(child);
        give_back();
        if (stop_) break;
      }
      if (p == from_initial || how == Revisit::refuse) break;
      p = base.events[p].co_prev == no_slot ? from_initial : base.events[p].co_prev;
    }
  }
  give_back();
}

#define RINGTAIL_INSTANTIATE(W)                                                      \
  template void Search<W>::revisits(S&, Slot, Slot);                                 \
  template void Search<W>::revisit(const S&, Slot, Slot, const Set&, bool, Revisit); \
  template bool Search<W>::by_default(S&, Slot, Slot, const Set&);                   \
  template bool Search<W>::possible(const S&, Slot, Slot, const Set&);
RINGTAIL_INSTANTIATE(1)
RINGTAIL_INSTANTIATE(2)
RINGTAIL_INSTANTIATE(4)
RINGTAIL_INSTANTIATE(8)
RINGTAIL_INSTANTIATE(16)

}  // namespace ringtail::explore
