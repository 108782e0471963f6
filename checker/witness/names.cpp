// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/witness/names.h"

#include <fmt/format.h>

#include "checker/explore/sequential.h"
#include "model/machine/machine.h"

namespace ringtail::witness {

const ir::Global* Names::global_at(std::uint64_t address) const {
  for (const ir::Global& g : program_.globals)
    if (address >= g.address && address < g.address + g.size) return &g;
  return nullptr;
}

// Whose kmalloc() it was. Interrupts of a thread count with it.
std::string Names::owner(std::size_t thread) const {
  if (thread == explore::init_thread) return "INIT";
  if (thread == explore::finally_thread) return "FINALLY";
  for (const ir::Thread& t : program_.threads)
    if (t.kind != ir::ThreadKind::irq_on && thread-- == 0) return t.name;
  return "callback";
}

Names::Member Names::member(std::uint64_t address) const {
  const std::uint64_t object = machine::object_of(address), offset = address - object;
  const auto known = layouts_.find(object);
  if (known == layouts_.end() || known->second == 0) return {};
  const ir::Layout& layout = program_.layouts[known->second - 1];
  if (layout.size == 0) return {};
  const std::string index = offset < layout.size ? "" : fmt::format("[{}]", offset / layout.size);
  for (const ir::Cell& c : layout.cells)
    if (c.offset == offset % layout.size) return {index + c.name, &c};
  return {};
}

// The global that an access most likely meant that lies behind it.
const ir::Global* Names::global_before(std::uint64_t address) const {
  constexpr std::uint64_t near = 4096;
  const ir::Global* last = nullptr;
  for (const ir::Global& g : program_.globals)
    if (g.address <= address && address - g.address < g.size + near &&
        (last == nullptr || last->address < g.address))
      last = &g;
  return last;
}

std::string Names::location(std::uint64_t address) const {
  if (const ir::Global* g = global_at(address)) {
    const std::uint64_t offset = address - g->address;
    for (const ir::Cell& c : g->cells)
      if (c.offset == offset) return g->name + c.name;
    return offset == 0 ? g->name : fmt::format("{}+{}", g->name, offset);
  }
  if (!machine::in_heap(address)) {
    const ir::Global* g = global_before(address);
    return g != nullptr ? fmt::format("{}+{}", g->name, address - g->address)
                        : fmt::format("*{:#x}", address);
  }
  const std::uint64_t object = machine::object_of(address), offset = address - object;
  const Member known = member(address);
  const std::string inside = known.cell != nullptr ? known.name
                             : offset == 0         ? ""
                                                   : fmt::format("+{}", offset);
  return this->object(object) + inside;
}

std::string Names::object(std::uint64_t address) const {
  if (const auto local = locals_.find(address); local != locals_.end()) return local->second;
  const std::uint64_t place = address - machine::heap_base;
  const std::uint64_t number = (place & ((1ull << machine::thread_shift) - 1)) >> machine::object_shift;
  return fmt::format("{}.object{}", owner(place >> machine::thread_shift), number);
}

std::string Names::target(std::uint64_t address) const {
  if (address >= ir::function_base && address - ir::function_base < program_.functions.size())
    return program_.functions[address - ir::function_base].name;
  const ir::Global* g = global_at(address);
  if (g != nullptr && address == g->address) return "&" + g->name;
  if (machine::in_heap(address) && machine::object_of(address) == address) return "&" + object(address);
  return g != nullptr || machine::in_heap(address) ? "&" + location(address) : std::string();
}

std::string Names::value(std::uint64_t address, std::int64_t value) const {
  const auto bits = static_cast<std::uint64_t>(value);
  bool pointer = machine::in_heap(bits) || bits >= ir::function_base;
  if (const ir::Global* g = global_at(address))
    for (const ir::Cell& c : g->cells) pointer |= c.offset == address - g->address && c.is_pointer;
  if (const Member m = machine::in_heap(address) ? member(address) : Member{}; m.cell != nullptr)
    pointer |= m.cell->is_pointer;
  if (pointer && value == 0) return "NULL";
  const std::string name = pointer ? target(bits) : std::string();
  return name.empty() ? std::to_string(value) : name;
}

}  // namespace ringtail::witness
