// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/explore/retries.h"

#include <algorithm>

#include "checker/explore/named.h"
#include "model/lang/operands.h"

namespace ringtail::explore {
namespace {

using lang::BinaryOp;

bool compares(BinaryOp op) {
  return op == BinaryOp::less || op == BinaryOp::greater || op == BinaryOp::less_equal ||
         op == BinaryOp::greater_equal || op == BinaryOp::equal || op == BinaryOp::not_equal;
}

bool uses(const ir::Instr& i, ir::Reg r) {
  bool any = false;
  ir::each_operand(i.node, [&](const ir::Operand& o, bool) { any |= o.is_reg() && o.reg == r; });
  return any;
}

std::size_t definitions(const ir::Function& fn, ir::Reg r) {
  return static_cast<std::size_t>(std::count_if(fn.code.begin(), fn.code.end(), [&](const ir::Instr& i) {
    return std::visit(
        [&](const auto& n) {
          if constexpr (requires { n.dst; }) return n.dst == r;
          else return false;
        },
        i.node);
  }));
}

// Whether nothing is done with a result but to branch on how it compares with constants.
bool only_compared(const ir::Function& fn, ir::Reg r, std::set<std::int64_t>* exact) {
  if (r == ir::no_reg) return true;
  if (r < fn.params || definitions(fn, r) != 1) return false;
  return std::all_of(fn.code.begin(), fn.code.end(), [&](const ir::Instr& i) {
    if (!uses(i, r)) return true;
    const auto* b = std::get_if<ir::Binary>(&i.node);
    if (b == nullptr || !compares(b->op) || b->b.is_reg() || !b->width.is_signed) return false;
    if (exact != nullptr && (b->op == BinaryOp::equal || b->op == BinaryOp::not_equal))
      exact->insert(b->b.constant);
    return definitions(fn, b->dst) == 1 &&
           std::all_of(fn.code.begin(), fn.code.end(), [&](const ir::Instr& user) {
             return !uses(user, b->dst) || std::holds_alternative<ir::Branch>(user.node);
           });
  });
}

bool adds_a_constant(const ir::Rmw& n) {
  return (n.op == ir::RmwOp::add || n.op == ir::RmwOp::subtract) && n.guard == ir::Guard::always &&
         !n.blocking && !n.value.is_reg() && !n.address.is_reg();
}

}  // namespace

RetriedCounters retried_counters(const ir::Program& program) {
  RetriedCounters out;
  const auto on_own_cpu = [](const ir::Thread& t) { return t.kind == ir::ThreadKind::irq_on; };
  if (program.litmus || !program.invariants.empty() ||
      std::any_of(program.threads.begin(), program.threads.end(), on_own_cpu))
    return out;
  const Named named(program, [](const ir::Function& fn, const ir::Instr& i) {
    if (const auto* load = std::get_if<ir::Load>(&i.node)) return only_compared(fn, load->dst, nullptr);
    const auto* rmw = std::get_if<ir::Rmw>(&i.node);
    return rmw != nullptr && adds_a_constant(*rmw) && only_compared(fn, rmw->dst, nullptr);
  });
  const std::set<std::uint64_t> meant = named.only_meant();
  for (const ir::Function& fn : program.functions)
    for (const ir::Instr& i : fn.code) {
      const auto* rmw = std::get_if<ir::Rmw>(&i.node);
      if (rmw == nullptr || rmw->address.is_reg()) continue;
      const auto address = static_cast<std::uint64_t>(rmw->address.constant);
      const bool looks = std::any_of(fn.code.begin(), fn.code.end(),
                                     [&](const ir::Instr& user) { return uses(user, rmw->dst); });
      if (rmw->dst == ir::no_reg || !looks || !meant.contains(address)) continue;
      only_compared(fn, rmw->dst, &out[address].exact);
    }
  return out;
}

}  // namespace ringtail::explore
