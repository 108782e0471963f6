// SPDX-License-Identifier: GPL-2.0-or-later
// Composed programs explored under memory models, each once: equal ones share a result, and so do runs, by
// the cache, which also keeps how long was not enough for which.
//
// A program is asked with a limit of seconds, and again with a longer one if that is worth it; nothing is
// asked when the deadline has passed. Where a model has not ended, the weaker ones, which have more
// executions, are not asked.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/cache.h"
#include "model/memory/model.h"
#include "replay/hunt/compose.h"

namespace ringtail::cli {

struct Explored {
  std::string verdict;  // safe, violation, bounded, timeout
  std::string violation, message, bound;
  std::uint64_t executions = 0, blocked = 0;
  std::uint64_t states = 0;  // where they were looked at, and executions are their ends
  std::string story;         // of a violation
  double limit = 0;          // of a timeout: the seconds that it had
  nlohmann::ordered_json witness;
};

// Under one model.
struct ModelResult {
  memory::Model model;
  Explored explored;
  std::vector<const hunt::PathBug*> bugs;  // of a violation: each of them alone is enough for one
  bool known = false;                      // and without them there is none
};

using Deadline = std::chrono::steady_clock::time_point;

class Explorer {
 public:
  explicit Explorer(bool cached) : cache_(cached) {}

  // The shape on a kernel. Which bugs a violation is, is asked by programs that have one of the kernel's bugs
  // each.
  std::vector<ModelResult> explore(const hunt::Shape&, kernel::Version, const std::vector<memory::Model>&,
                                   double limit, Deadline);

  std::size_t explored() const { return explored_; }
  std::size_t cached() const { return found_; }

 private:
  Explored explore(const hunt::Program&, memory::Model, double limit, Deadline);

  Cache cache_;
  std::mutex mutex_;
  std::map<std::string, Explored> known_;  // by what was asked
  std::size_t explored_ = 0, found_ = 0;
};

}  // namespace ringtail::cli
