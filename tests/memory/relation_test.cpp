// SPDX-License-Identifier: GPL-2.0-or-later
// Bit matrices against relations written out as sets of pairs.
#include "model/memory/relation.h"

#include <set>
#include <utility>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace ringtail::memory {
namespace {

using Pairs = std::set<std::pair<int, int>>;

Pairs compose(const Pairs& a, const Pairs& b) {
  Pairs out;
  for (const auto& [i, j] : a)
    for (const auto& [k, l] : b)
      if (j == k) out.insert({i, l});
  return out;
}

Pairs close(Pairs r) {
  for (;;) {
    Pairs next = r;
    next.merge(compose(r, r));
    if (next == r) return r;
    r = next;
  }
}

template <std::size_t N>
Relation<N> matrix(int n, const Pairs& pairs) {
  Relation<N> out(static_cast<std::size_t>(n));
  for (const auto& [i, j] : pairs) out.add(static_cast<std::size_t>(i), static_cast<std::size_t>(j));
  return out;
}

template <std::size_t N>
Pairs pairs(const Relation<N>& r) {
  Pairs out;
  for (std::size_t i = 0; i < r.size(); ++i)
    for (std::size_t j = 0; j < r.size(); ++j)
      if (r.has(i, j)) out.insert({static_cast<int>(i), static_cast<int>(j)});
  return out;
}

template <std::size_t N>
void agrees(int n, const Pairs& a, const Pairs& b) {
  const Relation<N> r = matrix<N>(n, a), s = matrix<N>(n, b);
  Pairs unite = a, meet, minus, turned, self;
  unite.insert(b.begin(), b.end());
  bool reflexive = false;
  for (const auto& p : a) {
    (b.count(p) != 0 ? meet : minus).insert(p);
    turned.insert({p.second, p.first});
    reflexive |= p.first == p.second;
  }
  for (int i = 0; i < n; ++i) self.insert({i, i});
  RC_ASSERT(pairs(r | s) == unite);
  RC_ASSERT(pairs(r & s) == meet);
  RC_ASSERT(pairs(r - s) == minus);
  RC_ASSERT(pairs(r >> s) == compose(a, b));
  RC_ASSERT(pairs(inverse(r)) == turned);
  RC_ASSERT(irreflexive(r) == !reflexive);
  RC_ASSERT(empty(r) == a.empty());

  const Pairs closed = close(a);
  Pairs starred = closed;
  starred.insert(self.begin(), self.end());
  RC_ASSERT(pairs(plus(r)) == closed);
  RC_ASSERT(pairs(star(r)) == starred);

  Set<N> from(static_cast<std::size_t>(n)), to(static_cast<std::size_t>(n));
  Pairs restricted, product;
  for (int i = 0; i < n; ++i) {
    if (i % 2 == 0) from.add(static_cast<std::size_t>(i));
    if (i % 3 == 0) to.add(static_cast<std::size_t>(i));
    for (int j = 0; j < n; ++j)
      if (i % 2 == 0 && j % 3 == 0) product.insert({i, j});
  }
  for (const auto& p : a)
    if (product.count(p) != 0) restricted.insert(p);
  RC_ASSERT(pairs(from >> r >> to) == restricted);
  RC_ASSERT(pairs(cross(from, to)) == product);
  RC_ASSERT(pairs(cross(domain(r), range(r)) & r) == a);
  RC_ASSERT(pairs(id(~Set<N>(static_cast<std::size_t>(n)))) == self);

  bool cyclic = false;
  for (const auto& [i, j] : closed) cyclic |= i == j;
  RC_ASSERT(acyclic(r) == !cyclic);
  const std::vector<std::size_t> cycle = shortest_cycle(r);
  RC_ASSERT(cycle.empty() == !cyclic);
  for (std::size_t k = 0; k < cycle.size(); ++k) RC_ASSERT(r.has(cycle[k], cycle[(k + 1) % cycle.size()]));
}

TEST(Relation, AgreesWithSetsOfPairs) {
  EXPECT_TRUE(rc::check([] {
    const int n = *rc::gen::inRange(1, 12);
    // Spread over the words of a row, so that their borders are crossed.
    const int step = *rc::gen::element(1, 1, 9);
    const auto pair =
        rc::gen::map(rc::gen::pair(rc::gen::inRange(0, n), rc::gen::inRange(0, n)),
                     [step](std::pair<int, int> p) { return std::pair(p.first * step, p.second * step); });
    const Pairs a = *rc::gen::container<Pairs>(pair), b = *rc::gen::container<Pairs>(pair);
    const int size = (n - 1) * step + 1;
    if (size <= 64) agrees<1>(size, a, b);
    agrees<2>(size, a, b);
    agrees<0>(size, a, b);
  }));
}

}  // namespace
}  // namespace ringtail::memory
