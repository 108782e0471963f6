// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/lang/parse.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "model/lang/hint.h"
#include "model/lang/parser.h"

namespace ringtail::lang {

bool is_keyword(std::string_view id) {
  static constexpr std::array<std::string_view, 42> kKeywords = {
      "void",          "bool",       "_Bool",   "char",          "short",
      "int",           "long",       "signed",  "unsigned",      "float",
      "double",        "struct",     "union",   "enum",          "const",
      "volatile",      "static",     "extern",  "typedef",       "inline",
      "register",      "if",         "else",    "while",         "do",
      "for",           "switch",     "case",    "default",       "break",
      "continue",      "return",     "goto",    "sizeof",        "typeof",
      "__typeof__",    "asm",        "_Atomic", "_Thread_local", "_Static_assert",
      "typeof_unqual", "__auto_type"};
  // Most names differ from all of them in their length or in how they begin.
  static constexpr auto kBegin = [] {
    std::array<std::uint32_t, 128> lengths{};
    for (const std::string_view k : kKeywords) lengths[static_cast<unsigned char>(k[0])] |= 1u << k.size();
    return lengths;
  }();
  if (id.empty() || id.size() > 31 || static_cast<unsigned char>(id[0]) > 127 ||
      !(kBegin[static_cast<unsigned char>(id[0])] >> id.size() & 1))
    return false;
  return std::find(kKeywords.begin(), kKeywords.end(), id) != kKeywords.end();
}

Parser::Parser(const std::vector<Token>& tokens, Dialect dialect, Errors& errors)
    : tokens_(&tokens), dialect_(dialect), errors_(&errors) {
  scopes_.emplace_back();
}

void Parser::fail(const Loc& at, std::string what, std::string hint) {
  errors_->error(at, std::move(what), std::move(hint));
  throw Abandon{};
}

void Parser::unknown_type() {
  std::vector<std::string> types;
  for (const auto& scope : scopes_)
    for (const auto& [name, is_type] : scope)
      if (is_type) types.push_back(name);
  fail(peek().at, fmt::format("unknown type '{}'", peek().text), hint_for(peek().text, types));
}

void Parser::unknown_macro(const Loc& at, std::string_view name) {
  std::vector<std::string> known = macros_of_the_prelude();
  known.insert(known.end(),
               {"THREAD", "INIT", "FINALLY", "IRQ", "IRQ_ON", "PROOF", "INVARIANT", "INVARIANT_UNDER"});
  fail(at, fmt::format("'{}' is no macro that is known here", name), hint_for(name, known));
}

// A missing token is reported where it should have stood: after the token before, when that is on an earlier
// line.
void Parser::unexpected(std::string_view wanted) {
  const Token& token = peek();
  Loc place = token.at;
  if (next_ > 0) {
    const Loc& before = (*tokens_)[next_ - 1].at;
    if (before.file == place.file && before.span.line < place.span.line)
      place = {before.file, {before.span.line, before.span.column + before.span.length, 1}};
  }
  const std::string found = at_end() ? "the end of the file" : fmt::format("'{}'", token.text);
  fail(place, fmt::format("expected {} before {}", wanted, found));
}

void Parser::expect(std::string_view s, std::string_view where) {
  if (accept(s)) return;
  unexpected(where.empty() ? fmt::format("'{}'", s) : fmt::format("'{}' {}", s, where));
}

std::string Parser::identifier(std::string_view what) {
  if (peek().kind != TokenKind::identifier || is_keyword(peek().text)) unexpected(what);
  return std::string(take().text);
}

bool Parser::is_type_name(std::string_view id) const {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope)
    if (const auto it = scope->find(id); it != scope->end()) return it->second;
  return false;
}

void Parser::declare(const std::string& id, bool is_type) { scopes_.back()[id] = is_type; }

// To the end of the item that went wrong, counted from its first token so that braces match: past a ';'
// outside braces, or past the brace that closes what the item opened. Never back before the place of the
// error.
void Parser::skip_item(std::size_t begin) {
  const std::size_t error = next_;
  next_ = begin;
  int depth = 0;
  while (!at_end()) {
    const Token& token = take();
    if (token.is("{")) ++depth;
    if (token.is("}")) --depth;
    const bool ended = depth <= 0 && (token.is("}") || token.is(";"));
    if (ended && next_ > error) break;
  }
  accept(";");
}

