// SPDX-License-Identifier: GPL-2.0-or-later
// The printer's state, private to this folder: expressions in print.cpp, declarations and statements in
// print_spec.cpp, litmus tests in print_litmus.cpp.
#pragma once

#include <string>
#include <string_view>

#include "model/lang/tree.h"

namespace ringtail::lang {

std::string_view sign_of(BinaryOp op);

class Printer {
 public:
  std::string take() { return std::move(out_); }
  void text(std::string_view s) { out_ += s; }

  void expr(const Expr& e);
  void assignment(const Expr& e);   // in parentheses where the grammar wants no comma
  void conditional(const Expr& e);  // nor an assignment: sizes, cases, enumerators
  void type(const TypeSpec& spec, const Declarator& declarator);
  void stmt(const Stmt& s);
  void static_assertion(const StaticAssert& n);
  void item(const Item& i);

  void expr(const Number&);
  void expr(const String&);
  void expr(const Name&);
  void expr(const Unary&);
  void expr(const Binary&);
  void expr(const Assign&);
  void expr(const Conditional&);
  void expr(const Call&);
  void expr(const Index&);
  void expr(const Member&);
  void expr(const Cast&);
  void expr(const Sizeof&);
  void expr(const OffsetOf&);
  void expr(const InitList&);
  void expr(const CompoundLiteral&);
  void expr(const StatementExpr&);

 private:
  void at_level(const Expr& e, int context);
  void spec(const TypeSpec& spec);
  void declarator(const Declarator& d, bool space);
  void declaration(const Declaration& d);
  void storage(Storage s, bool is_inline);
  void line(std::string_view s);
  void begin_line() { out_.append(static_cast<std::size_t>(indent_), '\t'); }
  void nested(const Stmt& s);
  void then(const Stmt& s);

  std::string out_;
  int indent_ = 0;
};

}  // namespace ringtail::lang
