// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "model/lang/hint.h"
#include "model/lang/parser.h"

namespace ringtail::lang {

// To the end of the statement that went wrong: past its ';', or up to the brace that closes the block.
void Parser::skip_statement() {
  int depth = 0;
  while (!at_end()) {
    if (at("}") && depth == 0) return;
    const Token& token = take();
    if (token.is("{")) ++depth;
    if (token.is("}") && --depth == 0) return;
    if (token.is(";") && depth == 0) return;
  }
}

StmtPtr Parser::block() {
  const Level level(*this);
  const Scope scope(*this);
  const int depth = depth_;
  Block node;
  const Loc open = peek().at;
  expect("{");
  while (!at("}")) {
    if (at_end()) fail(open, "'{' is never closed");
    if (errors_->full()) throw Abandon{};
    try {
      node.body.push_back(statement_or_declaration());
    } catch (const Abandon&) {
      depth_ = depth;
      if (errors_->full()) throw;
      skip_statement();
    }
  }
  node.end = take().at;
  return make(open, std::move(node));
}

StmtPtr Parser::statement_or_declaration() {
  // `foo_t *p;` declares, `foo_t: ...` labels; an unknown `foo x` is a missing type
  const bool label = peek().kind == TokenKind::identifier && peek(1).is(":");
  if (!label && (starts_type() || at("static") || at("extern") || at("typedef"))) {
    const Loc begin = peek().at;
    return make(begin, DeclStmt{declaration()});
  }
  if (at_static_assert()) {
    const Loc begin = peek().at;
    return make(begin, static_assertion());
  }
  if (peek().kind == TokenKind::identifier && !is_keyword(peek().text) &&
      peek(1).kind == TokenKind::identifier && !is_keyword(peek(1).text))
    unknown_type();
  return statement();
}

ExprPtr Parser::parenthesised(std::string_view keyword) {
  expect("(", fmt::format("after '{}'", keyword));
  ExprPtr out = expression();
  expect(")");
  return out;
}

StmtPtr Parser::statement() {
  const Level level(*this);
  const Loc begin = peek().at;
  if (at("{")) return block();
  if (accept(";")) return make(begin, ExprStmt{});
  if (accept("if")) {
    If node;
    node.condition = parenthesised("if");
    node.then = statement();
    if (accept("else")) node.otherwise = statement();
    return make(begin, std::move(node));
  }
  if (accept("while")) {
    While node;
    node.condition = parenthesised("while");
    node.body = statement();
    return make(begin, std::move(node));
  }
  if (accept("do")) {
    DoWhile node;
    node.body = statement();
    expect("while", "after the body of 'do'");
    node.condition = parenthesised("while");
    expect(";");
    return make(begin, std::move(node));
  }
  if (accept("for")) {
    const Scope scope(*this);
    For node;
    expect("(", "after 'for'");
    const Loc first = peek().at;
    if (starts_type()) {
      node.init = make(first, DeclStmt{declaration()});
    } else if (!accept(";")) {
      node.init = make(first, ExprStmt{expression()});
      expect(";");
    }
    if (!at(";")) node.condition = expression();
    expect(";");
    if (!at(")")) node.step = expression();
    expect(")");
    node.body = statement();
    return make(begin, std::move(node));
  }
  if (accept("switch")) {
    Switch node;
    node.value = parenthesised("switch");
    node.body = statement();
    return make(begin, std::move(node));
  }
  // A label may stand before the closing brace, as C23 and the kernel's compilers have it.
  const auto labelled = [&] { return at("}") ? make(peek().at, ExprStmt{}) : statement_or_declaration(); };
  if (accept("case")) {
    Case node;
    node.low = conditional();
    if (accept("...")) node.high = conditional();
    expect(":", "after the case's value");
    node.body = labelled();
    return make(begin, std::move(node));
  }
  if (accept("default")) {
    expect(":", "after 'default'");
    return make(begin, Default{labelled()});
  }
  if (accept("goto")) {
    Goto node{identifier("a label")};
    expect(";");
    return make(begin, std::move(node));
  }
  if (accept("break")) {
    expect(";", "after 'break'");
    return make(begin, Break{});
  }
  if (accept("continue")) {
    expect(";", "after 'continue'");
    return make(begin, Continue{});
  }
  if (accept("return")) {
    Return node;
    if (!at(";")) node.value = expression();
    expect(";", "after 'return'");
    return make(begin, std::move(node));
  }
  if (at("asm") || at("__asm__"))
    fail(begin, "inline assembly is outside the subset", "use the kernel's primitives");
  if (peek().kind == TokenKind::identifier && !is_keyword(peek().text) && peek(1).is(":")) {
    Label node{identifier("a label"), nullptr};
    take();
    node.body = labelled();
    return make(begin, std::move(node));
  }
  ExprStmt node{expression()};
  if (const auto* call = std::get_if<Call>(&node.expr->node); call != nullptr && !at(";")) {
    // f(x) stands before a statement as `for` would: a macro is missing
    const auto* name = std::get_if<Name>(&call->callee->node);
    if (name != nullptr && (at("{") || name->id.find("for_each") != name->id.npos))
      unknown_macro(node.expr->at, name->id);
  }
  expect(";", "at the end of the statement");
  return make(begin, std::move(node));
}

}  // namespace ringtail::lang
