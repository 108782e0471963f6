// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "model/base/result.h"
#include "model/lang/ir.h"
#include "model/lang/printer.h"

namespace ringtail::ir {
namespace {

std::string show(const Operand& o) {
  return o.is_reg() ? fmt::format("r{}", o.reg) : fmt::format("{}", o.constant);
}
std::string show_args(const std::vector<Operand>& args) {
  std::string out;
  for (const Operand& a : args) out += (out.empty() ? "" : ", ") + show(a);
  return out;
}
std::string dst(Reg r) { return r == no_reg ? "" : fmt::format("r{} = ", r); }

std::string_view show(Order o) {
  switch (o) {
    case Order::plain:
      return "plain";
    case Order::once:
      return "once";
    case Order::data_race:
      return "data-race";
    case Order::acquire:
      return "acquire";
    case Order::release:
      return "release";
    case Order::full:
      return "full";
    case Order::noreturn:
      return "noreturn";
  }
  return "";
}

std::string_view show(Fence f) {
  switch (f) {
    case Fence::mb:
      return "mb";
    case Fence::rmb:
      return "rmb";
    case Fence::wmb:
      return "wmb";
    case Fence::barrier:
      return "barrier";
    case Fence::before_atomic:
      return "before_atomic";
    case Fence::after_atomic:
      return "after_atomic";
    case Fence::after_spinlock:
      return "after_spinlock";
    case Fence::after_unlock_lock:
      return "after_unlock_lock";
    case Fence::after_srcu_read_unlock:
      return "after_srcu_read_unlock";
    case Fence::after_ctrl_dep:
      return "after_ctrl_dep";
    case Fence::rcu_lock:
      return "rcu_lock";
    case Fence::rcu_unlock:
      return "rcu_unlock";
    case Fence::sync_rcu:
      return "sync_rcu";
  }
  return "";
}

std::string_view show(RmwOp op) {
  switch (op) {
    case RmwOp::exchange:
      return "=";
    case RmwOp::add:
      return "+=";
    case RmwOp::subtract:
      return "-=";
    case RmwOp::bit_and:
      return "&=";
    case RmwOp::bit_or:
      return "|=";
    case RmwOp::bit_xor:
      return "^=";
    case RmwOp::and_not:
      return "&~=";
  }
  return "";
}

std::string show(Guard g, const Operand& value) {
  switch (g) {
    case Guard::always:
      return "";
    case Guard::equal:
      return fmt::format(" if == {}", show(value));
    case Guard::not_equal:
      return fmt::format(" if != {}", show(value));
    case Guard::greater:
      return fmt::format(" if > {}", show(value));
    case Guard::less:
      return fmt::format(" if < {}", show(value));
    case Guard::mask_zero:
      return fmt::format(" if & {} is 0", show(value));
    case Guard::mask_set:
      return fmt::format(" if & {} is not 0", show(value));
  }
  return "";
}

std::string show(lang::Width w) { return fmt::format("{}{}", w.is_signed ? "s" : "u", w.bits); }
std::string_view show(LockKind k) { return k == LockKind::mutex ? "mutex" : "spin"; }

}  // namespace

std::string print(const Instr& instr) {
  return std::visit(
      overloaded{
          [](const Move& i) { return fmt::format("r{} = {}", i.dst, show(i.a)); },
          [](const Taint& i) { return fmt::format("r{} = {} tainted by {}", i.dst, show(i.a), show(i.b)); },
          [](const Binary& i) {
            return fmt::format("r{} = {} {} {} ({})", i.dst, show(i.a), lang::sign_of(i.op), show(i.b),
                               show(i.width));
          },
          [](const Convert& i) { return fmt::format("r{} = ({}) {}", i.dst, show(i.width), show(i.a)); },
          [](const Load& i) {
            return fmt::format("r{} = load {} [{}] size {}", i.dst, show(i.order), show(i.address), i.size);
          },
          [](const Store& i) {
            return fmt::format("store {} [{}] = {} size {}", show(i.order), show(i.address), show(i.value),
                               i.size);
          },
          [](const Rmw& i) {
            return fmt::format("{}rmw {} [{}] {} {}{} size {}{}", dst(i.dst), show(i.order), show(i.address),
                               show(i.op), show(i.value), show(i.guard, i.guard_value), i.size,
                               i.blocking ? " blocking" : "");
          },
          [](const Await& i) {
            return fmt::format("{}await {} [{}]{} size {}{}", dst(i.dst), show(i.order), show(i.address),
                               show(i.guard, i.guard_value), i.size,
                               i.wait == WaitKind::sleep ? " asleep" : "");
          },
          [](const Lock& i) { return fmt::format("lock {} [{}]", show(i.kind), show(i.address)); },
          [](const Unlock& i) { return fmt::format("unlock {} [{}]", show(i.kind), show(i.address)); },
          [](const TryLock& i) {
            return fmt::format("r{} = trylock {} [{}]", i.dst, show(i.kind), show(i.address));
          },
          [](const IsLocked& i) { return fmt::format("r{} = is_locked [{}]", i.dst, show(i.address)); },
          [](const FenceInstr& i) { return fmt::format("fence {}", show(i.fence)); },
          [](const SrcuLock& i) { return fmt::format("r{} = srcu_lock [{}]", i.dst, show(i.address)); },
          [](const SrcuUnlock& i) {
            return fmt::format("srcu_unlock [{}] {}", show(i.address), show(i.index));
          },
          [](const SrcuSync& i) { return fmt::format("srcu_sync [{}]", show(i.address)); },
          [](const CallRcu& i) { return fmt::format("call_rcu {}({})", show(i.function), show(i.argument)); },
          [](const Allocate& i) {
            return fmt::format("r{} = allocate {}{}", i.dst, show(i.size), i.zero ? " zeroed" : "");
          },
          [](const Free& i) { return fmt::format("free {}", show(i.address)); },
          [](const Local& i) { return fmt::format("r{} = local {} of {}", i.dst, i.name, i.size); },
          [](const Copy& i) {
            return fmt::format("copy [{}] = [{}] in {} parts", show(i.to), show(i.from), i.parts.size());
          },
          [](const CurrentTask& i) { return fmt::format("r{} = current", i.dst); },
          [](const IrqSave& i) { return dst(i.dst) + "irq_save"; },
          [](const IrqRestore& i) { return fmt::format("irq_restore {}", show(i.on)); },
          [](const Preempt& i) { return std::string(i.enable ? "preempt_enable" : "preempt_disable"); },
          [](const MightSleep&) { return std::string("might_sleep"); },
          [](const Choose& i) {
            return fmt::format("r{} = choose {} .. {}", i.dst, show(i.low), show(i.high));
          },
          [](const Assume& i) { return fmt::format("assume {}", show(i.a)); },
          [](const Check& i) { return fmt::format("check {}: {}", show(i.a), i.text); },
          [](const Branch& i) {
            return fmt::format("branch {} ? {} : {} join {}", show(i.a), i.then, i.otherwise, i.join);
          },
          [](const Jump& i) { return fmt::format("jump {}", i.to); },
          [](const Loop& i) { return fmt::format("loop {}", i.id); },
          [](const Call& i) {
            return fmt::format("{}call {}({})", dst(i.dst), i.function, show_args(i.args));
          },
          [](const CallPointer& i) {
            return fmt::format("{}call *{}({})", dst(i.dst), show(i.pointer), show_args(i.args));
          },
          [](const Ret& i) { return fmt::format("ret {}", show(i.value)); },
      },
      instr.node);
}

std::string print(const Program& program) {
  std::string out;
  for (const Global& g : program.globals) {
    out += fmt::format("global {} at {:#x} size {}\n", g.name, g.address, g.size);
    for (const Cell& c : g.cells)
      if (c.value != 0) out += fmt::format("  {}{} = {}\n", g.name, c.name, c.value);
  }
  for (const Thread& t : program.threads) out += fmt::format("thread {} runs {}\n", t.name, t.function);
  for (std::size_t f = 0; f < program.functions.size(); ++f) {
    const Function& fn = program.functions[f];
    out += fmt::format("function {} {} ({} parameters, {} registers)\n", f, fn.name, fn.params, fn.regs);
    for (std::size_t i = 0; i < fn.code.size(); ++i) out += fmt::format("  {:3} {}\n", i, print(fn.code[i]));
  }
  return out;
}

}  // namespace ringtail::ir
