// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/machine/escape.h"

#include "model/base/result.h"

namespace ringtail::machine {
namespace {

// A larger object would have to be copied with every state of its thread.
constexpr std::uint64_t kMostBytes = 512;

// Sets of locals, a bit each, numbered through the program.
using Locals = std::vector<bool>;

class Escape {
 public:
  explicit Escape(const ir::Program& program) : program_(program) {
    std::size_t n = 0;
    for (const ir::Function& f : program.functions)
      for (const ir::Instr& i : f.code) n += std::holds_alternative<ir::Local>(i.node);
    escaped_.resize(n);
    for (const ir::Function& f : program.functions) holds_.emplace_back(f.regs, Locals(n));
  }

  std::vector<std::vector<bool>> run() {
    if (!escaped_.empty()) do {
        changed_ = false;
        std::size_t local = 0;
        for (function_ = 0; function_ < program_.functions.size(); ++function_)
          for (const ir::Instr& i : program_.functions[function_].code) look_at(i.node, local);
      } while (changed_);
    std::vector<std::vector<bool>> out;
    std::size_t local = 0;
    for (const ir::Function& f : program_.functions) {
      out.emplace_back(f.code.size());
      for (std::size_t i = 0; i < f.code.size(); ++i)
        if (std::holds_alternative<ir::Local>(f.code[i].node)) out.back()[i] = !escaped_[local++];
    }
    return out;
  }

 private:
  void merge(Locals& to, const Locals& from) {
    for (std::size_t i = 0; i < to.size(); ++i)
      if (from[i] && !to[i]) to[i] = changed_ = true;
  }
  void flow(ir::Reg to, ir::Operand from) { flow(function_, to, from); }
  void flow(std::size_t callee, ir::Reg to, ir::Operand from) {
    if (from.is_reg() && to < holds_[callee].size()) merge(holds_[callee][to], holds_[function_][from.reg]);
  }
  void escape(ir::Operand o) {
    if (o.is_reg()) merge(escaped_, holds_[function_][o.reg]);
  }
  void pass(std::size_t callee, const std::vector<ir::Operand>& arguments) {
    for (ir::Reg p = 0; p < arguments.size(); ++p) flow(callee, p, arguments[p]);
  }

  void look_at(const ir::Node& node, std::size_t& local) {
    std::visit(
        overloaded{
            [&](const ir::Local& n) {
              if (Locals& dst = holds_[function_][n.dst]; !dst[local]) dst[local] = changed_ = true;
              if (n.size > kMostBytes) escaped_[local] = true;
              ++local;
            },
            [&](const ir::Move& n) { flow(n.dst, n.a); }, [&](const ir::Taint& n) { flow(n.dst, n.a); },
            [&](const ir::Convert& n) { flow(n.dst, n.a); },
            [&](const ir::Binary& n) { flow(n.dst, n.a), flow(n.dst, n.b); },
            [&](const ir::Load& n) {
              if (n.order != ir::Order::plain) escape(n.address);
            },
            [&](const ir::Store& n) {
              if (n.order != ir::Order::plain) escape(n.address);
              escape(n.value);
            },
            [&](const ir::Rmw& n) { escape(n.address), escape(n.value), escape(n.guard_value); },
            [&](const ir::Await& n) { escape(n.address), escape(n.guard_value); },
            [&](const ir::Lock& n) { escape(n.address); }, [&](const ir::Unlock& n) { escape(n.address); },
            [&](const ir::TryLock& n) { escape(n.address); },
            [&](const ir::IsLocked& n) { escape(n.address); },
            [&](const ir::SrcuLock& n) { escape(n.address); },
            [&](const ir::SrcuUnlock& n) { escape(n.address), escape(n.index); },
            [&](const ir::SrcuSync& n) { escape(n.address); },
            [&](const ir::CallRcu& n) { escape(n.function), escape(n.argument); },
            [&](const ir::Free& n) { escape(n.address); }, [&](const ir::Ret& n) { escape(n.value); },
            [&](const ir::Choose& n) { escape(n.low), escape(n.high); },
            [&](const ir::Call& n) { pass(n.function, n.args); },
            [&](const ir::CallPointer& n) {
              escape(n.pointer);
              for (std::size_t f = 0; f < program_.functions.size(); ++f) pass(f, n.args);
            },
            // no address gets anywhere by these
            [&](const ir::Copy&) {}, [&](const ir::FenceInstr&) {}, [&](const ir::Allocate&) {},
            [&](const ir::CurrentTask&) {}, [&](const ir::IrqSave&) {}, [&](const ir::IrqRestore&) {},
            [&](const ir::Preempt&) {}, [&](const ir::MightSleep&) {}, [&](const ir::Assume&) {},
            [&](const ir::Check&) {}, [&](const ir::Branch&) {}, [&](const ir::Jump&) {},
            [&](const ir::Loop&) {}},
        node);
  }

  const ir::Program& program_;
  std::vector<std::vector<Locals>> holds_;  // of each register of each function, whose addresses it may hold
  Locals escaped_;
  std::size_t function_ = 0;
  bool changed_ = false;
};

}  // namespace

std::vector<std::vector<bool>> private_locals(const ir::Program& program) { return Escape(program).run(); }

}  // namespace ringtail::machine
