// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>
#include <limits>

#include <fmt/format.h>

#include "model/lang/literal.h"
#include "model/lang/parser.h"

namespace ringtail::lang {
namespace {

struct BinaryRow {
  std::string_view sign;
  BinaryOp op;
  int level;  // higher binds tighter
};
constexpr std::array<BinaryRow, 18> kBinary = {{{"||", BinaryOp::logical_or, 1},
                                                {"&&", BinaryOp::logical_and, 2},
                                                {"|", BinaryOp::bit_or, 3},
                                                {"^", BinaryOp::bit_xor, 4},
                                                {"&", BinaryOp::bit_and, 5},
                                                {"==", BinaryOp::equal, 6},
                                                {"!=", BinaryOp::not_equal, 6},
                                                {"<", BinaryOp::less, 7},
                                                {">", BinaryOp::greater, 7},
                                                {"<=", BinaryOp::less_equal, 7},
                                                {">=", BinaryOp::greater_equal, 7},
                                                {"<<", BinaryOp::shift_left, 8},
                                                {">>", BinaryOp::shift_right, 8},
                                                {"+", BinaryOp::add, 9},
                                                {"-", BinaryOp::subtract, 9},
                                                {"*", BinaryOp::multiply, 10},
                                                {"/", BinaryOp::divide, 10},
                                                {"%", BinaryOp::modulo, 10}}};

const BinaryRow* binary_row(const Token& token) {
  if (token.kind != TokenKind::punctuator) return nullptr;
  for (const BinaryRow& row : kBinary)
    if (token.text == row.sign) return &row;
  return nullptr;
}

struct UnaryRow {
  std::string_view sign;
  UnaryOp op;
};
constexpr std::array<UnaryRow, 8> kUnary = {{{"+", UnaryOp::plus},
                                             {"-", UnaryOp::minus},
                                             {"!", UnaryOp::logical_not},
                                             {"~", UnaryOp::complement},
                                             {"*", UnaryOp::dereference},
                                             {"&", UnaryOp::address},
                                             {"++", UnaryOp::pre_increment},
                                             {"--", UnaryOp::pre_decrement}}};

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

}  // namespace

ExprPtr Parser::expression() {
  ExprPtr left = assignment();
  for (int n = 0; at(","); ++n) {
    if (n > kLongest) fail(peek().at, "expression is too long");
    const Loc sign = take().at;
    left = make_expr(sign, Binary{BinaryOp::comma, std::move(left), assignment()});
  }
  return left;
}

ExprPtr Parser::assignment() {
  const Level level(*this);
  ExprPtr left = conditional();
  const Token sign = peek();
  if (sign.kind != TokenKind::punctuator) return left;
  if (accept("=")) return make_expr(sign.at, Assign{std::nullopt, std::move(left), assignment()});
  if (sign.text.size() < 2 || sign.text.back() != '=') return left;
  const std::string_view head = sign.text.substr(0, sign.text.size() - 1);
  for (const BinaryRow& row : kBinary)
    if (row.sign == head && row.level != 1 && row.level != 2 && row.level != 6 && row.level != 7) {
      take();
      return make_expr(sign.at, Assign{row.op, std::move(left), assignment()});
    }
  return left;
}

ExprPtr Parser::conditional() {
  ExprPtr condition = binary(1);
  if (!at("?")) return condition;
  const Level level(*this);
  const Loc sign = take().at;
  Conditional node;
  node.condition = std::move(condition);
  if (!at(":")) node.then = expression();
  expect(":", "in the conditional expression");
  node.otherwise = conditional();
  return make_expr(sign, std::move(node));
}

ExprPtr Parser::binary(int lowest) {
  ExprPtr left = unary();
  for (int n = 0;; ++n) {
    const BinaryRow* row = binary_row(peek());
    if (row == nullptr || row->level < lowest) return left;
    if (n > kLongest) fail(peek().at, "expression is too long");
    const Loc sign = take().at;
    left = make_expr(sign, Binary{row->op, std::move(left), binary(row->level + 1)});
  }
}

ExprPtr Parser::unary() {
  const Level level(*this);
  const Loc begin = peek().at;
  if (peek().kind == TokenKind::punctuator)
    for (const UnaryRow& row : kUnary)
      if (accept(row.sign)) return make_expr(begin, Unary{row.op, unary()});
  if (at("&&")) fail(begin, "addresses of labels are outside the subset");
  if (accept("sizeof") || accept("__alignof__")) {
    Sizeof node;
    if (starts_type_after_paren()) {
      take();
      node.type = std::make_unique<TypeName>(type_name());
      expect(")");
    } else {
      node.operand = unary();
    }
    return make_expr(begin, std::move(node));
  }
  if (starts_type_after_paren()) {
    take();
    auto type = std::make_unique<TypeName>(type_name());
    expect(")", "after the type");
    if (at("{")) {
      CompoundLiteral literal{std::move(type), initializer()};
      return postfix(make_expr(begin, std::move(literal)), 0);
    }
    return make_expr(begin, Cast{std::move(type), unary()});
  }
  return postfix(primary(), 0);
}

ExprPtr Parser::postfix(ExprPtr operand, int parts) {
  for (;; ++parts) {
    if (parts > kLongest) fail(peek().at, "expression is too long");
    const Loc sign = peek().at;
    if (accept("[")) {
      Index node{std::move(operand), expression()};
      expect("]");
      operand = make_expr(sign, std::move(node));
    } else if (accept("(")) {
      const Loc callee = operand->at;
      Call node{std::move(operand), {}};
      if (!at(")")) do {
          node.args.push_back(assignment());
        } while (accept(","));
      expect(")", "after the arguments");
      operand = make_expr(callee, std::move(node));
    } else if (at(".") || at("->")) {
      const bool arrow = take().is("->");
      const Loc field = peek().at;
      Member node{std::move(operand), identifier("a member's name"), arrow};
      operand = make_expr(field, std::move(node));
    } else if (accept("++")) {
      operand = make_expr(sign, Unary{UnaryOp::post_increment, std::move(operand)});
    } else if (accept("--")) {
      operand = make_expr(sign, Unary{UnaryOp::post_decrement, std::move(operand)});
    } else {
      return operand;
    }
  }
}

ExprPtr Parser::primary() {
  const Token token = peek();
  if (token.kind == TokenKind::number) return number();
  if (token.kind == TokenKind::character) return character();
  if (token.kind == TokenKind::string) {
    std::string text(take().text);
    while (peek().kind == TokenKind::string) {  // adjacent literals are one
      text.pop_back();
      text += take().text.substr(1);
    }
    return make_expr(token.at, String{std::move(text)});
  }
  if (at("(") && peek(1).is("{")) {
    take();
    const Level level(*this);
    StatementExpr node{block()};
    expect(")", "after the statement expression");
    return make_expr(token.at, std::move(node));
  }
  if (accept("(")) {
    ExprPtr inner = expression();
    expect(")");
    return inner;
  }
  if (at("__builtin_offsetof") || at("offsetof")) {
    take();
    OffsetOf node;
    expect("(", "after 'offsetof'");
    if (!starts_type()) unexpected("a type");
    node.type = std::make_unique<TypeName>(type_name());
    expect(",");
    Designator first;
    first.at = peek().at;
    first.field = identifier("a member's name");
    node.path.push_back(std::move(first));
    while (at(".") || at("[")) {
      Designator d;
      d.at = peek().at;
      if (accept(".")) {
        d.field = identifier("a member's name");
      } else {
        take();
        d.index = expression();
        expect("]");
      }
      node.path.push_back(std::move(d));
    }
    expect(")");
    return make_expr(token.at, std::move(node));
  }
  if (token.kind == TokenKind::identifier && !is_keyword(token.text)) {
    if (dialect_ == Dialect::kernel_c && is_type_name(token.text))
      fail(token.at, fmt::format("'{}' is a type, a value is wanted here", token.text));
    take();
    return make_expr(token.at, Name{std::string(token.text)});
  }
  unexpected("an expression");
}

ExprPtr Parser::number() {
  const Token token = take();
  std::string_view text = token.text;
  Number node;
  unsigned base = 10;
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
    base = 16, text.remove_prefix(2);
  else if (text.size() > 2 && text[0] == '0' && (text[1] == 'b' || text[1] == 'B'))
    base = 2, text.remove_prefix(2);
  else if (text.size() > 1 && text[0] == '0' && digit_value(text[1]) < 10) base = 8, text.remove_prefix(1);
  bool u = false, overflow = false;
  int l = 0;
  std::size_t i = 0;
  for (; i < text.size() && digit_value(text[i]) < static_cast<int>(base); ++i) {
    const std::uint64_t d = static_cast<std::uint64_t>(digit_value(text[i]));
    overflow |= node.value > (std::numeric_limits<std::uint64_t>::max() - d) / base;
    node.value = node.value * base + d;
  }
  const bool digits = i > 0;
  std::string_view suffix = text.substr(i);
  for (const char c : suffix) {
    if (c == '.' || (base == 10 && (c == 'e' || c == 'f')))
      fail(token.at, "floating point is outside the subset");
    if (c == 'u' || c == 'U') u = true;
    else if (c == 'l' || c == 'L') ++l;
    else fail(token.at, fmt::format("'{}' is not a number", token.text));
  }
  if (!digits || suffix.size() > 3 || l > 2) fail(token.at, fmt::format("'{}' is not a number", token.text));
  constexpr std::uint64_t int_max = 0x7fffffff, uint_max = 0xffffffff, long_max = 0x7fffffffffffffff;
  const bool may_be_unsigned = u || base != 10;
  if (overflow || (node.value > long_max && !may_be_unsigned))
    fail(token.at, fmt::format("{} does not fit in 64 bits", token.text),
         "write a suffix u for an unsigned constant");
  const bool fits_int = u ? node.value <= uint_max : node.value <= int_max;
  const bool fits_uint = may_be_unsigned && node.value <= uint_max;
  node.is_long = l > 0 || (!fits_int && !fits_uint);
  node.is_unsigned = u || (node.is_long ? node.value > long_max : !fits_int);
  return make_expr(token.at, node);
}

ExprPtr Parser::character() {
  const Token token = take();
  const auto bytes = unescape(token.text.substr(1, token.text.size() - 2));
  if (!bytes || bytes->size() != 1) fail(token.at, fmt::format("{} is not a character", token.text));
  Number node;
  node.value = static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<signed char>((*bytes)[0])));
  return make_expr(token.at, node);
}

}  // namespace ringtail::lang
