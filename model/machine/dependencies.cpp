// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/machine/dependencies.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace ringtail::machine {

DependencySet DependencyTable::intern(std::vector<Slot> slots) {
  const auto [it, fresh] = index_.try_emplace(slots, static_cast<DependencySet>(sets_.size()));
  if (fresh) sets_.push_back(std::move(slots));
  return it->second;
}

DependencySet DependencyTable::single(Slot s) { return intern({s}); }

DependencySet DependencyTable::unite(DependencySet a, DependencySet b) {
  if (a == b || b == no_dependencies) return a;
  if (a == no_dependencies) return b;
  if (a > b) std::swap(a, b);
  const std::uint64_t key = std::uint64_t{a} << 32 | b;
  if (const auto it = unions_.find(key); it != unions_.end()) return it->second;
  std::vector<Slot> both;
  std::set_union(sets_[a].begin(), sets_[a].end(), sets_[b].begin(), sets_[b].end(),
                 std::back_inserter(both));
  const DependencySet result = intern(std::move(both));
  unions_.emplace(key, result);
  return result;
}

}  // namespace ringtail::machine
