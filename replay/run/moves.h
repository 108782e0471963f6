// SPDX-License-Identifier: GPL-2.0-or-later
// What the copy report times: a region of memory on one node, and passes that move all of it to another,
// batch by batch.
#pragma once

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstdint>
#include <thread>
#include <utility>
#include <vector>

#include "replay/host/tape.h"

namespace ringtail::run {

using Seconds = std::chrono::duration<double>;

struct Region {
  std::uint64_t base = 0;
  std::size_t bytes = 0;

  // Placed on `node` and written; not there when the kernel does not give it. It keeps a policy of its own,
  // so that NUMA balancing leaves it alone: the pages that balancing looks at are no pages for move_pages
  // from 6.1 to 6.4.
  static Region on(int node, std::size_t bytes, bool huge);
  void unmap() const;
  void* data() const { return reinterpret_cast<void*>(base); }
};

// Runs `body(thread)` on each of `threads` threads at once: the time from the start of the first to the end
// of the last.
template <class Body>
Seconds together(unsigned threads, Body body) {
  using Time = std::chrono::steady_clock;
  std::vector<std::pair<Time::time_point, Time::time_point>> times(threads);
  const auto timed = [&](unsigned t) {
    times[t].first = Time::now();
    body(t);
    times[t].second = Time::now();
  };
  if (threads == 1) {
    timed(0);
  } else {
    std::barrier<> ready(threads);
    std::vector<std::jthread> crew;
    for (unsigned t = 0; t < threads; ++t)
      crew.emplace_back([&, t] {
        ready.arrive_and_wait();
        timed(t);
      });
  }
  auto [first, last] = times[0];
  for (const auto& [start, end] : times) first = std::min(first, start), last = std::max(last, end);
  return last - first;
}

// The arguments of all calls that move a region, made before the clock runs. Each thread has a part of it;
// the first pass finds how much of that a thread can do in kOnce, and that is what all passes move.
class Moves {
 public:
  Moves(const Region&, std::size_t page_bytes, std::size_t batch, unsigned threads, const host::Gate&);

  Seconds move(int to);
  std::size_t count() const;
  // Pages whose status is not the node that they were to go to.
  std::uint64_t left() const;

 private:
  long call(std::size_t i, std::size_t n);

  struct Part {
    std::size_t begin = 0, end = 0;
  };
  const host::Gate& gate_;
  const std::size_t batch_;
  bool first_ = true;
  std::vector<Part> parts_;
  std::vector<std::uint64_t> pages_;
  std::vector<int> nodes_, status_;
};

}  // namespace ringtail::run
