// SPDX-License-Identifier: GPL-2.0-or-later
// The parser itself, private to this folder: parse.cpp (items), parse_declaration.cpp, parse_statement.cpp
// and parse_expression.cpp hold its members, parse_litmus.cpp uses it for the threads of a litmus test.
//
// Abandon is thrown where a construct cannot go on and is caught where the parser picks up again: at the next
// statement or item. It never leaves this folder. What is a type name must be known to parse C at all, so
// scopes of names are kept.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "model/lang/lex.h"
#include "model/lang/tree.h"

namespace ringtail::lang {

class Parser {
 public:
  enum class Dialect { kernel_c, litmus };
  Parser(const std::vector<Token>& tokens, Dialect dialect, Errors& errors);

  struct Abandon {};

  SpecTree spec();

  // --- what parse_litmus.cpp uses too
  const Token& peek(std::size_t ahead = 0) const {
    return (*tokens_)[std::min(next_ + ahead, tokens_->size() - 1)];
  }
  const Token& take() {
    const Token& token = peek();
    if (next_ + 1 < tokens_->size()) ++next_;
    return token;
  }
  bool at_end() const { return peek().kind == TokenKind::end; }
  bool at(std::string_view s) const { return peek().is(s); }
  bool accept(std::string_view s) { return at(s) && (take(), true); }
  void expect(std::string_view s, std::string_view where = {});
  std::string identifier(std::string_view what);
  [[noreturn]] void fail(const Loc& at, std::string what, std::string hint = "");
  [[noreturn]] void unknown_type();  // what comes next should be one
  [[noreturn]] void unknown_macro(const Loc& at, std::string_view name);
  [[noreturn]] void unexpected(std::string_view wanted);
  bool starts_type(std::size_t ahead = 0) const;
  TypeSpec type_spec(Storage* storage = nullptr, bool* is_inline = nullptr);
  Declarator declarator(bool abstract_allowed, bool name_allowed = true);
  StmtPtr block();
  ExprPtr expression();
  ExprPtr assignment();
  Errors& errors() { return *errors_; }

  static constexpr int kDeepest = 200;  // levels of nesting
  static constexpr int kLongest = 400;  // operators in one left-leaning chain, a + b + ...

  // Counts a level of nesting for as long as it lives.
  class Level {
   public:
    explicit Level(Parser& p) : p_(p) {
      if (++p_.depth_ > kDeepest) {
        --p_.depth_;
        p_.fail(p_.peek().at, "nested too deeply", "200 levels of nesting are the most");
      }
    }
    ~Level() { --p_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Parser& p_;
  };

 private:
  // parse.cpp
  void item(std::vector<Item>& out);
  bool harness(std::vector<Item>& out);
  bool at_static_assert() const;
  StaticAssert static_assertion();
  void declaration_or_function(std::vector<Item>& out);
  void skip_item(std::size_t begin);

  // parse_declaration.cpp
  void specifiers(TypeSpec& spec, Storage* storage, bool* is_inline);
  TypeSpec tagged();
  std::vector<Declaration> members();
  std::vector<Enumerator> enumerators();
  TypeSpec type_of();
  void attributes(std::string* cleanup = nullptr);
  void declarator_parts(Declarator& out, bool abstract_allowed, bool name_allowed);
  std::vector<Parameter> parameters();
  TypeName type_name();
  Declaration declaration();
  void declarators(Declaration& out, Declarator first);
  ExprPtr initializer();
  std::vector<Designator> designators();

  // parse_statement.cpp
  StmtPtr statement();
  StmtPtr statement_or_declaration();
  void skip_statement();
  template <class Node>
  StmtPtr make(const Loc& at, Node node) {
    auto stmt = std::make_unique<Stmt>();
    stmt->node = std::move(node);
    stmt->at = at;
    return stmt;
  }
  ExprPtr parenthesised(std::string_view keyword);

  // parse_expression.cpp
  ExprPtr conditional();
  ExprPtr binary(int lowest);
  ExprPtr unary();
  ExprPtr postfix(ExprPtr operand, int parts);
  ExprPtr primary();
  ExprPtr number();
  ExprPtr character();
  bool starts_type_after_paren() const { return at("(") && starts_type(1); }
  template <class Node>
  ExprPtr make_expr(const Loc& at, Node node) {
    auto expr = std::make_unique<Expr>();
    expr->node = std::move(node);
    expr->at = at;
    return expr;
  }

  bool is_type_name(std::string_view id) const;
  void declare(const std::string& id, bool is_type);
  struct Scope {
    Parser& p;
    explicit Scope(Parser& parser) : p(parser) { p.scopes_.emplace_back(); }
    ~Scope() { p.scopes_.pop_back(); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
  };

  const std::vector<Token>* tokens_;
  std::size_t next_ = 0;
  Dialect dialect_;
  Errors* errors_;
  int depth_ = 0;
  std::vector<std::map<std::string, bool, std::less<>>> scopes_;  // name -> is it a type
};

bool is_keyword(std::string_view id);

}  // namespace ringtail::lang
