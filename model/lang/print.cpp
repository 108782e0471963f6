// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/lang/print.h"

#include <fmt/format.h>

#include "model/base/result.h"
#include "model/lang/printer.h"

namespace ringtail::lang {
namespace {

// Binding strength, as C's grammar nests: a node is put in parentheses where its context binds tighter.
enum Level : int {
  comma_level,
  assign_level,
  conditional_level,
  or_level,
  unary_level = 20,
  postfix_level = 21
};

int level_of(BinaryOp op) {
  switch (op) {
    case BinaryOp::comma:
      return comma_level;
    case BinaryOp::logical_or:
      return or_level;
    case BinaryOp::logical_and:
      return or_level + 1;
    case BinaryOp::bit_or:
      return or_level + 2;
    case BinaryOp::bit_xor:
      return or_level + 3;
    case BinaryOp::bit_and:
      return or_level + 4;
    case BinaryOp::equal:
    case BinaryOp::not_equal:
      return or_level + 5;
    case BinaryOp::less:
    case BinaryOp::greater:
    case BinaryOp::less_equal:
    case BinaryOp::greater_equal:
      return or_level + 6;
    case BinaryOp::shift_left:
    case BinaryOp::shift_right:
      return or_level + 7;
    case BinaryOp::add:
    case BinaryOp::subtract:
      return or_level + 8;
    case BinaryOp::multiply:
    case BinaryOp::divide:
    case BinaryOp::modulo:
      return or_level + 9;
  }
  return comma_level;
}

std::string_view sign_of(UnaryOp op) {
  switch (op) {
    case UnaryOp::plus:
      return "+";
    case UnaryOp::minus:
      return "-";
    case UnaryOp::logical_not:
      return "!";
    case UnaryOp::complement:
      return "~";
    case UnaryOp::dereference:
      return "*";
    case UnaryOp::address:
      return "&";
    case UnaryOp::pre_increment:
    case UnaryOp::post_increment:
      return "++";
    case UnaryOp::pre_decrement:
    case UnaryOp::post_decrement:
      return "--";
  }
  return "";
}

std::string spelled(const Number& n) {
  std::string out = fmt::format("{}", n.value);
  if (n.is_unsigned) out += "u";
  if (n.is_long) out += "l";
  if (!n.is_unsigned && static_cast<std::int64_t>(n.value) < 0)
    out = fmt::format("{}", static_cast<std::int64_t>(n.value));
  return out;
}

}  // namespace

std::string_view sign_of(BinaryOp op) {
  switch (op) {
    case BinaryOp::multiply:
      return "*";
    case BinaryOp::divide:
      return "/";
    case BinaryOp::modulo:
      return "%";
    case BinaryOp::add:
      return "+";
    case BinaryOp::subtract:
      return "-";
    case BinaryOp::shift_left:
      return "<<";
    case BinaryOp::shift_right:
      return ">>";
    case BinaryOp::less:
      return "<";
    case BinaryOp::greater:
      return ">";
    case BinaryOp::less_equal:
      return "<=";
    case BinaryOp::greater_equal:
      return ">=";
    case BinaryOp::equal:
      return "==";
    case BinaryOp::not_equal:
      return "!=";
    case BinaryOp::bit_and:
      return "&";
    case BinaryOp::bit_xor:
      return "^";
    case BinaryOp::bit_or:
      return "|";
    case BinaryOp::logical_and:
      return "&&";
    case BinaryOp::logical_or:
      return "||";
    case BinaryOp::comma:
      return ",";
  }
  return "";
}

void Printer::at_level(const Expr& e, int context) {
  const int level =
      std::visit(overloaded{
                     [](const Number& n) {
                       return !n.is_unsigned && static_cast<std::int64_t>(n.value) < 0 ? int{unary_level}
                                                                                       : postfix_level + 1;
                     },
                     [](const String&) { return postfix_level + 1; },
                     [](const Name&) { return postfix_level + 1; },
                     [](const Unary& u) {
                       const bool post = u.op == UnaryOp::post_increment || u.op == UnaryOp::post_decrement;
                       return post ? int{postfix_level} : int{unary_level};
                     },
                     [](const Binary& b) { return level_of(b.op); },
                     [](const Assign&) { return int{assign_level}; },
                     [](const Conditional&) { return int{conditional_level}; },
                     [](const Call&) { return int{postfix_level}; },
                     [](const Index&) { return int{postfix_level}; },
                     [](const Member&) { return int{postfix_level}; },
                     [](const Cast&) { return int{unary_level}; },
                     [](const Sizeof&) { return int{unary_level}; },
                     [](const OffsetOf&) { return int{postfix_level}; },
                     [](const InitList&) { return postfix_level + 1; },
                     [](const CompoundLiteral&) { return int{postfix_level}; },
                     [](const StatementExpr&) { return postfix_level + 1; },
                 },
                 e.node);
  if (level < context) out_ += '(';
  std::visit([this](const auto& node) { expr(node); }, e.node);
  if (level < context) out_ += ')';
}

void Printer::expr(const Expr& e) { at_level(e, comma_level); }
void Printer::assignment(const Expr& e) { at_level(e, assign_level); }
void Printer::conditional(const Expr& e) { at_level(e, conditional_level); }
void Printer::expr(const Number& n) { out_ += spelled(n); }
void Printer::expr(const String& s) { out_ += s.text; }
void Printer::expr(const Name& n) { out_ += n.id; }

void Printer::expr(const Unary& u) {
  const std::string_view sign = sign_of(u.op);
  if (u.op == UnaryOp::post_increment || u.op == UnaryOp::post_decrement) {
    at_level(*u.operand, postfix_level);
    out_ += sign;
    return;
  }
  out_ += sign;
  const std::size_t begin = out_.size();
  at_level(*u.operand, unary_level);
  if (begin < out_.size() && out_[begin] == sign.back()) out_.insert(begin, 1, ' ');  // - -x, & &x, + ++x
}

void Printer::expr(const Binary& b) {
  const int level = level_of(b.op);
  at_level(*b.left, level);
  out_ += b.op == BinaryOp::comma ? ", " : fmt::format(" {} ", sign_of(b.op));
  at_level(*b.right, level + 1);
}

void Printer::expr(const Assign& a) {
  at_level(*a.left, unary_level);
  out_ += fmt::format(" {}= ", a.op ? sign_of(*a.op) : "");
  at_level(*a.right, assign_level);
}

void Printer::expr(const Conditional& c) {
  at_level(*c.condition, or_level);
  out_ += " ?";
  if (c.then) {
    out_ += ' ';
    expr(*c.then);
    out_ += ' ';
  }
  out_ += ": ";
  at_level(*c.otherwise, conditional_level);
}

void Printer::expr(const Call& c) {
  at_level(*c.callee, postfix_level);
  out_ += '(';
  for (std::size_t i = 0; i < c.args.size(); ++i) {
    if (i > 0) out_ += ", ";
    at_level(*c.args[i], assign_level);
  }
  out_ += ')';
}

void Printer::expr(const Index& i) {
  at_level(*i.base, postfix_level);
  out_ += '[';
  expr(*i.index);
  out_ += ']';
}

void Printer::expr(const Member& m) {
  at_level(*m.object, postfix_level);
  out_ += m.arrow ? "->" : ".";
  out_ += m.field;
}

void Printer::expr(const Cast& c) {
  out_ += '(';
  type(c.type->spec, c.type->declarator);
  out_ += ')';
  at_level(*c.operand, unary_level);
}

void Printer::expr(const Sizeof& s) {
  out_ += "sizeof";
  if (s.type) {
    out_ += '(';
    type(s.type->spec, s.type->declarator);
    out_ += ')';
  } else {
    out_ += ' ';
    at_level(*s.operand, unary_level);
  }
}

void Printer::expr(const OffsetOf& o) {
  out_ += "offsetof(";
  type(o.type->spec, o.type->declarator);
  out_ += ", ";
  for (std::size_t i = 0; i < o.path.size(); ++i) {
    if (o.path[i].index) {
      out_ += '[';
      expr(*o.path[i].index);
      out_ += ']';
    } else {
      out_ += (i > 0 ? "." : "") + o.path[i].field;
    }
  }
  out_ += ')';
}

void Printer::expr(const InitList& l) {
  out_ += '{';
  for (std::size_t i = 0; i < l.items.size(); ++i) {
    out_ += i > 0 ? ", " : " ";
    for (const Designator& d : l.items[i].designators) {
      if (d.index) {
        out_ += '[';
        conditional(*d.index);
        if (d.last) {
          out_ += " ... ";
          conditional(*d.last);
        }
        out_ += ']';
      } else {
        out_ += '.' + d.field;
      }
    }
    if (!l.items[i].designators.empty()) out_ += " = ";
    at_level(*l.items[i].value, assign_level);
  }
  out_ += " }";
}

void Printer::expr(const CompoundLiteral& c) {
  out_ += '(';
  type(c.type->spec, c.type->declarator);
  out_ += ')';
  expr(*c.list);
}

void Printer::expr(const StatementExpr& s) {
  out_ += '(';
  stmt(*s.block);
  out_ += ')';
}

std::string print(const Expr& expr) {
  Printer p;
  p.expr(expr);
  return p.take();
}

std::string print(const TypeSpec& spec, const Declarator& declarator) {
  Printer p;
  p.type(spec, declarator);
  return p.take();
}

}  // namespace ringtail::lang
