// SPDX-License-Identifier: GPL-2.0-or-later
// Threads, one at a time, in a world of any number of others: what a critical section may rely on, and what
// it owes.
//
// A cell is protected by a lock when every write of every thread to it holds that lock. So while a thread
// holds it the cell is its own; when it takes it, the cell has any value that the lock's invariants allow;
// and at any other time it may change between two looks. A cell that no thread writes is what INIT left.
// Everything follows from that: each thread is run alone (Rely::any), with fresh symbols for what others may
// have written, and owes the invariants whenever it releases their lock. This is rely-guarantee reasoning
// with the rely that locks give (Jones, 1983; Owicki and Gries's resource invariants, 1976).
//
// The same class runs threads one after the other from INIT, without others (Rely::nobody), to see whether a
// state that breaks an invariant can be reached.
#pragma once

#include "checker/prove/sequential.h"

namespace ringtail::prove {

// Cells that threads write, each with the locks that every write holds.
struct Protection {
  std::map<std::uint64_t, std::set<std::uint64_t>> written;
  bool protects(std::uint64_t lock, std::uint64_t cell) const {
    const auto it = written.find(cell);
    return it == written.end() || it->second.contains(lock);
  }
};

// What a thread found when it took a lock.
struct Entry {
  Place at;
  z3::expr when;
  struct Seen {
    std::string name;
    z3::expr symbol;
    bool is_signed;
  };
  std::vector<Seen> cells;
};

enum class Rely : std::uint8_t { any, nobody };

class Section : public Sequential {
 public:
  // The invariants of `lock` are owed; those of every lock are relied on.
  Section(z3::context& c, const ir::Program& program, std::uint32_t unroll, Rely rely,
          const Protection& protection, std::uint64_t lock)
      : Sequential(c, program, unroll, 0), rely_(rely), protection_(protection), lock_(lock) {}

  // Evaluates the invariants of the lock, to see what they read.
  void examine(State& s);

  Protection seen;             // what this run writes, for the next
  std::vector<Entry> entries;  // in order
  std::string unprotected;     // a cell that an invariant reads and its lock does not protect

 protected:
  bool effect(State& s, const ir::Instr& instr) override;
  void locked(State& s, const Value& lock) override {
    enter(s, static_cast<std::uint64_t>(lock.number()), c.bool_val(true));
  }
  void unlocking(State& s, const Value& lock) override;
  void wait(State& s, const z3::expr& over) override { require(s, over); }
  void touched(State& s, const Resolved& where, std::uint8_t size, bool writes) override;

 private:
  bool holds_lock(State& s, std::uint64_t lock);
  bool stable(State& s, std::uint64_t cell);
  void enter(State& s, std::uint64_t lock, const z3::expr& taken);
  Value fresh(unsigned bits, bool is_signed);
  z3::expr holds(State& s, const ir::Invariant& i);

  Rely rely_;
  const Protection& protection_;
  std::uint64_t lock_;
  std::uint64_t evaluating_ = 0;  // the lock whose invariant is looked at
  std::uint32_t next_ = 0;
};

}  // namespace ringtail::prove
