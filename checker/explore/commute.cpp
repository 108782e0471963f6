// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/explore/commute.h"

#include <algorithm>
#include <map>
#include <set>

#include "model/base/result.h"

namespace ringtail::explore {
namespace {

// Functions that may run beside others, or look at what others left: all but those that INIT and FINALLY
// alone call.
std::vector<bool> concurrent(const ir::Program& program) {
  std::vector<bool> reached(program.functions.size());
  std::vector<std::uint32_t> open;
  const auto reach = [&](std::uint32_t f) {
    if (!reached[f]) open.push_back(f);
    reached[f] = true;
  };
  for (const ir::Thread& t : program.threads) reach(t.function);
  for (const ir::Invariant& i : program.invariants) reach(i.function);
  while (!open.empty()) {
    const ir::Function& f = program.functions[open.back()];
    open.pop_back();
    for (const ir::Instr& i : f.code) {
      if (const auto* call = std::get_if<ir::Call>(&i.node)) reach(call->function);
      if (std::holds_alternative<ir::CallPointer>(i.node) || std::holds_alternative<ir::CallRcu>(i.node))
        for (std::uint32_t g = 0; g < program.functions.size(); ++g) reach(g);
    }
  }
  return reached;
}

bool adds(const ir::Rmw& n) {
  return n.order == ir::Order::noreturn && n.guard == ir::Guard::always && !n.blocking &&
         (n.op == ir::RmwOp::add || n.op == ir::RmwOp::subtract);
}

// Each operand of an instruction, and whether it is only the address of a load or store.
template <class F>
void each_operand(const ir::Node& node, F f) {
  std::visit(
      [&]<class N>(const N& n) {
        if constexpr (requires { n.address; }) f(n.address, true);
        if constexpr (requires { n.value.constant; }) f(n.value, false);
        if constexpr (requires { n.guard_value; }) f(n.guard_value, false);
        if constexpr (requires { n.a.constant; }) f(n.a, false);
        if constexpr (requires { n.b.constant; }) f(n.b, false);
        if constexpr (requires { n.index; }) f(n.index, false);
        if constexpr (requires { n.to.constant; }) f(n.to, false);
        if constexpr (requires { n.from; }) f(n.from, false);
        if constexpr (requires { n.argument; }) f(n.argument, false), f(n.function, false);
        if constexpr (requires { n.pointer; }) f(n.pointer, false);
        if constexpr (requires { n.low; }) f(n.low, false), f(n.high, false);
        if constexpr (requires { n.on; }) f(n.on, false);
        if constexpr (std::is_same_v<N, ir::Allocate>) f(n.size, false);
        if constexpr (requires { n.args; })
          for (const ir::Operand& o : n.args) f(o, false);
      },
      node);
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
  // The object that an address may be meant to be in, or to be computed from.
  const auto object = [&](std::uint64_t address) {
    const auto it = std::upper_bound(program.globals.begin(), program.globals.end(), address,
                                     [](std::uint64_t a, const ir::Global& g) { return a < g.address; });
    const bool any = it != program.globals.begin() && address <= (it - 1)->address + 2 * (it - 1)->size;
    return any ? (it - 1)->address : 0;
  };
  std::map<Access, bool> accesses;  // by threads and invariants: whether all add
  std::set<std::uint64_t> known;    // objects whose address gets about
  const std::vector<bool> beside = concurrent(program);
  for (std::size_t k = 0; k < program.functions.size(); ++k)
    for (const ir::Instr& i : program.functions[k].code) {
      const auto* rmw = std::get_if<ir::Rmw>(&i.node);
      each_operand(i.node, [&](const ir::Operand& o, bool address) {
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
