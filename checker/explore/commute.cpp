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

// What threads and invariants do with addresses that the text names.
struct Named {
  struct Object {
    bool known = false;  // its address gets about
    bool stored = true;  // only stored to
    std::set<std::uint64_t> places;
  };
  std::map<std::uint64_t, Object> objects;  // by address
  std::map<Access, bool> accesses;          // whether all add

  explicit Named(const ir::Program& program) {
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
      for (const ir::Instr& i : program.functions[k].code) {
        const auto* rmw = std::get_if<ir::Rmw>(&i.node);
        ir::each_operand(i.node, [&](const ir::Operand& o, bool address) {
          if (o.is_reg()) return;
          const auto at = static_cast<std::uint64_t>(o.constant);
          if (!address) object(at).known = true;
          if (!address || !beside[k]) return;
          accesses.emplace(Access{at, size_of(i.node)}, true).first->second &= rmw != nullptr && adds(*rmw);
          object(at).stored &= std::holds_alternative<ir::Store>(i.node);
          object(at).places.insert(at);
        });
      }
    for (const ir::Global& g : program.globals)
      for (const ir::Cell& c : g.cells)  // of any type: an address may be in an unsigned long
        object(static_cast<std::uint64_t>(c.value)).known = true;
    for (const auto& [a, add] : accesses) known.emplace(a, object(a.address).known);
  }
  std::map<Access, bool> known;  // of accesses: that of their object
};

}  // namespace

std::vector<std::uint64_t> counters(const ir::Program& program) {
  if (machine::waits_for_readers(program)) return {};
  const Named named(program);
  std::vector<std::uint64_t> out;
  for (const auto& [a, add] : named.accesses) {
    const bool alone =
        std::none_of(named.accesses.begin(), named.accesses.end(), [&, mine = a](const auto& other) {
          const Access& o = other.first;
          return o != mine && o.address < mine.address + mine.size && mine.address < o.address + o.size;
        });
    if (add && alone && !named.known.at(a)) out.push_back(a.address);
  }
  return out;
}

std::set<std::uint64_t> never_read(const ir::Program& program) {
  std::set<std::uint64_t> out;
  for (const auto& [address, o] : Named(program).objects)
    if (address != 0 && !o.known && o.stored) out.insert(o.places.begin(), o.places.end());
  return out;
}

}  // namespace ringtail::explore
