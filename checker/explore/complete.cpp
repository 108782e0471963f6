// SPDX-License-Identifier: GPL-2.0-or-later
// What is asked about graphs from outside the search.
#include <algorithm>
#include <map>
#include <memory>

#include "checker/explore/search.h"

namespace ringtail::explore {

using memory::Tag;

template <int W>
memory::Graph Search<W>::graph_of(const S& s, std::vector<Slot>* slots, bool frees) const {
  return graph_of(s, slots, frees, false);
}

// Whether what depends on `data` has the index that SRCU's `lock` gave: from itself, or by at most so many
// stores and loads on the way.
template <int W>
bool Search<W>::carried(const S& s, machine::DepSet data, Slot lock, int steps) const {
  bool found = false;
  each_dependency(data, [&](Slot r) {
    if (r == lock) found = true;
    const Slot w = s.events[r].rf;
    if (found || steps == 0 || w == no_slot || w == from_initial) return;
    found = s.events[w].tag != Tag::srcu_unlock && carried(s, s.events[w].data, lock, steps - 1);
  });
  return found;
}

template <int W>
std::vector<std::pair<std::uint16_t, Slot>> Search<W>::open_sections(const S& s, std::size_t t) const {
  const auto& thread = s.threads[t];
  std::uint16_t po = 0;
  std::vector<std::pair<std::uint16_t, Slot>> open;
  for (std::uint16_t i = 0; i < thread.count; ++i) {
    const Event& e = s.events[thread.list[i]];
    if (e.what != What::read && e.what != What::write && e.what != What::fence) continue;
    if (e.tag == Tag::rcu_lock || e.tag == Tag::srcu_lock) open.emplace_back(po, thread.list[i]);
    if (e.tag == Tag::rcu_unlock || e.tag == Tag::srcu_unlock)
      for (std::size_t k = open.size(); k-- > 0;) {
        const Event& lock = s.events[open[k].second];
        bool closes = e.tag == Tag::rcu_unlock ? lock.tag == Tag::rcu_lock
                                               : lock.tag == Tag::srcu_lock && lock.address == e.address;
        if (closes && e.what == What::write)  // SRCU's unlock is told which by its index
          closes = carried(s, e.data, open[k].second, kMostCarries);
        if (!closes) continue;
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(k));
        break;
      }
    ++po;
  }
  return open;
}

// A thread whose RCU section is still open: the section ends where the thread stands, at the earliest. With
// that said, what a grace period forbids is forbidden at once, and not when the section's end is added, when
// it would be too late to read something else.
template <int W>
void Search<W>::close_sections(const S& s, std::size_t t, memory::Graph& g) const {
  const auto open = open_sections(s, t);
  for (std::size_t k = open.size(); k-- > 0;) {
    const Event& lock = s.events[open[k].second];
    memory::Event end;
    end.thread = static_cast<std::uint8_t>(t);
    end.address = lock.tag == Tag::srcu_lock ? lock.address : 0;
    end.tag = lock.tag == Tag::srcu_lock ? Tag::srcu_unlock : Tag::rcu_unlock;
    end.kind = memory::Kind::fence;  // not in co
    end.size = lock.size;
    const std::uint16_t from[] = {open[k].first};
    g.add(end,
          {{},
           lock.what == What::read ? std::span<const std::uint16_t>(from) : std::span<const std::uint16_t>(),
           {}});
  }
}

// Additions to counters in an order that fits all else: any that extends before[].
template <int W>
std::vector<Slot> Search<W>::counts_in_order(const S& s) const {
  std::vector<Slot> out;
  if (counters_.empty()) return out;
  s.used.each([&](Slot x) {
    if (s.events[x].what == What::count) out.push_back(x);
  });
  const S* ordered = &s;
  std::unique_ptr<S> copy;
  if (!s.sc && model_ == memory::Model::tso) {  // in_sequence() has found none of SC's
    copy = std::make_unique<S>();
    copy->copy_from(s);
    copy->tso = true;
    copy->rebuild_before();
    ordered = copy.get();
  }
  std::stable_sort(out.begin(), out.end(),
                   [&](Slot a, Slot b) { return ordered->before[a].count() < ordered->before[b].count(); });
  return out;
}