SpecTree Parser::spec() {
  SpecTree tree;
  while (!at_end() && !errors_->full()) {
    const std::size_t begin = next_;
    try {
      item(tree.items);
    } catch (const Abandon&) {
      depth_ = 0;
      skip_item(begin);
    }
  }
  return tree;
}

bool Parser::at_static_assert() const { return at("_Static_assert") || at("static_assert"); }

StaticAssert Parser::static_assertion() {
  StaticAssert node;
  node.at = take().at;
  expect("(");
  node.condition = conditional();
  if (accept(",") && peek().kind == TokenKind::string) take();
  expect(")");
  expect(";");
  return node;
}

void Parser::item(std::vector<Item>& out) {
  if (accept(";")) return;
  if (at_static_assert()) {
    out.push_back(static_assertion());
    return;
  }
  if (!harness(out)) declaration_or_function(out);
}

bool Parser::harness(std::vector<Item>& out) {
  struct Row {
    std::string_view word;
    HarnessKind kind;
    int names;
  };
  static constexpr std::array<Row, 6> kRows = {{{"THREAD", HarnessKind::thread, 1},
                                                {"INIT", HarnessKind::init, 0},
                                                {"FINALLY", HarnessKind::finally, 0},
                                                {"IRQ", HarnessKind::irq, 1},
                                                {"IRQ_ON", HarnessKind::irq_on, 2},
                                                {"PROOF", HarnessKind::proof, 1}}};
  for (const Row& row : kRows) {
    if (!at(row.word)) continue;
    Harness node;
    node.kind = row.kind;
    node.at = take().at;
    if (row.names > 0) {
      expect("(", fmt::format("after {}", row.word));
      node.at = join(node.at, peek().at);
      node.name = identifier("a name");
      if (row.names > 1) {
        expect(",");
        node.target = identifier("the name of a thread");
      }
      expect(")");
    }
    if (!at("{")) unexpected(fmt::format("'{{' after {}", row.word));
    node.body = block();
    out.push_back(std::move(node));
    return true;
  }
  const bool under = at("INVARIANT_UNDER");
  if (!under && !at("INVARIANT")) return false;
  Invariant node;
  node.at = take().at;
  expect("(");
  if (under) node.lock = assignment();
  else node.name = identifier("the invariant's name");
  expect(",");
  node.condition = expression();
  expect(")");
  accept(";");
  out.push_back(std::move(node));
  return true;
}

void Parser::declaration_or_function(std::vector<Item>& out) {
  if (!starts_type() && !at("static") && !at("extern") && !at("typedef") && !at("inline")) {
    if (peek().kind == TokenKind::identifier && peek(1).kind == TokenKind::identifier) unknown_type();
    if (peek().kind == TokenKind::identifier && (peek(1).is("(") || peek(1).is("{")))
      unknown_macro(peek().at, peek().text);
    unexpected("a declaration");
  }
  Declaration head;
  head.at = peek().at;
  head.spec = type_spec(&head.storage, &head.is_inline);
  if (accept(";")) {
    out.push_back(std::move(head));
    return;
  }
  Declarator first = declarator(false);
  declare(first.name, head.storage == Storage::typedef_);
  const bool function = !first.parts.empty() && std::holds_alternative<FunctionPart>(first.parts.front());
  if (function && at("{")) {
    Function node;
    node.storage = head.storage;
    node.is_inline = head.is_inline;
    node.spec = std::move(head.spec);
    node.declarator = std::move(first);
    const Scope scope(*this);
    for (const Parameter& p : std::get<FunctionPart>(node.declarator.parts.front()).params)
      if (!p.declarator.name.empty()) declare(p.declarator.name, false);
    node.body = block();
    out.push_back(std::move(node));
    return;
  }
  declarators(head, std::move(first));
  out.push_back(std::move(head));
}

SpecTree parse(const std::vector<Token>& tokens, Errors& errors) {
  return Parser(tokens, Parser::Dialect::kernel_c, errors).spec();
}

}  // namespace ringtail::lang
