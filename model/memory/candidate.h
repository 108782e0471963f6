// SPDX-License-Identifier: GPL-2.0-or-later
// An execution graph as a memory model sees it: sets of events and relations between them, under the names
// that herd and LKMM give them. The texts of the models (sc.h, tso.h, lkmm.h) are templates over this class,
// so that the same text can be evaluated by anything that offers these members and the operations of
// relation.h.
#pragma once

#include <array>
#include <utility>

#include "model/memory/graph.h"
#include "model/memory/relation.h"

namespace ringtail::memory {

// Until Linux 6.3, LKMM saw srcu_read_lock() and unlock() as fences that nest; since then they are a load and
// a store of the srcu_struct, matched by data flow.
enum class Srcu : std::uint8_t { fences, accesses };

template <std::size_t N>
class Candidate {
 public:
  using Set = memory::Set<N>;
  using Rel = memory::Relation<N>;

  explicit Candidate(const Graph& g, Srcu srcu_as = Srcu::accesses)
      : n(g.size()),
        srcu(srcu_as),
        R(n),
        W(n),
        RMW(n),
        id(n),
        po(n),
        loc(n),
        int_(n),
        rf(n),
        co(n),
        fr(n),
        rmw(n),
        addr(n),
        data(n),
        ctrl(n),
        graph_(g),
        tagged_(make_tagged(n)) {
    for (EventId i = 0; i < n; ++i) {
      const Event& e = g[i];
      id.add(i, i);
      tagged_[static_cast<std::size_t>(e.tag)].add(i);
      if (srcu == Srcu::fences && is_srcu(e.tag)) continue;
      if (e.kind == Kind::read) R.add(i);
      if (e.kind == Kind::write) W.add(i);
      if (!e.rmw) continue;
      if (e.tag != Tag::lock_read && e.tag != Tag::lock_write) RMW.add(i);
      if (const EventId w = g.rmw_partner(i); e.kind == Kind::read && w != no_event) rmw.add(i, w);
    }
    build_threads();
    build_locations();
  }

  std::size_t n;
  Srcu srcu;
  Set R, W;  // lock accesses included
  Set RMW;   // halves of atomic read-modify-writes, failed ones too; locks not
  Rel id, po, loc, int_, rf, co, fr, rmw, addr, data, ctrl;

  const Graph& graph() const { return graph_; }
  const Set& tagged(Tag t) const { return tagged_[static_cast<std::size_t>(t)]; }
  Rel external(Rel r) const { return r - int_; }
  Rel internal(Rel r) const { return r & int_; }
  Rel none() const { return Rel(n); }
  // Pairs of a lock and the unlock that closes it, as parentheses match along po; `of_location` keeps
  // locations apart.
  Rel balanced(Tag lock, Tag unlock, bool of_location) const;
  Rel different_values(const Rel& r) const {
    Rel out(n);
    for (std::size_t i = 0; i < n; ++i)
      for_bits(r.row(i), r.words(), [&](std::size_t j) {
        if (graph_[static_cast<EventId>(i)].value != graph_[static_cast<EventId>(j)].value) out.add(i, j);
      });
    return out;
  }

 private:
  static bool is_srcu(Tag t) { return t == Tag::srcu_lock || t == Tag::srcu_unlock; }
  template <std::size_t... I>
  static std::array<Set, tag_count> make_tagged(std::size_t n, std::index_sequence<I...>) {
    return {((void)I, Set(n))...};
  }
  static std::array<Set, tag_count> make_tagged(std::size_t n) {
    return make_tagged(n, std::make_index_sequence<tag_count>());
  }
  static void assign(Rel& r, std::size_t i, const Set& s) {
    for (std::size_t k = 0; k < s.words(); ++k) r.row(i)[k] = s.data()[k];
  }
  void build_threads();
  void build_locations();

  const Graph& graph_;
  std::array<Set, tag_count> tagged_;
};

template <std::size_t N>
void Candidate<N>::build_threads() {
  for (std::size_t t = 0; t < graph_.thread_count(); ++t) {
    const std::span<const EventId> ids = graph_.thread(t);
    Set later(n);
    for (std::size_t k = ids.size(); k-- > 0;) {
      assign(po, ids[k], later);
      later.add(ids[k]);
    }
    for (const EventId e : ids) {
      assign(int_, e, later);
      if (srcu == Srcu::fences && is_srcu(graph_[e].tag)) continue;
      const Dependencies d = graph_.dependencies(e);
      for (const std::uint16_t p : d.addr) addr.add(ids[p], e);
      for (const std::uint16_t p : d.data) data.add(ids[p], e);
      for (const std::uint16_t p : d.ctrl) ctrl.add(ids[p], e);
    }
  }
}

template <std::size_t N>
void Candidate<N>::build_locations() {
  for (std::size_t l = 0; l < graph_.location_count(); ++l) {
    const std::span<const EventId> order = graph_.location(l).co;
    Set here(n), younger(n);
    for (EventId i = 0; i < n; ++i) {
      const Event& e = graph_[i];
      if (e.location == l && (e.kind != Kind::fence || e.address != 0)) here.add(i);
    }
    for_bits(here.data(), here.words(), [&](std::size_t i) { assign(loc, i, here); });
    for (std::size_t k = order.size(); k-- > 0;) {
      if (!W.has(order[k])) continue;
      assign(co, order[k], younger);
      younger.add(order[k]);
    }
    for_bits(here.data(), here.words(), [&](std::size_t i) {
      const Event& e = graph_[static_cast<EventId>(i)];
      if (e.kind != Kind::read || (srcu == Srcu::fences && is_srcu(e.tag)) || e.rf == no_event) return;
      if (e.rf == initial) {
        assign(fr, i, younger);
      } else {
        rf.add(e.rf, i);
        fr.join(i, co, e.rf);
      }
    });
  }
}

template <std::size_t N>
typename Candidate<N>::Rel Candidate<N>::balanced(Tag lock, Tag unlock, bool of_location) const {
  Rel out(n);
  for (std::size_t t = 0; t < graph_.thread_count(); ++t) {
    std::vector<EventId> open;
    for (const EventId e : graph_.thread(t)) {
      if (graph_[e].tag == lock) open.push_back(e);
      if (graph_[e].tag != unlock) continue;
      for (std::size_t k = open.size(); k-- > 0;) {
        if (of_location && graph_[open[k]].location != graph_[e].location) continue;
        out.add(open[k], e);
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(k));
        break;
      }
    }
  }
  return out;
}

}  // namespace ringtail::memory
