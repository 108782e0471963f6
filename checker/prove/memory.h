// SPDX-License-Identifier: GPL-2.0-or-later
// The memory of code that runs alone: objects at the machine's own addresses, and in them cells, one for each
// scalar that was ever accessed, as the machine has it too (locations, not bytes).
//
// An access through a value that depends on inputs goes to every cell that the pointer may mean: the objects
// it was made of, cut as their type says or, where nothing is known, into cells of the access's own size. The
// condition that it is one of them is the caller's goal.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "checker/prove/value.h"
#include "model/lang/ir.h"

namespace ringtail::prove {

struct Cell {
  std::uint8_t size = 0;
  Value value;
};

struct Object {
  Value size;
  Value freed;  // 0 or 1
  bool heap = false;
};

struct Target {
  std::uint64_t address = 0, object = 0;
  z3::expr when;
};

struct Resolved {
  std::vector<Target> targets;
  z3::expr inside;      // the address is one of them
  z3::expr freed;       // its object is gone
  std::string unknown;  // why this cannot be told
};

// What a cell holds that nobody has written.
using InitialCell = std::function<Value(std::uint64_t address, std::uint8_t size)>;

class Memory {
 public:
  Memory(const ir::Program& program, const InitialCell* initial);

  std::map<std::uint64_t, Cell> cells;
  std::map<std::uint64_t, Object> objects;

  Resolved resolve(z3::context& c, const Value& address, std::uint8_t size) const;
  Value load(z3::context& c, const Resolved& where, lang::Width width) const;
  // Writes where `really` holds.
  void store(z3::context& c, const Resolved& where, std::uint8_t size, const Value& value,
             const z3::expr& really);
  // The object that an address lies in, or just behind.
  std::uint64_t object_at(std::uint64_t address) const;
  Bases bases(const Value& v) const;
  // One of two values, which may both be addresses.
  Value either(z3::context& c, const z3::expr& condition, const Value& yes, const Value& no) const;
  // This is memory where `condition` holds, `other` where it does not.
  void merge(z3::context& c, const z3::expr& condition, const Memory& other);
  Value at(std::uint64_t address, std::uint8_t size) const;

 private:
  const ir::Program* program_;
  const InitialCell* initial_;
};

}  // namespace ringtail::prove
