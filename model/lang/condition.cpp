// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/lang/condition.h"

#include "model/base/result.h"
#include "model/lang/arithmetic.h"
#include "model/lang/parser.h"

namespace ringtail::lang {
namespace {

using Value = std::optional<std::int64_t>;

Value value_of(const Expr& e, Errors& errors);

Value unary(const Unary& u, const Loc& at, Errors& errors) {
  const Value v = value_of(*u.operand, errors);
  if (!v) return v;
  switch (u.op) {
    case UnaryOp::plus:
      return v;
    case UnaryOp::minus:
      return static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(*v));
    case UnaryOp::logical_not:
      return *v == 0;
    case UnaryOp::complement:
      return ~*v;
    case UnaryOp::dereference:
    case UnaryOp::address:
    case UnaryOp::pre_increment:
    case UnaryOp::pre_decrement:
    case UnaryOp::post_increment:
    case UnaryOp::post_decrement:
      break;
  }
  errors.error(at, "this operator cannot be part of an #if");
  return std::nullopt;
}

Value binary(const Binary& b, const Loc& at, Errors& errors) {
  const Value left = value_of(*b.left, errors);
  if (!left) return left;
  if (b.op == BinaryOp::logical_and && *left == 0) return 0;
  if (b.op == BinaryOp::logical_or && *left != 0) return 1;
  const Value right = value_of(*b.right, errors);
  if (!right) return right;
  const Value out = arithmetic(b.op, *left, *right, {64, true});
  if (!out) errors.error(at, "this cannot be computed in an #if");
  return out;
}

Value value_of(const Expr& e, Errors& errors) {
  const auto refuse = [&]() -> Value {
    errors.error(e.at, "only integers and operators can be part of an #if");
    return std::nullopt;
  };
  return std::visit(overloaded{
                        [](const Number& n) -> Value { return static_cast<std::int64_t>(n.value); },
                        [&](const Unary& u) { return unary(u, e.at, errors); },
                        [&](const Binary& b) { return binary(b, e.at, errors); },
                        [&](const Conditional& c) -> Value {
                          const Value v = value_of(*c.condition, errors);
                          if (!v) return v;
                          if (*v != 0) return c.then ? value_of(*c.then, errors) : v;
                          return value_of(*c.otherwise, errors);
                        },
                        [&](const String&) { return refuse(); },
                        [&](const Name&) { return refuse(); },
                        [&](const Assign&) { return refuse(); },
                        [&](const Call&) { return refuse(); },
                        [&](const Index&) { return refuse(); },
                        [&](const Member&) { return refuse(); },
                        [&](const Cast&) { return refuse(); },
                        [&](const Sizeof&) { return refuse(); },
                        [&](const OffsetOf&) { return refuse(); },
                        [&](const InitList&) { return refuse(); },
                        [&](const CompoundLiteral&) { return refuse(); },
                        [&](const StatementExpr&) { return refuse(); },
                    },
                    e.node);
}

}  // namespace

bool evaluate_condition(const std::vector<Token>& tokens, Errors& errors) {
  Parser parser(tokens, Parser::Dialect::kernel_c, errors);
  try {
    const ExprPtr e = parser.expression();
    if (!parser.at_end()) parser.unexpected("the end of the line");
    return value_of(*e, errors).value_or(0) != 0;
  } catch (const Parser::Abandon&) {
    return false;
  }
}

}  // namespace ringtail::lang
