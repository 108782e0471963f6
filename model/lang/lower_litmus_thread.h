// SPDX-License-Identifier: GPL-2.0-or-later
// One thread of a litmus test to one IR function; private to this folder.
#pragma once

#include <map>
#include <string>

#include "model/lang/builder.h"
#include "model/lang/litmus.h"
#include "model/lang/primitive.h"

namespace ringtail::lang {

class LitmusThreadLowering {
 public:
  using Addresses = std::map<std::string, std::uint64_t>;

  // `initial` are the registers that the initial state names; loops are numbered through the whole program.
  LitmusThreadLowering(const LitmusThread& thread, const std::map<std::string, std::int64_t>& initial,
                       const Addresses& globals, std::uint32_t& loops, Errors& errors);
  ir::Function run();

 private:
  void stmt(const Stmt& s);
  void declare(const Declaration& d);
  void loop(const Expr* condition, const Stmt& body, const Expr* step, bool body_first);
  void condition(const Expr& e, Builder::Label then, Builder::Label otherwise);

  ir::Operand value(const Expr& e);
  ir::Operand unary(const Unary& u, const Expr& whole);
  ir::Operand binary(const Binary& b, const Expr& whole);
  ir::Operand truth(const Expr& e);
  ir::Operand assign(const Assign& a);
  ir::Operand address(const Expr& e);  // of an lvalue in memory
  std::optional<ir::Operand> call(const Call& c, const Expr& whole);
  ir::Operand try_cmpxchg(const Call& c, const Primitive& p, ir::Operand at, const Expr& whole);
  void store(const Expr& place, ir::Operand v);
  ir::Operand refuse(const Expr& e, const char* what, const char* hint = "");

  bool is_param(const std::string& name) const { return params_.count(name) != 0; }
  ir::Reg reg(const std::string& name);

  const LitmusThread& thread_;
  const std::map<std::string, std::int64_t>& initial_;
  const Addresses& globals_;
  std::uint32_t& loops_;
  Errors& errors_;
  Builder b_;
  std::map<std::string, std::uint64_t> params_;
  std::map<std::string, ir::Reg> regs_;
  struct Exits {
    Builder::Label break_to, continue_to;
  };
  std::vector<Exits> exits_;
};

}  // namespace ringtail::lang
