// SPDX-License-Identifier: GPL-2.0-or-later
// Builds one IR function: registers, instructions, labels, and at the end the joins of its branches.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/lang/ir.h"

namespace ringtail::lang {

class Builder {
 public:
  // A place in the code that is known later. Copies would lose uses, so a label is named by its number.
  using Label = std::uint32_t;

  explicit Builder(std::string name, const Loc& at);

  ir::Reg temp();
  ir::Reg named(const std::string& name);
  bool too_large() const { return too_large_; }  // it needs more registers than there are
  void at(const Loc& loc) { at_ = loc; }
  const Loc& at() const { return at_; }
  void emit(ir::Node node);
  Label label();
  void place(Label label);
  void jump(Label to);
  void branch(ir::Operand condition, Label then, Label otherwise);
  std::size_t size() const { return fn_.code.size(); }

  ir::Operand binary(BinaryOp op, Width width, ir::Operand a, ir::Operand b);
  ir::Operand taint(ir::Operand value, ir::Operand on);

  // An object of the frame, made where the function begins; gives the register with its address.
  ir::Reg local(std::uint64_t size, const std::string& name, std::uint32_t layout);
  // The allocation that has just been emitted, if this is what it gave.
  ir::Allocate* allocation(ir::Operand address);

  // Resolves labels and finds joins; the builder is empty afterwards.
  ir::Function finish();

 private:
  ir::Function fn_;
  std::vector<ir::Instr> locals_;
  std::vector<std::uint32_t> labels_;  // where each lies
  Loc at_;
  bool too_large_ = false;
};

// The immediate postdominator of every instruction: the first that every way from it to the function's end
// passes. code.size() where there is none but the end.
std::vector<std::uint32_t> postdominators(const std::vector<ir::Instr>& code);

}  // namespace ringtail::lang
