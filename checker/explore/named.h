// SPDX-License-Identifier: GPL-2.0-or-later
// What threads and invariants do with the addresses that a program's text names.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>

#include "model/lang/ir.h"

namespace ringtail::explore {

struct Access {
  std::uint64_t address = 0;
  std::uint8_t size = 0;
  friend auto operator<=>(const Access&, const Access&) = default;
};

struct Named {
  struct Object {
    bool known = false;  // its address gets about
    bool stored = true;  // only stored to
    std::set<std::uint64_t> places;
  };
  std::map<std::uint64_t, Object> objects;  // by address
  std::map<Access, bool> accesses;          // whether all are `meant`
  std::map<Access, bool> known;             // of accesses: that of their object

  using Meant = std::function<bool(const ir::Function&, const ir::Instr&)>;
  Named(const ir::Program& program, const Meant& meant);

  // Places that nothing but such accesses name, whole.
  std::set<std::uint64_t> only_meant() const;
};

}  // namespace ringtail::explore
