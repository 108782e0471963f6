// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/explore/named.h"

#include <algorithm>

#include "model/lang/operands.h"
#include "model/machine/text.h"

namespace ringtail::explore {
namespace {

std::uint8_t size_of(const ir::Node& node) {
  return std::visit(
      [](const auto& n) -> std::uint8_t {
        if constexpr (requires { std::uint8_t{n.size}; }) return n.size;
        else return 8;
      },
      node);
}

}  // namespace

Named::Named(const ir::Program& program, const Meant& meant) {
  // The object that an address may be meant to be in, or to be computed from.
  const auto object = [&](std::uint64_t address) -> Object& {
    const auto it = std::upper_bound(program.globals.begin(), program.globals.end(), address,
                                     [](std::uint64_t a, const ir::Global& g) { return a < g.address; });
    const bool any = it != program.globals.begin() && address <= (it - 1)->address + 2 * (it - 1)->size;
    return objects[any ? (it - 1)->address : 0];
  };
  // All but what INIT and FINALLY alone call.
  std::vector<std::uint32_t> looking = machine::thread_functions(program);
  for (const ir::Invariant& i : program.invariants) looking.push_back(i.function);
  const std::vector<bool> beside = machine::reached(program, std::move(looking));
  for (std::size_t k = 0; k < program.functions.size(); ++k)
    for (const ir::Instr& i : program.functions[k].code)
      ir::each_operand(i.node, [&](const ir::Operand& o, bool address) {
        if (o.is_reg()) return;
        const auto at = static_cast<std::uint64_t>(o.constant);
        if (!address) object(at).known = true;
        if (!address || !beside[k]) return;
        accesses.emplace(Access{at, size_of(i.node)}, true).first->second &= meant(program.functions[k], i);
        object(at).stored &= std::holds_alternative<ir::Store>(i.node);
        object(at).places.insert(at);
      });
  for (const ir::Global& g : program.globals)
    for (const ir::Cell& c : g.cells)  // of any type: an address may be in an unsigned long
      object(static_cast<std::uint64_t>(c.value)).known = true;
  for (const auto& [a, all] : accesses) known.emplace(a, object(a.address).known);
}

std::set<std::uint64_t> Named::only_meant() const {
  std::set<std::uint64_t> out;
  for (const auto& [a, all] : accesses) {
    const bool alone = std::none_of(accesses.begin(), accesses.end(), [&, mine = a](const auto& other) {
      const Access& o = other.first;
      return o != mine && o.address < mine.address + mine.size && mine.address < o.address + o.size;
    });
    if (all && alone && !known.at(a)) out.insert(a.address);
  }
  return out;
}

}  // namespace ringtail::explore