template <int W>
memory::Graph Search<W>::graph_of(const S& s, std::vector<Slot>* slots, bool frees, bool unfinished) const {
  memory::Graph g;
  Slot id[S::capacity];
  std::uint16_t po[S::capacity];
  std::vector<std::uint16_t> pool;
  std::vector<Slot> back;
  const auto shows = [](const Event& e) {
    return e.what == What::read || e.what == What::write || e.what == What::fence;
  };
  for (const auto& thread : s.threads) {
    std::uint16_t at = 0;
    for (std::uint16_t i = 0; i < thread.count; ++i)
      if (const Event& e = s.events[thread.list[i]]; shows(e)) {
        po[thread.list[i]] = at++;
      } else if (e.what == What::count) {
        at += 2;
      } else if (e.what == What::free && frees) {
        for (std::size_t l = 0; l < s.locations.size(); ++l)
          at += machine::in_heap(addresses_[l]) && machine::object_of(addresses_[l]) == e.address;
      }
    for (std::uint16_t i = 0; i < thread.count; ++i) {
      const Slot slot = thread.list[i];
      const Event& e = s.events[slot];
      if (e.what == What::free && frees) {
        for (std::size_t l = 0; l < s.locations.size(); ++l) {
          if (machine::object_of(addresses_[l]) != e.address || !machine::in_heap(addresses_[l])) continue;
          memory::Event out;
          out.kind = memory::Kind::write;
          out.thread = e.thread;
          out.address = addresses_[l];
          out.source = e.source;
          out.size = 1;
          g.add(out);
          back.push_back(slot);
        }
        continue;
      }
      if (e.what == What::count) {  // what it reads and writes is known when all are there
        memory::Event half;
        half.kind = memory::Kind::read;
        half.thread = e.thread;
        half.address = e.address;
        half.source = e.source;
        half.tag = e.tag;
        half.size = e.size;
        half.rmw = true;
        id[slot] = g.add(half);
        half.kind = memory::Kind::write;
        g.add(half);
        back.push_back(slot), back.push_back(slot);
        continue;
      }
      if (!shows(e)) continue;
      pool.clear();
      std::size_t bounds[4] = {};
      std::size_t part = 0;
      for (const machine::DepSet d : {e.addr, e.data, e.ctrl}) {
        const auto& bits = deps_.bits(d);
        for (std::size_t k = 0; d != 0 && k < W && k < bits.size(); ++k)
          for (std::uint64_t x = bits[k]; x != 0; x &= x - 1)
            pool.push_back(po[k * 64 + static_cast<std::size_t>(std::countr_zero(x))]);
        std::sort(pool.begin() + static_cast<std::ptrdiff_t>(bounds[part]), pool.end());
        bounds[++part] = pool.size();
      }
      memory::Event out;
      const bool srcu_fence =
          e.what == What::fence && (e.tag == memory::Tag::srcu_lock || e.tag == memory::Tag::srcu_unlock);
      out.address = e.what == What::fence && e.tag != memory::Tag::sync_srcu && !srcu_fence ? 0 : e.address;
      out.value = e.value;
      out.source = e.source;
      out.thread = e.thread;
      out.kind = e.what == What::read || (srcu_fence && e.tag == memory::Tag::srcu_lock) ? memory::Kind::read
                 : e.what == What::write || srcu_fence                                   ? memory::Kind::write
                                                       : memory::Kind::fence;
      out.tag = frees && e.tag == Tag::data_race ? Tag::once : e.tag;  // who frees races with all
      out.size = e.size;
      out.rmw = e.rmw;
      const auto span = [&](std::size_t k) {
        return std::span<const std::uint16_t>(pool.data() + bounds[k], bounds[k + 1] - bounds[k]);
      };
      id[slot] = g.add(out, {span(0), span(1), span(2)});
      back.push_back(slot);
    }
    const auto t = static_cast<std::size_t>(&thread - s.threads.data());
    if (unfinished && s.waits && balanced_ && thread.next != nullptr &&
        thread.next->header.status == machine::Status::running)
      close_sections(s, t, g);
  }
  for (const Slot slot : back) {
    const Event& e = s.events[slot];
    if (e.what == What::read && e.rf != no_slot)
      g.read_from(id[slot], e.rf == from_initial ? memory::initial : id[e.rf]);
  }
  for (const auto& l : s.locations) {
    std::size_t at = 0;
    for (Slot w = l.first; w != no_slot; w = s.events[w].co_next) g.place(id[w], at++);
  }
  std::map<std::uint64_t, std::pair<memory::EventId, std::size_t>>
      last;  // write of each counter, and how many
  for (const Slot slot : counts_in_order(s)) {
    const Event& e = s.events[slot];
    const auto [it, first] = last.try_emplace(e.address, memory::initial, 0);
    auto& [from, n] = it->second;
    const memory::EventId read = id[slot], write = static_cast<memory::EventId>(read + 1);
    g.set_value(read, first ? initial_value(e.address) : g[from].value);
    g.set_value(write, machine::combine(e.at->header.request, g[read].value));
    g.read_from(read, from);
    g.place(write, n++);
    from = write;
  }
  if (slots != nullptr) *slots = std::move(back);
  return g;
}

