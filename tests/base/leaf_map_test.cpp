// SPDX-License-Identifier: GPL-2.0-or-later
// A LeafMap against std::map: the same insertions and erasures, and after each the same neighbours.
#include "model/base/leaf_map.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

namespace ringtail {
namespace {

using Map = LeafMap<std::uint64_t, int>;

void expect_same(Map& map, const std::map<std::uint64_t, int>& judge) {
  ASSERT_EQ(map.size(), judge.size());
  auto it = map.begin();
  for (const auto& [key, value] : judge) {
    ASSERT_NE(it, map.end());
    ASSERT_EQ(it->first, key);
    ASSERT_EQ(it->second, value);
    ++it;
  }
  ASSERT_EQ(it, map.end());
  for (auto back = judge.rbegin(); back != judge.rend(); ++back) {
    ASSERT_EQ((--it)->first, back->first);
  }
  ASSERT_EQ(it, map.begin());
}

void expect_bounds(Map& map, const std::map<std::uint64_t, int>& judge, std::uint64_t key) {
  const auto same = [&](Map::iterator at, std::map<std::uint64_t, int>::const_iterator expected) {
    ASSERT_EQ(at == map.end(), expected == judge.end()) << key;
    if (expected != judge.end()) {
      ASSERT_EQ(at->first, expected->first) << key;
    }
  };
  same(map.lower_bound(key), judge.lower_bound(key));
  same(map.upper_bound(key), judge.upper_bound(key));
}

// Phases of growth and of shrinking, at random places, in ascending and in descending order.
TEST(LeafMap, IsWhatAMapIs) {
  std::mt19937_64 random(20260101);
  for (const std::uint64_t keys : {20u, 200u, 5000u}) {
    Map map;
    std::map<std::uint64_t, int> judge;
    for (int step = 0; step < 20'000; ++step) {
      const bool grows = step / 2'500 % 2 == 0;
      const std::uint64_t key = step / 5'000 == 1   ? static_cast<std::uint64_t>(step) % keys
                                : step / 5'000 == 2 ? keys - 1 - static_cast<std::uint64_t>(step) % keys
                                                    : random() % keys;
      const auto at = map.lower_bound(key);
      const auto expected = judge.lower_bound(key);
      const bool there = expected != judge.end() && expected->first == key;
      if (there && random() % 4 >= (grows ? 3u : 0u)) {
        const auto next = map.erase(at);
        const auto behind = judge.erase(expected);
        ASSERT_EQ(next == map.end(), behind == judge.end());
        if (behind != judge.end()) {
          ASSERT_EQ(next->first, behind->first);
        }
      } else if (!there && random() % 4 < (grows ? 4u : 1u)) {
        judge.emplace(key, step);
        const auto made = map.insert(at, key, step);
        ASSERT_EQ(made->first, key);
        ASSERT_EQ(made->second, step);
      }
      expect_bounds(map, judge, random() % keys);
      if (step % 500 == 0) expect_same(map, judge);
    }
    Map copy = map;
    map.clear();
    expect_same(map, {});
    expect_same(copy, judge);
  }
}

}  // namespace
}  // namespace ringtail
