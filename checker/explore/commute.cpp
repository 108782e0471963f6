// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/explore/commute.h"

#include <algorithm>
#include <map>
#include <set>

#include "model/lang/operands.h"
#include "model/machine/text.h"

namespace ringtail::explore {
namespace {

bool adds(const ir::Rmw& n) {
  return n.order == ir::Order::noreturn && n.guard == ir::Guard::always && !n.blocking &&
         (n.op == ir::RmwOp::add || n.op == ir::RmwOp::subtract);
}

struct Access {
  std::uint64_t address = 0;
  std::uint8_t size = 0;
  friend auto operator<=>(const Access&, const Access&) = default;
};

std::uint8_t size_of(const ir::Node& node) {
  return std::visit(
      [](const auto& n) -> std::uint8_t {
        if constexpr (requires { std::uint8_t{n.size}; }) return n.size;
        else return 8;
      },
      node);
}

}  // namespace

std::vector<std::uint64_t> counters(const ir::Program& program) {
  if (machine::waits_for_readers(program)) return {};
  // The object that an address may be meant to be in, or to be computed from.
  const auto object = [&](std::uint64_t address) {
    const auto it = std::upper_bound(program.globals.begin(), program.globals.end(), address,
                                     [](std::uint64_t a, const ir::Global& g) { return a < g.address; });
    const bool any = it != program.globals.begin() && address <= (it - 1)->address + 2 * (it - 1)->size;
    return any ? (it - 1)->address : 0;
  };
  std::map<Access, bool> accesses;  // by threads and invariants: whether all add
  std::set<std::uint64_t> known;    // objects whose address gets about
  // All but what INIT and FINALLY alone call.
  std::vector<std::uint32_t> looking = machine::thread_functions(program);
  for (const ir::Invariant& i : program.invariants) looking.push_back(i.function);
  const std::vector<bool> beside = machine::reached(program, std::move(looking));
  for (std::size_t k = 0; k < program.functions.size(); ++k)
    for (const ir::Instr& i : program.functions[k].code) {
      const auto* rmw = std::get_if<ir::Rmw>(&i.node);
      ir::each_operand(i.node, [&](const ir::Operand& o, bool address) {
        if (o.is_reg()) return;
        const auto at = static_cast<std::uint64_t>(o.constant);
        if (!address) known.insert(object(at));
        else if (beside[k])
          accesses.emplace(Access{at, size_of(i.node)}, true).first->second &= rmw != nullptr && adds(*rmw);
      });
    }
  for (const ir::Global& g : program.globals)
    for (const ir::Cell& c : g.cells)
      if (c.is_pointer) known.insert(object(static_cast<std::uint64_t>(c.value)));
  std::vector<std::uint64_t> out;
  for (const auto& [a, add] : accesses) {
    const bool alone = std::none_of(accesses.begin(), accesses.end(), [&, mine = a](const auto& other) {
      const Access& o = other.first;
      return o != mine && o.address < mine.address + mine.size && mine.address < o.address + o.size;
    });
    if (add && alone && known.count(object(a.address)) == 0) out.push_back(a.address);
  }
  return out;
}

}  // namespace ringtail::explore
