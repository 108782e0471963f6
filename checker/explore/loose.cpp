// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/explore/loose.h"

#include <algorithm>
#include <set>
#include <utility>

#include "checker/explore/commute.h"
#include "model/lang/operands.h"
#include "model/machine/escape.h"
#include "model/machine/text.h"

namespace ringtail::explore {
namespace {

// Of each register of each function, whether all that is ever put there is the address of an object that no
// other thread can see (escape.h), or of a part of it. What an address is computed from is the object that it
// is in, as in C.
class OwnAddresses {
 public:
  explicit OwnAddresses(const machine::Machine& m) : functions_(m.program().functions) {
    const auto locals =
        m.options().own ? machine::private_locals(m.program()) : std::vector<std::vector<bool>>();
    for (const ir::Function& f : functions_) own_.emplace_back(f.regs, m.options().own);
    std::set<std::uint32_t> called = machine::functions_by_address(m.program());  // from elsewhere
    for (const std::uint32_t f : machine::thread_functions(m.program())) called.insert(f);
    for (const std::uint32_t f : called)
      std::fill(own_[f].begin(), own_[f].begin() + functions_[f].params, false);
    for (bool more = m.options().own; more;) {
      more = false;
      for (std::size_t f = 0; f < functions_.size(); ++f)
        for (std::size_t pc = 0; pc < functions_[f].code.size(); ++pc) more |= look(f, pc, locals[f][pc]);
    }
  }

  bool has(std::size_t function, const ir::Operand& o) const { return o.is_reg() && own_[function][o.reg]; }

 private:
  // False when nothing new is known.
  bool look(std::size_t f, std::size_t pc, bool local) {
    const ir::Node& node = functions_[f].code[pc].node;
    bool more = false;
    const auto other = [&](std::size_t function, ir::Reg r) {
      if (r == ir::no_reg || !own_[function][r]) return;
      own_[function][r] = false;
      more = true;
    };
    if (const auto* call = std::get_if<ir::Call>(&node))
      for (std::size_t i = 0; i < call->args.size() && i < functions_[call->function].params; ++i)
        if (!has(f, call->args[i])) other(call->function, static_cast<ir::Reg>(i));
    std::visit(
        [&]<class N>(const N& n) {
          if constexpr (requires { n.dst; }) {
            bool own = false;
            if constexpr (std::is_same_v<N, ir::Local>) own = local;
            if constexpr (std::is_same_v<N, ir::Move> || std::is_same_v<N, ir::Taint>) own = has(f, n.a);
            if constexpr (std::is_same_v<N, ir::Binary>) own = n.op == lang::BinaryOp::add && has(f, n.a);
            if (!own) other(f, n.dst);
          }
        },
        node);
    return more;
  }

