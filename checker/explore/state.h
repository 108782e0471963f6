// SPDX-License-Identifier: GPL-2.0-or-later
// An execution graph in the form in which the search works on it: plain arrays, cheap to copy, events named
// by slots that stay theirs for as long as they live.
//
// Beside what memory::Graph holds, each event keeps the state of its thread before it (so that a thread can
// be taken back to any of its events), and the sets that the search asks for at every step:
//   prefix[e]   (po | rf)+ before e: all that must be there for e to be there.
//   before[e]   (po | rf | co | fr)+ before e, while that is acyclic: the graph is sequentially consistent,
//               and so consistent under every model here. Under TSO what total store order has before e:
//               program order without stores before loads, reads-from between threads, co and fr.
//   hb[e], ordered[e], flow[e]   under LKMM only: parts of what happens before e in LKMM's sense, see
//               evidence.cpp and flow.cpp.
//   view[e]     under LKMM only: writes that are visible where e is, see visible.cpp.
//
// Invariants:
//  1. order[] lists the events as they were added; rank[] is its inverse.
//  2. A promised read has a value and no rf: see search.h.
//  3. A ghost is a lock operation that had to make way for another thread's: it is in order[], at its place
//     there, and nowhere else. See search.h.
#pragma once

#include <cstring>
#include <vector>

#include "checker/explore/bits.h"
#include "model/machine/machine.h"
#include "model/memory/graph.h"

namespace ringtail::explore {

using Slot = std::uint16_t;
inline constexpr Slot from_initial = memory::initial;
inline constexpr Slot no_slot = memory::no_event;

// A count is an addition to what nobody looks at (commute.h): in no order with others, and no conflict.
enum class What : std::uint8_t { read, write, fence, choose, alloc, free, park, ghost, count };

struct Event {
  const machine::Snapshot* at = nullptr;  // whose request this is
  std::uint64_t address = 0;
  std::int64_t value = 0;
  machine::DepSet addr = 0, data = 0, ctrl = 0;
  std::uint32_t source = 0;
  std::uint16_t nth = 0;  // of the events of this instruction in this thread
  std::uint16_t loc = 0;
  Slot rf = no_slot;                          // reads, and ghosts
  Slot co_prev = no_slot, co_next = no_slot;  // writes
  std::uint8_t thread = 0;
  What what = What::fence;
  memory::Tag tag = memory::Tag::plain;
  std::uint8_t size = 0;
  bool rmw = false;
  bool promised = false;
  bool refused = false;        // a read of what does not let its thread go
  std::uint8_t spawns = 0xff;  // a call_rcu(): the thread that runs the callback
};

// What LKMM makes visible to a thread, see visible.cpp. After an event:
template <int W>
struct View {
  Bits<W> wrote;    // the thread's writes, and what they pass on
  Bits<W> seen;     // marked writes of others that it has read, and what these passed on
  Bits<W> fenced;   // of both, what any later marked write passes on
  Bits<W> known;    // what no later access may come before
  Bits<W> passing;  // of a write: what it passes on
};

template <int W>
struct State {
  using Set = Bits<W>;
  static constexpr std::size_t capacity = 64 * W;

  struct Thread {
    const machine::Snapshot* next = nullptr;
    std::uint16_t count = 0;
    Slot list[capacity];
    Slot last() const { return list[count - 1]; }
  };
  struct Location {
    Slot first = no_slot, last = no_slot;  // of co
    Set writes, reads, initial_readers;
    bool freed = false;
  };

  std::uint16_t n = 0;  // events, ghosts included
  bool tso = false;     // before[] is total store order's
  bool lkmm = false;    // hb[], ordered[], flow[] and view[] are kept
  bool sc = true;       // before[] is meaningful: the graph is consistent under SC, or under TSO
  bool waits = false;   // there is a grace period
  std::uint16_t ghosts = 0;
  std::uint16_t promises = 0;  // reads that are promised their value
  std::uint16_t frees = 0;
  Set used;
  Slot order[capacity];
  std::uint16_t rank[capacity];
  Event events[capacity];
  Set prefix[capacity], before[capacity], readers[capacity];
  Set hb[capacity], ordered[capacity], flow[capacity];  // under LKMM only,
  View<W> view[capacity];                               // as this
  std::vector<Thread> threads;
  std::vector<Location> locations;

