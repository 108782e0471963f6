// SPDX-License-Identifier: GPL-2.0-or-later
// Composed programs explored under memory models, each once: equal ones share a result, and so do runs, by
// the cache.
#pragma once

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
  std::string story;  // of a violation
  nlohmann::ordered_json witness;
};

// Under one model.
struct ModelResult {
  memory::Model model;
  Explored explored;
  std::vector<const hunt::PathBug*> bugs;  // of a violation: each of them alone is enough for one
  bool known = false;                      // and without them there is none
};

class Explorer {
 public:
  Explorer(bool cached, double timeout) : cache_(cached), timeout_(timeout) {}

  // The shape on a kernel. Which bugs a violation is, is asked by programs that have one of the kernel's bugs
  // each.
  std::vector<ModelResult> explore(const hunt::Shape&, kernel::Version, const std::vector<memory::Model>&);

  std::size_t explored() const { return explored_; }
  std::size_t cached() const { return found_; }

 private:
  Explored explore(const hunt::Program&, memory::Model);

  Cache cache_;
  double timeout_;
  std::mutex mutex_;
  std::map<std::string, Explored> known_;  // by what was asked
  std::size_t explored_ = 0, found_ = 0;
};

}  // namespace ringtail::cli
