// SPDX-License-Identifier: GPL-2.0-or-later
// Evidence that comes to nothing: a read that LKMM orders before the write as things go in this graph, and
// things would go the same way with the write's value; and a read and a write that one lock keeps apart.
#include <algorithm>

#include "checker/explore/search.h"

namespace ringtail::explore {

using machine::Act;
using machine::Request;
using machine::Snapshot;
using machine::Status;
using memory::Tag;

// What LKMM orders before an event where each thread does what it does here: dependencies, acquire and
// release, fences, and reading what another thread wrote. (happens_before() asks what it orders whatever is
// read.)
template <int W>
typename Search<W>::Set Search<W>::flows_into(const S& s, Slot e) const {
  const auto marked = [](const Event& x) { return x.tag != Tag::plain; };
  // A read-modify-write that fails orders nothing.
  const auto fails = [](const Event& x) {
    const Request& q = x.at->header.request;
    return x.what == What::read && q.act == Act::rmw && !machine::holds(q.guard, x.value, q.guard_value);
  };
  const Event& ev = s.events[e];
  const bool reads = ev.what == What::read, writes = ev.what == What::write;
  Set p;
  const auto include = [&](Slot f) {
    p |= s.flow[f];
    p.add(f);
  };
  if (marked(ev) && (reads || writes)) {
    const auto dependency = [&](Slot f) {
      if (marked(s.events[f])) include(f);
    };
    each_dependency(ev.addr, dependency);
    if (writes) each_dependency(ev.data, dependency), each_dependency(ev.ctrl, dependency);
    if (reads && ev.rf < no_slot && s.events[ev.rf].thread != ev.thread && marked(s.events[ev.rf]))
      include(ev.rf);
  }
  const bool after_all =
      (writes && (ev.tag == Tag::release || ev.tag == Tag::unlock)) || ev.what == What::free ||
      (ev.rmw && ev.tag == Tag::full && !fails(ev)) ||
      (ev.what == What::fence && (ev.tag == Tag::mb || ev.tag == Tag::sync_rcu || ev.tag == Tag::sync_srcu));
  bool fenced = false;  // a fence of the event's kind stands between
  const auto& thread = s.threads[ev.thread];
  std::size_t i = 0;
  while (thread.list[i] != e) ++i;
  while (i-- > 0) {
    const Slot slot = thread.list[i];
    const Event& f = s.events[slot];
    if (f.what == What::fence) {
      fenced |=
          (reads && (f.tag == Tag::rmb || f.tag == Tag::after_ctrl_dep)) || (writes && f.tag == Tag::wmb);
      if (f.tag == Tag::mb || f.tag == Tag::sync_rcu || f.tag == Tag::sync_srcu) include(slot);
      continue;
    }
    if (f.what != What::read && f.what != What::write) continue;
    const bool pair = fenced && f.what == ev.what && f.tag != Tag::noreturn && ev.tag != Tag::noreturn;
    const bool acquires =
        f.what == What::read && !fails(f) && (f.tag == Tag::acquire || f.tag == Tag::lock_read);
    const bool full = f.rmw && f.tag == Tag::full && f.what == What::write;
    const bool same = writes && marked(ev) && marked(f) && f.loc == ev.loc;
    const bool locks = f.tag == Tag::unlock && ev.tag == Tag::lock_read;
    if (after_all || pair || acquires || full || same || locks) include(slot);
  }
  return p;
}

// Whether the two are in critical sections of one lock. If the read's section is first, the read is done
// before the write, whatever is read; if it is second, the read comes after the write along po | rf without
// reading from it, so that a cycle through both is there without a promise of this read.
template <int W>
bool Search<W>::excluded(const S& s, Slot r, Slot w) const {
  const auto held = [&](Slot e) {
    std::vector<std::uint64_t> locks;
    for (const Slot x : s.threads[s.events[e].thread].list) {
      if (x == e) break;
      const Event& xe = s.events[x];
      if (xe.what == What::read && xe.tag == Tag::lock_read) locks.push_back(xe.address);
      if (xe.what == What::write && xe.tag == Tag::unlock) std::erase(locks, xe.address);
    }
    return locks;
  };
  const auto mine = held(r);
  if (mine.empty()) return false;
  const auto others = held(w);
  return std::any_of(mine.begin(), mine.end(), [&](std::uint64_t lock) {
    return std::find(others.begin(), others.end(), lock) != others.end();
  });
}

// Whether all that `w` comes after, and `w`, would be the same events if `r` read `value`, each with what
// they read from as it is.
template <int W>
bool Search<W>::goes_the_same_way(const S& s, Slot r, Slot w, std::int64_t value) {
  Set needed = s.prefix[w], done;
  needed.add(w);
  std::vector<std::int64_t> values(S::capacity);
  std::vector<const Snapshot*> other(s.threads.size());  // where a thread is that has seen something else
  std::vector<std::uint16_t> at(s.threads.size());
  const auto mark = arena_.mark();
  bool same = true;
  // False when the event has to wait for the one it reads from.
  const auto take = [&](std::uint8_t t, Slot e) {
    const Event& ev = s.events[e];
    const Snapshot* next = other[t] != nullptr ? other[t] : ev.at;
    const Request& q = next->header.request;
    const bool half = ev.what == What::write && ev.rmw;  // the read has gone on from the request
    if (ev.what == What::read) {
      if (e != r && ev.rf < no_slot && !done.has(ev.rf)) return false;
      values[e] = e == r                  ? value
                  : ev.rf == no_slot      ? ev.value
                  : ev.rf == from_initial ? initial_values_[ev.loc]
                                          : values[ev.rf];
    } else {
      values[e] = ev.value;
    }
    if (other[t] == nullptr && (ev.what != What::read || values[e] == ev.value) && !half) return true;
    if (half) {
      const Slot read = s.rmw_read(e);
      if (read == no_slot) return same = false, true;
      values[e] = machine::combine(ev.at->header.request, values[read]);
      return true;
    }
    if (next->header.status != Status::running || q.source != ev.source || q.address != ev.address ||
        q.act == Act::spawn)
      return same = false, true;
    std::int64_t seen = 0;
    if (ev.what == What::read) {
      seen = values[e];
      const bool rmw = q.act == Act::rmw && machine::holds(q.guard, seen, q.guard_value);
      if (rmw != (s.rmw_write(e) != no_slot) || !accepts(*next, seen, t)) return same = false, true;
    } else if (ev.what == What::write) {
      values[e] = lang::wrap(q.operand, {static_cast<std::uint8_t>(q.size * 8), true});
    } else if (ev.what == What::choose) {
      seen = ev.value;
    }
    other[t] = m_.resume(*next, seen, 0, t, deps_, arena_);
    return true;
  };
  for (bool moved = true; moved && same;) {
    moved = false;
    for (std::uint8_t t = 0; t < s.threads.size(); ++t)
      for (; same && at[t] < s.threads[t].count && needed.has(s.threads[t].list[at[t]]);
           ++at[t], moved = true) {
        const Slot e = s.threads[t].list[at[t]];
        if (!take(t, e)) break;
        done.add(e);
      }
  }
  arena_.release(mark);
  return same && done.has(w);
}

// Of two threads: whether the write comes after the read, both marked, for all that they may do else. The
// cycle that a promise would have to break leaves the read's thread by a store after the read, and comes to
// the writer's by a read before the write. (If that store were before the read, there would be a cycle
// without the promise.) Where the first two are ordered and the last two, happens-before has a cycle; or,
// with a plain one among that store and that read, the read is before the store that it reads from
// (wr-incoh).
template <int W>
bool Search<W>::too_early(const S& s, Slot r, Slot w) {
  if (!loose_ || s.threads.size() != 2) return false;
  const Event &re = s.events[r], &we = s.events[w];
  const auto plain = [](const Event& e) { return e.tag == Tag::plain || e.tag == Tag::data_race; };
  if (plain(re) || plain(we)) return false;
  const bool after_reads = we.tag == Tag::release || we.tag == Tag::unlock || (we.rmw && we.tag == Tag::full);
  if (!after_reads && loose_->reads_before(*we.at)) return false;
  const Request& q = re.at->header.request;
  const bool full = q.act == Act::rmw && q.tag == Tag::full;
  if ((full || q.tag == Tag::acquire || q.tag == Tag::lock_read) &&
      (q.act != Act::rmw || machine::holds(q.guard, we.value, q.guard_value)))
    return true;
  const auto mark = arena_.mark();
  const Snapshot* next = m_.resume(*re.at, we.value, 0, re.thread, deps_, arena_);
  const Status status = next->header.status;
  const bool ends = status == Status::failed || status == Status::finished || status == Status::dropped;
  const bool stores = !ends && (status != Status::running || loose_->stores_after(*next));
  arena_.release(mark);
  return !stores;
}

#define RINGTAIL_INSTANTIATE(W)                                  \
  template Bits<W> Search<W>::flows_into(const S&, Slot) const;  \
  template bool Search<W>::excluded(const S&, Slot, Slot) const; \
  template bool Search<W>::too_early(const S&, Slot, Slot);      \
  template bool Search<W>::goes_the_same_way(const S&, Slot, Slot, std::int64_t);
RINGTAIL_INSTANTIATE(1)
RINGTAIL_INSTANTIATE(2)
RINGTAIL_INSTANTIATE(4)
RINGTAIL_INSTANTIATE(8)
RINGTAIL_INSTANTIATE(16)

}  // namespace ringtail::explore