template <int W>
typename Search<W>::Round Search<W>::round_before(const S& s, std::uint8_t t) {
  const machine::Snapshot& next = *s.threads[t].next;
  using machine::Status;
  const machine::Request& q = next.header.request;
  if (next.header.status == Status::spinning) return {next.header.round, next.header.round_writes};
  if (next.header.status != Status::running || !q.may_spin || q.blocking) return {};
  const auto mark = arena_.mark();
  const std::int64_t value = final_value(s, q.address);
  const machine::Header& h = m_.resume_past_fences(next, value, t, deps_, arena_)->header;
  const bool writes = q.act == machine::Act::rmw && machine::holds(q.guard, value, q.guard_value);
  const Round round = h.status == Status::spinning ? Round{h.round - 1, h.round_writes - writes} : Round{};
  arena_.release(mark);
  return round;
}

// Whether the grace period that a thread asks for waits for the section of one that is not through.
template <int W>
bool Search<W>::held_up(const S& s, std::size_t t) const {
  using machine::Status;
  const machine::Request& q = s.threads[t].next->header.request;
  for (std::size_t other = 0; other < s.threads.size(); ++other) {
    const machine::Snapshot* next = s.threads[other].next;
    if (other == t || next == nullptr ||
        (next->header.status != Status::running && next->header.status != Status::spinning))
      continue;
    for (const auto& [po, lock] : open_sections(s, other)) {
      const Event& e = s.events[lock];
      if (q.tag == Tag::sync_rcu ? e.tag == Tag::rcu_lock : e.tag == Tag::srcu_lock && e.address == q.address)
        return true;
    }
  }
  return false;
}

template <int W>
bool Search<W>::stuck(const S& s, std::size_t t) {
  const machine::Snapshot* next = s.threads[t].next;
  if (next == nullptr) return false;
  const machine::Header& h = next->header;
  const bool spinning = h.status == machine::Status::spinning;
  if (!spinning && h.status != machine::Status::running) return false;
  if (m_.may_interrupt(*next)) return false;  // that is another execution
  const machine::Act act = h.request.act;
  if (!spinning && act != machine::Act::read && act != machine::Act::rmw) {
    const Tag tag = h.request.tag;
    // The end of a section, or a store, that the model has nowhere: an execution that there is not.
    if ((act == machine::Act::fence || act == machine::Act::write) && tag != Tag::sync_rcu &&
        tag != Tag::sync_srcu)
      return false;
    const auto& list = s.threads[t];
    const bool parked = list.count > 0 && s.events[list.last()].what == What::park;
    return !parked || held_up(s, t);
  }
  if (!spinning) {
    if (accepts(*next, final_value(s, h.request.address), static_cast<std::uint8_t>(t))) return false;
    if (h.request.blocking) return true;
  }
  // A loop goes round for ever if it has seen the last of everything that it looks at. What the thread saw
  // before it came to the loop may be stale.
  const auto& thread = s.threads[t];
  std::uint32_t reads = round_before(s, static_cast<std::uint8_t>(t)).reads;
  for (std::size_t i = thread.count; i-- > 0 && reads > 0;) {
    const Event& e = s.events[thread.list[i]];
    if (e.what != What::read) continue;
    --reads;
    // The last but for what the thread did since, which it put back.
    const auto later = thread.list + i + 1, end = thread.list + thread.count;
    Slot last = s.co_last(e.loc);
    while (last < no_slot && std::find(later, end, last) != end)
      last = s.events[last].co_prev == no_slot ? from_initial : s.events[last].co_prev;
    if (e.rf != last) return false;
  }
  return true;
}

