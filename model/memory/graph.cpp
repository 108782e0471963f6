// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/memory/graph.h"

#include <algorithm>

#include "model/base/result.h"

namespace ringtail::memory {

std::string_view name(Tag t) {
  switch (t) {
    case Tag::plain:
      return "plain";
    case Tag::once:
      return "once";
    case Tag::acquire:
      return "acquire";
    case Tag::release:
      return "release";
    case Tag::noreturn:
      return "noreturn";
    case Tag::full:
      return "full";
    case Tag::lock_read:
      return "LKR";
    case Tag::lock_write:
      return "LKW";
    case Tag::unlock:
      return "UL";
    case Tag::lock_fail:
      return "LF";
    case Tag::is_locked:
      return "RL";
    case Tag::is_unlocked:
      return "RU";
    case Tag::srcu_lock:
      return "srcu-lock";
    case Tag::srcu_unlock:
      return "srcu-unlock";
    case Tag::mb:
      return "mb";
    case Tag::rmb:
      return "rmb";
    case Tag::wmb:
      return "wmb";
    case Tag::barrier:
      return "barrier";
    case Tag::before_atomic:
      return "before-atomic";
    case Tag::after_atomic:
      return "after-atomic";
    case Tag::after_spinlock:
      return "after-spinlock";
    case Tag::after_unlock_lock:
      return "after-unlock-lock";
    case Tag::after_srcu_read_unlock:
      return "after-srcu-read-unlock";
    case Tag::rcu_lock:
      return "rcu-lock";
    case Tag::rcu_unlock:
      return "rcu-unlock";
    case Tag::sync_rcu:
      return "sync-rcu";
    case Tag::sync_srcu:
      return "sync-srcu";
  }
  fatal("a tag without a name");
}

std::uint16_t Graph::location_of(std::uint64_t address) {
  for (std::size_t i = 0; i < locations_.size(); ++i)
    if (locations_[i].address == address) return static_cast<std::uint16_t>(i);
  locations_.push_back({address, {}});
  return static_cast<std::uint16_t>(locations_.size() - 1);
}

EventId Graph::add(const Event& e, const Dependencies& deps) {
  if (events_.size() >= max_events) fatal("an execution graph of more than max_events events");
  if (e.thread >= threads_.size()) threads_.resize(e.thread + 1u);
  Thread& t = threads_[e.thread];
  const auto id = static_cast<EventId>(events_.size());
  Event& added = events_.emplace_back(e);
  added.po = static_cast<std::uint16_t>(t.ids.size());
  if (e.kind != Kind::fence || e.address != 0) added.location = location_of(e.address);
  if (e.kind == Kind::write) locations_[added.location].co.push_back(id);
  t.ids.push_back(id);
  t.spans.push_back({static_cast<std::uint32_t>(t.pool.size()), static_cast<std::uint16_t>(deps.addr.size()),
                     static_cast<std::uint16_t>(deps.data.size()),
                     static_cast<std::uint16_t>(deps.ctrl.size())});
  t.pool.insert(t.pool.end(), deps.addr.begin(), deps.addr.end());
  t.pool.insert(t.pool.end(), deps.data.begin(), deps.data.end());
  t.pool.insert(t.pool.end(), deps.ctrl.begin(), deps.ctrl.end());
  return id;
}

void Graph::pop() {
  const Event& e = events_.back();
  if (e.kind == Kind::write) std::erase(locations_[e.location].co, static_cast<EventId>(events_.size() - 1));
  Thread& t = threads_[e.thread];
  t.pool.resize(t.spans.back().begin);
  t.spans.pop_back();
  t.ids.pop_back();
  events_.pop_back();
}

void Graph::keep(const std::vector<bool>& kept) {
  std::vector<EventId> renumbered(events_.size(), no_event);
  EventId next = 0;
  for (std::size_t i = 0; i < events_.size(); ++i)
    if (kept[i]) renumbered[i] = next++;
  for (Thread& t : threads_) {
    std::size_t n = 0;
    while (n < t.ids.size() && kept[t.ids[n]]) {
      t.ids[n] = renumbered[t.ids[n]];
      ++n;
    }
    if (n == t.ids.size()) continue;
    t.pool.resize(t.spans[n].begin);
    t.spans.resize(n);
    t.ids.resize(n);
  }
  for (Location& l : locations_) {
    std::erase_if(l.co, [&](EventId w) { return !kept[w]; });
    for (EventId& w : l.co) w = renumbered[w];
  }
  for (std::size_t i = 0; i < events_.size(); ++i) {
    if (!kept[i]) continue;
    Event& e = events_[renumbered[i]] = events_[i];
    if (e.rf < no_event) e.rf = renumbered[e.rf];
  }
  events_.resize(next);
}

void Graph::place(EventId write, std::size_t at) {
  std::vector<EventId>& co = locations_[events_[write].location].co;
  std::erase(co, write);
  co.insert(co.begin() + static_cast<std::ptrdiff_t>(at), write);
}

const Location* Graph::find(std::uint64_t address) const {
  for (const Location& l : locations_)
    if (l.address == address) return &l;
  return nullptr;
}

Dependencies Graph::dependencies(EventId e) const {
  const Thread& t = threads_[events_[e].thread];
  const DependencySpan& s = t.spans[events_[e].po];
  const std::uint16_t* begin = t.pool.data() + s.begin;
  return {{begin, s.addr}, {begin + s.addr, s.data}, {begin + s.addr + s.data, s.ctrl}};
}

std::size_t Graph::co_index(EventId write) const {
  const std::vector<EventId>& co = locations_[events_[write].location].co;
  return static_cast<std::size_t>(std::find(co.begin(), co.end(), write) - co.begin());
}

EventId Graph::rmw_partner(EventId e) const {
  const Event& ev = events_[e];
  if (!ev.rmw) return no_event;
  const std::vector<EventId>& ids = threads_[ev.thread].ids;
  if (ev.kind == Kind::write) return ids[ev.po - 1u];
  if (ev.po + 1u >= ids.size()) return no_event;
  const Event& next = events_[ids[ev.po + 1u]];
  return next.kind == Kind::write && next.rmw ? ids[ev.po + 1u] : no_event;
}

}  // namespace ringtail::memory
