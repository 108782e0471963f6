// SPDX-License-Identifier: GPL-2.0-or-later
// Sets of reads that a value depends on, as LKMM's address, data and control dependencies need them.
//
// A set is a handle into a table that holds each distinct set once, so that a register carries four bytes and
// the union of two registers is a look-up. The elements are slots: names of a thread's visible steps that
// stay the same when the thread is run again (see thread.h). Handle 0 is the empty set. One table a worker;
// handles of different tables do not mix.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <absl/container/flat_hash_map.h>

namespace ringtail::machine {

using Slot = std::uint32_t;
using DependencySet = std::uint32_t;
inline constexpr DependencySet no_dependencies = 0;

class DependencyTable {
 public:
  DependencyTable() { sets_.emplace_back(); }
  DependencySet single(Slot s);
  DependencySet unite(DependencySet a, DependencySet b);
  std::span<const Slot> slots(DependencySet s) const { return sets_[s]; }  // ascending

 private:
  DependencySet intern(std::vector<Slot> slots);
  std::vector<std::vector<Slot>> sets_;
  absl::flat_hash_map<std::vector<Slot>, DependencySet> index_;
  absl::flat_hash_map<std::uint64_t, DependencySet> unions_;
};

}  // namespace ringtail::machine
