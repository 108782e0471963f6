// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/memory/incremental.h"

#include <algorithm>

namespace ringtail::memory {

void Incremental::grow(std::size_t n) {
  if (n > words_ * 64) {
    const std::size_t wider = words_ * 2;
    std::vector<std::uint64_t> rows(n_ * wider);
    for (std::size_t i = 0; i < n_; ++i)
      std::copy(row(i), row(i) + words_, rows.begin() + static_cast<std::ptrdiff_t>(i * wider));
    before_ = std::move(rows);
    words_ = wider;
  }
  before_.resize(n * words_, 0);
  for (; n_ < n; ++n_) row(n_)[n_ / 64] |= std::uint64_t{1} << (n_ % 64);
}

void Incremental::join(std::size_t to, std::size_t from) {
  std::uint64_t* t = row(to);
  const std::uint64_t* f = row(from);
  for (std::size_t k = 0; k < words_; ++k) t[k] |= f[k];
}

// A new edge; false when it closes a cycle.
bool Incremental::link(std::size_t from, std::size_t to) {
  const auto has = [this](std::size_t i, std::size_t j) { return row(i)[j / 64] >> (j % 64) & 1; };
  if (has(from, to)) return false;
  if (has(to, from)) return true;
  for (std::size_t i = 0; i < n_; ++i)
    if (has(i, to)) join(i, from);
  return true;
}

void Incremental::note(const Graph& g, EventId e) {
  const Tag t = g[e].tag;
  waits_ |= t == Tag::sync_rcu || t == Tag::sync_srcu;
  sections_ |= t == Tag::rcu_lock || t == Tag::srcu_lock;
}

// The edges of the new event; false when the graph is not sequentially consistent any more.
bool Incremental::extend(const Graph& g, EventId e) {
  const Event& ev = g[e];
  if (ev.po > 0) join(e, g.thread(ev.thread)[ev.po - 1u]);
  if (ev.kind == Kind::fence || (ev.kind == Kind::read && ev.rf == no_event)) return true;
  const std::span<const EventId> co = g.location(ev.location).co;
  if (ev.kind == Kind::read) {
    std::size_t next = 0;
    if (ev.rf != initial) {
      join(e, ev.rf);
      next = g.co_index(ev.rf) + 1;
    }
    return next == co.size() || link(e, co[next]);
  }
  const std::size_t at = g.co_index(e);
  const EventId previous = at == 0 ? initial : co[at - 1];
  if (previous != initial) join(e, previous);
  for (EventId r = 0; r < g.size(); ++r)
    if (g[r].kind == Kind::read && g[r].location == ev.location && g[r].rf == previous) join(e, r);
  // The halves of a read-modify-write are neighbours in co.
  if (ev.rmw && g[g.rmw_partner(e)].rf != previous) return false;
  if (at + 1 == co.size()) return true;
  return !g[co[at + 1]].rmw && link(e, co[at + 1]);
}

bool Incremental::decide(const Graph& g) const {
  if (sequential_ && !(waits_ && sections_)) return true;
  if (!sequential_ && model_ == Model::sc) return false;
  return consistent(g, model_);
}

bool Incremental::add(const Graph& g, EventId e) {
  note(g, e);
  if (sequential_) {
    grow(g.size());
    sequential_ = extend(g, e);
  }
  return decide(g);
}

bool Incremental::rebuild(const Graph& g) {
  *this = Incremental(model_);
  grow(g.size());
  for (EventId e = 0; e < g.size(); ++e) note(g, e);
  const auto all = [&] {
    for (EventId e = 0; e < g.size(); ++e) {
      const Event& ev = g[e];
      if (ev.po > 0 && !link(g.thread(ev.thread)[ev.po - 1u], e)) return false;
      if (ev.kind != Kind::read || ev.rf == no_event) continue;
      if (ev.rf != initial && !link(ev.rf, e)) return false;
      const std::span<const EventId> co = g.location(ev.location).co;
      const std::size_t next = ev.rf == initial ? 0 : g.co_index(ev.rf) + 1;
      if (next == co.size()) continue;
      const EventId partner = g.rmw_partner(e);
      if (partner != no_event && partner != co[next]) return false;
      if (partner == no_event && !link(e, co[next])) return false;
    }
    for (std::size_t l = 0; l < g.location_count(); ++l)
      for (std::size_t i = 1; i < g.location(l).co.size(); ++i)
        if (!link(g.location(l).co[i - 1], g.location(l).co[i])) return false;
    return true;
  };
  sequential_ = all();
  return decide(g);
}

}  // namespace ringtail::memory
