// SPDX-License-Identifier: GPL-2.0-or-later
// Where threads come to, for as many first steps as there is room for: a thread's state depends on its reads
// alone (Machine, invariant 1), and most graphs differ in few of them, so that threads come to the same state
// again and again.
#pragma once

#include <tuple>

#include <absl/container/flat_hash_map.h>

#include "model/machine/machine.h"

namespace ringtail::explore {

class Known {
 public:
  static constexpr std::size_t most = 1u << 14;  // snapshots

  explicit Known(const machine::Machine& m) : m_(m) {}

  const machine::Snapshot* start(std::size_t thread) { return keep(m_.start(thread, arena_)); }
  // As Machine::resume(), which is asked for what is not known; it goes to `other` where it is not kept.
  const machine::Snapshot* resume(const machine::Snapshot& at, std::int64_t value, machine::DepSet dep,
                                  std::size_t thread, machine::DepTable& deps, machine::Arena& other) {
    if (!at.memo.kept) return m_.resume(at, value, dep, thread, deps, other);
    if (next_.size() == most) {
      const auto it = next_.find({&at, value, dep});
      return it != next_.end() ? it->second : m_.resume(at, value, dep, thread, deps, other);
    }
    const machine::Snapshot*& next = next_[{&at, value, dep}];
    if (next == nullptr) next = keep(m_.resume(at, value, dep, thread, deps, arena_));
    return next;
  }

 private:
  static const machine::Snapshot* keep(const machine::Snapshot* s) {
    s->memo.kept = true;
    return s;
  }

  const machine::Machine& m_;
  machine::Arena arena_;
  absl::flat_hash_map<std::tuple<const machine::Snapshot*, std::int64_t, machine::DepSet>,
                      const machine::Snapshot*>
      next_;
};

}  // namespace ringtail::explore
