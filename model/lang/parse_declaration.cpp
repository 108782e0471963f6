// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>

#include <fmt/format.h>

#include "model/lang/parser.h"

namespace ringtail::lang {
namespace {

bool is_type_keyword(std::string_view id) {
  static constexpr std::array<std::string_view, 22> kWords = {
      "void",     "bool",       "_Bool",   "char",     "short",         "int",        "long",  "signed",
      "unsigned", "float",      "double",  "struct",   "union",         "enum",       "const", "volatile",
      "typeof",   "__typeof__", "_Atomic", "register", "typeof_unqual", "__auto_type"};
  for (const std::string_view w : kWords)
    if (w == id) return true;
  return false;
}

// Types that a litmus test may name without declaring them; all its values are machine words anyway.
bool is_litmus_type(std::string_view id) { return id.size() > 2 && id.substr(id.size() - 2) == "_t"; }

}  // namespace

bool Parser::starts_type(std::size_t ahead) const {
  const Token& token = peek(ahead);
  if (token.kind != TokenKind::identifier) return false;
  if (is_type_keyword(token.text) || is_type_name(token.text)) return true;
  return dialect_ == Dialect::litmus && is_litmus_type(token.text);
}

void Parser::attributes(std::string* cleanup) {
  while (at("__attribute__")) {
    take();
    expect("(");
    for (int depth = 1; depth > 0;) {
      if (at_end()) unexpected("')'");
      const Token& token = take();
      if (token.is("cleanup") || token.is("__cleanup__")) {
        if (cleanup == nullptr) fail(token.at, "a cleanup attribute stands behind a variable's name");
        expect("(");
        *cleanup = identifier("a function");
        expect(")");
      }
      if (token.is("(")) ++depth;
      if (token.is(")")) --depth;
    }
  }
}

TypeSpec Parser::type_spec(Storage* storage, bool* is_inline) {
  TypeSpec spec;
  spec.at = peek().at;
  specifiers(spec, storage, is_inline);
  return spec;
}

// The words may come in any order; they are counted and the sum is looked up.
void Parser::specifiers(TypeSpec& spec, Storage* storage, bool* is_inline) {
  int shorts = 0, longs = 0, is_signed = 0, is_unsigned = 0, ints = 0, chars = 0, bools = 0, voids = 0;
  bool other = false;
  const Loc begin = peek().at;
  Loc last = begin;
  for (;;) {
    attributes();
    const Token& token = peek();
    if (token.kind != TokenKind::identifier) break;
    const auto place = [&](Storage s) {
      if (storage == nullptr) fail(token.at, fmt::format("'{}' does not belong here", token.text));
      if (*storage != Storage::none) fail(token.at, "two storage classes in one declaration");
      *storage = s;
    };
    const bool plain = !other && shorts + longs + is_signed + is_unsigned + ints + chars + bools + voids == 0;
    if (at("const")) spec.is_const = true;
    else if (at("volatile")) spec.is_volatile = true;
    else if (at("register") || at("noinline")) {
    } else if (at("static")) place(Storage::static_);
    else if (at("extern")) place(Storage::extern_);
    else if (at("typedef")) place(Storage::typedef_);
    else if (at("inline") || at("__inline__") || at("__always_inline")) {
      if (is_inline == nullptr) fail(token.at, "'inline' does not belong here");
      *is_inline = true;
    } else if (at("float") || at("double"))
      fail(token.at, "floating point is outside the subset", "the kernel has none");
    else if (at("_Atomic"))
      fail(token.at, "_Atomic is outside the subset", "use atomic_t, READ_ONCE and WRITE_ONCE");
    else if (at("void")) ++voids;
    else if (at("bool") || at("_Bool")) ++bools;
    else if (at("char")) ++chars;
    else if (at("short")) ++shorts;
    else if (at("int")) ++ints;
    else if (at("long")) ++longs;
    else if (at("signed")) ++is_signed;
    else if (at("unsigned")) ++is_unsigned;
    else if (plain && (at("struct") || at("union") || at("enum"))) {
      TypeSpec node = tagged();
      spec.node = std::move(node.node);
      other = true;
      continue;
    } else if (plain && (at("typeof") || at("__typeof__") || at("typeof_unqual"))) {
      TypeSpec node = type_of();
      spec.node = std::move(node.node);
      other = true;
      continue;
    } else if (plain && at("__auto_type")) {
      spec.node = AutoType{};
      other = true;
    } else if (plain &&
               (is_type_name(token.text) || (dialect_ == Dialect::litmus && is_litmus_type(token.text)))) {
      spec.node = TypedefName{std::string(token.text)};
      other = true;
    } else {
      break;
    }
    last = take().at;
  }
  spec.at = join(begin, last);
  const int words = shorts + longs + is_signed + is_unsigned + ints + chars + bools + voids;
  if (other && words == 0) return;
  if (other) fail(spec.at, "two types in one declaration");
  if (words == 0 && peek().kind == TokenKind::identifier && !is_keyword(peek().text)) {
    if (peek(1).kind == TokenKind::identifier || peek(1).is("*")) unknown_type();
    if (peek(1).is("(")) unknown_macro(peek().at, peek().text);
  }
  if (words == 0) unexpected("a type");
  const bool u = is_unsigned != 0;
  if (is_signed + is_unsigned > 1 || ints > 1 || longs > 2 || shorts > 1 || chars > 1 || bools > 1 ||
      voids > 1 || (shorts && longs) || (chars && (shorts || longs || ints)) ||
      ((bools || voids) && words > 1))
    fail(spec.at, "these words do not make a type");
  if (voids) spec.node = Builtin::void_;
  else if (bools) spec.node = Builtin::bool_;
  else if (chars) spec.node = u ? Builtin::uchar : is_signed ? Builtin::schar : Builtin::char_;
  else if (shorts) spec.node = u ? Builtin::ushort : Builtin::short_;
  else if (longs) spec.node = u ? Builtin::ulong : Builtin::long_;
  else spec.node = u ? Builtin::uint : Builtin::int_;
}

TypeSpec Parser::tagged() {
  const Level level(*this);
  TypeSpec spec;
  spec.at = peek().at;
  Tagged node;
  const std::string_view word = take().text;
  node.kind = word == "struct" ? TagKind::struct_ : word == "union" ? TagKind::union_ : TagKind::enum_;
  attributes();
  if (peek().kind == TokenKind::identifier) node.tag = identifier("a tag");
  if (accept("{")) {
    node.defined = true;
    if (node.kind == TagKind::enum_) node.enumerators = enumerators();
    else node.members = members();
    expect("}");
    attributes();
  } else if (node.tag.empty()) {
    unexpected(fmt::format("a tag or '{{' after '{}'", word));
  }
  spec.node = std::move(node);
  return spec;
}

std::vector<Declaration> Parser::members() {
  std::vector<Declaration> out;
  while (!at("}") && !at_end()) {
    if (accept(";")) continue;
    Declaration member;
    member.at = peek().at;
    if (!starts_type()) {
      if (peek().kind == TokenKind::identifier) unknown_type();
      unexpected("a member's type");
    }
    member.spec = type_spec();
    if (!at(";")) {
      do {
        InitDeclarator d;
        d.declarator = declarator(true);
        if (accept(":")) d.width = conditional();
        member.declarators.push_back(std::move(d));
      } while (accept(","));
    }
    expect(";", "at the end of the member");
    out.push_back(std::move(member));
  }
  return out;
}

std::vector<Enumerator> Parser::enumerators() {
  std::vector<Enumerator> out;
  while (!at("}")) {
    Enumerator e;
    e.at = peek().at;
    e.name = identifier("an enumerator");
    declare(e.name, false);
    if (accept("=")) e.value = conditional();
    out.push_back(std::move(e));
    if (!accept(",")) break;
  }
  return out;
}

TypeSpec Parser::type_of() {
  TypeSpec spec;
  spec.at = take().at;
  TypeOf node;
  expect("(");
  if (starts_type()) node.type = std::make_unique<TypeName>(type_name());
  else node.operand = expression();
  expect(")");
  spec.node = std::move(node);
  return spec;
}

Declarator Parser::declarator(bool abstract_allowed, bool name_allowed) {
  Declarator out;
  out.at = peek().at;
  declarator_parts(out, abstract_allowed, name_allowed);
  return out;
}

// Pointers are written before the name and bind last: they are appended after what follows the name.
void Parser::declarator_parts(Declarator& out, bool abstract_allowed, bool name_allowed) {
  const Level level(*this);
  int pointers = 0;
  while (accept("*")) {
    ++pointers;
    while (at("const") || at("volatile") || at("restrict") || at("__restrict")) take();
    attributes();
  }
  const bool nested =
      at("(") && (peek(1).is("*") || peek(1).is("(") ||
                  (peek(1).kind == TokenKind::identifier && name_allowed && !is_keyword(peek(1).text) &&
                   !is_type_name(peek(1).text) && !abstract_allowed));
  std::vector<DeclaratorPart> inner;
  if (nested) {
    take();
    Declarator within;
    declarator_parts(within, abstract_allowed, name_allowed);
    expect(")");
    out.name = std::move(within.name);
    if (!out.name.empty()) out.at = within.at;
    inner = std::move(within.parts);
  } else if (name_allowed && peek().kind == TokenKind::identifier && !is_keyword(peek().text)) {
    out.at = peek().at;
    out.name = identifier("a name");
  } else if (!abstract_allowed) {
    unexpected("a name");
  }
  for (auto& part : inner) out.parts.push_back(std::move(part));
  for (;;) {
    if (accept("[")) {
      ArrayPart part;
      if (!at("]")) part.size = assignment();
      expect("]");
      out.parts.emplace_back(std::move(part));
    } else if (at("(")) {
      take();
      out.parts.emplace_back(FunctionPart{parameters()});
      expect(")");
    } else {
      break;
    }
    if (out.parts.size() > 16) fail(peek().at, "declarator has too many parts");
  }
  attributes(name_allowed ? &out.cleanup : nullptr);
  for (; pointers > 0; --pointers) out.parts.emplace_back(PointerPart{});
}

std::vector<Parameter> Parser::parameters() {
  std::vector<Parameter> out;
  if (at(")")) return out;
  if (at("void") && peek(1).is(")")) {
    take();
    return out;
  }
  do {
    if (at("...")) fail(peek().at, "variable arguments are outside the subset");
    if (!starts_type()) {
      if (peek().kind == TokenKind::identifier) unknown_type();
      unexpected("a parameter's type");
    }
    Parameter p;
    p.spec = type_spec();
    p.declarator = declarator(true);
    out.push_back(std::move(p));
  } while (accept(","));
  return out;
}

TypeName Parser::type_name() {
  TypeName out;
  out.spec = type_spec();
  out.declarator = declarator(true, false);
  return out;
}

Declaration Parser::declaration() {
  Declaration out;
  out.at = peek().at;
  out.spec = type_spec(&out.storage, &out.is_inline);
  if (accept(";")) return out;
  Declarator first = declarator(false);
  declare(first.name, out.storage == Storage::typedef_);
  declarators(out, std::move(first));
  return out;
}

// The rest of a declaration after its first declarator.
void Parser::declarators(Declaration& out, Declarator first) {
  for (;;) {
    InitDeclarator d;
    d.declarator = std::move(first);
    if (accept("=")) d.init = initializer();
    out.declarators.push_back(std::move(d));
    if (!accept(",")) break;
    first = declarator(false);
    declare(first.name, out.storage == Storage::typedef_);
  }
  expect(";", "at the end of the declaration");
}

ExprPtr Parser::initializer() {
  if (!at("{")) return assignment();
  const Level level(*this);
  const Loc at_brace = take().at;
  InitList list;
  while (!at("}")) {
    InitItem item;
    item.designators = designators();
    item.value = initializer();
    list.items.push_back(std::move(item));
    if (!accept(",")) break;
  }
  expect("}", "at the end of the initializer");
  return make_expr(at_brace, std::move(list));
}

std::vector<Designator> Parser::designators() {
  std::vector<Designator> out;
  for (;;) {
    Designator d;
    d.at = peek().at;
    if (accept(".")) {
      d.field = identifier("a member's name");
    } else if (accept("[")) {
      d.index = conditional();
      if (accept("...")) d.last = conditional();
      expect("]");
    } else {
      break;
    }
    out.push_back(std::move(d));
  }
  if (!out.empty()) expect("=");
  return out;
}

}  // namespace ringtail::lang
