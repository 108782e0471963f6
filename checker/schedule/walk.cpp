// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/schedule/walk.h"

#include <algorithm>

namespace ringtail::schedule {

using explore::Event;
using explore::from_initial;
using explore::no_slot;
using explore::What;
using machine::Act;
using machine::Request;
using machine::Snapshot;
using machine::Status;
using memory::Tag;

namespace {

constexpr std::size_t kGuessOneIn = 4;

bool is_grace_period(const Request& q) {
  return q.act == Act::fence && (q.tag == Tag::sync_rcu || q.tag == Tag::sync_srcu);
}

}  // namespace

template <int W>
Walk<W>::Walk(const machine::Machine& m, const explore::Initial& initial, memory::Model model,
              Discipline discipline)
    : Base(m, initial, model, {}), discipline_(discipline), empty_(arena_.mark()) {
  fresh_->threads.resize(threads_);
}

template <int W>
void Walk<W>::begin(bool guesses) {
  guesses_ = guesses;
  while (!states_.empty()) pop();
  arena_.release(empty_);
  root_->copy_from(*fresh_);
  s_ = root_.get();
  for (std::size_t t = 0; t < m_.cpus().size(); ++t) s_->threads[t].next = m_.start(t, arena_);
  rest_ = {};
  rest_.buffers.resize(threads_);
  rest_.grace.resize(threads_);
  rest_.refused.resize(threads_);
  limit_ = false;
}

template <int W>
void Walk<W>::push() {
  states_.push_back(s_);
  saved_.push_back(rest_);
  s_ = &borrow(*s_);
}

template <int W>
void Walk<W>::pop() {
  give_back();
  s_ = states_.back();
  rest_ = std::move(saved_.back());
  states_.pop_back();
  saved_.pop_back();
}

template <int W>
bool Walk<W>::failed() const {
  return std::any_of(s_->threads.begin(), s_->threads.end(), [](const auto& t) {
    return t.next != nullptr && t.next->header.status == Status::failed;
  });
}

// --- who may step

template <int W>
const std::vector<Agent>& Walk<W>::ready() {
  ready_.clear();
  for (std::uint8_t t = 0; t < threads_; ++t) {
    const Snapshot* next = s_->threads[t].next;
    if (next == nullptr || next->header.status != Status::running) continue;
    if (!rest_.refused[t] && thread_ready(t)) ready_.push_back(t);
  }
  for (std::size_t t = 0; t < threads_; ++t)
    if (!rest_.buffers[t].empty()) ready_.push_back(static_cast<Agent>(threads_ + t));
  return ready_;
}

template <int W>
bool Walk<W>::thread_ready(std::uint8_t t) {
  const Request& q = s_->threads[t].next->header.request;
  if (drains(q, t) && !rest_.buffers[t].empty()) return false;
  if (is_grace_period(q)) return !rest_.grace[t].begun || is_over(t);
  if ((q.act == Act::write || q.act == Act::free) && may_come(q, wrong_address(*s_, q))) return false;
  if (q.act != Act::read && q.act != Act::rmw) return true;
  if (const machine::Failure f = wrong_address(*s_, q); f != machine::Failure::none) return !may_come(q, f);
  const std::uint16_t loc = location(*s_, q.address, q.size);
  if (discipline_ != Discipline::lkmm) return readable(t, loc, visible(t, loc));
  for (Slot src = s_->co_last(loc);;) {
    if (readable(t, loc, src)) return true;
    if (src == from_initial) return false;
    src = s_->events[src].co_prev == no_slot ? from_initial : s_->events[src].co_prev;
  }
}

// A pointer that was guessed may lead to an object that has yet to be made.
template <int W>
bool Walk<W>::may_come(const Request& q, machine::Failure f) const {
  return !rest_.guessed.empty() && f == machine::Failure::bad_address && machine::in_heap(q.address);
}

// Whether a step has to wait until the store buffer of its thread is empty.
template <int W>
bool Walk<W>::drains(const Request& q, std::uint8_t t) {
  if (discipline_ != Discipline::tso) return false;
  if (q.act == Act::fence)
    return q.tag == Tag::mb || q.tag == Tag::after_srcu_read_unlock || is_grace_period(q);
  if (q.act != Act::rmw) return false;
  if (q.tag != Tag::lock_read || q.blocking) return true;
  const std::uint16_t loc = location(*s_, q.address, q.size);  // a failed trylock is a mere read
  return machine::holds(q.guard, value_of(*s_, loc, visible(t, loc)), q.guard_value);
}

// What an operational machine reads: the newest store in the thread's own buffer, or memory.
template <int W>
typename Walk<W>::Slot Walk<W>::visible(std::uint8_t t, std::uint16_t loc) const {
  const auto& buffer = rest_.buffers[t];
  for (std::size_t i = buffer.size(); i-- > 0;)
    if (s_->events[buffer[i]].loc == loc) return buffer[i];
  return s_->co_last(loc);
}

template <int W>
bool Walk<W>::readable(std::uint8_t t, std::uint16_t loc, Slot source) {
  const Snapshot& at = *s_->threads[t].next;
  const Request& q = at.header.request;
  const std::int64_t value = value_of(*s_, loc, source);
  if (!accepts(at, value, t)) return false;
  if (discipline_ != Discipline::lkmm) return true;
  const bool writes = q.act == Act::rmw && machine::holds(q.guard, value, q.guard_value);
  return !writes || s_->rmw_after(loc, source) == no_slot;
}

template <int W>
std::optional<std::uint16_t> Walk<W>::open_section(std::uint8_t t, const Request& waiter) const {
  const auto& thread = s_->threads[t];
  const bool srcu = waiter.tag == Tag::sync_srcu;
  int depth = 0;
  std::uint16_t entered = 0;
  for (std::uint16_t i = 0; i < thread.count; ++i) {
    const Event& e = s_->events[thread.list[i]];
    if (srcu && e.address != waiter.address) continue;
    if (e.tag == (srcu ? Tag::srcu_lock : Tag::rcu_lock) && depth++ == 0) entered = i;
    if (e.tag == (srcu ? Tag::srcu_unlock : Tag::rcu_unlock) && depth > 0) --depth;
  }
  return depth > 0 ? std::optional(entered) : std::nullopt;
}

template <int W>
std::uint16_t Walk<W>::section_end(std::uint8_t t, const Request& waiter, std::uint16_t after,
                                   bool last) const {
  const auto& thread = s_->threads[t];
  const bool srcu = waiter.tag == Tag::sync_srcu;
  int depth = 0;
  std::uint16_t end = 0;
  for (std::uint16_t i = 0; i < thread.count && (end == 0 || last); ++i) {
    const Event& e = s_->events[thread.list[i]];
    if (srcu && e.address != waiter.address) continue;
    if (e.tag == (srcu ? Tag::srcu_lock : Tag::rcu_lock)) ++depth;
    if (e.tag != (srcu ? Tag::srcu_unlock : Tag::rcu_unlock) || depth == 0) continue;
    if (--depth == 0 && i >= after) end = static_cast<std::uint16_t>(i + 1);
  }
  return end;
}

template <int W>
bool Walk<W>::buffers_any(std::uint8_t t, std::uint16_t events) const {
  const auto& thread = s_->threads[t];
  const auto& buffer = rest_.buffers[t];
  return std::any_of(thread.list, thread.list + events,
                     [&](Slot e) { return std::find(buffer.begin(), buffer.end(), e) != buffer.end(); });
}

// What was done before the end of a section that the grace period comes after is seen by all when it is over.
template <int W>
bool Walk<W>::is_over(std::uint8_t t) const {
  const Request& q = s_->threads[t].next->header.request;
  const GracePeriod& grace = rest_.grace[t];
  for (std::uint8_t other = 0; other < threads_; ++other)
    if (buffers_any(other, grace.left[other])) return false;
  return std::none_of(grace.waits_for.begin(), grace.waits_for.end(), [&](const auto& section) {
    return open_section(section.first, q) == section.second ||
           buffers_any(section.first, section_end(section.first, q, section.second, false));
  });
}

template <int W>
std::size_t Walk<W>::ways(Agent a) const {
  if (is_buffer(a)) return 1;
  const Request& q = s_->threads[a].next->header.request;
  if (q.act != Act::choose) return 1;
  const auto more = static_cast<std::uint64_t>(q.guard_value) - static_cast<std::uint64_t>(q.operand);
  return more == UINT64_MAX ? more : more + 1;
}

template <int W>
bool Walk<W>::asks_for_interrupt(Agent a) const {
  return !is_buffer(a) && s_->threads[a].next->header.deciding;
}

template <int W>
const Snapshot* Walk<W>::asking(std::uint8_t t) const {
  const Snapshot* next = s_->threads[t].next;
  return next != nullptr && next->header.status == Status::running ? next : nullptr;
}

template <int W>
const Snapshot& Walk<W>::asked(Agent a) const {
  return is_buffer(a) ? *s_->events[rest_.buffers[a - threads_].front()].at : *s_->threads[a].next;
}

template <int W>
bool Walk<W>::goes_wrong(Agent a) const {
  if (is_buffer(a)) return false;
  const auto& thread = s_->threads[a];
  const Request& q = thread.next->header.request;
  if (wrong_address(*s_, q) != machine::Failure::none) return true;
  if (!machine::in_heap(q.address)) return false;
  return std::any_of(thread.list, thread.list + thread.count, [&](Slot e) {
    return s_->events[e].what == What::free && s_->events[e].address == machine::object_of(q.address);
  });
}

// --- steps

template <int W>
bool Walk<W>::step(Agent a, std::size_t way, Chooser& chooser) {
  if (s_->full(4)) {
    limit_ = overflowed_ = true;
    return false;
  }
  if (is_buffer(a)) {
    flush(static_cast<std::uint8_t>(a - threads_));
  } else if (!step_thread(a, way, chooser)) {
    return false;
  } else if (rest_.refused[a]) {
    return true;  // the others may still go on as they could
  }
  std::fill(rest_.refused.begin(), rest_.refused.end(), false);
  return true;
}

template <int W>
bool Walk<W>::step_thread(std::uint8_t t, std::size_t way, Chooser& chooser) {
  auto& thread = s_->threads[t];
  const Request& q = thread.next->header.request;
  if (const machine::Failure f = wrong_address(*s_, q); f != machine::Failure::none) {
    thread.next = m_.fail(*thread.next, f, arena_);
    return true;
  }
  if (is_grace_period(q) && !rest_.grace[t].begun) {
    rest_.grace[t].begun = true;
    rest_.grace[t].left.assign(threads_, 0);
    for (std::uint8_t other = 0; other < threads_; ++other) {
      rest_.grace[t].left[other] = section_end(other, q, 0, true);
      if (const auto section = open_section(other, q)) rest_.grace[t].waits_for.emplace_back(other, *section);
    }
    return true;
  }
  switch (q.act) {
    case Act::read:
    case Act::rmw:
      return step_read(t, chooser);
    case Act::write:
    case Act::spawn:
      return step_write(t, chooser);
    case Act::choose:
    case Act::fence:
    case Act::alloc:
    case Act::free:
      return step_other(t, way);
    case Act::note:
      break;
  }
  return false;
}

template <int W>
bool Walk<W>::step_other(std::uint8_t t, std::size_t way) {
  S& s = *s_;
  const Snapshot* at = s.threads[t].next;
  const Request& q = at->header.request;
  const What what = q.act == Act::alloc    ? What::alloc
                    : q.act == Act::free   ? What::free
                    : q.act == Act::choose ? What::choose
                                           : What::fence;
  Event e = event_of(s, t, what);
  if (what == What::choose) e.value = q.operand + static_cast<std::int64_t>(way);
  if (what == What::fence) e.value = q.operand;
  if (what == What::fence && q.tag == Tag::sync_srcu) e.loc = location(s, q.address, q.size);
  const bool waited = is_grace_period(q);
  const Slot slot = s.add(e);
  compute_prefix(s, slot);
  link_before(s, slot);
  resume(s, t, *at, what == What::choose ? e.value : 0, no_slot);
  if (waited) s.waits = true, rest_.grace[t] = {};
  return discipline_ != Discipline::lkmm || consistent(s);
}

template <int W>
bool Walk<W>::step_read(std::uint8_t t, Chooser& chooser) {
  const Request& q = s_->threads[t].next->header.request;
  const std::uint16_t loc = location(*s_, q.address, q.size);
  if (discipline_ != Discipline::lkmm) {
    apply_read(*s_, t, visible(t, loc));
    return true;
  }
  if (guess(t, chooser)) return true;
  std::vector<Slot> sources;
  for (Slot src = s_->co_last(loc);;) {
    if (readable(t, loc, src)) sources.push_back(src);
    if (src == from_initial) break;
    src = s_->events[src].co_prev == no_slot ? from_initial : s_->events[src].co_prev;
  }
  // A thread that waits may look when it is too late.
  if (q.may_spin && !q.blocking && !accepts(*s_->threads[t].next, value_of(*s_, loc, s_->co_last(loc)), t) &&
      chooser.below(2) != 0) {
    rest_.refused[t] = true;
    return true;
  }
  // the last write as often as all others together
  if (chooser.below(2) != 0)
    for (std::size_t i = sources.size(); i > 1; --i) std::swap(sources[i - 1], sources[chooser.below(i)]);
  for (const Slot src : sources) {
    push();
    apply_read(*s_, t, src);
    const bool allowed = consistent(*s_);
    pop();
    if (!allowed) continue;
    apply_read(*s_, t, src);
    return true;
  }
  rest_.refused[t] = true;
  return true;
}

// A value that some write gives to this place in an execution, and that may come only later in this one.
template <int W>
bool Walk<W>::guess(std::uint8_t t, Chooser& chooser) {
  S& s = *s_;
  const Snapshot* at = s.threads[t].next;
  const Request& q = at->header.request;
  const bool may =
      guesses_ && q.act == Act::read && may_be_promised(q) &&
      (q.tag == Tag::plain || q.tag == Tag::once || q.tag == Tag::data_race || q.tag == Tag::acquire);
  const auto known = written_.find(q.address);
  if (!may || known == written_.end() || chooser.below(kGuessOneIn) != 0) return false;
  auto value = known->second.begin();
  std::advance(value, static_cast<std::ptrdiff_t>(chooser.below(known->second.size())));
  Event e = event_of(s, t, What::read);
  e.loc = location(s, e.address, e.size);
  e.value = *value;
  const Slot r = s.add(e);
  compute_prefix(s, r);
  link_before(s, r);
  resume(s, t, *at, e.value, r);
  rest_.guessed.push_back(r);
  return true;
}

template <int W>
bool Walk<W>::step_write(std::uint8_t t, Chooser& chooser) {
  S& s = *s_;
  const Snapshot* at = s.threads[t].next;
  Event e = event_of(s, t, What::write);
  e.loc = location(s, e.address, e.size);
  if (e.spawns != 0xff && (at->header.spawned >= explore::callbacks_each || e.spawns >= threads_)) {
    counts.bounded = limit_ = true;
    return false;
  }
  const Slot w = s.add(e);
  compute_prefix(s, w);
  resume(s, t, *at, 0, no_slot);
  if (e.spawns != 0xff)
    s.threads[e.spawns].next =
        m_.start_rcu(static_cast<std::uint32_t>(static_cast<std::uint64_t>(at->header.request.operand) -
                                                ir::function_base),
                     at->header.request.guard_value, e.spawns, e.address, arena_);
  if (discipline_ == Discipline::tso) {
    rest_.buffers[t].push_back(w);
    return true;
  }
  std::vector<Slot> places;
  for (Slot p = s.co_last(e.loc);;) {
    if (s.rmw_after(e.loc, p) == no_slot) places.push_back(p);
    if (p == from_initial || discipline_ == Discipline::sc) break;
    p = s.events[p].co_prev == no_slot ? from_initial : s.events[p].co_prev;
  }
  if (places.size() > 1 && chooser.below(2) != 0)
    for (std::size_t i = places.size(); i > 1; --i) std::swap(places[i - 1], places[chooser.below(i)]);
  for (const Slot p : places) {
    const bool sure = discipline_ == Discipline::sc;
    if (!sure) {
      push();
      s_->place(w, p);
      link_before(*s_, w);
      const bool allowed = consistent(*s_);
      pop();
      if (!allowed) continue;
    }
    s_->place(w, p);
    link_before(*s_, w);
    return true;
  }
  return false;
}

template <int W>
void Walk<W>::flush(std::uint8_t t) {
  auto& buffer = rest_.buffers[t];
  const Slot w = buffer.front();
  buffer.erase(buffer.begin());
  s_->place(w, s_->co_last(s_->events[w].loc));
}

template class Walk<8>;
template class Walk<16>;

}  // namespace ringtail::schedule
