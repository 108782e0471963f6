// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/lang/stored.h"

namespace ringtail::ir {
namespace {

const Operand* stored(const Instr& i) {
  if (const auto* store = std::get_if<Store>(&i.node)) return &store->value;
  if (const auto* rmw = std::get_if<Rmw>(&i.node); rmw != nullptr && rmw->op == RmwOp::exchange)
    return &rmw->value;
  return nullptr;
}

}  // namespace

std::set<std::int64_t> stored_elsewhere(const Program& program, const std::set<const Instr*>& reached) {
  std::set<std::int64_t> out;
  for (const Function& f : program.functions)
    for (const Instr& i : f.code) {
      const Operand* const value = stored(i);
      if (value == nullptr || reached.contains(&i)) continue;
      if (!value->is_reg()) {
        out.insert(value->constant);
        continue;
      }
      for (const Instr& j : f.code)
        if (const auto* move = std::get_if<Move>(&j.node);
            move != nullptr && move->dst == value->reg && !move->a.is_reg())
          out.insert(move->a.constant);
    }
  return out;
}

}  // namespace ringtail::ir
