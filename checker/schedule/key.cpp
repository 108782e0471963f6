// SPDX-License-Identifier: GPL-2.0-or-later
// What of a walk under SC or TSO its future hangs on. Dependencies are none of it: they order nothing there.
#include <algorithm>

#include "checker/schedule/walk.h"
#include "model/machine/run.h"

namespace ringtail::schedule {

using explore::Event;
using explore::from_initial;
using explore::What;
using machine::Request;
using machine::Snapshot;
using machine::Status;
using memory::Tag;

namespace {

// Two hashes with nothing in common, in one go.
class Key {
 public:
  void add(std::uint64_t x) {
    a_ = (a_ ^ x) * 0x9e3779b97f4a7c15;
    a_ ^= a_ >> 32;
    b_ = (b_ + x) * 0xff51afd7ed558ccd;
    b_ ^= b_ >> 29;
  }
  template <class... X>
  void add_all(X... x) {
    (add(static_cast<std::uint64_t>(x)), ...);
  }
  // Of a set: in whatever order its members come.
  void include(const Key& member) { a_ += member.a_, b_ += member.b_; }
  void exclude(const Key& member) { a_ -= member.a_, b_ -= member.b_; }
  Fingerprint value() const { return {a_, b_}; }

 private:
  std::uint64_t a_ = 0x243f6a8885a308d3, b_ = 0x13198a2e03707344;
};

template <class... X>
Key key_of(X... x) {
  Key k;
  k.add_all(x...);
  return k;
}

void add(Key& k, const Snapshot& s) {
  const machine::Header& h = s.header;
  const Request& q = h.request;
  const machine::Arrays a = machine::arrays(s);
  k.add_all(h.status, h.failure, h.deciding, h.asked, h.in_irq, h.prologue, h.frames, h.registers, h.controls,
            h.loops, h.locals, h.held, h.touched, h.own, h.own_bytes, h.part, h.kept_part, h.irqs_off,
            h.preempt_off, h.rcu_depth, h.spawned, h.tokens, h.objects, h.effects, h.reads, h.writes, h.round,
            h.round_writes, h.irqs, h.failed_at, h.carried, h.kept);
  k.add_all(q.act, q.tag, q.op, q.guard, q.wait, q.size, q.blocking, q.may_spin, q.may_sleep, q.may_drop,
            q.source, q.address, q.operand, q.guard_value);
  for (std::size_t i = 0; i < h.frames; ++i)
    k.add_all(a.frames[i].function, a.frames[i].pc, a.frames[i].base, a.frames[i].locals, a.frames[i].own,
              a.frames[i].result, a.frames[i].interrupt);
  for (std::size_t i = 0; i < h.loops; ++i)
    k.add_all(a.loops[i].id, a.loops[i].depth, a.loops[i].iterations, a.loops[i].effects, a.loops[i].reads,
              a.loops[i].writes, a.loops[i].state, a.loops[i].undone, a.loops[i].watched, a.loops[i].lasting);
  for (std::size_t i = 0; i < h.touched; ++i)
    k.add_all(a.touched[i].address, a.touched[i].before, a.touched[i].now, a.touched[i].loop,
              a.touched[i].size, a.touched[i].known);
  for (std::size_t i = 0; i < h.locals; ++i) k.add(a.locals[i]);
  for (std::size_t i = 0; i < h.held; ++i) k.add(a.held[i]);
  for (std::size_t i = 0; i < h.registers; ++i) k.add_all(a.registers[i]);
  for (std::size_t i = 0; i < h.own; ++i) k.add_all(a.own[i].at, a.own[i].size);
  for (std::size_t i = 0; i < h.own_bytes; ++i) k.add(a.own_bytes[i]);
}

}  // namespace

template <int W>
Fingerprint Walk<W>::state_key() const {
  Key k;
  for (std::uint8_t t = 0; t < threads_; ++t) {
    const Snapshot* next = s_->threads[t].next;
    k.add(next != nullptr);
    if (next == nullptr) continue;
    add(k, *next);
    const GracePeriod& grace = rest_.grace[t];
    k.add(grace.begun);
    const bool tso =
        discipline_ == Discipline::tso;  // where stores of a section that was left may be buffered
    for (const auto& [other, section] : grace.waits_for)
      if (tso || open_section(other, next->header.request) == section) k.add_all(other, section);
    if (tso)
      for (const std::uint16_t left : grace.left) k.add(left);
    for (const Slot w : rest_.buffers[t]) k.add_all(s_->events[w].address, s_->events[w].value);
    if (tso && grace.begun) k.add(s_->threads[t].count);
  }
  k.add(rest_.forced);
  Key all;
  for (const auto& [address, value] : in_memory()) all.include(key_of(address, value));
  s_->used.each([&](Slot slot) {
    const Event& e = s_->events[slot];
    if (e.what == What::alloc || e.what == What::free)
      all.include(key_of(e.what == What::alloc, e.address, e.value));
    if (e.tag == Tag::srcu_lock) all.include(key_of(e.thread, e.address));
    if (e.tag == Tag::srcu_unlock) all.exclude(key_of(e.thread, e.address));
  });
  k.add_all(all.value().first, all.value().second);
  return k.value();
}

template <int W>
std::vector<std::pair<std::uint64_t, std::int64_t>> Walk<W>::in_memory() const {
  std::vector<std::pair<std::uint64_t, std::int64_t>> out;
  for (std::size_t l = 0; l < s_->locations.size(); ++l)
    if (const Slot w = s_->co_last(static_cast<std::uint16_t>(l)); w != from_initial)
      out.emplace_back(s_->events[w].address, s_->events[w].value);
  std::sort(out.begin(), out.end());
  return out;
}

template <int W>
bool Walk<W>::touches_freed() const {
  bool touches = false;
  s_->used.each([&](Slot slot) {
    const Event& f = s_->events[slot];
    if (f.what != What::free) return;
    const auto goes_there = [&f](std::uint64_t address) {
      return machine::in_heap(address) && machine::object_of(address) == f.address;
    };
    for (std::uint8_t t = 0; t < s_->threads.size(); ++t) {
      const auto& thread = s_->threads[t];
      if (thread.next != nullptr && thread.next->header.status == Status::running) {
        const Request& q = thread.next->header.request;
        const bool touch = q.act == machine::Act::read || q.act == machine::Act::write ||
                           q.act == machine::Act::rmw || q.act == machine::Act::free;
        touches |= touch && goes_there(q.address);
      }
      if (t != f.thread)
        for (const Slot w : rest_.buffers[t]) touches |= goes_there(s_->events[w].address);
    }
  });
  return touches;
}

#define RINGTAIL_INSTANTIATE(W)                                                            \
  template Fingerprint Walk<W>::state_key() const;                                         \
  template std::vector<std::pair<std::uint64_t, std::int64_t>> Walk<W>::in_memory() const; \
  template bool Walk<W>::touches_freed() const;
RINGTAIL_INSTANTIATE(8)
RINGTAIL_INSTANTIATE(16)

}  // namespace ringtail::schedule