  const std::vector<ir::Function>& functions_;
  std::vector<std::vector<bool>> own_;
};

bool is_barrier(const ir::Node& node) {
  if (const auto* fence = std::get_if<ir::FenceInstr>(&node)) return fence->fence == ir::Fence::mb;
  const auto* rmw = std::get_if<ir::Rmw>(&node);
  return rmw != nullptr && rmw->order == ir::Order::full && rmw->guard == ir::Guard::always;
}

// A store that others can see, and that what was read before need not come before.
bool is_loose_store(const ir::Node& node, const OwnAddresses& own, std::size_t function,
                    const std::set<std::uint64_t>& unread) {
  const auto loose = [](ir::Order o) { return o != ir::Order::release && o != ir::Order::full; };
  if (const auto* store = std::get_if<ir::Store>(&node)) {
    const bool seen = store->address.is_reg()
                          ? !own.has(function, store->address)
                          : unread.count(static_cast<std::uint64_t>(store->address.constant)) == 0;
    return seen && loose(store->order);
  }
  if (const auto* rmw = std::get_if<ir::Rmw>(&node)) return loose(rmw->order);
  if (const auto* copy = std::get_if<ir::Copy>(&node)) return !own.has(function, copy->to);
  return std::holds_alternative<ir::Lock>(node) || std::holds_alternative<ir::TryLock>(node) ||
         std::holds_alternative<ir::SrcuLock>(node) || std::holds_alternative<ir::SrcuUnlock>(node) ||
         std::holds_alternative<ir::CallRcu>(node) || std::holds_alternative<ir::CallPointer>(node);
}

// A read of what others can store, which what is stored later need not come after.
bool is_loose_read(const ir::Node& node, const OwnAddresses& own, std::size_t function) {
  if (const auto* load = std::get_if<ir::Load>(&node))
    return load->order != ir::Order::acquire && !own.has(function, load->address);
  if (const auto* rmw = std::get_if<ir::Rmw>(&node)) {
    const bool succeeds = rmw->guard == ir::Guard::always || rmw->blocking;
    return !succeeds || (rmw->order != ir::Order::acquire && rmw->order != ir::Order::full);
  }
  if (const auto* await = std::get_if<ir::Await>(&node)) return await->order != ir::Order::acquire;
  if (const auto* copy = std::get_if<ir::Copy>(&node)) return !own.has(function, copy->from);
  return std::holds_alternative<ir::TryLock>(node) || std::holds_alternative<ir::IsLocked>(node) ||
         std::holds_alternative<ir::SrcuLock>(node) || std::holds_alternative<ir::SrcuUnlock>(node) ||
         std::holds_alternative<ir::CallPointer>(node);
}

}  // namespace

Loose::Loose(const machine::Machine& m) : m_(m) {
  find_stores();
  find_reads();
}

void Loose::find_stores() {
  const std::vector<ir::Function>& functions = m_.program().functions;
  const OwnAddresses own(m_);
  const std::set<std::uint64_t> unread = never_read(m_.program());
  for (const ir::Function& f : functions) after_.resize(after_.size() + f.code.size() + 1);
  const auto look = [&](std::uint32_t function, std::uint32_t pc) {
    const std::vector<ir::Instr>& code = functions[function].code;
    Way& here = after_[m_.number({function, pc})];
    Way way;
    if (pc == code.size()) {
      way.through = true;
    } else {
      const ir::Node& node = code[pc].node;
      way.loose = is_loose_store(node, own, function, unread);
      way.through = std::holds_alternative<ir::Ret>(node);
      const auto go = [&](std::uint32_t to) {
        const Way& next = after_[m_.number({function, to})];
        way.loose = way.loose || next.loose;
        way.through = way.through || next.through;
      };
      if (const auto* b = std::get_if<ir::Branch>(&node)) {
        go(b->then), go(b->otherwise);
      } else if (const auto* j = std::get_if<ir::Jump>(&node)) {
        go(j->to);
      } else if (const auto* call = std::get_if<ir::Call>(&node)) {
        const Way& callee = after_[m_.number({call->function, 0})];
        way.loose = way.loose || callee.loose;
        if (callee.through) go(pc + 1);
      } else if (!way.through && !is_barrier(node)) {
        go(pc + 1);
      }
    }
    return std::exchange(here, way) != way;
  };
  for (bool more = true; more;) {
    more = false;
    for (std::uint32_t f = 0; f < functions.size(); ++f)
      for (auto pc = static_cast<std::uint32_t>(functions[f].code.size()) + 1; pc-- > 0;) more |= look(f, pc);
  }
}

void Loose::find_reads() {
  const std::vector<ir::Function>& functions = m_.program().functions;
  const OwnAddresses own(m_);
  before_.resize(after_.size());
  bool more = false;
  const auto look = [&](std::uint32_t function, std::uint32_t pc) {
    const ir::Node& node = functions[function].code[pc].node;
    Way way = before_[m_.number({function, pc})];
    if (const auto* call = std::get_if<ir::Call>(&node)) {
      const auto end = static_cast<std::uint32_t>(functions[call->function].code.size());
      const Way& callee = before_[m_.number({call->function, end})];
      way.loose = callee.loose || (callee.through && way.loose);
      way.through = callee.through && way.through;
    } else if (is_barrier(node)) {
      way = {};
    } else {
      way.loose = way.loose || is_loose_read(node, own, function);
    }
    const auto go = [&](std::uint32_t to) {
      Way& next = before_[m_.number({function, to})];
      const Way was = next;
      next.loose = next.loose || way.loose;
      next.through = next.through || way.through;
      more |= next != was;
    };
    const auto end = static_cast<std::uint32_t>(functions[function].code.size());
    if (const auto* b = std::get_if<ir::Branch>(&node)) go(b->then), go(b->otherwise);
    else if (const auto* j = std::get_if<ir::Jump>(&node)) go(j->to);
    else go(std::holds_alternative<ir::Ret>(node) ? end : pc + 1);
  };
  for (std::uint32_t f = 0; f < functions.size(); ++f) before_[m_.number({f, 0})].through = true;
  do {
    more = false;
    for (std::uint32_t f = 0; f < functions.size(); ++f)
      for (std::uint32_t pc = 0; pc < functions[f].code.size(); ++pc) look(f, pc);
  } while (more);
}

bool Loose::stores_after(const machine::Snapshot& s) const {
  std::vector<machine::Place> stack = m_.stack(s);
  for (bool innermost = true; !stack.empty(); innermost = false, stack.pop_back()) {
    machine::Place at = stack.back();
    if (!innermost) ++at.pc;  // behind the call
    const Way& way = after_[m_.number(at)];
    if (way.loose) return true;
    if (!way.through) return false;
  }
  return false;
}

bool Loose::reads_before(const machine::Snapshot& s) const {
  bool loose = false;
  machine::Place here;
  for (const machine::Place at : m_.stack(s)) {
    const Way& way = before_[m_.number(at)];
    loose = way.loose || (way.through && loose);
    here = at;
  }
  const std::vector<ir::Instr>& code = m_.program().functions[here.function].code;
  return loose || (here.pc < code.size() && std::holds_alternative<ir::Copy>(code[here.pc].node));
}

}  // namespace ringtail::explore
