// SPDX-License-Identifier: GPL-2.0-or-later
// Promises: how a graph comes to have them, and how they are kept when it is complete. See search.h, 5.
#include "checker/explore/search.h"

namespace ringtail::explore {

using machine::Request;

// What may be promised to the read that a thread asks for.
template <int W>
const std::set<std::int64_t>* Search<W>::promises(const S& s, std::uint8_t t) const {
  const Request& q = s.threads[t].next->header.request;
  if ((guesses_.promises.empty() && guesses_.anywhere.empty()) || !may_be_promised(q)) return nullptr;
  const auto& values = guesses_.of(name_of(event_of(s, t, What::read)));
  return values.empty() ? nullptr : &values;
}

// Whether this read is the only one that may be guessed, and no revisit can ever drop it, as no read is
// before it: graphs without its promise are none of this round's.
template <int W>
bool Search<W>::last_chance(const S& s, std::uint8_t t) const {
  if (guesses_.promises.size() != 1 || !guesses_.open.empty() || !guesses_.anywhere.empty() ||
      !guesses_.grace_periods.empty() || promises(s, t) == nullptr)
    return false;
  for (std::size_t i = 0; i < s.n; ++i) {
    const What what = s.events[s.order[i]].what;
    if (what == What::read || what == What::ghost) return false;
  }
  return true;
}

// The graphs in which the thread reads `value` from a write that is not there yet.
template <int W>
void Search<W>::promise(S& s, std::uint8_t t, std::int64_t value) {
  S& child = borrow(s);
  const machine::Snapshot* at = s.threads[t].next;
  const Request& q = at->header.request;
  Event e = event_of(s, t, What::read);
  e.loc = location(child, e.address, e.size);
  e.value = value;
  e.promised = true;
  const Slot r = add_read(child, t, e);
  compute_prefix(child, r);
  link_before(child, r);
  if (child.events[r].rmw && machine::holds(q.guard, value, q.guard_value)) {
    // What the write half comes right after is not known: any place.
    add_rmw_write(child, r);
    const Slot w = child.threads[t].last();
    resume(child, t, *at, value, r);
    revisits(child, w, no_slot);
    for (Slot p = child.co_last(e.loc); !stop_;) {
      if (child.rmw_after(e.loc, p) == no_slot) {
        S& grandchild = borrow(child);
        grandchild.place(w, p);
        grandchild.rebuild_before();
        if (consistent(grandchild)) visit(grandchild);
        give_back();
      }
      if (p == from_initial) break;
      p = child.events[p].co_prev == no_slot ? from_initial : child.events[p].co_prev;
    }
  } else {
    resume(child, t, *at, value, r);
    if (consistent(child)) visit(child);
  }
  give_back();
}

// A graph to which no thread can add anything.
template <int W>
void Search<W>::finish(S& s) {
  if (lkmm_) note_dead_ends(s);
  if (!retried_.empty()) look_for_retries(s);
  if (s.promises > 0) {
    keep_promises(s);
    return;
  }
  bool guessed = false;
  for (const auto& t : s.threads) guessed |= t.count > 0 && s.events[t.last()].what == What::park;
  if (guessed != guesses_.empty()) complete(s);
}

// Hands over a graph, without the reads that only say that a thread waits.
template <int W>
void Search<W>::complete(S& s) {
  Set kept = s.used;
  for (const auto& t : s.threads)
    if (t.count > 0 && s.events[t.last()].refused) kept.drop(t.last());
  if (kept == s.used) {
    if (!complete_(s)) stop_ = true;
    return;
  }
  S& bare = borrow(s);
  bare.keep(kept);
  bare.rebuild_before();
  if (!complete_(bare)) stop_ = true;
  give_back();
}

// Every way to give promised reads their writes.
template <int W>
void Search<W>::keep_promises(S& s) {
  Slot r = no_slot;
  for (std::size_t i = 0; i < s.n && r == no_slot; ++i)
    if (const Event& e = s.events[s.order[i]]; e.promised && e.rf == no_slot) r = s.order[i];
  if (r == no_slot) {
    s.rebuild_before();
    if (named_by_rule(s) && consistent(s)) complete(s);
    return;
  }
  const Event& e = s.events[r];
  const Slot half = e.rmw ? s.rmw_write(r) : no_slot;
  s.locations[e.loc].writes.each([&](Slot w) {
    if (stop_ || s.events[w].value != e.value || s.events[w].thread == e.thread) return;
    if (half != no_slot && s.events[w].co_next != half) return;  // it writes right after what it reads
    S& child = borrow(s);
    child.read_from(r, w);
    keep_promises(child);
    give_back();
  });
}

// Whether po | rf has no cycle without the reads-from of `broken`.
template <int W>
bool Search<W>::acyclic_without(const S& s, const Set& broken) const {
  std::vector<std::uint16_t> at(s.threads.size());
  Set added;
  for (bool moved = true; moved;) {
    moved = false;
    for (std::size_t t = 0; t < at.size(); ++t)
      for (; at[t] < s.threads[t].count; ++at[t], moved = true) {
        const Slot x = s.threads[t].list[at[t]];
        const Event& e = s.events[x];
        if (e.what == What::read && e.rf < no_slot && !broken.has(x) && !added.has(e.rf)) break;
        added.add(x);
      }
  }
  for (std::size_t t = 0; t < at.size(); ++t)
    if (at[t] < s.threads[t].count) return false;
  return true;
}

// A graph with cycles is found with every set of promises that breaks them. It counts with one: of all reads
// that may be promised what they read, those are taken out for which the others do, the highest thread's
// first.
template <int W>
bool Search<W>::named_by_rule(const S& s) const {
  Set named;
  for (const auto& thread : s.threads)
    for (std::uint16_t i = 0; i < thread.count; ++i) {
      const Event& e = s.events[thread.list[i]];
      if (e.what != What::read || e.rf >= no_slot) continue;
      const Request& q = e.at->header.request;
      if (!may_be_promised(q) || !guesses_.of(name_of(e)).contains(e.value)) continue;
      named.add(thread.list[i]);
    }
  for (std::size_t t = s.threads.size(); t-- > 0;)
    for (std::size_t i = s.threads[t].count; i-- > 0;) {
      const Slot r = s.threads[t].list[i];
      if (!named.has(r)) continue;
      Set fewer = named;
      fewer.drop(r);
      if (acyclic_without(s, fewer)) named = fewer;
      else if (!s.events[r].promised) return false;
    }
  return static_cast<std::size_t>(named.count()) == s.promises;
}

#define RINGTAIL_INSTANTIATE(W)                                                             \
  template const std::set<std::int64_t>* Search<W>::promises(const S&, std::uint8_t) const; \
  template bool Search<W>::last_chance(const S&, std::uint8_t) const;                       \
  template void Search<W>::promise(S&, std::uint8_t, std::int64_t);                         \
  template void Search<W>::finish(S&);
RINGTAIL_INSTANTIATE(1)
RINGTAIL_INSTANTIATE(2)
RINGTAIL_INSTANTIATE(4)
RINGTAIL_INSTANTIATE(8)
RINGTAIL_INSTANTIATE(16)

}  // namespace ringtail::explore
