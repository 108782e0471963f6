// SPDX-License-Identifier: GPL-2.0-or-later
// How several searches divide one between them.
//
// Each walks the same tree in the same order and counts the subtrees at a certain depth. Who comes to one
// first takes it; the others pass it by. So no state is ever handed over, a search may join at any time, and
// the memory needed is that of the searches. What ends the search (a violation) ends it for whatever comes
// later in the order of the tree and for nothing before: what comes out does not depend on who was how fast.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>

namespace ringtail::explore {

// Threads that may be used, among all who might.
class Spare {
 public:
  explicit Spare(int threads) : threads_(threads) {}
  bool take() {
    int n = threads_.load();
    while (n > 0)
      if (threads_.compare_exchange_weak(n, n - 1)) return true;
    return false;
  }
  void give() { ++threads_; }

 private:
  std::atomic<int> threads_;
};

class Share {
 public:
  // How many choices deep the subtrees are. The tops of the tree, which every search walks, are small beside
  // what is below, and there are enough subtrees to keep all busy to the end.
  static constexpr unsigned depth = 5;

  struct Found {
    std::uint64_t executions = 0, blocked = 0;
  };

  // Whether the subtree, by its number in the order of the tree, is now the caller's. The caller calls done()
  // for each that is.
  bool claim(std::uint64_t index);
  // With `stops`, the search ends in this subtree.
  void done(std::uint64_t index, Found found, bool stops);
  // Whether the subtree comes after the end.
  bool past(std::uint64_t index) const { return index > end_.load(std::memory_order_relaxed); }

  // When all searches are through: the subtree in which the search ended, or none; and what was found up to
  // its end, that subtree included.
  static constexpr std::uint64_t none = UINT64_MAX;
  std::uint64_t end() const { return end_; }
  Found total() const;

 private:
  struct Subtree {
    bool claimed = false, done = false;
    Found found;
  };
  std::mutex mutex_;
  std::uint64_t first_ = 0;       // of subtrees_
  std::deque<Subtree> subtrees_;  // all before are done, and summed up in past_
  Found past_;
  std::atomic<std::uint64_t> end_{none};
};

}  // namespace ringtail::explore
