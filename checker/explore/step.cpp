// SPDX-License-Identifier: GPL-2.0-or-later
// What a thread's next request adds to the graph.
#include <algorithm>

#include "checker/explore/search.h"

namespace ringtail::explore {

using machine::Act;
using machine::Request;
using machine::Snapshot;
using machine::Status;
using memory::Tag;

namespace {

bool grace_period(Tag t) { return t == Tag::sync_rcu || t == Tag::sync_srcu; }

}  // namespace

template <int W>
typename Search<W>::Step Search<W>::step_simple(S& s, std::uint8_t t) {
  const Snapshot* at = s.threads[t].next;
  const Request& q = at->header.request;
  const What what = q.act == Act::alloc ? What::alloc : q.act == Act::free ? What::free : What::fence;
  Event e = event_of(s, t, what);
  if (what == What::fence) e.value = q.operand;
  if (q.tag == Tag::sync_srcu && what == What::fence) e.loc = location(s, q.address, q.size);
  const auto add = [&](S& in) {
    const Slot slot = in.add(e);
    if (what == What::fence && grace_period(q.tag)) in.waits = true;
    compute_prefix(in, slot);
    link_before(in, slot);
    resume(in, t, *at, 0, no_slot);
  };
  if (what == What::fence && grace_period(q.tag)) {
    const ReadName name = name_of(e);
    evidence_.grace_periods.insert(name);
    note_wait(s, t);
    if (guesses_.grace_periods.count(name) != 0) {
      park(borrow(s), t);
      give_back();
      if (stop_) return Step::dead;
    }
  }
  // A grace period that waits for a section which waits for it: the thread never gets further.
  if (what == What::fence && (s.waits || grace_period(q.tag))) {
    S& child = borrow(s);
    add(child);
    const bool possible = consistent(child);
    give_back();
    if (!possible) return Step::none;
  }
  add(s);
  return Step::done;
}

template <int W>
bool Search<W>::counts_only(const Request& q) const {
  return q.act == Act::rmw && !counters_.empty() &&
         std::binary_search(counters_.begin(), counters_.end(), q.address);
}

template <int W>
typename Search<W>::Step Search<W>::step_count(S& s, std::uint8_t t) {
  const Snapshot* at = s.threads[t].next;
  Event e = event_of(s, t, What::count);
  e.loc = location(s, e.address, e.size);
  e.rmw = true;
  const Slot slot = s.add(e);
  compute_prefix(s, slot);
  link_before(s, slot);
  resume(s, t, *at, 0, no_slot);
  return Step::done;
}

template <int W>
typename Search<W>::Step Search<W>::step_choose(S& s, std::uint8_t t) {
  const Request q = s.threads[t].next->header.request;
  const auto choose = [&](S& in, std::int64_t value) {
    Event e = event_of(in, t, What::choose);
    e.value = value;
    const Slot slot = in.add(e);
    compute_prefix(in, slot);
    link_before(in, slot);
    resume(in, t, *e.at, value, no_slot);
  };
  for (auto more = static_cast<std::uint64_t>(q.guard_value) - static_cast<std::uint64_t>(q.operand);
       more > 0; --more) {
    S& child = borrow(s);
    choose(child, static_cast<std::int64_t>(static_cast<std::uint64_t>(q.operand) + more));
    visit(child);
    give_back();
    if (stop_) return Step::dead;
  }
  choose(s, q.operand);
  return Step::done;
}

template <int W>
typename Search<W>::Step Search<W>::step_write(S& s, std::uint8_t t) {
  const Snapshot* at = s.threads[t].next;
  Event e = event_of(s, t, What::write);
  e.loc = location(s, e.address, e.size);
  if (e.spawns != 0xff && (at->header.spawned >= callbacks_each || e.spawns >= s.threads.size())) {
    counts.bounded = true;
    return Step::dead;
  }
  const bool free = free_to_add(s, t);
  const Slot w = s.add(e);
  compute_prefix(s, w);
  note_evidence(s, w, no_slot);
  if (lkmm_ && m_.program().litmus) written_.insert(&m_.instr(e.source));
  resume(s, t, *at, 0, no_slot);
  if (e.spawns != 0xff)
    s.threads[e.spawns].next =
        m_.start_rcu(static_cast<std::uint32_t>(static_cast<std::uint64_t>(at->header.request.operand) -
                                                ir::function_base),
                     at->header.request.guard_value, e.spawns, e.address, arena_);
  revisits(s, w, no_slot);
  if (stop_) return Step::dead;
  // every place in co; the last one, which is the default, goes on in this graph
  const Slot twin = twin_event(s, t, s.threads[t].count - 1u);
  for (Slot p = s.co_last(e.loc); p != from_initial && p != twin;) {
    p = s.events[p].co_prev == no_slot ? from_initial : s.events[p].co_prev;
    if (s.rmw_after(e.loc, p) != no_slot) continue;
    if (!order_allows_write(s, w, p) &&
        !(lkmm_ && sees_nothing_later(s, t, e.loc, p, s.threads[t].count - 1u)))
      continue;
    S& child = borrow(s);
    child.place(w, p);
    link_before(child, w);
    if (consistent(child)) visit(child);
    give_back();
    if (stop_) return Step::dead;
  }
  s.place(w, s.co_last(e.loc));
  link_before(s, w);
  return !leaves_behind(s, w) && (free || consistent(s)) ? Step::done : Step::dead;
}

// Whether a thread waits for good, as its refused read is not of the last write any longer: of two threads,
// the other one can only write what comes after that write, which has tried to be read.
template <int W>
bool Search<W>::leaves_behind(const S& s, Slot w) const {
  if (s.threads.size() != 2 || s.waits) return false;
  const auto& other = s.threads[1 - s.events[w].thread];
  if (other.count == 0) return false;
  const Event& r = s.events[other.last()];
  return r.refused && r.loc == s.events[w].loc && r.rf != s.co_last(r.loc);
}

// Adds the write half of a read-modify-write whose read half is the last executed event of its thread, right
// after the write that it reads.
template <int W>
void Search<W>::add_rmw_write(S& s, Slot read) {
  const Event& r = s.events[read];
  const Request& q = r.at->header.request;
  Event e = r;
  e.what = What::write;
  e.value = machine::combine(q, r.value);
  e.data = q.data;
  if (lkmm_ && q.op != ir::RmwOp::exchange) e.data = deps_.join(e.data, deps_.single(read));
  e.rf = no_slot;
  if (q.tag == Tag::lock_read) e.tag = Tag::lock_write;
  e.promised = false;
  const Slot src = r.rf;
  const Slot over = src == no_slot ? no_slot : s.rmw_after(e.loc, src);
  const Slot w = s.add(e);
  if (src != no_slot) s.place(w, src);
  compute_prefix(s, w);
  note_evidence(s, w, over == no_slot ? no_slot : s.rmw_read(over));
  link_before(s, w);
}

// Whether a read may take this value: what it waits for, no round of a waiting loop, nothing that an
// assumption excludes at once.
template <int W>
bool Search<W>::accepts(const Snapshot& at, std::int64_t value, std::uint8_t t) {
  const Request& q = at.header.request;
  if (q.blocking && !machine::holds(q.guard, value, q.guard_value)) return false;
  const bool may_be_taken_back = may_be_retried(q, value);
  const bool may_end = may_drop(q) || (q.may_spin && !(q.act == Act::rmw && m_.changes(q, value)));
  if (!may_end && !may_be_taken_back) return true;
  machine::Memo& known = at.memo;
  for (std::uint8_t i = 0; i < known.n; ++i)
    if (known.value[i] == value) return known.answer[i] != 0;
  const Status next = may_end ? after(at, value, t) : Status::running;
  const bool goes_on = next != Status::spinning && !(may_drop(q) && next == Status::dropped) &&
                       !(may_be_taken_back && tries_again(at, value, t));
  if (known.n < machine::Memo::most) {
    known.value[known.n] = value;
    known.answer[known.n++] = goes_on;
  }
  return goes_on;
}

template <int W>
machine::Status Search<W>::after(const Snapshot& at, std::int64_t value, std::uint8_t t) {
  const auto mark = arena_.mark();
  const Status status = m_.resume_past_fences(at, value, t, deps_, arena_)->header.status;
  arena_.release(mark);
  return status;
}

// Adds the read that thread `t` asks for, and the write after it where it is a read-modify-write that
// succeeds. Returns the last of them.
template <int W>
Slot Search<W>::apply_read(S& s, std::uint8_t t, Slot src) {
  const Snapshot* at = s.threads[t].next;
  Event e = event_of(s, t, What::read);
  e.loc = location(s, e.address, e.size);
  e.value = value_of(s, e.loc, src);
  const Slot r = add_read(s, t, e);
  s.read_from(r, src);
  compute_prefix(s, r);
  link_before(s, r);
  if (s.events[r].rmw && machine::holds(at->header.request.guard, e.value, at->header.request.guard_value))
    add_rmw_write(s, r);
  resume(s, t, *at, e.value, r);
  return s.threads[t].last();
}

// The event alone, of which only the value is known.
template <int W>
Slot Search<W>::add_read(S& s, std::uint8_t t, Event e) {
  const Request& q = s.threads[t].next->header.request;
  e.rmw = q.act == Act::rmw;
  if (q.guard_deps != 0) note_comparison(s, q);
  if (q.tag == Tag::is_locked && e.value == 0) e.tag = Tag::is_unlocked;
  if (q.tag == Tag::lock_read && !machine::holds(q.guard, e.value, q.guard_value))
    e.tag = Tag::lock_fail, e.rmw = false;
  return s.add(e);
}

template <int W>
Slot Search<W>::ghost_of(const S& s, std::uint8_t t, const Request& q) const {
  if (s.ghosts == 0) return no_slot;
  const std::uint16_t nth = occurrence(s, t, q.source, What::read);
  for (std::size_t i = s.n; i-- > 0;) {
    const Event& e = s.events[s.order[i]];
    if (e.what == What::ghost && e.thread == t && e.source == q.source && e.nth == nth) return s.order[i];
  }
  return no_slot;
}

template <int W>
typename Search<W>::Step Search<W>::step_read(S& s, std::uint8_t t) {
  const Snapshot* at = s.threads[t].next;
  const Request& q = at->header.request;
  const std::uint16_t loc = location(s, q.address, q.size);
  const Slot ghost = q.tag == Tag::lock_read ? ghost_of(s, t, q) : no_slot;
  const auto writes_over = [&](Slot src) {
    return q.act == Act::rmw && machine::holds(q.guard, value_of(s, loc, src), q.guard_value);
  };

  // What may be read, latest first: the first is the default.
  Slot options[S::capacity + 1], conflicts[S::capacity + 1];
  std::size_t n = 0, in_conflict = 0;
  bool certain = !s.waits;  // all options are known to be consistent
  bool refuses = false, waits = false;
  const Slot twin = twin_event(s, t, s.threads[t].count);
  const Slot earliest = twin != no_slot && s.events[twin].loc == loc && s.events[twin].what == What::read
                            ? s.events[twin].rf
                            : from_initial;
  for (Slot src = s.co_last(loc);;) {
    if (!accepts(*at, value_of(s, loc, src), t)) {
      refuses = true;
      waits |= src == s.co_last(loc);
    } else {
      const bool writes = writes_over(src);
      if (writes && s.rmw_after(loc, src) != no_slot) {
        const bool tried = ghost != no_slot && (src == from_initial || s.rank[src] < s.rank[ghost]);
        if (!tried) conflicts[in_conflict++] = src;
      } else if (order_allows_read(s, t, loc, src, writes)) {
        options[n++] = src;
      } else if (lkmm_ && sees_nothing_later(s, t, loc, src, s.threads[t].count)) {
        if (n == 0) certain = false;
        options[n++] = src;
      }
    }
    if (src == earliest) break;
    src = s.events[src].co_prev == no_slot ? from_initial : s.events[src].co_prev;
  }
  if (refuses) note_wait(s, t);
  const auto child_of = [&](auto f) {
    S& child = borrow(s);
    f(child);
    give_back();
    return !stop_;
  };
  for (std::size_t i = 0; i < in_conflict; ++i) {
    const Slot over = s.rmw_after(loc, conflicts[i]);
    if (!child_of([&](S& child) { revisits(child, apply_read(child, t, conflicts[i]), over); }))
      return Step::dead;
  }
  if (const std::set<std::int64_t>* values = promises(s, t))
    for (const std::int64_t value : *values) {
      promise(s, t, value);
      if (stop_) return Step::dead;
    }
  if (last_chance(s, t)) return Step::dead;
  const auto go = [&](S& in, Slot src) {
    const bool free = src == in.co_last(loc) && free_to_add(in, t);
    const Slot last = apply_read(in, t, src);
    if (!free && !consistent(in)) return false;
    if (writes_over(src)) revisits(in, last, no_slot);
    return true;
  };
  bool any = false;
  for (std::size_t i = n; i-- > 0;) {
    if (i == 0 && certain && !waits) {
      go(s, options[0]);
      return stop_ || leaves_behind(s, s.threads[t].last()) ? Step::dead : Step::done;
    }
    if (!child_of([&](S& child) {
          if (!go(child, options[i])) return;
          any = true;
          if (!stop_ && !leaves_behind(child, child.threads[t].last())) visit(child);
        }))
      return Step::dead;
  }
  // Once something may let the thread go it is in the graph, also where it still waits.
  if (waits && (n > 0 || (in_conflict > 0 && q.tag != Tag::lock_read)))
    return refuse(s, t, s.co_last(loc)) ? Step::done : Step::dead;
  if (any) return Step::dead;
  if (in_conflict > 0) {
    Event e = event_of(s, t, What::ghost);
    e.nth = occurrence(s, t, q.source, What::read);
    add_ghost(s, e);
  }
  return Step::none;
}

// A thread reads what does not let it go. Nothing follows before another write takes its place.
template <int W>
bool Search<W>::refuse(S& s, std::uint8_t t, Slot src) {
  const bool free = free_to_add(s, t);
  Event e = event_of(s, t, What::read);
  e.loc = location(s, e.address, e.size);
  e.value = value_of(s, e.loc, src);
  e.refused = true;
  const Slot r = add_read(s, t, e);
  s.read_from(r, src);
  compute_prefix(s, r);
  link_before(s, r);
  return free || consistent(s);
}

// The thread waits for ever.
template <int W>
void Search<W>::park(S& s, std::uint8_t t) {
  const Slot slot = s.add(event_of(s, t, What::park));
  compute_prefix(s, slot);
  link_before(s, slot);
  visit(s);
}

template <int W>
void Search<W>::add_ghost(S& s, const Event& e) {
  const auto slot = static_cast<Slot>(s.used.first_free());
  s.used.add(slot);
  s.events[slot] = e;
  s.rank[slot] = s.n;
  s.order[s.n++] = slot;
  ++s.ghosts;
}

#define RINGTAIL_INSTANTIATE(W)                                                  \
  template Search<W>::Step Search<W>::step_simple(S&, std::uint8_t);             \
  template Search<W>::Step Search<W>::step_choose(S&, std::uint8_t);             \
  template bool Search<W>::counts_only(const Request&) const;                    \
  template Search<W>::Step Search<W>::step_count(S&, std::uint8_t);              \
  template Search<W>::Step Search<W>::step_write(S&, std::uint8_t);              \
  template Search<W>::Step Search<W>::step_read(S&, std::uint8_t);               \
  template void Search<W>::add_rmw_write(S&, Slot);                              \
  template bool Search<W>::accepts(const Snapshot&, std::int64_t, std::uint8_t); \
  template Status Search<W>::after(const Snapshot&, std::int64_t, std::uint8_t); \
  template Slot Search<W>::add_read(S&, std::uint8_t, Event);                    \
  template bool Search<W>::leaves_behind(const S&, Slot) const;
RINGTAIL_INSTANTIATE(1)
RINGTAIL_INSTANTIATE(2)
RINGTAIL_INSTANTIATE(4)
RINGTAIL_INSTANTIATE(8)
RINGTAIL_INSTANTIATE(16)

}  // namespace ringtail::explore
