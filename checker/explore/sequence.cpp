// SPDX-License-Identifier: GPL-2.0-or-later
// Whether the graph is sequentially consistent, kept up to date event by event, and what the model says where
// it is not.
#include "checker/explore/search.h"

namespace ringtail::explore {

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
  if (thread.count >= 2) include(thread.list[thread.count - 2]);
  Slot out = no_slot;
  if (ev.what == What::read) {
    if (ev.rf < no_slot) include(ev.rf);
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
bool Search<W>::sc_allows_read(const S& s, std::uint8_t t, std::uint16_t loc, Slot src, bool writes) const {
  const auto& thread = s.threads[t];
  if (!s.sc) return false;
  const Slot out = s.co_next(loc, src);
  if (out == no_slot) return true;
  const auto reaches = [&](Slot p) { return p == out || s.before[p].has(out); };
  if (thread.count > 0 && reaches(thread.list[thread.count - 1])) return false;
  if (src != from_initial && reaches(src)) return false;
  if (!writes) return true;
  bool ok = true;
  s.readers_of(loc, src).each([&](Slot r) { ok &= !reaches(r); });
  return ok;
}

template <int W>
bool Search<W>::sc_allows_write(const S& s, Slot w, Slot prev) const {
  const Event& e = s.events[w];
  const auto& thread = s.threads[e.thread];
  if (!s.sc) return false;
  const Slot out = s.co_next(e.loc, prev);
  if (out == no_slot) return true;
  const auto reaches = [&](Slot p) { return p == out || s.before[p].has(out); };
  if (thread.count > 1 && reaches(thread.list[thread.count - 2])) return false;
  if (prev != from_initial && reaches(prev)) return false;
  bool ok = true;
  s.readers_of(e.loc, prev).each([&](Slot r) { ok &= !reaches(r); });
  return ok;
}

template <int W>
bool Search<W>::consistent(S& s) {
  if (s.sc && !s.waits) return true;
  if (!s.sc && model_ == memory::Model::sc) return false;
  return memory::consistent(graph_of(s, nullptr, false, true), model_);
}

#define RINGTAIL_INSTANTIATE(W)                                                                     \
  template void Search<W>::link_before(S&, Slot);                                                   \
  template bool Search<W>::sc_allows_read(const S&, std::uint8_t, std::uint16_t, Slot, bool) const; \
  template bool Search<W>::sc_allows_write(const S&, Slot, Slot) const;                             \
  template bool Search<W>::consistent(S&);
RINGTAIL_INSTANTIATE(1)
RINGTAIL_INSTANTIATE(2)
RINGTAIL_INSTANTIATE(4)
RINGTAIL_INSTANTIATE(8)

}  // namespace ringtail::explore
