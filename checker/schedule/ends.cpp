// SPDX-License-Identifier: GPL-2.0-or-later
// What becomes of a walk in which no thread can go on.
#include <algorithm>

#include "checker/schedule/walk.h"

namespace ringtail::schedule {

using explore::Event;
using explore::from_initial;
using explore::no_slot;
using explore::What;
using machine::Request;
using machine::Snapshot;
using machine::Status;
using memory::Tag;

namespace {

constexpr unsigned kMostRounds = 64;  // of waiting loops that are taken again

}  // namespace

template <int W>
bool Walk<W>::settle() {
  if (read_again()) return true;
  // A section that nothing ends is none. The model decides in the end whether there is an execution in which
  // the grace period ended nevertheless.
  for (std::uint8_t t = 0; t < threads_; ++t) {
    const Snapshot* next = s_->threads[t].next;
    if (next == nullptr || next->header.status != Status::running || rest_.grace[t].waits_for.empty() ||
        held_up(t))
      continue;
    rest_.grace[t].waits_for.clear();
    rest_.forced = true;
    return true;
  }
  return false;
}

// Whether a thread waits in a section that the grace period waits for: neither ever ends.
template <int W>
bool Walk<W>::held_up(std::uint8_t t) const {
  const auto& sections = rest_.grace[t].waits_for;
  const Request& q = s_->threads[t].next->header.request;
  return std::any_of(sections.begin(), sections.end(), [&](const auto& section) {
    const Status status = s_->threads[section.first].next->header.status;
    return (status == Status::running || status == Status::spinning) &&
           open_section(section.first, q) == section.second;
  });
}

// Takes back what a thread in a waiting loop has read before the last writes.
template <int W>
bool Walk<W>::read_again() {
  S& s = *s_;
  if (rest_.rounds >= kMostRounds) return false;
  for (std::uint8_t t = 0; t < threads_; ++t) {
    auto& thread = s.threads[t];
    if (thread.next == nullptr) continue;
    const machine::Header& h = thread.next->header;
    if (h.status != Status::running || !h.request.may_spin || h.request.blocking) continue;
    std::size_t first = thread.count;
    std::uint32_t round = round_before(s, t).reads;
    for (std::size_t i = thread.count; i-- > 0 && round > 0;) {
      const Event& e = s.events[thread.list[i]];
      const bool skipped = e.what == What::fence && e.tag != Tag::rcu_lock && e.tag != Tag::rcu_unlock &&
                           e.tag != Tag::sync_rcu && e.tag != Tag::sync_srcu;
      if (e.what != What::read && !skipped) break;
      if (skipped) continue;
      --round;
      if (e.rmw || e.tag == Tag::srcu_lock || e.rf == no_slot) break;
      if (e.rf != s.co_last(e.loc)) first = i;
    }
    if (first == thread.count) continue;
    Set kept = s.used;
    for (std::size_t i = first; i < thread.count; ++i) kept.drop(thread.list[i]);
    s.keep(kept);
    s.rebuild_before();
    ++rest_.rounds;
    std::fill(rest_.refused.begin(), rest_.refused.end(), false);
    return true;
  }
  return false;
}

template <int W>
bool Walk<W>::end(Chooser& chooser) {
  S& s = *s_;
  for (std::uint8_t t = 0; t < threads_; ++t)
    while (!rest_.buffers[t].empty()) flush(t);
  if (discipline_ == Discipline::lkmm)
    s.used.each([&](Slot e) {
      if (s.events[e].what == What::write) written_[s.events[e].address].insert(s.events[e].value);
    });
  s.rebuild_before();
  return keep_guesses(chooser) && (!rest_.forced || consistent(s));
}

template <int W>
bool Walk<W>::keep_guesses(Chooser& chooser) {
  if (rest_.guessed.empty()) return true;
  for (const auto& thread : s_->threads) {  // the objects have come, or the guess was idle
    if (thread.next == nullptr || thread.next->header.status != Status::running) continue;
    const Request& q = thread.next->header.request;
    if (may_come(q, wrong_address(*s_, q))) return false;
  }
  const std::vector<Slot> guessed = rest_.guessed;
  for (const Slot r : guessed) {
    const Event& e = s_->events[r];
    std::vector<Slot> sources;
    for (Slot w = s_->locations[e.loc].first; w != no_slot; w = s_->events[w].co_next)
      if (s_->events[w].value == e.value) sources.push_back(w);
    if (initial_value(e.address) == e.value) sources.push_back(from_initial);
    bool kept = false;
    while (!sources.empty() && !kept) {
      const std::size_t k = chooser.below(sources.size());
      const Slot src = sources[k];
      sources.erase(sources.begin() + static_cast<std::ptrdiff_t>(k));
      push();
      s_->read_from(r, src);
      s_->rebuild_before();
      kept = consistent(*s_);
      pop();
      if (!kept) continue;
      s_->read_from(r, src);
      s_->rebuild_before();
    }
    if (!kept) return false;
  }
  return !is_own_cause();
}

// Plain accesses may carry a value round a circle of dependencies, which the axioms do not forbid.
template <int W>
bool Walk<W>::is_own_cause() const {
  Set from[S::capacity];
  bool grew = true;
  while (grew) {
    grew = false;
    s_->used.each([&](Slot e) {
      const Event& ev = s_->events[e];
      Set before = from[e];
      const auto include = [&](Slot f) {
        before.add(f);
        before |= from[f];
      };
      for (const machine::DepSet d : {ev.addr, ev.data, ev.ctrl}) each_dependency(d, include);
      if (ev.what == What::read && ev.rf < no_slot) include(ev.rf);
      if (ev.what == What::write && ev.rmw) include(s_->rmw_read(e));
      if (!(before - from[e]).empty()) from[e] = before, grew = true;
    });
  }
  bool circle = false;
  s_->used.each([&](Slot e) { circle |= from[e].has(e); });
  return circle;
}

template <int W>
Fingerprint Walk<W>::fingerprint() const {
  std::uint64_t a = 0x243f6a8885a308d3, b = 0x13198a2e03707344;
  const auto add = [&](std::uint64_t x) {
    a = (a ^ x) * 0x9e3779b97f4a7c15;
    a ^= a >> 32;
    b = (b + x) * 0xff51afd7ed558ccd;
    b ^= b >> 29;
  };
  std::uint32_t name[S::capacity];  // of a write: its place, which no schedule changes
  for (std::uint32_t t = 0; t < threads_; ++t)
    for (std::uint16_t i = 0; i < s_->threads[t].count; ++i) name[s_->threads[t].list[i]] = t << 16 | i;
  for (std::uint8_t t = 0; t < threads_; ++t) {
    const auto& thread = s_->threads[t];
    add(thread.count);
    for (std::uint16_t i = 0; i < thread.count; ++i) {
      const Event& e = s_->events[thread.list[i]];
      add(std::uint64_t{e.source} << 8 | static_cast<std::uint64_t>(e.what));
      add(static_cast<std::uint64_t>(e.value));
      if (e.what == What::read) add(e.rf < no_slot ? name[e.rf] : e.rf);
    }
    add(rest_.grace[t].begun);
    for (const std::uint16_t left : rest_.grace[t].left) add(left);
    for (const auto& [other, section] : rest_.grace[t].waits_for) add(std::uint64_t{other} << 16 | section);
    add(rest_.buffers[t].size());
  }
  for (std::size_t l = 0; l < s_->locations.size(); ++l)
    for (Slot w = s_->locations[l].first; w != no_slot; w = s_->events[w].co_next)
      add(std::uint64_t{l} << 32 | name[w]);
  return {a, b};
}

#define RINGTAIL_INSTANTIATE(W)         \
  template bool Walk<W>::settle();      \
  template bool Walk<W>::end(Chooser&); \
  template Fingerprint Walk<W>::fingerprint() const;
RINGTAIL_INSTANTIATE(8)
RINGTAIL_INSTANTIATE(16)

}  // namespace ringtail::schedule
