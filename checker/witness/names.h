// SPDX-License-Identifier: GPL-2.0-or-later
// What addresses and values are called: ring.tail, and for what kmalloc() gave, object 0 of reader, +8.
#pragma once

#include <string>

#include "model/lang/ir.h"

namespace ringtail::witness {

class Names {
 public:
  explicit Names(const ir::Program& program) : program_(program) {}

  std::string location(std::uint64_t address) const;
  // A number, or the name of what it is the address of where the cell at `address` holds a pointer.
  std::string value(std::uint64_t address, std::int64_t value) const;

 private:
  const ir::Global* global_at(std::uint64_t address) const;
  std::string target(std::uint64_t address) const;  // empty: points to nothing known
  const ir::Program& program_;
};

}  // namespace ringtail::witness
