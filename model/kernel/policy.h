// SPDX-License-Identifier: GPL-2.0-or-later
// NUMA memory policies: what is known of a thread's, and of the VMAs' of an address space.
//
// A Policy is what get_mempolicy shows: the mode with its MPOL_F_ flags, and the nodes. The kernel cuts the
// nodes that were asked for to those that the cpuset allows and that have memory; where that is not known,
// `nodes` is an upper bound and `exact` false, until a get_mempolicy shows it.
//
// VmaPolicies interns policies, so that an interval of an address space holds a small number
// (PageState::policy).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/kernel/nodes.h"

namespace ringtail::kernel {

enum MpolMode : int {
  MPOL_DEFAULT,
  MPOL_PREFERRED,
  MPOL_BIND,
  MPOL_INTERLEAVE,
  MPOL_LOCAL,
  MPOL_PREFERRED_MANY,
  MPOL_WEIGHTED_INTERLEAVE,
};
inline constexpr int MPOL_F_NUMA_BALANCING = 1 << 13;
inline constexpr int MPOL_F_RELATIVE_NODES = 1 << 14;
inline constexpr int MPOL_F_STATIC_NODES = 1 << 15;

struct Policy {
  int mode = MPOL_DEFAULT;  // with the MPOL_F_ flags, as get_mempolicy reports both
  NodeSet nodes;
  bool exact = true;
  friend bool operator==(const Policy&, const Policy&) = default;
};

std::string to_string(const Policy&);  // "MPOL_BIND {0-1}"

struct TaskPolicy {
  std::optional<Policy> known;
};

class VmaPolicies {
 public:
  static constexpr std::uint16_t kUnknown = 0;
  static constexpr std::uint16_t kDefault =
      1;  // of every new mapping but shared memory that others may have bound

  // 0, unknown, once there are too many.
  std::uint16_t id_of(const Policy&);
  const Policy* find(std::uint16_t id) const { return id ? &policies_[id - 1u] : nullptr; }

 private:
  static constexpr std::size_t kMost = 4096;
  std::vector<Policy> policies_{Policy{}};
};

}  // namespace ringtail::kernel
