// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/machine/text.h"

#include <algorithm>
#include <optional>

#include "model/lang/operands.h"

namespace ringtail::machine {
namespace {

ir::Reg defines(const ir::Node& node) {
  return std::visit(
      [](const auto& n) -> ir::Reg {
        if constexpr (requires { n.dst; }) return n.dst;
        else return ir::no_reg;
      },
      node);
}

// Whether a thread makes a request here, so that what comes after is known only with an answer. Of fences not
// all are events.
bool asks(const ir::Node& node) {
  return std::visit(
      []<class N>(const N&) {
        return std::is_same_v<N, ir::Load> || std::is_same_v<N, ir::Store> || std::is_same_v<N, ir::Rmw> ||
               std::is_same_v<N, ir::Await> || std::is_same_v<N, ir::Lock> || std::is_same_v<N, ir::Unlock> ||
               std::is_same_v<N, ir::TryLock> || std::is_same_v<N, ir::IsLocked> ||
               std::is_same_v<N, ir::SrcuLock> || std::is_same_v<N, ir::SrcuUnlock> ||
               std::is_same_v<N, ir::SrcuSync> || std::is_same_v<N, ir::CallRcu> ||
               std::is_same_v<N, ir::Allocate> || std::is_same_v<N, ir::Free> ||
               std::is_same_v<N, ir::Local> || std::is_same_v<N, ir::Copy> || std::is_same_v<N, ir::Choose>;
      },
      node);
}

}  // namespace

std::vector<std::pair<std::uint32_t, std::vector<ir::Reg>>> live_at_loops(const ir::Function& fn,
                                                                          bool named) {
  const std::size_t n = fn.code.size();
  std::vector<std::vector<bool>> in(n + 1, std::vector<bool>(fn.regs));
  if (named)
    for (std::size_t r = 0; r < fn.regs; ++r) in[n][r] = r < fn.reg_names.size() && !fn.reg_names[r].empty();
  bool loops = false;
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = n; i-- > 0;) {
      const ir::Node& node = fn.code[i].node;
      std::vector<bool> live = in[i + 1];
      const auto add = [&](const std::vector<bool>& other) {
        for (std::size_t r = 0; r < live.size(); ++r)
          if (other[r]) live[r] = true;
      };
      if (const auto* b = std::get_if<ir::Branch>(&node)) live = in[b->then], add(in[b->otherwise]);
      if (const auto* j = std::get_if<ir::Jump>(&node)) live = in[j->to];
      if (std::holds_alternative<ir::Ret>(node)) live = in[n];
      loops |= std::holds_alternative<ir::Loop>(node);
      if (const ir::Reg dst = defines(node); dst != ir::no_reg) live[dst] = false;
      ir::each_operand(node, [&](const ir::Operand& o, bool) {
        if (o.is_reg()) live[o.reg] = true;
      });
      if (live != in[i]) {
        in[i] = std::move(live);
        changed = true;
      }
    }
    if (!loops) break;
  }
  std::vector<std::pair<std::uint32_t, std::vector<ir::Reg>>> out;
  for (std::uint32_t i = 0; loops && i < n; ++i) {
    if (!std::holds_alternative<ir::Loop>(fn.code[i].node)) continue;
    std::vector<ir::Reg>& live = out.emplace_back(i, std::vector<ir::Reg>()).second;
    for (std::size_t r = 0; r < in[i].size(); ++r)
      if (in[i][r]) live.push_back(static_cast<ir::Reg>(r));
  }
  return out;
}

namespace {

// The innermost loop around each instruction of a function, by its id, or none.
std::vector<std::optional<std::uint32_t>> innermost(const ir::Function& f,
                                                    const std::vector<LoopExtent>& loops) {
  std::vector<std::optional<std::uint32_t>> out(f.code.size());
  for (std::uint32_t head = 0; head < f.code.size(); ++head)  // heads of outer loops come first
    if (const auto* loop = std::get_if<ir::Loop>(&f.code[head].node))
      for (std::uint32_t pc = head; pc <= loops[loop->id].last; ++pc) out[pc] = loop->id;
  return out;
}

// Loops that sleep, and on the way functions that do, whoever calls them.
void find_sleeping(const ir::Program& program, std::vector<LoopExtent>& loops) {
  std::vector<bool> function(program.functions.size());
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t f = 0; f < program.functions.size(); ++f) {
      const std::vector<ir::Instr>& code = program.functions[f].code;
      const auto around = innermost(program.functions[f], loops);
      for (std::size_t pc = 0; pc < code.size(); ++pc) {
        const auto* await = std::get_if<ir::Await>(&code[pc].node);
        const auto* rmw = std::get_if<ir::Rmw>(&code[pc].node);
        const auto* call = std::get_if<ir::Call>(&code[pc].node);
        const bool sleeps = (await != nullptr && await->wait == ir::WaitKind::sleep) ||
                            (rmw != nullptr && rmw->blocking && rmw->wait == ir::WaitKind::sleep) ||
                            (call != nullptr && function[call->function]);
        if (!sleeps) continue;
        if (around[pc]) loops[*around[pc]].sleeps = true;
        else if (!function[f]) function[f] = changed = true;
      }
    }
  }
}

}  // namespace