  void copy_from(const State& o) {
    n = o.n;
    tso = o.tso;
    lkmm = o.lkmm;
    sc = o.sc;
    waits = o.waits;
    ghosts = o.ghosts;
    promises = o.promises;
    frees = o.frees;
    used = o.used;
    std::memcpy(order, o.order, n * sizeof(Slot));
    std::size_t top = capacity;
    while (top > 0 && !used.has(top - 1)) --top;
    std::memcpy(rank, o.rank, top * sizeof(rank[0]));
    std::memcpy(static_cast<void*>(events), o.events, top * sizeof(Event));
    std::memcpy(static_cast<void*>(prefix), o.prefix, top * sizeof(Set));
    std::memcpy(static_cast<void*>(before), o.before, top * sizeof(Set));
    std::memcpy(static_cast<void*>(readers), o.readers, top * sizeof(Set));
    if (lkmm) {
      std::memcpy(static_cast<void*>(hb), o.hb, top * sizeof(Set));
      std::memcpy(static_cast<void*>(ordered), o.ordered, top * sizeof(Set));
      std::memcpy(static_cast<void*>(flow), o.flow, top * sizeof(Set));
      std::memcpy(static_cast<void*>(view), o.view, top * sizeof(View<W>));
    }
    threads.resize(o.threads.size());
    for (std::size_t t = 0; t < threads.size(); ++t) {
      threads[t].next = o.threads[t].next;
      threads[t].count = o.threads[t].count;
      std::memcpy(threads[t].list, o.threads[t].list, o.threads[t].count * sizeof(Slot));
    }
    locations.assign(o.locations.begin(), o.locations.end());
  }

  bool full(std::size_t more) const { return n + more > capacity; }

  // Adds an event (not a ghost) at the end of its thread. The caller has filled in what the request says.
  Slot add(const Event& e) {
    const auto slot = static_cast<Slot>(used.first_free());
    used.add(slot);
    events[slot] = e;
    readers[slot] = {};
    rank[slot] = n;
    order[n++] = slot;
    Thread& t = threads[e.thread];
    t.list[t.count++] = slot;
    if (e.what == What::read) locations[e.loc].reads.add(slot);
    promises += e.promised;
    frees += e.what == What::free;
    return slot;
  }

  void read_from(Slot r, Slot w) {
    Event& e = events[r];
    if (e.rf == from_initial) locations[e.loc].initial_readers.drop(r);
    else if (e.rf != no_slot) readers[e.rf].drop(r);
    e.rf = w;
    if (w == from_initial) locations[e.loc].initial_readers.add(r);
    else if (w != no_slot) readers[w].add(r);
  }

  // Puts a write right after `prev` in co; from_initial: first.
  void place(Slot w, Slot prev) {
    Location& l = locations[events[w].loc];
    Event& e = events[w];
    l.writes.add(w);
    e.co_prev = prev == from_initial ? no_slot : prev;
    e.co_next = prev == from_initial ? l.first : events[prev].co_next;
    (e.co_prev == no_slot ? l.first : events[e.co_prev].co_next) = w;
    (e.co_next == no_slot ? l.last : events[e.co_next].co_prev) = w;
  }
  void unplace(Slot w) {
    Location& l = locations[events[w].loc];
    Event& e = events[w];
    (e.co_prev == no_slot ? l.first : events[e.co_prev].co_next) = e.co_next;
    (e.co_next == no_slot ? l.last : events[e.co_next].co_prev) = e.co_prev;
    l.writes.drop(w);
  }

