// SPDX-License-Identifier: GPL-2.0-or-later
// What mbind, set_mempolicy and migrate_pages share: a mode with flags, and a node mask from user memory
// (mm/mempolicy.c sanitize_mpol_flags, get_nodes, mpol_new, mpol_set_nodemask).
#pragma once

#include <cstdint>
#include <optional>

#include "model/kernel/step.h"

namespace ringtail::kernel {

// Ahead of every check of the NUMA calls: a kernel without CONFIG_NUMA has none of them, and a container's
// filter may refuse them to who has no CAP_SYS_NICE. Either shows at the first call and holds for all.
void check_numa(Step&);

// A node mask argument as get_nodes() takes it: `maxnode - 1` bits, none when that is 0 or the pointer NULL.
struct UserMask {
  bool known = false;  // `nodes` is all of it
  NodeSet nodes;
  Tri too_long = Tri::no;      // EINVAL: more bits than fit a page
  Tri unreadable = Tri::no;    // EFAULT
  Tri unknown_bits = Tri::no;  // EINVAL: a bit that the kernel has no node for
  Tri empty() const { return known ? tri(nodes.empty()) : Tri::maybe; }
};

UserMask read_mask(const Step&, const Word& pointer, const Word& maxnode, const List<std::uint64_t>& words);
void check_mask(Checks&, const UserMask&);

struct Mode {
  int mode = 0;   // MPOL_
  int flags = 0;  // MPOL_F_
};

// The mode argument's checks; what it means if they pass.
Mode check_mode(Step&, std::uint64_t raw);

// Whether this mode takes this mask at all, and whether any of its nodes may be used.
void check_policy(Step&, Mode, const UserMask&);

// What get_mempolicy will show of it; nothing when the mask is not known.
std::optional<Policy> policy_of(const Step&, Mode, const UserMask&);

// A success of `mode` with this mask teaches something of the machine.
void learn(Step&, Mode, const UserMask&);

}  // namespace ringtail::kernel
