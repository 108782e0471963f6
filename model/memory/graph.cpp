// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/memory/graph.h"

#include <algorithm>
#include <utility>

#include "model/base/result.h"

namespace ringtail::memory {

std::string_view name(Tag t) {
  switch (t) {
    case Tag::plain:
      return "plain";
    case Tag::once:
      return "once";
    case Tag::data_race:
      return "data-race";
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
    case Tag::after_ctrl_dep:
      return "after-ctrl-dep";
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

void Lists::resize(std::size_t n) {
  lengths_.resize(n, 0);
  cells_.resize(n * room_);
}

void Lists::insert(std::size_t i, std::size_t at, EventId e) {
  if (lengths_[i] == room_) {
    std::vector<EventId> wider(cells_.size() * 2);
    for (std::size_t k = 0; k < size(); ++k) {
      const auto from = cells_.begin() + static_cast<std::ptrdiff_t>(k * room_);
      std::copy(from, from + lengths_[k], wider.begin() + static_cast<std::ptrdiff_t>(k * room_ * 2));
    }
    cells_ = std::move(wider);
    room_ *= 2;
  }
  ++lengths_[i];
  const std::span<EventId> row = (*this)[i];
  std::copy_backward(row.begin() + static_cast<std::ptrdiff_t>(at), row.end() - 1, row.end());
  row[at] = e;
}

void Lists::erase(std::size_t i, EventId e) {
  const std::span<EventId> row = (*this)[i];
  const auto end = std::remove(row.begin(), row.end(), e);
  truncate(i, static_cast<std::size_t>(end - row.begin()));
}

bool operator==(const Lists& a, const Lists& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!std::equal(a[i].begin(), a[i].end(), b[i].begin(), b[i].end())) return false;
  return true;
}

std::uint16_t Graph::location_of(std::uint64_t address) {
  for (std::size_t i = 0; i < addresses_.size(); ++i)
    if (addresses_[i] == address) return static_cast<std::uint16_t>(i);
  addresses_.push_back(address);
  co_.resize(addresses_.size());
  return static_cast<std::uint16_t>(addresses_.size() - 1);
}

EventId Graph::add(const Event& e, const Dependencies& deps) {
  if (events_.size() >= max_events) fatal("an execution graph of more than max_events events");
  if (e.thread >= threads_.size()) threads_.resize(e.thread + 1u);
  const auto id = static_cast<EventId>(events_.size());
  Event& added = events_.emplace_back(e);
  added.po = static_cast<std::uint16_t>(threads_[e.thread].size());
  if (e.kind != Kind::fence || e.address != 0) added.location = location_of(e.address);
  if (e.kind == Kind::write) co_.insert(added.location, co_[added.location].size(), id);
  threads_.insert(e.thread, added.po, id);
  spans_.push_back({static_cast<std::uint32_t>(pool_.size()), static_cast<std::uint16_t>(deps.addr.size()),
                    static_cast<std::uint16_t>(deps.data.size()),
                    static_cast<std::uint16_t>(deps.ctrl.size())});
  pool_.insert(pool_.end(), deps.addr.begin(), deps.addr.end());
  pool_.insert(pool_.end(), deps.data.begin(), deps.data.end());
  pool_.insert(pool_.end(), deps.ctrl.begin(), deps.ctrl.end());
  return id;
}

void Graph::pop() {
  const Event& e = events_.back();
  if (e.kind == Kind::write) co_.erase(e.location, static_cast<EventId>(events_.size() - 1));
  threads_.truncate(e.thread, e.po);
  pool_.resize(spans_.back().begin);
  spans_.pop_back();
  events_.pop_back();
}

void Graph::keep(const std::vector<bool>& kept) {
  std::vector<EventId> renumbered(events_.size(), no_event);
  std::vector<std::uint16_t> pool;
  EventId next = 0;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    if (!kept[i]) continue;
    DependencySpan s = spans_[i];
    const auto from = pool_.begin() + static_cast<std::ptrdiff_t>(s.begin);
    s.begin = static_cast<std::uint32_t>(pool.size());
    pool.insert(pool.end(), from, from + s.addr + s.data + s.ctrl);
    spans_[next] = s;
    renumbered[i] = next++;
  }
  for (Lists* lists : {&threads_, &co_})
    for (std::size_t i = 0; i < lists->size(); ++i) {
      std::size_t n = 0;
      for (const EventId e : std::as_const(*lists)[i])
        if (kept[e]) (*lists)[i][n++] = renumbered[e];
      lists->truncate(i, n);
    }
  for (std::size_t i = 0; i < events_.size(); ++i) {
    if (!kept[i]) continue;
    Event& e = events_[renumbered[i]] = events_[i];
    if (e.rf < no_event) e.rf = renumbered[e.rf];
  }
  events_.resize(next);
  spans_.resize(next);
  pool_ = std::move(pool);
}

void Graph::place(EventId write, std::size_t at) {
  const std::uint16_t l = events_[write].location;
  co_.erase(l, write);
  co_.insert(l, at, write);
}

std::optional<Location> Graph::find(std::uint64_t address) const {
  for (std::size_t l = 0; l < addresses_.size(); ++l)
    if (addresses_[l] == address) return location(l);
  return std::nullopt;
}

Dependencies Graph::dependencies(EventId e) const {
  const DependencySpan& s = spans_[e];
  const std::uint16_t* begin = pool_.data() + s.begin;
  return {{begin, s.addr}, {begin + s.addr, s.data}, {begin + s.addr + s.data, s.ctrl}};
}

std::size_t Graph::co_index(EventId write) const {
  const std::span<const EventId> co = co_[events_[write].location];
  return static_cast<std::size_t>(std::find(co.begin(), co.end(), write) - co.begin());
}

EventId Graph::rmw_partner(EventId e) const {
  const Event& ev = events_[e];
  if (!ev.rmw) return no_event;
  const std::span<const EventId> ids = threads_[ev.thread];
  if (ev.kind == Kind::write) return ids[ev.po - 1u];
  if (ev.po + 1u >= ids.size()) return no_event;
  const Event& next = events_[ids[ev.po + 1u]];
  return next.kind == Kind::write && next.rmw ? ids[ev.po + 1u] : no_event;
}

}  // namespace ringtail::memory
