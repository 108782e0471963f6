// SPDX-License-Identifier: GPL-2.0-or-later
// The slow obvious judge of overlapping calls: every permutation, played one call after the other.
#pragma once

#include <algorithm>
#include <numeric>
#include <vector>

namespace ringtail::kernel {

// Whether some order that the times allow explains every result. An Act has `begin` and `end`; play(act,
// state) does what it does, and is false where its result cannot be.
template <class Act, class State, class Play>
bool explainable(const std::vector<Act>& acts, const State& start, Play play) {
  std::vector<std::size_t> order(acts.size());
  std::iota(order.begin(), order.end(), 0);
  do {
    bool fits = true;
    State state = start;
    for (std::size_t i = 0; i < order.size() && fits; ++i) {
      for (std::size_t j = i + 1; j < order.size(); ++j) fits &= acts[order[j]].end > acts[order[i]].begin;
      fits = fits && play(acts[order[i]], state);
    }
    if (fits) return true;
  } while (std::next_permutation(order.begin(), order.end()));
  return false;
}

}  // namespace ringtail::kernel
