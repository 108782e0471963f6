// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/prove/relation.h"

#include <bit>

#include <fmt/format.h>

namespace ringtail::prove {

Bit Algebra::fresh() { return Bit(c.bool_const(fmt::format("r{}", symbols++).c_str())); }

Related operator>>(const Related& a, const Related& b) {
  Related out(a.n_, a.algebra_ != nullptr ? a.algebra_ : b.algebra_);
  for (std::size_t i = 0; i < a.n_; ++i)
    for (std::size_t k = 0; k < a.n_; ++k) {
      const Bit& first = a.at(i, k);
      if (first.is(false)) continue;
      if (out.algebra_ != nullptr) out.algebra_->deadline.look();
      for (std::size_t j = 0; j < a.n_; ++j)
        if (const Bit& second = b.at(k, j); !second.is(false)) out.at(i, j) = out.at(i, j) | (first & second);
    }
  return out;
}

Related operator>>(const Events& s, Related a) {
  for (std::size_t i = 0; i < a.n_; ++i)
    for (std::size_t j = 0; j < a.n_; ++j) a.at(i, j) = a.at(i, j) & s[i];
  return a;
}

Related operator>>(Related a, const Events& s) {
  for (std::size_t i = 0; i < a.n_; ++i)
    for (std::size_t j = 0; j < a.n_; ++j) a.at(i, j) = a.at(i, j) & s[j];
  return a;
}

bool empty(const Events& s) {
  for (std::size_t i = 0; i < s.size(); ++i)
    if (!s[i].is(false)) return false;
  return true;
}

bool empty(const Related& r) {
  for (std::size_t i = 0; i < r.size(); ++i)
    for (std::size_t j = 0; j < r.size(); ++j)
      if (!r.at(i, j).is(false)) return false;
  return true;
}

Related id(const Events& s) {
  Related out(s.size(), s.algebra());
  for (std::size_t i = 0; i < s.size(); ++i) out.at(i, i) = s[i];
  return out;
}

Related cross(const Events& s, const Events& t) {
  Related out(s.size(), s.algebra());
  for (std::size_t i = 0; i < s.size(); ++i)
    for (std::size_t j = 0; j < s.size(); ++j) out.at(i, j) = s[i] & t[j];
  return out;
}

Related inverse(const Related& r) {
  Related out(r.size(), r.algebra());
  for (std::size_t i = 0; i < r.size(); ++i)
    for (std::size_t j = 0; j < r.size(); ++j) out.at(j, i) = r.at(i, j);
  return out;
}

Events domain(const Related& r) {
  Events out(r.size(), r.algebra());
  for (std::size_t i = 0; i < r.size(); ++i)
    for (std::size_t j = 0; j < r.size(); ++j) out[i] = out[i] | r.at(i, j);
  return out;
}

Events range(const Related& r) { return domain(inverse(r)); }

Related opt(Related r) {
  for (std::size_t i = 0; i < r.size(); ++i) r.at(i, i) = true;
  return r;
}

// r in t, and r ; t in t, for a fresh symbol wherever a path may lead.
Related plus(const Related& r) {
  const std::size_t n = r.size();
  std::vector<std::vector<bool>> may(n, std::vector<bool>(n));
  bool terms = false;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      may[i][j] = !r.at(i, j).is(false);
      terms |= may[i][j] && !r.at(i, j).is(true);
    }
  for (std::size_t k = 0; k < n; ++k)
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; may[i][k] && j < n; ++j)
        if (may[k][j]) may[i][j] = true;
  Related t(n, r.algebra());
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      if (may[i][j]) t.at(i, j) = r.at(i, j).is(true) || !terms ? Bit(true) : r.algebra()->fresh();
  for (std::size_t i = 0; terms && i < n; ++i)
    for (std::size_t k = 0; k < n; ++k) {
      const Bit& first = r.at(i, k);
      if (first.is(false)) continue;
      if (!t.at(i, k).is(true)) r.algebra()->require(implies(first, t.at(i, k)));
      for (std::size_t j = 0; j < n; ++j)
        if (may[k][j] && !t.at(i, j).is(true)) r.algebra()->require(implies(first & t.at(k, j), t.at(i, j)));
    }
  return t;
}

Related star(const Related& r) { return opt(plus(r)); }

Related grown(const Related& next, const Related& than) {
  Related out(next.size(), next.algebra());
  for (std::size_t i = 0; i < next.size(); ++i)
    for (std::size_t j = 0; j < next.size(); ++j)
      out.at(i, j) = !next.at(i, j).is(false) && than.at(i, j).is(false);
  return out;
}

Related with_symbols(const Related& r) {
  Related out(r.size(), r.algebra());
  for (std::size_t i = 0; i < r.size(); ++i)
    for (std::size_t j = 0; j < r.size(); ++j)
      if (!r.at(i, j).is(false)) out.at(i, j) = r.at(i, j).is(true) ? Bit(true) : r.algebra()->fresh();
  return out;
}

void contain(const Related& t, const Related& r) {
  for (std::size_t i = 0; i < r.size(); ++i)
    for (std::size_t j = 0; j < r.size(); ++j)
      if (!r.at(i, j).is(false)) r.algebra()->require(implies(r.at(i, j), t.at(i, j)));
}

// Acyclic: there is a number for each event that grows along the relation.
bool Require::acyclic(std::string_view, const Related& r) {
  const std::size_t n = r.size();
  const auto bits = static_cast<unsigned>(std::bit_width(n));
  const int order = algebra.symbols++;
  const auto place = [&](std::size_t i) {
    return algebra.c.bv_const(fmt::format("order {}.{}", order, i).c_str(), bits);
  };
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      const Bit& b = r.at(i, j);
      if (b.is(false)) continue;
      algebra.require(i == j ? !b : implies(b, Bit(z3::ult(place(i), place(j)))));
    }
  return true;
}

bool Require::irreflexive(std::string_view, const Related& r) {
  for (std::size_t i = 0; i < r.size(); ++i) algebra.require(!r.at(i, i));
  return true;
}

bool Require::empty(std::string_view, const Related& r) {
  for (std::size_t i = 0; i < r.size(); ++i)
    for (std::size_t j = 0; j < r.size(); ++j)
      if (!r.at(i, j).is(false)) algebra.require(!r.at(i, j));
  return true;
}

}  // namespace ringtail::prove