// Whether others saw what a thread did in the iteration of a loop that it took back: they read it, or wrote
// in between.
template <int W>
bool Search<W>::seen_by_others(const S& s, std::size_t t) {
  const auto& thread = s.threads[t];
  std::size_t first = thread.count;
  auto [reads, writes] = round_before(s, static_cast<std::uint8_t>(t));
  while (first > 0 && reads + writes > 0) {
    const Event& e = s.events[thread.list[--first]];
    if ((e.what == What::read || e.what == What::count) && reads > 0) --reads;
    if ((e.what == What::write || e.what == What::count) && writes > 0) --writes;
  }
  const Slot *const begin = thread.list + first, *const end = thread.list + thread.count;
  const auto here = [&](Slot x) { return std::find(begin, end, x) != end; };
  Set rounds;  // writes of places where the round's are one after the other, and end with what was there
  for (const Slot* i = begin; i != end; ++i) {
    const Event& e = s.events[*i];
    if (e.what != What::write) continue;
    const Slot before = e.co_prev == no_slot ? from_initial : e.co_prev;
    if (here(before)) {
      if (!rounds.has(before)) return true;
    } else {
      Slot last = *i;
      while (here(s.events[last].co_next)) last = s.events[last].co_next;
      const bool whole = std::none_of(
          begin, i, [&](Slot x) { return s.events[x].what == What::write && s.events[x].loc == e.loc; });
      if (!whole || s.events[last].value != value_of(s, e.loc, before)) return true;
    }
    rounds.add(*i);
    bool read = false;
    s.readers[*i].each([&](Slot r) { read |= s.events[r].thread != e.thread; });
    if (read && here(e.co_next)) return true;
  }
  return false;
}

template <int W>
bool Search<W>::drops(const S& s, std::size_t t) {
  const machine::Snapshot* next = s.threads[t].next;
  if (next == nullptr || next->header.status != machine::Status::running) return false;
  const machine::Request& q = next->header.request;
  return (q.act == machine::Act::read || q.act == machine::Act::rmw) && may_drop(q) &&
         after(*next, final_value(s, q.address), static_cast<std::uint8_t>(t)) == machine::Status::dropped;
}

template <int W>
typename Search<W>::Set Search<W>::ordered_before(const S& s, Slot e) const {
  if (s.sc && !s.tso) return s.before[e];
  Set all, open;
  open.add(e);
  const auto go = [&](Slot x) {
    if (x < no_slot && !all.has(x)) open.add(x), all.add(x);
  };
  while (!open.empty()) {
    Slot x = no_slot;
    open.each([&](Slot y) { x = y; });
    open.drop(x);
    const Event& ev = s.events[x];
    const auto& list = s.threads[ev.thread].list;
    for (std::uint16_t i = 0; list[i] != x; ++i)
      if (list[i + 1] == x) go(list[i]);
    if (ev.what == What::read) go(ev.rf);
    if (ev.what == What::write) {
      go(ev.co_prev);
      s.readers_of(ev.loc, ev.co_prev == no_slot ? from_initial : ev.co_prev).each([&](Slot r) {
        if (r != x) go(r);
      });
    }
  }
  return all;
}

#define RINGTAIL_INSTANTIATE(W)                                                                        \
  template memory::Graph Search<W>::graph_of(const S&, std::vector<Slot>*, bool) const;                \
  template memory::Graph Search<W>::graph_of(const S&, std::vector<Slot>*, bool, bool) const;          \
  template std::vector<std::pair<std::uint16_t, Slot>> Search<W>::open_sections(const S&, std::size_t) \
      const;                                                                                           \
  template Search<W>::Round Search<W>::round_before(const S&, std::uint8_t);                           \
  template bool Search<W>::stuck(const S&, std::size_t);                                               \
  template bool Search<W>::seen_by_others(const S&, std::size_t);                                      \
  template bool Search<W>::drops(const S&, std::size_t);                                               \
  template Search<W>::Set Search<W>::ordered_before(const S&, Slot) const;
RINGTAIL_INSTANTIATE(1)
RINGTAIL_INSTANTIATE(2)
RINGTAIL_INSTANTIATE(4)
RINGTAIL_INSTANTIATE(8)
RINGTAIL_INSTANTIATE(16)

}  // namespace ringtail::explore
