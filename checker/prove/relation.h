// SPDX-License-Identifier: GPL-2.0-or-later
// The algebra of model/memory/relation.h over solver terms: whether two events are related is a Bool, and the
// texts of the memory models (sc.h, tso.h, lkmm.h), which are templates, say of all executions at once what
// they say of one.
//
// Most entries are plainly false (two events of different threads are not in program order), and stay so: an
// entry is a constant or a term, and operations fold constants.
//
// plus() and star() are not the closure but any transitive relation that contains it, which the solver may
// choose. That is enough, and exact, as long as a closure only ever helps to refuse an execution, or must be
// missing for something to be found: both hold of axioms (what is acyclic stays so with less) and of races
// (what is not ordered). A model text that wants an execution *because* of a closure could not be read so;
// none does.
#pragma once

#include <optional>
#include <vector>

#include <z3++.h>

#include "checker/prove/deadline.h"

namespace ringtail::prove {

// True, false, or a term.
class Bit {
 public:
  Bit(bool value = false) : value_(value) {}  // NOLINT: constants are bits
  explicit Bit(const z3::expr& e) {
    const z3::expr s = e.simplify();
    if (s.is_true() || s.is_false()) value_ = s.is_true();
    else term_ = s;
  }
  bool is(bool b) const { return !term_ && value_ == b; }
  z3::expr expr(z3::context& c) const { return term_ ? *term_ : c.bool_val(value_); }

  friend Bit operator|(const Bit& a, const Bit& b) {
    if (a.is(true) || b.is(false)) return a;
    if (a.is(false) || b.is(true)) return b;
    return z3::eq(*a.term_, *b.term_) ? a : raw(*a.term_ || *b.term_);
  }
  friend Bit operator&(const Bit& a, const Bit& b) {
    if (a.is(false) || b.is(true)) return a;
    if (a.is(true) || b.is(false)) return b;
    return z3::eq(*a.term_, *b.term_) ? a : raw(*a.term_ && *b.term_);
  }
  friend Bit implies(const Bit& a, const Bit& b) { return (!a) | b; }
  friend Bit operator!(const Bit& a) { return a.term_ ? raw(!*a.term_) : Bit(!a.value_); }

 private:
  static Bit raw(const z3::expr& e) {
    Bit b;
    b.term_ = e;
    return b;
  }
  bool value_ = false;
  std::optional<z3::expr> term_;
};

// What the relations' own symbols must satisfy.
struct Algebra {
  z3::context& c;
  std::vector<z3::expr> constraints;
  int symbols = 0;
  Deadline deadline = {};
  Bit fresh();
  void require(const Bit& b) {
    deadline.look();
    constraints.push_back(b.expr(c));
  }
};

class Events {  // a set
 public:
  explicit Events(std::size_t n = 0, Algebra* algebra = nullptr) : algebra_(algebra), bits_(n) {}
  std::size_t size() const { return bits_.size(); }
  Algebra* algebra() const { return algebra_; }
  Bit& operator[](std::size_t i) { return bits_[i]; }
  const Bit& operator[](std::size_t i) const { return bits_[i]; }
  friend Events operator|(Events a, const Events& b) {
    return a.zip(b, [](auto& x, auto& y) { return x | y; });
  }
  friend Events operator&(Events a, const Events& b) {
    return a.zip(b, [](auto& x, auto& y) { return x & y; });
  }
  friend Events operator-(Events a, const Events& b) {
    return a.zip(b, [](auto& x, auto& y) { return x & !y; });
  }
  friend Events operator~(Events a) {
    return a.zip(a, [](auto& x, auto&) { return !x; });
  }

 private:
  template <class F>
  Events& zip(const Events& b, F f) {
    for (std::size_t i = 0; i < size(); ++i) bits_[i] = f(bits_[i], b.bits_[i]);
    return *this;
  }
  Algebra* algebra_;
  std::vector<Bit> bits_;
};

class Related {  // a relation
 public:
  explicit Related(std::size_t n = 0, Algebra* algebra = nullptr) : n_(n), algebra_(algebra), bits_(n * n) {}
  std::size_t size() const { return n_; }
  Algebra* algebra() const { return algebra_; }
  Bit& at(std::size_t i, std::size_t j) { return bits_[i * n_ + j]; }
  const Bit& at(std::size_t i, std::size_t j) const { return bits_[i * n_ + j]; }
  friend Related operator|(Related a, const Related& b) {
    return a.zip(b, [](auto& x, auto& y) { return x | y; });
  }
  friend Related operator&(Related a, const Related& b) {
    return a.zip(b, [](auto& x, auto& y) { return x & y; });
  }
  friend Related operator-(Related a, const Related& b) {
    return a.zip(b, [](auto& x, auto& y) { return x & !y; });
  }
  friend Related operator>>(const Related& a, const Related& b);
  friend Related operator>>(const Events& s, Related a);
  friend Related operator>>(Related a, const Events& s);

 private:
  template <class F>
  Related& zip(const Related& b, F f) {
    for (std::size_t i = 0; i < bits_.size(); ++i) bits_[i] = f(bits_[i], b.bits_[i]);
    if (algebra_ == nullptr) algebra_ = b.algebra_;
    return *this;
  }
  std::size_t n_;
  Algebra* algebra_;
  std::vector<Bit> bits_;
};

bool empty(const Events& s);  // for sure
bool empty(const Related& r);
Related id(const Events& s);
Related cross(const Events& s, const Events& t);
Related inverse(const Related& r);
Events domain(const Related& r);
Events range(const Related& r);
Related opt(Related r);
Related plus(const Related& r);
Related star(const Related& r);

// The pieces of least(): entries that the first may have and the second has not; a symbol wherever there may
// be an entry; a requirement that the first contains the second.
Related grown(const Related& next, const Related& than);
Related with_symbols(const Related& r);
void contain(const Related& t, const Related& r);

// As plus(): any relation that contains `r` and all that `step` makes of it.
template <class F>
Related least(const Related& r, F step) {
  Related may = r;
  for (Related next = step(may); !empty(grown(next, may)); next = step(may)) may = with_symbols(next);
  const Related t = with_symbols(may);
  contain(t, r);
  contain(t, step(t));
  return t;
}

// Puts a model's axioms to the solver, as constraints.
struct Require {
  Algebra& algebra;
  bool acyclic(std::string_view, const Related& r);
  bool irreflexive(std::string_view, const Related& r);
  bool empty(std::string_view, const Related& r);
};

}  // namespace ringtail::prove