  Slot co_last(std::uint16_t loc) const {
    return locations[loc].last == no_slot ? from_initial : locations[loc].last;
  }
  Slot co_next(std::uint16_t loc, Slot w) const {
    return w == from_initial ? locations[loc].first : events[w].co_next;
  }
  // The reads that a write right after `w` would come after.
  const Set& readers_of(std::uint16_t loc, Slot w) const {
    return w == from_initial ? locations[loc].initial_readers : readers[w];
  }
  // The write of another successful read-modify-write that reads `w`, or no_slot.
  Slot rmw_after(std::uint16_t loc, Slot w) const {
    const Slot next = co_next(loc, w);
    if (next == no_slot || !events[next].rmw) return no_slot;
    const Slot read = rmw_read(next);
    return read != no_slot && events[read].rf == w ? next : no_slot;
  }
  // The read half of a read-modify-write's write.
  Slot rmw_read(Slot w) const {
    const Thread& t = threads[events[w].thread];
    for (std::size_t i = 1; i < t.count; ++i)
      if (t.list[i] == w) return t.list[i - 1];
    return no_slot;
  }
  // The write half of a read-modify-write's read, or no_slot.
  Slot rmw_write(Slot r) const {
    const Thread& t = threads[events[r].thread];
    for (std::size_t i = 0; i + 1 < t.count; ++i)
      if (t.list[i] == r) {
        const Event& next = events[t.list[i + 1]];
        return next.rmw && next.what == What::write && next.source == events[r].source ? t.list[i + 1]
                                                                                       : no_slot;
      }
    return no_slot;
  }

  // Leaves nothing of a read but its place in the order of addition, in the name of the write that it made
  // way for.
  void make_ghost(Slot r, Slot w) {
    Event& e = events[r];
    Thread& t = threads[e.thread];
    --t.count;  // what came after it is gone
    t.next = e.at;
    read_from(r, no_slot);
    locations[e.loc].reads.drop(r);
    e.what = What::ghost;
    e.rf = w;
    ++ghosts;
  }

  // Drops all events that are not in `kept`, of which each thread has the first few. A kept read of a dropped
  // write is left without rf.
  void keep(const Set& kept) {
    const Set gone = used - kept;
    for (Thread& t : threads) {
      std::uint16_t m = 0;
      while (m < t.count && kept.has(t.list[m])) ++m;
      if (m < t.count) t.next = events[t.list[m]].at;
      t.count = m;
    }
    gone.each([&](Slot s) {
      const Event& e = events[s];
      if (e.spawns != 0xff) threads[e.spawns].next = nullptr;
      if (e.what == What::write) {
        if (locations[e.loc].writes.has(s)) unplace(s);  // one that revisits may not be placed yet
        readers[s].each([&](Slot r) {
          if (kept.has(r)) events[r].rf = no_slot;
        });
      } else if (e.what == What::read) {
        locations[e.loc].reads.drop(s);
        promises -= e.promised;
        if (e.rf == from_initial) locations[e.loc].initial_readers.drop(s);
        else if (e.rf != no_slot && kept.has(e.rf)) readers[e.rf].drop(s);
      } else if (e.what == What::ghost) {
        --ghosts;
      } else if (e.what == What::free) {
        --frees;
      }
    });
    std::uint16_t m = 0;
    for (std::uint16_t i = 0; i < n; ++i)
      if (kept.has(order[i])) {
        rank[order[i]] = m;
        order[m++] = order[i];
      }
    n = m;
    used = kept;
  }

  // Whether all that comes before the event in its thread is globally before it, and it before all that comes
  // after: x86's locked instructions and mfence.
  static bool drains(const Event& e) {
    using memory::Tag;
    if (e.what == What::fence)
      return e.tag == Tag::mb || e.tag == Tag::after_srcu_read_unlock || e.tag == Tag::sync_rcu ||
             e.tag == Tag::sync_srcu;
    return e.rmw || e.tag == Tag::lock_read || e.tag == Tag::lock_write;
  }
  bool after_all(const Event& e) const { return !tso || e.what == What::write || drains(e); }

