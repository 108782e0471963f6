// SPDX-License-Identifier: GPL-2.0-or-later
// The operands of an instruction, for what looks at the text of a program.
#pragma once

#include <type_traits>

#include "model/lang/ir.h"

namespace ringtail::ir {

// Calls f(operand, address) for each; `address` where it is the address of an access, a lock or an object to
// be freed, and nothing else. A structure assignment's two are not: what is accessed begins there.
template <class F>
void each_operand(const Node& node, F f) {
  std::visit(
      [&]<class N>(const N& n) {
        const auto plain = [&](const Operand& o) { f(o, false); };
        if constexpr (requires { n.address; }) f(n.address, true);
        if constexpr (requires { plain(n.value); }) plain(n.value);
        if constexpr (requires { plain(n.guard_value); }) plain(n.guard_value);
        if constexpr (requires { plain(n.a); }) plain(n.a);
        if constexpr (requires { plain(n.b); }) plain(n.b);
        if constexpr (requires { plain(n.index); }) plain(n.index);
        if constexpr (requires { plain(n.to); }) plain(n.to);
        if constexpr (requires { plain(n.from); }) plain(n.from);
        if constexpr (requires { plain(n.function); }) plain(n.function);
        if constexpr (requires { plain(n.argument); }) plain(n.argument);
        if constexpr (requires { plain(n.pointer); }) plain(n.pointer);
        if constexpr (requires { plain(n.low); }) plain(n.low);
        if constexpr (requires { plain(n.high); }) plain(n.high);
        if constexpr (requires { plain(n.on); }) plain(n.on);
        if constexpr (requires { plain(n.size); }) plain(n.size);
        if constexpr (requires { n.args; })
          for (const Operand& o : n.args) plain(o);
      },
      node);
}

}  // namespace ringtail::ir
