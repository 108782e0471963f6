// SPDX-License-Identifier: GPL-2.0-or-later
// What addresses and values are called: ring.tail; a local object by its variable; what kmalloc() gave by its
// thread and its number there, and its members where it is known what it was for: reader.object0.next.
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
  // How an object of a thread or of INIT is laid out, by Program::layouts from 1.
  void add_layout(std::uint64_t address, std::uint32_t layout) { layouts_[address] = layout; }
  // A number, or the name of what it is the address of where the cell at `address` holds a pointer.
  std::string value(std::uint64_t address, std::int64_t value) const;

 private:
  std::string owner(std::size_t thread) const;
  std::string object(std::uint64_t address) const;  // that begins there
  const ir::Global* global_at(std::uint64_t address) const;
  const ir::Global* global_before(std::uint64_t address) const;
  struct Member {
    std::string name;  // with the index of the element, where there are several
    const ir::Cell* cell = nullptr;
  };
  Member member(std::uint64_t address) const;       // of an object that is no global
  std::string target(std::uint64_t address) const;  // empty: points to nothing known
  const ir::Program& program_;
  std::map<std::uint64_t, std::string> locals_;
  std::map<std::uint64_t, std::uint32_t> layouts_;
};

}  // namespace ringtail::witness
