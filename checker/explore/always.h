// SPDX-License-Identifier: GPL-2.0-or-later
// Whether an invariant holds in every state of memory that some interleaving of an execution passes.
//
// A state is a cut: a set of writes to what the invariant reads that holds, with a write, all writes that are
// before it. Where no interleaving explains the execution, a write is only after those that it must follow in
// coherence and program order.
//
// An invariant is a function of what it reads, and what it reads next of what it has read: what it said once
// is a path in a tree, and is not run again (Remembered). Executions are many, the states that an invariant
// can tell apart are few.
#pragma once

#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "checker/explore/search.h"

namespace ringtail::explore {

// Memory as a cut leaves it: what the threads have written, over what INIT left.
struct Cut {
  const Initial* initial = nullptr;
  std::vector<std::pair<std::uint64_t, std::int64_t>> written;  // by address
  std::int64_t at(std::uint64_t address) const;
};

class Remembered {
 public:
  Remembered(const machine::Machine& m, const ir::Invariant& i, const Initial& initial)
      : machine_(m), invariant_(i), memory_(initial) {}
  // Appends to `reads` the addresses that are read.
  bool holds(const Cut& cut, std::vector<std::uint64_t>& reads);
  const ir::Invariant& invariant() const { return invariant_; }

 private:
  struct Node {
    std::uint64_t address = 0;  // is read next
    std::vector<std::pair<std::int64_t, Node*>> next;
    enum class Says : std::uint8_t { not_yet, holds, broken } says = Says::not_yet;
  };
  bool run(const Cut& cut, std::vector<std::uint64_t>& reads);
  Node* child(Node& n, std::int64_t value);

  static constexpr std::size_t most_nodes = 1u << 20;  // then nothing more is remembered

  const machine::Machine& machine_;
  const ir::Invariant& invariant_;
  Initial memory_;       // INIT's, but while it runs
  bool writes_ = false;  // it changes memory: what it reads is not only the cut's
  std::deque<Node> nodes_ = {Node{}};
};

// The writes of an execution, wherever it comes from.
template <int W>
struct Writes {
  struct Write {
    Slot slot = no_slot;
    std::uint64_t address = 0;
    std::int64_t value = 0;
  };
  std::vector<Write> all;
  std::function<Bits<W>(Slot)> before;    // all that is before it along po, rf, co and fr
  std::function<std::size_t(Slot)> rank;  // in coherence
  bool acyclic = false;                   // nothing is before itself
};

// If not, `broken` is the write after which it does not hold; none: it never does.
template <int W>
bool always(const Writes<W>& writes, const Initial& initial, Remembered& i, Slot* broken = nullptr);

template <int W>
bool always(Search<W>& search, State<W>& s, Remembered& i);

}  // namespace ringtail::explore