std::vector<LoopExtent> loop_extents(const ir::Program& program) {
  std::vector<LoopExtent> out(program.loops);
  for (const ir::Function& f : program.functions)
    for (std::uint32_t pc = 0; pc < f.code.size(); ++pc) {
      const auto back = [&](std::uint32_t to) {
        if (to > pc) return;
        if (const auto* loop = std::get_if<ir::Loop>(&f.code[to].node)) out[loop->id].last = pc;
      };
      const ir::Node& node = f.code[pc].node;
      if (const auto* loop = std::get_if<ir::Loop>(&node)) out[loop->id].first = out[loop->id].last = pc;
      if (const auto* jump = std::get_if<ir::Jump>(&node)) back(jump->to);
      if (const auto* branch = std::get_if<ir::Branch>(&node)) back(branch->then), back(branch->otherwise);
    }
  find_sleeping(program, out);
  return out;
}

std::vector<std::vector<bool>> before_assumptions(const ir::Program& program) {
  bool any = false;
  for (const ir::Function& f : program.functions)
    for (const ir::Instr& i : f.code) any |= std::holds_alternative<ir::Assume>(i.node);
  std::vector<std::vector<bool>> out;
  for (const ir::Function& f : program.functions) {
    // from[i]: an assumption may be met from instruction i on, before anything is asked for
    const std::size_t n = f.code.size();
    std::vector<bool> from(n + 1);
    from[n] = any;  // a return
    for (bool changed = any; changed;) {
      changed = false;
      for (std::size_t i = n; i-- > 0;) {
        const ir::Node& node = f.code[i].node;
        const bool leaves = std::holds_alternative<ir::Assume>(node) ||
                            std::holds_alternative<ir::Ret>(node) || std::holds_alternative<ir::Call>(node) ||
                            std::holds_alternative<ir::CallPointer>(node);
        bool now = leaves;
        if (const auto* b = std::get_if<ir::Branch>(&node)) now = from[b->then] || from[b->otherwise];
        else if (const auto* j = std::get_if<ir::Jump>(&node)) now = from[j->to];
        else if (!leaves && !asks(node)) now = from[i + 1];
        if (now != from[i]) from[i] = now, changed = true;
      }
    }
    from.erase(from.begin());
    out.push_back(std::move(from));
  }
  return out;
}

std::set<std::uint32_t> functions_by_address(const ir::Program& program) {
  std::set<std::uint32_t> out;
  const auto value = [&](std::int64_t v) {
    const std::uint64_t f = static_cast<std::uint64_t>(v) - ir::function_base;
    if (f < program.functions.size()) out.insert(static_cast<std::uint32_t>(f));
  };
  for (const ir::Global& g : program.globals)
    for (const ir::Cell& c : g.cells) value(c.value);
  for (const ir::Function& f : program.functions)
    for (const ir::Instr& i : f.code)
      ir::each_operand(i.node, [&](const ir::Operand& o, bool) {
        if (!o.is_reg()) value(o.constant);
      });
  return out;
}

std::vector<bool> reached(const ir::Program& program, std::vector<std::uint32_t> open) {
  std::vector<bool> out(program.functions.size());
  const std::set<std::uint32_t> by_address = functions_by_address(program);
  const auto reach = [&](std::uint32_t f) {
    if (!out[f]) open.push_back(f);
    out[f] = true;
  };
  for (const std::uint32_t f : open) out[f] = true;
  while (!open.empty()) {
    const ir::Function& f = program.functions[open.back()];
    open.pop_back();
    for (const ir::Instr& i : f.code) {
      if (const auto* call = std::get_if<ir::Call>(&i.node)) reach(call->function);
      if (std::holds_alternative<ir::CallPointer>(i.node) || std::holds_alternative<ir::CallRcu>(i.node))
        for (const std::uint32_t g : by_address) reach(g);
    }
  }
  return out;
}

std::vector<std::uint32_t> thread_functions(const ir::Program& program) {
  std::vector<std::uint32_t> out;
  for (const ir::Thread& t : program.threads) out.push_back(t.function);
  return out;
}

bool in_threads(const ir::Program& program, const std::function<bool(const ir::Instr&)>& what) {
  const std::vector<bool> beside = reached(program, thread_functions(program));
  for (std::size_t f = 0; f < program.functions.size(); ++f)
    if (const auto& code = program.functions[f].code;
        beside[f] && std::any_of(code.begin(), code.end(), what))
      return true;
  return false;
}

bool waits_for_readers(const ir::Program& program) {
  return in_threads(program, [](const ir::Instr& i) {
    const auto* fence = std::get_if<ir::FenceInstr>(&i.node);
    return (fence != nullptr && fence->fence == ir::Fence::sync_rcu) ||
           std::holds_alternative<ir::SrcuSync>(i.node) || std::holds_alternative<ir::CallRcu>(i.node);
  });
}

bool calls_back(const ir::Program& program) {
  return in_threads(program, [](const ir::Instr& i) { return std::holds_alternative<ir::CallRcu>(i.node); });
}

PlainPlaces plain_places(const ir::Program& program) {
  PlainPlaces out;
  const auto access = [&](const ir::Operand& address, std::uint32_t offset) {
    if (address.is_reg()) out.anywhere = true;
    else out.addresses.insert(static_cast<std::uint64_t>(address.constant) + offset);
  };
  const std::vector<bool> beside = reached(program, thread_functions(program));
  for (std::size_t f = 0; f < program.functions.size(); ++f) {
    if (!beside[f]) continue;
    for (const ir::Instr& i : program.functions[f].code) {
      if (const auto* load = std::get_if<ir::Load>(&i.node); load && load->order == ir::Order::plain)
        access(load->address, 0);
      if (const auto* store = std::get_if<ir::Store>(&i.node); store && store->order == ir::Order::plain)
        access(store->address, 0);
      if (const auto* copy = std::get_if<ir::Copy>(&i.node))
        for (const ir::Copy::Part& part : copy->parts)
          access(copy->to, part.offset), access(copy->from, part.offset);
    }
  }
  return out;
}

}  // namespace ringtail::machine
