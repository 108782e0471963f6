// SPDX-License-Identifier: GPL-2.0-or-later
// Whether the graph is sequentially consistent, or under TSO in total store order, kept up to date event by
// event; and what the model says of LKMM's other graphs and of grace periods.
#include "checker/explore/search.h"

namespace ringtail::explore {

using machine::Request;

// Keeps before[] after the last executed event of its thread was added with its edges.
template <int W>
void Search<W>::link_before(S& s, Slot e) {
  if (!s.sc) return;
  const Event& ev = s.events[e];
  const auto& thread = s.threads[ev.thread];
  Set b;
  const auto include = [&](Slot p) {
    b |= s.before[p];
    b.add(p);
  };
  s.each_before(thread, thread.count - 1u, s.after_all(ev), include);
  Slot out = no_slot;
  if (ev.what == What::read) {
    if (ev.rf < no_slot && (!s.tso || s.events[ev.rf].thread != ev.thread)) include(ev.rf);
    out = ev.rf == no_slot ? no_slot : s.co_next(ev.loc, ev.rf);
  } else if (ev.what == What::write) {
    if (ev.co_prev != no_slot) include(ev.co_prev);
    s.readers_of(ev.loc, ev.co_prev == no_slot ? from_initial : ev.co_prev).each([&](Slot r) {
      if (r != e) include(r);
    });
    out = ev.co_next;
  }
  s.before[e] = b;
  if (out == no_slot) return;
  if (b.has(out)) {
    s.sc = false;
    return;
  }
  Set mine = b;
  mine.add(e);
  s.used.each([&](Slot x) {
    if (x == out || s.before[x].has(out)) s.before[x] |= mine;
  });
}

template <int W>
bool Search<W>::order_allows_read(const S& s, std::uint8_t t, std::uint16_t loc, Slot src,
                                  bool writes) const {
  if (!s.sc) return false;
  const auto& thread = s.threads[t];
  const Request& q = thread.next->header.request;
  if (s.tso && !coherent(s, t, loc, src, s.threads[t].count)) return false;
  const Slot out = s.co_next(loc, src);
  if (out == no_slot) return true;
  const auto reaches = [&](Slot p) { return p == out || s.before[p].has(out); };
  bool ok = true;
  const auto after = [&](Slot p) { ok &= !reaches(p); };
  const bool drains = q.act == machine::Act::rmw && (writes || q.tag != memory::Tag::lock_read);
  s.each_before(thread, thread.count, !s.tso || drains, after);
  if (src != from_initial && (writes || !s.tso || s.events[src].thread != t)) after(src);
  if (writes && ok) s.readers_of(loc, src).each(after);
  return ok;
}

template <int W>
bool Search<W>::order_allows_write(const S& s, Slot w, Slot prev) const {
  if (!s.sc) return false;
  const Event& e = s.events[w];
  const auto& thread = s.threads[e.thread];
  const Slot out = s.co_next(e.loc, prev);
  if (out == no_slot) return true;
  const auto reaches = [&](Slot p) { return p == out || s.before[p].has(out); };
  bool ok = true;
  const auto after = [&](Slot p) { ok &= !reaches(p); };
  s.each_before(thread, thread.count - 1u, true, after);
  if (prev != from_initial) after(prev);
  if (ok) s.readers_of(e.loc, prev).each(after);
  return ok;
}

// The same for a write that `r` reads already, and that nothing follows.
template <int W>
bool Search<W>::order_allows_place(const S& s, Slot w, Slot r, Slot prev) const {
  if (!s.sc) return false;
  const std::uint16_t loc = s.events[w].loc;
  const Slot out = s.co_next(loc, prev);
  if (out == no_slot) return true;
  const auto reaches = [&](Slot p) { return p == out || s.before[p].has(out); };
  bool ok = !reaches(w) && !reaches(r) && (prev == from_initial || !reaches(prev));
  if (ok) s.readers_of(loc, prev).each([&](Slot p) { ok &= !reaches(p); });
  return ok;
}

// Keeps before[] after such a write was placed where that is allowed.
template <int W>
void Search<W>::link_place(S& s, Slot w, Slot r) {
  const Event& e = s.events[w];
  const auto hand_on = [&](Slot to, const Set& more) {
    s.used.each([&](Slot x) {
      if (x == to || s.before[x].has(to)) s.before[x] |= more;
    });
  };
  Set b;
  const auto include = [&](Slot p) {
    b |= s.before[p];
    b.add(p);
  };
  if (e.co_prev != no_slot) include(e.co_prev);
  s.readers_of(e.loc, e.co_prev == no_slot ? from_initial : e.co_prev).each(include);
  hand_on(w, b);
  if (e.co_next == no_slot) return;
  b = s.before[r];  // w is among these
  b.add(r);
  hand_on(e.co_next, b);
}

template <int W>
bool Search<W>::consistent(S& s) {
  if (s.sc && !s.waits) return true;
  if (!s.sc && !lkmm_ && (s.tso || model_ == memory::Model::sc)) return false;
  return memory::consistent(graph_of(s, nullptr, false, true), model_);
}

// Whether what the thread asks for next, where it reads the last write or writes last, keeps a consistent
// graph so.
template <int W>
bool Search<W>::free_to_add(const S& s, std::uint8_t t) const {
  if (!s.waits || !sections_) return true;
  return s.threads[t].next->header.request.tag != memory::Tag::srcu_unlock && open_sections(s, t).empty();
}

// The graph is complete, and who looks at it wants to know of SC.
template <int W>
void Search<W>::in_sequence(S& s) const {
  if (!s.tso) return;
  s.tso = false;
  s.rebuild_before();
}

#define RINGTAIL_INSTANTIATE(W)                                                                        \
  template void Search<W>::link_before(S&, Slot);                                                      \
  template bool Search<W>::order_allows_read(const S&, std::uint8_t, std::uint16_t, Slot, bool) const; \
  template bool Search<W>::order_allows_write(const S&, Slot, Slot) const;                             \
  template bool Search<W>::order_allows_place(const S&, Slot, Slot, Slot) const;                       \
  template void Search<W>::link_place(S&, Slot, Slot);                                                 \
  template bool Search<W>::consistent(S&);                                                             \
  template bool Search<W>::free_to_add(const S&, std::uint8_t) const;                                  \
  template void Search<W>::in_sequence(S&) const;
RINGTAIL_INSTANTIATE(1)
RINGTAIL_INSTANTIATE(2)
RINGTAIL_INSTANTIATE(4)
RINGTAIL_INSTANTIATE(8)
RINGTAIL_INSTANTIATE(16)

}  // namespace ringtail::explore
