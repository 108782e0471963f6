// SPDX-License-Identifier: GPL-2.0-or-later
// How several searches divide one between them.
//
// A search walks a tree. What it has before it is a *part*: all that follows a place of the tree in the
// tree's order, up to the place where the next part begins. When another search has nothing to do, one that
// works gives away the end of its part: the children it has not come to yet of the node highest up. A part is
// named by its place, and who takes it walks there from the root: no state is handed over, a search may join
// at any time, and the memory needed is that of the searches. Parts are as large as can be, so that little is
// given.
//
// What ends the search (a violation) ends it for whatever comes later in the order of the tree and for
// nothing before: what comes out does not depend on who was how fast.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <list>
#include <mutex>
#include <vector>

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

// What was found in a part.
struct Found {
  std::uint64_t executions = 0, blocked = 0;
};

struct Part {
  std::vector<std::uint32_t> path;  // to a node: the number of a child, level by level
  std::uint32_t from = 0;           // the first of that node's children
  std::atomic<bool> past = false;   // the search has ended before
  Found found;
  bool stops = false;       // the search ends in it
  std::uint64_t order = 0;  // among all parts, when all are done
};

class Share {
 public:
  Share();  // with all of the tree to be taken

  // A part that nobody has, and which is the caller's until it calls done(); waits while others work and may
  // give one. None when all is done.
  Part* next();
  // Whether someone waits.
  bool wanted() const { return wanted_.load(std::memory_order_relaxed) > 0; }
  // The caller's own part ends from now on where the new one begins.
  void give(const Part& own, std::vector<std::uint32_t> path, std::uint32_t from);
  // With `stops`, the search ends here.
  void done(Part& own, Found found, bool stops);

  // When all is done: the part in which the search ended, or none; and what was found up to its end, that
  // part included.
  const Part* end() const;
  Found total() const;

 private:
  void count_wanted();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Part> parts_;  // in the order of the tree
  std::deque<Part*> offered_;
  std::size_t working_ = 0, waiting_ = 0;
  std::atomic<int> wanted_ = 0;
};

}  // namespace ringtail::explore
