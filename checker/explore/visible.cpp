// SPDX-License-Identifier: GPL-2.0-or-later
// What a thread must see: writes that it cannot overlook any more, neither by reading an older one nor by
// writing before them. LKMM's axioms say all of it, but they are dear to ask, and of a lock's protection, of
// release and acquire and of full barriers it is plain beforehand:
//
//   a write w  ->  a marked write that passes it on: a release after it, or any after a barrier
//              ->  a read of that by another thread, which may pass it on in turn
//              ->  the last of these reads an acquire, or before a full barrier: all accesses after it know w
//
// An access x that comes before w in coherence then closes a cycle: x, w, cumul-fence to the last write of
// the chain, rfe, and by the acquire or the barrier back to x. That is against happens-before, or against
// propagation where a full barrier begins the chain, or against plain-coherence where x or w is plain.
#include "checker/explore/search.h"

namespace ringtail::explore {

using memory::Tag;

// Keeps view[] after the last event of its thread was added.
template <int W>
void Search<W>::look(S& s, Slot e) const {
  const Event& ev = s.events[e];
  const auto& thread = s.threads[ev.thread];
  View<W> v;
  if (thread.count >= 2) v = s.view[thread.list[thread.count - 2]];
  v.passing = {};
  const bool marked = ev.tag != Tag::plain;
  if (ev.what == What::fence) {
    if (ev.tag == Tag::mb || ev.tag == Tag::sync_rcu || ev.tag == Tag::sync_srcu) {
      v.fenced |= v.wrote | v.seen;
      v.known |= v.seen;
    } else if (ev.tag == Tag::wmb) {
      v.fenced |= v.wrote;
    }
  } else if (ev.what == What::read && marked && ev.rf < no_slot) {
    const Event& w = s.events[ev.rf];
    if (w.thread != ev.thread && w.tag != Tag::plain) {
      Set more = s.view[ev.rf].passing;
      more.add(ev.rf);
      v.seen |= more;
      const machine::Request& q = ev.at->header.request;
      const bool succeeds = !ev.rmw || machine::holds(q.guard, ev.value, q.guard_value);
      if ((ev.tag == Tag::acquire && succeeds) || ev.tag == Tag::lock_read) v.known |= more;
    }
  } else if (ev.what == What::write) {
    if (marked) {
      v.passing = v.fenced;
      if (ev.tag == Tag::release || ev.tag == Tag::unlock) v.passing |= v.wrote | v.seen;
      if (ev.tag == Tag::full) {  // as between two barriers; the first is before the read half
        if (thread.count >= 3) {
          const View<W>& first = s.view[thread.list[thread.count - 3]];
          v.passing |= first.wrote | first.seen;
        }
        v.known |= v.seen;
      }
    }
    v.wrote |= v.passing;
    v.wrote.add(e);
  }
  s.view[e] = v;
}

// Whether the thread, after its first `end` events, may read `src` or write right after it for all that it
// knows itself: no older write than the last that it wrote or read.
template <int W>
bool Search<W>::coherent(const S& s, std::uint8_t t, std::uint16_t loc, Slot src, std::size_t end) const {
  const auto& thread = s.threads[t];
  for (std::size_t i = end; i-- > 0;) {
    const Event& e = s.events[thread.list[i]];
    if ((e.what != What::read && e.what != What::write) || e.loc != loc) continue;
    const Slot known = e.what == What::write ? thread.list[i] : e.rf;
    if (known == from_initial || known == no_slot || known == src) return true;
    for (Slot w = s.events[known].co_next; w != no_slot; w = s.events[w].co_next)
      if (w == src) return true;
    return false;
  }
  return true;
}

// The same for all that LKMM makes it know.
template <int W>
bool Search<W>::sees_nothing_later(const S& s, std::uint8_t t, std::uint16_t loc, Slot src,
                                   std::size_t end) const {
  if (!coherent(s, t, loc, src, end)) return false;
  if (end == 0) return true;
  const Set& known = s.view[s.threads[t].list[end - 1]].known;
  for (Slot w = s.co_next(loc, src); w != no_slot; w = s.events[w].co_next)
    if (known.has(w)) return false;
  return true;
}

#define RINGTAIL_INSTANTIATE(W)                                                                      \
  template void Search<W>::look(S&, Slot) const;                                                     \
  template bool Search<W>::coherent(const S&, std::uint8_t, std::uint16_t, Slot, std::size_t) const; \
  template bool Search<W>::sees_nothing_later(const S&, std::uint8_t, std::uint16_t, Slot, std::size_t) const;
RINGTAIL_INSTANTIATE(1)
RINGTAIL_INSTANTIATE(2)
RINGTAIL_INSTANTIATE(4)
RINGTAIL_INSTANTIATE(8)
RINGTAIL_INSTANTIATE(16)

}  // namespace ringtail::explore
