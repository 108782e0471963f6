// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/prove/cut.h"

#include <bit>

#include <fmt/format.h>

#include "checker/prove/solver.h"

namespace ringtail::prove {

using memory::Kind;

Cut::Cut(const Whole& whole) : whole_(whole), c(whole.c) {
  const std::vector<Edge> all = edges();
  name_leaders(all);
  close(all);
}

z3::expr Cut::bit(const char* what, std::size_t event) const {
  return c.bool_const(fmt::format("cut: {} {}", what, event).c_str());
}

z3::expr Cut::number(const char* what, std::size_t event) const {
  const auto bits = static_cast<unsigned>(std::bit_width(whole_.x->n));
  return c.bv_const(fmt::format("cut: {} {}", what, event).c_str(), bits);
}

std::vector<Cut::Edge> Cut::edges() const {
  const std::vector<SymbolicEvent>& events = whole_.run.events;
  std::vector<Edge> out;
  for (std::size_t j = 0; j < events.size(); ++j) {
    if (!events[j].before.empty() && !events[j].section)
      out.push_back({events[j].before.back(), j, events[j].exists});
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (events[i].freed || events[j].freed || i == j) continue;
      whole_.algebra.deadline.look();
      const Bit there = whole_.x->rf.at(i, j) | whole_.x->co.at(i, j) | whole_.x->fr.at(i, j);
      if (!there.is(false)) out.push_back({i, j, there.expr(c)});
    }
  }
  return out;
}

// An event is its own leader, or one step from one that is nearer to the same leader, either way.
void Cut::name_leaders(const std::vector<Edge>& edges) {
  const std::size_t n = whole_.x->n;
  std::vector<std::vector<z3::expr>> to(n), from(n);
  for (const Edge& e : edges) {
    const z3::expr same = e.there && number("leader", e.from) == number("leader", e.to);
    to[e.from].push_back(same && z3::ult(number("to", e.to), number("to", e.from)));
    from[e.to].push_back(same && z3::ult(number("from", e.from), number("from", e.to)));
  }
  for (std::size_t i = 0; i < n; ++i) {
    const z3::expr itself = number("leader", i) ==
                            c.bv_val(static_cast<std::uint64_t>(i), static_cast<unsigned>(std::bit_width(n)));
    constraints_.push_back(itself || (any_of(c, to[i]) && any_of(c, from[i])));
  }
}

// Of a set with one leader some are in the cut, or all: then what is before any of them is, all of it.
void Cut::close(const std::vector<Edge>& edges) {
  for (std::size_t i = 0; i < whole_.x->n; ++i) {
    constraints_.push_back(z3::implies(in(i), whole_.run.events[i].exists && bit("some", i)));
    constraints_.push_back(z3::implies(bit("all", i), in(i)));
  }
  for (const Edge& e : edges) {
    const z3::expr together = number("leader", e.from) == number("leader", e.to);
    constraints_.push_back(z3::implies(
        e.there,
        z3::ite(together, bit("some", e.from) == bit("some", e.to) && bit("all", e.from) == bit("all", e.to),
                z3::implies(bit("some", e.to), bit("all", e.from)))));
  }
}

Value Cut::at(const Value& address) const {
  Value out = whole_.before(address);
  const std::vector<SymbolicEvent>& events = whole_.run.events;
  for (std::size_t w = 0; w < events.size(); ++w) {
    if (events[w].kind != Kind::write || events[w].freed) continue;
    whole_.algebra.deadline.look();
    const z3::expr here = (in(w) && equal(c, events[w].address, address)).simplify();
    if (here.is_false()) continue;
    z3::expr_vector last(c);
    last.push_back(here);
    for (std::size_t o = 0; o < events.size(); ++o)
      if (!events[o].freed && !whole_.x->co.at(w, o).is(false))
        last.push_back(!(in(o) && whole_.x->co.at(w, o).expr(c)));
    const lang::Width width{static_cast<std::uint8_t>(events[w].size * 8), true};
    out = either(c, z3::mk_and(last), wrap(c, events[w].value, width), out);
  }
  return out;
}

}  // namespace ringtail::prove