  // The events before place `i` of a thread that the one there, and those before them, come after directly;
  // `all` as of after_all().
  template <class F>
  void each_before(const Thread& t, std::size_t i, bool all, F f) const {
    if (!tso) {
      if (i > 0) f(t.list[i - 1]);
      return;
    }
    bool read = true, write = all;
    while (i-- > 0 && (read || write)) {
      const Event& e = events[t.list[i]];
      if (drains(e)) return f(t.list[i]);
      if (e.what == What::read && read) f(t.list[i]), read = false;
      if (e.what == What::write && write) f(t.list[i]), read = write = false;
    }
  }

  // The events that the one at place `i` of a thread comes after directly.
  Set directly_before(const Thread& t, std::size_t i) const {
    Set p;
    const Slot s = t.list[i];
    const Event& e = events[s];
    each_before(t, i, after_all(e), [&](Slot x) { p.add(x); });
    if (e.what == What::read && e.rf < no_slot && (!tso || events[e.rf].thread != e.thread)) p.add(e.rf);
    if (e.what == What::write && locations[e.loc].writes.has(s)) {
      if (e.co_prev != no_slot) p.add(e.co_prev);
      p |= readers_of(e.loc, e.co_prev == no_slot ? from_initial : e.co_prev);
      p.drop(s);
    }
    return p;
  }

  // The same, found once for each event that is `met`: under TSO an event is asked about again and again.
  Set& once_directly_before(const Thread& t, std::size_t i, Set& met) const {
    static thread_local std::array<Set, capacity> of;
    const Slot s = t.list[i];
    if (!met.has(s)) {
      met.add(s);
      of[s] = directly_before(t, i);
    }
    return of[s];
  }

  bool reads_own_writes() const;
  bool rebuild_before();
};

// Under TSO: whether each read sees its thread's last write before it, or a later one, or one that has no
// place in co yet.
template <int W>
bool State<W>::reads_own_writes() const {
  for (const Thread& t : threads)
    for (std::size_t i = 0; i < t.count; ++i) {
      const Slot s = t.list[i];
      const Event& r = events[s];
      if (r.what != What::read || r.rf == no_slot) continue;
      if (r.rf < no_slot && !locations[r.loc].writes.has(r.rf)) continue;
      for (Slot w = r.rf == from_initial ? locations[r.loc].first : events[r.rf].co_next; w != no_slot;
           w = events[w].co_next)
        if (events[w].thread == r.thread && rank[w] < rank[s]) return false;
    }
  return true;
}

// Recomputes before[] from the direct edges; false, and sc off, when they have a cycle. An event's turn comes
// when all that is directly before it is done.
template <int W>
bool State<W>::rebuild_before() {
  sc = !tso || reads_own_writes();
  if (!sc) return false;
  Set done, met;
  std::vector<std::uint16_t> first(threads.size());  // of each thread that is not done
  for (bool moved = true; moved;) {
    moved = false;
    for (std::size_t t = 0; t < threads.size(); ++t)
      for (std::uint16_t i = first[t]; i < threads[t].count; ++i) {
        const Slot s = threads[t].list[i];
        if (tso && done.has(s)) continue;
        const Set direct = tso ? once_directly_before(threads[t], i, met) : directly_before(threads[t], i);
        if (!(direct - done).empty()) {
          if (tso && events[s].what == What::write && !drains(events[s])) continue;  // loads pass stores
          break;
        }
        Set all = direct;
        direct.each([&](Slot p) { all |= before[p]; });
        before[s] = all;
        done.add(s);
        moved = true;
        while (first[t] < threads[t].count && done.has(threads[t].list[first[t]])) ++first[t];
      }
  }
  for (std::size_t t = 0; t < threads.size(); ++t)
    if (first[t] < threads[t].count) return sc = false;
  return true;
}

}  // namespace ringtail::explore
