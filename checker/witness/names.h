// SPDX-License-Identifier: GPL-2.0-or-later
// What addresses and values are called: ring.tail; a local object by its variable; what kmalloc() gave by its
// thread and its number there, reader.object0+8.
#pragma once

#include <map>
#include <string>

#include "model/lang/ir.h"

namespace ringtail::witness {

class Names {
 public:
  explicit Names(const ir::Program& program) : program_(program) {}

  std::string location(std::uint64_t address) const;
  // A local object, once the machine has made it.
  void add_local(std::uint64_t address, const std::string& name) { locals_[address] = name; }
  // A number, or the name of what it is the address of where the cell at `address` holds a pointer.
  std::string value(std::uint64_t address, std::int64_t value) const;

 private:
  std::string owner(std::size_t thread) const;
  const ir::Global* global_at(std::uint64_t address) const;
  std::string target(std::uint64_t address) const;  // empty: points to nothing known
  const ir::Program& program_;
  std::map<std::uint64_t, std::string> locals_;
};

}  // namespace ringtail::witness
