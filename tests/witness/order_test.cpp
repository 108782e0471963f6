// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/witness/order.h"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ringtail::witness {
namespace {

bool respects(const std::vector<Node>& nodes, const std::vector<std::size_t>& order) {
  std::vector<std::size_t> place(nodes.size());
  for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const std::size_t b : nodes[i].after)
      if (place[b] > place[i]) return false;
    for (std::size_t j = 0; j < i; ++j)
      if (nodes[j].chain == nodes[i].chain && place[j] > place[i]) return false;
  }
  return true;
}

// All permutations: the judge.
std::optional<std::size_t> fewest(const std::vector<Node>& nodes) {
  std::vector<std::size_t> order(nodes.size());
  std::iota(order.begin(), order.end(), 0);
  std::optional<std::size_t> best;
  do {
    if (respects(nodes, order) && (!best || switches(nodes, order) < *best)) best = switches(nodes, order);
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

RC_GTEST_PROP(Order, as_few_switches_as_the_best_of_all_permutations, ()) {
  const std::size_t n = *rc::gen::inRange<std::size_t>(1, 8);
  std::vector<Node> nodes(n);
  for (std::size_t i = 0; i < n; ++i) {
    // Chains 0 and 1 are thread 0's: its steps and its buffer.
    nodes[i].chain = *rc::gen::inRange<std::uint16_t>(0, 4);
    nodes[i].thread = nodes[i].chain / 2;
    for (std::size_t j = 0; j < n; ++j)
      if (j != i && *rc::gen::inRange(0, 6) == 0) nodes[i].after.push_back(j);
  }
  const auto best = fewest(nodes);
  const auto found = fewest_switches(nodes);
  RC_ASSERT(found.has_value() == best.has_value());
  const auto rough = fewest_switches(nodes, 0);
  RC_ASSERT(rough.has_value() == best.has_value());
  if (!best) return;
  RC_ASSERT(respects(nodes, *found));
  RC_ASSERT(switches(nodes, *found) == *best);
  RC_ASSERT(respects(nodes, *rough));
  RC_ASSERT(switches(nodes, *rough) >= *best);
}

TEST(Order, one_switch_where_one_is_enough) {
  // 0 and 1 of thread 0, 2 and 3 of thread 1; 3 waits for 1
  std::vector<Node> nodes{{0, 0, {}}, {0, 0, {}}, {1, 1, {}}, {1, 1, {1}}};
  EXPECT_EQ(fewest_switches(nodes), (std::vector<std::size_t>{0, 1, 2, 3}));
  // ... and 1 waits for 2
  nodes[1].after = {2};
  EXPECT_EQ(switches(nodes, *fewest_switches(nodes)), 2u);
  // ... and 2 for 3, which cannot be
  nodes[2].after = {3};
  EXPECT_EQ(fewest_switches(nodes), std::nullopt);
}

}  // namespace
}  // namespace ringtail::witness
