// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/lang/stored.h"

namespace ringtail::ir {

std::set<std::int64_t> stored_elsewhere(const Program& program, const std::set<const Instr*>& reached) {
  std::set<std::int64_t> out;
  for (const Function& f : program.functions)
    for (const Instr& i : f.code) {
      const auto* store = std::get_if<Store>(&i.node);
      if (store == nullptr || reached.contains(&i)) continue;
      if (!store->value.is_reg()) {
        out.insert(store->value.constant);
        continue;
      }
      for (const Instr& j : f.code)
        if (const auto* move = std::get_if<Move>(&j.node);
            move != nullptr && move->dst == store->value.reg && !move->a.is_reg())
          out.insert(move->a.constant);
    }
  return out;
}

}  // namespace ringtail::ir
