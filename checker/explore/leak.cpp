// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/explore/leak.h"

#include <algorithm>
#include <set>

namespace ringtail::explore {

std::vector<std::uint64_t> lost_objects(const Initial& memory) {
  std::set<std::uint64_t> reached;
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& [address, value] : memory.values) {
      const auto pointer = static_cast<std::uint64_t>(value);
      if (!machine::in_heap(pointer)) continue;
      if (machine::in_heap(address) && !reached.contains(machine::object_of(address))) continue;
      grew |= reached.insert(machine::object_of(pointer)).second;
    }
  }
  std::vector<std::uint64_t> lost;
  for (const Initial::Object& o : memory.objects)
    if (!o.freed && !reached.contains(o.address)) lost.push_back(o.address);
  std::sort(lost.begin(), lost.end());
  return lost;
}

}  // namespace ringtail::explore
