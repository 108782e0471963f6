// SPDX-License-Identifier: GPL-2.0-or-later
// The NUMA topology of the running host, and what else decides where its pages go: from libnuma, /sys and
// /proc. What cannot be read is left at its default.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ringtail::host {

struct Node {
  int id = 0;
  std::uint64_t total_kib = 0, free_kib = 0;
  bool cpus = false;
  bool allowed = false;          // memory of it may be used by this process (cpuset)
  std::uint64_t huge_pages = 0;  // free ones of kHugePage
  std::vector<int> distances;    // to every node of the topology, in its order; 10 is local
  friend bool operator==(const Node&, const Node&) = default;
};

struct Topology {
  std::string kernel;
  std::vector<Node> nodes;  // that have memory, ascending
  std::uint64_t swap_kib = 0;
  std::string thp = "never";  // always, madvise, never
  bool numa_balancing = false;
  bool ksm = false;
  bool root = false;

  // Those that this process may put pages on.
  std::vector<int> usable() const;
  std::uint64_t huge_pages() const;
  const Node* find(int id) const;

  static Topology of_this_host();
};

inline constexpr std::uint64_t kHugePage = 2u << 20;

}  // namespace ringtail::host
