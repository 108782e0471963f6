// SPDX-License-Identifier: GPL-2.0-or-later
// What may be guessed: the evidence that graphs without a guess give. See search.h, 5; flow.cpp has what
// comes to nothing.
#include <algorithm>

#include "checker/explore/search.h"

namespace ringtail::explore {

using machine::Act;
using machine::Request;
using memory::Tag;

namespace {

bool strong(Tag t) { return t == Tag::mb || t == Tag::sync_rcu || t == Tag::sync_srcu; }
bool marked(const Event& e) { return e.tag != Tag::plain; }

template <int W>
Bits<W> members(const machine::DepTable& deps, machine::DepSet d) {
  Bits<W> all;
  const machine::DepTable::Bits& bits = deps.bits(d);
  for (std::size_t i = 0; i < W; ++i) all.w[i] = bits[i];
  return all;
}

}  // namespace

// Reads of the event's own thread that decide whether it is there at all: those that a branch before it was
// taken on, and those that decided what these read.
template <int W>
typename Search<W>::Set Search<W>::deciders(const S& s, Slot e) const {
  Set all, open;
  const auto take = [&](Slot r) {
    if (!all.has(r)) all.add(r), open.add(r);
  };
  each_dependency(s.events[e].ctrl, take);
  while (!open.empty()) {
    Slot r = no_slot;
    open.each([&](Slot x) { r = x; });
    open.drop(r);
    const Event& re = s.events[r];
    each_dependency(re.addr, take);
    if (re.rf >= no_slot || s.events[re.rf].thread != re.thread) continue;
    each_dependency(s.events[re.rf].addr, take);
    each_dependency(s.events[re.rf].data, take);
  }
  return all;
}

// A part of what LKMM orders before the event in any case, whatever values are read: dependencies, acquire
// and release, fences, and reading what another thread wrote. Plain accesses are in it only where something
// bounds them. A read in this set of a write cannot read from it. What an event that is there only because of
// a read's value would order that read before does not count: with another value it may not be there.
//
// ordered[e] has, beside these, what is ordered before `e` wherever it is there itself, which may be only
// because of some read: accesses that a branch led to before a release.
template <int W>
void Search<W>::happens_before(S& s, Slot e) const {
  const Event& ev = s.events[e];
  const auto& thread = s.threads[ev.thread];
  Set p, x;
  const auto include = [&](Slot f) {
    p |= s.hb[f];
    p.add(f);
    x |= s.ordered[f];
    x.add(f);
  };
  const bool reads = ev.what == What::read, writes = ev.what == What::write;
  std::size_t end = 0;
  while (thread.list[end] != e) ++end;
  Set direct;
  if (marked(ev) && (reads || writes)) {
    const auto dependency = [&](Slot f) {
      if (!marked(s.events[f])) return;
      include(f);
      direct.add(f);
    };
    each_dependency(ev.addr, dependency);
    if (writes) {
      each_dependency(ev.data, dependency);
      each_dependency(ev.ctrl, dependency);
      // whether a conditional one writes depends on what it reads
      if (ev.rmw && ev.at->header.request.guard == ir::Guard::always) include(thread.list[end - 1]);
    }
    if (reads && ev.rf < no_slot && s.events[ev.rf].thread != ev.thread && marked(s.events[ev.rf]))
      include(ev.rf);
  }
  const bool after_all = (writes && (ev.tag == Tag::release || ev.tag == Tag::unlock)) ||
                         (ev.what == What::fence && strong(ev.tag)) || ev.what == What::free ||
                         (ev.rmw && ev.tag == Tag::full && ev.at->header.request.guard == ir::Guard::always);
  // What may be there only because of a read that this event does not come after does not count, unless this
  // event is there for the same reason.
  const Set reasons = members<W>(deps_, ev.ctrl);
  const auto in_any_case = [&](const Event& f) {
    return f.ctrl == 0 || f.ctrl == ev.ctrl || (members<W>(deps_, f.ctrl) - reasons - p).empty();
  };
  std::size_t barrier = end;  // the last of its kind before the event
  for (std::size_t i = end; i-- > 0 && barrier == end;) {
    const Event& f = s.events[thread.list[i]];
    if (f.what == What::fence &&
        ((reads && (f.tag == Tag::rmb || f.tag == Tag::after_ctrl_dep)) || (writes && f.tag == Tag::wmb)) &&
        in_any_case(f))
      barrier = i;
  }
  const Set undecided = barrier == end ? Set() : deciders(s, thread.list[barrier]);
  for (std::size_t i = 0; i < end; ++i) {
    const Slot slot = thread.list[i];
    const Event& f = s.events[slot];
    if (f.what == What::fence) {
      if (strong(f.tag) && in_any_case(f)) include(slot);
      continue;
    }
    if (f.what != What::read && f.what != What::write) continue;
    const bool fenced = barrier != end && i < barrier && f.what == ev.what &&
                        (writes || (f.tag != Tag::noreturn && ev.tag != Tag::noreturn));
    if (after_all || (fenced && !undecided.has(slot))) x.add(slot);
    if (!in_any_case(f)) continue;
    if (after_all) {
      include(slot);
      continue;
    }
    if (fenced) {
      Set before = s.hb[slot];
      before.add(slot);
      p |= before - undecided;
      x |= s.ordered[slot] - undecided;
    }
    if (!marked(f)) continue;
    // a conditional read-modify-write orders as it succeeds or fails, which its own read decides
    const Request& q = f.at->header.request;
    if (q.act == Act::rmw && q.guard != ir::Guard::always && !q.blocking) continue;
    const bool acquires = f.what == What::read && (f.tag == Tag::acquire || f.tag == Tag::lock_read);
    const bool full = f.rmw && f.tag == Tag::full && f.what == What::write;
    const bool locks = f.tag == Tag::unlock && ev.tag == Tag::lock_read;
    bool same = writes && marked(ev) && f.loc == ev.loc;
    if (same) each_dependency(f.addr, [&](Slot r) { same &= p.has(r); });
    if (acquires || full || locks || same) include(slot);
  }
  Set undone = deciders(s, e) - direct;
  // A critical section ends with an unlock whatever is read in it: with one here, or with another.
  if (writes && ev.tag == Tag::unlock)
    for (std::size_t i = end; i-- > 0;) {
      const Event& f = s.events[thread.list[i]];
      if (f.tag == Tag::lock_read && f.loc == ev.loc) break;
      undone.drop(thread.list[i]);
    }
  s.hb[e] = p - undone;
  s.ordered[e] = (x | p) - undone;
}

// The new write `w` shows what reads before it might have been promised.
// With a `rival`, whose read-modify-write reads what w's does, that holds only if a promise makes the rival
// do something else.
template <int W>
void Search<W>::note_evidence(const S& s, Slot w, Slot rival) {
  if (!lkmm_) return;
  const Event& e = s.events[w];
  s.locations[e.loc].reads.each([&](Slot r) {
    const Event& re = s.events[r];
    const Request& q = re.at->header.request;
    if (!may_be_promised(q) || re.thread == e.thread || comes_too_late(s, r, w)) return;
    if (rival != no_slot && r != rival && !(s.prefix[rival].has(r) && branched_on(s, r))) return;
    if (re.promised && re.value != e.value && made_of(s, w).has(r)) return;  // would only grow and grow
    if (rival == no_slot && comes_right_after(s, w, r)) return;
    if (const auto known = evidence_.promises.find(name_of(re));
        known != evidence_.promises.end() && known->second.contains(e.value))
      return;
    if ((guesses_.open.count(name_of(re)) != 0 && !re.promised) ||
        (s.prefix[w].has(r) && !s.ordered[w].has(r) && !excluded(s, r, w) && breaks_cycle(s, r, w) &&
         !(s.flow[w].has(r) && goes_the_same_way(s, r, w, e.value))))
      note_promise(s, r, w);
  });
}

// Whether `w` is of a read-modify-write that comes after r's own with nothing but others between: if `r` read
// from it it would come first, and with another value.
template <int W>
bool Search<W>::comes_right_after(const S& s, Slot w, Slot r) const {
  const Slot half = s.events[r].rmw ? s.rmw_write(r) : no_slot;
  if (half == no_slot) return false;
  while (w < no_slot && w != half) w = s.events[w].rmw ? s.events[w].co_prev : no_slot;
  return w == half;
}

// Whether a read sees its place as the thread of `r` left it after `r`: who writes there after it writes too
// late to feed `r`.
template <int W>
bool Search<W>::sees_past(const S& s, Slot read, Slot r) const {
  const std::uint8_t mine = s.events[r].thread;
  Slot x = s.events[read].rf;
  while (x < no_slot && s.events[x].thread != mine && s.events[x].rmw) x = s.events[x].co_prev;
  if (x >= no_slot || s.events[x].thread != mine) return false;
  const auto& list = s.threads[mine];
  const auto begin = list.list, end = list.list + list.count;
  return std::find(std::find(begin, end, r), end, x) != end;
}

template <int W>
bool Search<W>::comes_too_late(const S& s, Slot r, Slot w) const {
  const auto& thread = s.threads[s.events[w].thread];
  for (std::size_t i = 0; i < thread.count && thread.list[i] != w; ++i) {
    const Event& f = s.events[thread.list[i]];
    if (f.what == What::read && f.loc == s.events[r].loc && sees_past(s, thread.list[i], r)) return true;
  }
  return false;
}

template <int W>
void Search<W>::note_promise(const S& s, Slot r, Slot w) {
  if (!too_early(s, r, w)) evidence_.promises[name_of(s.events[r])].insert(s.events[w].value);
}

// The reads whose values the value of `w` was made of.
template <int W>
typename Search<W>::Set Search<W>::made_of(const S& s, Slot w) const {
  Set reads, open;
  open.add(w);
  for (;;) {
    Slot x = no_slot;
    open.each([&](Slot y) { x = y; });
    if (x == no_slot) return reads;
    open.drop(x);
    each_dependency(s.events[x].data, [&](Slot r) {
      if (reads.has(r)) return;
      reads.add(r);
      if (s.events[r].rf < no_slot) open.add(s.events[r].rf);
    });
  }
}

// A thread that waits in a section may never end it, and then no grace period ends.
template <int W>
void Search<W>::note_wait(const S& s, std::uint8_t t) {
  if (sections_ && !evidence_.waits_in_section) evidence_.waits_in_section = !open_sections(s, t).empty();
}

// What a read-modify-write compares with decides whether it writes, and LKMM sees no dependency in that. So
// the value may come from a write that there is only because of it: any value that anyone writes there is
// tried.
template <int W>
void Search<W>::note_comparison(const S& s, const Request& q) {
  if (!lkmm_) return;
  Set compared;
  each_dependency(q.guard_deps, [&](Slot r) { compared.add(r); });
  compared.each([&](Slot r) {
    const Event& re = s.events[r];
    if (re.address == q.address) return;  // coherence orders it before the write
    evidence_.open.insert(name_of(re));
    s.locations[re.loc].writes.each([&](Slot w) {
      if (s.events[w].thread != re.thread) note_promise(s, r, w);
    });
  });
}

// Whether the read's thread has taken a branch on its value: with another it may do something else.
template <int W>
bool Search<W>::branched_on(const S& s, Slot r) const {
  bool on = false;
  each_dependency(s.threads[s.events[r].thread].next->header.branched, [&](Slot f) { on |= f == r; });
  return on;
}

// A thread that a branch has led to where it never gets on: what it would do with other values there is
// nobody to see. So the reads that the branches were taken on may read whatever anyone writes there.
template <int W>
void Search<W>::note_dead_ends(const S& s) {
  for (std::size_t t = 0; t < s.threads.size(); ++t) {
    const machine::Snapshot* next = s.threads[t].next;
    if (next == nullptr || next->header.branched == 0) continue;
    const machine::Header& h = next->header;
    const bool told = !m_.program().litmus && s.promises > 0;  // by who keeps the promises: as a deadlock
    const bool waits = !told && h.status == machine::Status::running && h.request.blocking &&
                       h.request.tag == Tag::lock_read &&
                       !accepts(*next, final_value(s, h.request.address), static_cast<std::uint8_t>(t));
    if (!waits && h.status != machine::Status::dropped) continue;
    Set branched;
    each_dependency(h.branched, [&](Slot r) { branched.add(r); });
    branched.each([&](Slot r) {
      const Event& re = s.events[r];
      if (!may_be_promised(re.at->header.request)) return;
      s.locations[re.loc].writes.each([&](Slot w) {
        if (s.events[w].value != re.value && s.events[w].thread != re.thread) note_promise(s, r, w);
      });
    });
  }
}

// Whether the promise could break a cycle: some path of po | rf from `r` to `w` starts where LKMM orders
// nothing, and passes no read of a lower thread that might be promised in its place: named_by_rule() would
// have it.
template <int W>
bool Search<W>::breaks_cycle(const S& s, Slot r, Slot w) const {
  const std::uint8_t mine = s.events[r].thread;
  const auto depends = [&](Slot x, Slot f) {
    bool on = false;
    for (const machine::DepSet d : {s.events[x].addr, s.events[x].data, s.events[x].ctrl})
      each_dependency(d, [&](Slot g) { on |= g == f; });
    return on;
  };
  // Writes, and whether some path goes on from there in a way that happens-before does not know and no other
  // promise can stand for: a reads-from of plain accesses, or what only a certain value leads to.
  Set seen[2], open[2];
  const auto go = [&](Slot from, Slot to, bool loose) {
    loose |= !marked(s.events[from]) || !marked(s.events[to]);
    if (seen[loose].has(from)) return;
    seen[loose].add(from);
    open[loose].add(from);
  };
  go(w, r, false);
  for (;;) {
    const bool loose = !open[1].empty();
    Slot x = no_slot;
    open[loose].each([&](Slot y) { x = y; });
    if (x == no_slot) return false;
    open[loose].drop(x);
    const std::uint8_t t = s.events[x].thread;
    const auto& thread = s.threads[t];
    for (std::size_t i = 0; i < thread.count && thread.list[i] != x; ++i) {
      const Slot f = thread.list[i];
      const bool ordered = s.ordered[x].has(f);
      if (f == r && (loose || !ordered)) return true;
      const Event& fe = s.events[f];
      if (fe.what != What::read || fe.rf >= no_slot || !s.prefix[fe.rf].has(r)) continue;
      if (s.events[fe.rf].thread == t) continue;  // po says as much
      const Request& q = fe.at->header.request;
      const bool compared = fe.rmw && q.guard != ir::Guard::always && s.rmw_write(f) == x;
      const bool needed = depends(x, f) || branched_on(s, f) || compared;
      if (t < mine && !ordered && !needed && may_be_promised(q)) continue;
      go(fe.rf, f, needed && (loose || (!ordered && !marked(s.events[x]))));
    }
  }
}

#define RINGTAIL_INSTANTIATE(W)                                       \
  template void Search<W>::happens_before(S&, Slot) const;            \
  template void Search<W>::note_evidence(const S&, Slot, Slot);       \
  template bool Search<W>::sees_past(const S&, Slot, Slot) const;     \
  template void Search<W>::note_wait(const S&, std::uint8_t);         \
  template void Search<W>::note_comparison(const S&, const Request&); \
  template void Search<W>::note_dead_ends(const S&);                  \
  template void Search<W>::note_promise(const S&, Slot, Slot);
RINGTAIL_INSTANTIATE(1)
RINGTAIL_INSTANTIATE(2)
RINGTAIL_INSTANTIATE(4)
RINGTAIL_INSTANTIATE(8)
RINGTAIL_INSTANTIATE(16)

}  // namespace ringtail::explore
