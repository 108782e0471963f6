// SPDX-License-Identifier: GPL-2.0-or-later
// Sets of NUMA nodes, and what is known of a machine's nodes.
//
// A capture's header may list the online nodes. Without it the capture teaches: a page reported on a node
// proves that the node has memory, a move_pages that fails with ENODEV for the only node of its array that
// was not known to have any that this one has none, and get_mempolicy refuses a mask of fewer bits than
// nr_node_ids, so that a mask of n bits that it took bounds the node numbers by n. Nothing else does: memory
// can be absent from an online node, and a cpuset can hide one.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "model/kernel/profile.h"
#include "model/kernel/tri.h"

namespace ringtail::kernel {

class NodeSet {
 public:
  static constexpr int kMost =
      1024;  // MAX_NUMNODES with the largest NODES_SHIFT that any architecture has, 10

  NodeSet() = default;
  static NodeSet one(int node) {
    NodeSet s;
    s.add(node);
    return s;
  }

  bool has(int node) const { return node >= 0 && node < kMost && (words_[node / 64] >> (node % 64) & 1); }
  void add(int node) { words_[node / 64] |= std::uint64_t{1} << (node % 64); }
  void set_word(int i, std::uint64_t bits) { words_[i] = bits; }
  std::uint64_t word(int i) const { return words_[i]; }
  bool empty() const { return *this == NodeSet{}; }
  int count() const;
  int first() const;  // -1 of the empty set
  int last() const;   // likewise
  bool subset_of(const NodeSet& o) const;
  NodeSet operator&(const NodeSet& o) const;

  friend bool operator==(const NodeSet&, const NodeSet&) = default;

 private:
  std::array<std::uint64_t, kMost / 64> words_{};
};

std::string to_string(const NodeSet&);  // "{0,2-3}"

// What a capture taught about its machine, beside the header's facts.
struct Learned {
  int nodes_below = NodeSet::kMost;  // no node has this number or a greater one
  int mask_bits = 0;                 // MAX_NUMNODES is at least this
  NodeSet with_memory;               // nodes that held a page
  NodeSet without_memory;            // nodes that move_pages refused
  bool allowed_shown = false;        // `allowed` is all that the cpuset allows
  NodeSet allowed;  // nodes that the cpuset was seen to allow (it can shrink: nobody has seen it)
  std::array<bool, 4>
      advice_built{};           // by Advice::Needs: advice that only some configurations have was taken
  bool advise_answers = false;  // madvise did its work: it is built
  bool numa_answers = false;    // a call that only a NUMA kernel has, and no filter stopped, did its work
  bool seals = false;           // mseal was called, or
  bool shows_all = false;       // the recorder was not told which calls to show, so that it was not
  bool swap_built = false;      // CONFIG_SWAP: WILLNEED of anonymous memory was taken

  void page_on(int node) {
    if (node >= 0 && node < NodeSet::kMost) with_memory.add(node);
  }
  void may_use(int node) {
    page_on(node);
    allowed.add(node);
  }
};

// Whether the machine has memory on `node`, and whether all its memory is on one node.
Tri has_memory(const Host&, const Learned&, int node);
// The same for memory of the programs' own, which comes from nodes that their cpuset allows.
Tri holds_own(const Host&, const Learned&, int node);
bool one_own_node(const Host&, const Learned&);
bool one_node(const Host&, const Learned&);
// The nodes known to exist, and whether that may be fewer than there are.
NodeSet possible_nodes(const Host&, const Learned&);

}  // namespace ringtail::kernel
