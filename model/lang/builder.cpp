// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/lang/builder.h"

#include <iterator>

#include "model/base/result.h"

namespace ringtail::lang {
namespace {

constexpr std::uint32_t kUnplaced = 0xffffffff;

// Where control goes after instruction `i`; at most two places.
struct Successors {
  std::uint32_t to[2];
  int count = 0;
};

Successors successors(const std::vector<ir::Instr>& code, std::uint32_t i) {
  const ir::Node& node = code[i].node;
  if (const auto* b = std::get_if<ir::Branch>(&node)) return {{b->then, b->otherwise}, 2};
  if (const auto* j = std::get_if<ir::Jump>(&node)) return {{j->to, 0}, 1};
  if (std::holds_alternative<ir::Ret>(node)) return {{static_cast<std::uint32_t>(code.size()), 0}, 1};
  return {{i + 1, 0}, 1};
}

}  // namespace

Builder::Builder(std::string name, const Loc& at) : at_(at) {
  fn_.name = std::move(name);
  fn_.at = at;
}

ir::Reg Builder::temp() { return named(""); }

ir::Reg Builder::named(const std::string& name) {
  if (fn_.regs >= ir::no_reg) {
    too_large_ = true;
    return 0;
  }
  fn_.reg_names.push_back(name);
  return static_cast<ir::Reg>(fn_.regs++);
}

void Builder::emit(ir::Node node) { fn_.code.push_back({std::move(node), at_}); }

Builder::Label Builder::label() {
  labels_.push_back(kUnplaced);
  return static_cast<Label>(labels_.size() - 1);
}

void Builder::place(Label label) { labels_[label] = static_cast<std::uint32_t>(fn_.code.size()); }
void Builder::jump(Label to) { emit(ir::Jump{to}); }
void Builder::branch(ir::Operand condition, Label then, Label otherwise) {
  emit(ir::Branch{condition, then, otherwise, 0});
}

ir::Operand Builder::binary(BinaryOp op, Width width, ir::Operand a, ir::Operand b) {
  if (!a.is_reg() && !b.is_reg())
    if (const auto value = arithmetic(op, a.constant, b.constant, width)) return ir::constant(*value);
  const bool unchanged = !b.is_reg() && width.bits == 64 &&
                         (((op == BinaryOp::add || op == BinaryOp::subtract) && b.constant == 0) ||
                          (op == BinaryOp::multiply && b.constant == 1));
  if (unchanged) return a;
  const ir::Reg dst = temp();
  emit(ir::Binary{dst, op, width, a, b});
  return ir::reg(dst);
}

ir::Operand Builder::taint(ir::Operand value, ir::Operand on) {
  if (!on.is_reg()) return value;
  const ir::Reg dst = temp();
  emit(ir::Taint{dst, value, on});
  return ir::reg(dst);
}

ir::Reg Builder::local(std::uint64_t size, const std::string& name, std::uint32_t layout) {
  const ir::Reg dst = named(name.empty() ? "" : "&" + name);
  locals_.push_back({ir::Local{dst, size, name, layout}, at_});
  return dst;
}

ir::Allocate* Builder::allocation(ir::Operand address) {
  auto* last = fn_.code.empty() ? nullptr : std::get_if<ir::Allocate>(&fn_.code.back().node);
  return last != nullptr && address.is_reg() && last->dst == address.reg ? last : nullptr;
}

ir::Function Builder::finish() {
  std::vector<ir::Instr>& code = fn_.code;
  emit(ir::Ret{ir::constant(0)});  // for a body that runs off its end, and for labels that lie there
  code.insert(code.begin(), std::make_move_iterator(locals_.begin()), std::make_move_iterator(locals_.end()));
  for (std::uint32_t& label : labels_)
    if (label != kUnplaced) label += static_cast<std::uint32_t>(locals_.size());
  const auto resolve = [&](std::uint32_t label) {
    if (labels_[label] == kUnplaced) fatal("a label of the IR was never placed");
    return labels_[label];
  };
  for (ir::Instr& instr : code) {
    if (auto* b = std::get_if<ir::Branch>(&instr.node)) {
      b->then = resolve(b->then);
      b->otherwise = resolve(b->otherwise);
    } else if (auto* j = std::get_if<ir::Jump>(&instr.node)) {
      j->to = resolve(j->to);
    }
  }
  const std::vector<std::uint32_t> join = postdominators(code);
  for (std::uint32_t i = 0; i < code.size(); ++i)
    if (auto* b = std::get_if<ir::Branch>(&code[i].node)) b->join = join[i];
  return std::move(fn_);
}

// Cooper, Harvey and Kennedy's iteration (A Simple, Fast Dominance Algorithm), on the reversed graph.
std::vector<std::uint32_t> postdominators(const std::vector<ir::Instr>& code) {
  const auto end = static_cast<std::uint32_t>(code.size());
  std::vector<std::vector<std::uint32_t>> predecessors(end + 1);
  for (std::uint32_t i = 0; i < end; ++i) {
    const Successors s = successors(code, i);
    for (int k = 0; k < s.count; ++k) predecessors[s.to[k]].push_back(i);
  }
  // reverse postorder from the end
  std::vector<std::uint32_t> order, number(end + 1, kUnplaced);
  std::vector<std::pair<std::uint32_t, std::size_t>> stack = {{end, 0}};
  std::vector<bool> seen(end + 1);
  seen[end] = true;
  while (!stack.empty()) {
    const std::uint32_t node = stack.back().first;
    const std::size_t next = stack.back().second++;
    if (next < predecessors[node].size()) {
      const std::uint32_t p = predecessors[node][next];
      if (!seen[p]) {
        seen[p] = true;
        stack.push_back({p, 0});
      }
    } else {
      number[node] = static_cast<std::uint32_t>(order.size());
      order.push_back(node);
      stack.pop_back();
    }
  }
  std::vector<std::uint32_t> parent(end + 1, kUnplaced);
  parent[end] = end;
  const auto meet = [&](std::uint32_t a, std::uint32_t b) {
    while (a != b) {
      while (number[a] < number[b]) a = parent[a];
      while (number[b] < number[a]) b = parent[b];
    }
    return a;
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (auto it = order.rbegin(); it != order.rend(); ++it) {
      if (*it == end) continue;
      const Successors s = successors(code, *it);
      std::uint32_t best = kUnplaced;
      for (int k = 0; k < s.count; ++k) {
        if (parent[s.to[k]] == kUnplaced) continue;
        best = best == kUnplaced ? s.to[k] : meet(best, s.to[k]);
      }
      if (best != parent[*it]) {
        parent[*it] = best;
        changed = true;
      }
    }
  }
  parent.pop_back();
  for (std::uint32_t& p : parent)
    if (p == kUnplaced) p = end;  // no way from here to the end
  return parent;
}

}  // namespace ringtail::lang
