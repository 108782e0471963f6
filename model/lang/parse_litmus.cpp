// SPDX-License-Identifier: GPL-2.0-or-later
#include <charconv>

#include <fmt/format.h>

#include "model/lang/litmus.h"
#include "model/lang/parser.h"

namespace ringtail::lang {
namespace {

// The initial state and the condition: small grammars of their own over the shared token stream.
class LitmusParser {
 public:
  LitmusParser(const std::vector<Token>& tokens, Errors& errors)
      : p_(tokens, Parser::Dialect::litmus, errors) {}

  std::vector<LitmusInit> init() {
    std::vector<LitmusInit> out;
    while (!p_.at_end()) {
      if (p_.accept(";")) continue;
      try {
        out.push_back(init_entry());
        if (!p_.at_end() && !p_.at(";")) p_.unexpected("';'");
      } catch (const Parser::Abandon&) {
        while (!p_.at_end() && !p_.at(";")) p_.take();
      }
    }
    return out;
  }

  void tail(LitmusTree& tree) {
    try {
      if (p_.accept("locations")) locations(tree.locations);
      if (p_.accept("filter")) tree.filter = any();
      std::optional<Quantifier> quantifier;
      if (p_.accept("~")) {
        p_.expect("exists", "after '~'");
        quantifier = Quantifier::not_exists;
      } else if (p_.accept("exists")) {
        quantifier = Quantifier::exists;
      } else if (p_.accept("forall")) {
        quantifier = Quantifier::forall;
      } else if (!p_.at_end()) {
        p_.unexpected("'exists', '~exists', 'forall', 'locations' or 'filter'");
      }
      if (quantifier) {
        tree.condition = any();
        tree.quantifier = quantifier;
      }
      p_.accept(";");
      if (!p_.at_end()) p_.unexpected("the end of the condition");
    } catch (const Parser::Abandon&) {
    }
  }

 private:
  std::uint64_t number() {
    const Token token = p_.peek();
    std::string_view text = token.text;
    int base = 10;
    if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
      base = 16, text.remove_prefix(2);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (token.kind != TokenKind::number) p_.unexpected("a number");
    if (error != std::errc{} || end != text.data() + text.size())
      p_.fail(token.at, fmt::format("'{}' is not a number", token.text));
    p_.take();
    return value;
  }

  std::uint32_t thread_number() {
    const Loc at = p_.peek().at;
    const std::uint64_t n = number();
    if (n > 255) p_.fail(at, fmt::format("there is no thread {}", n));
    return static_cast<std::uint32_t>(n);
  }

  // 0:r1, x, [x], a[1], *x
  LitmusPlace place(bool array_size_may_be_empty = false) {
    LitmusPlace out;
    out.at = p_.peek().at;
    if (p_.accept("[")) {
      out.name = p_.identifier("a variable");
      if (p_.accept("[")) {
        out.index = number();
        p_.expect("]");
      }
      p_.expect("]");
      return out;
    }
    p_.accept("*");
    if (p_.peek().kind == TokenKind::number) {
      out.thread = thread_number();
      p_.expect(":", "after the thread's number");
      out.at = join(out.at, p_.peek().at);
    }
    out.name = p_.identifier("a register or a variable");
    if (p_.accept("[")) {
      if (!p_.at("]") || !array_size_may_be_empty) out.index = number();
      p_.expect("]");
    }
    return out;
  }

  LitmusValue value() {
    const Loc at = p_.peek().at;
    const bool minus = p_.accept("-");
    if (minus || p_.peek().kind == TokenKind::number) {
      const std::uint64_t n = number();
      if (!minus && p_.accept(":")) {
        LitmusPlace out;
        out.at = at;
        if (n > 255) p_.fail(at, fmt::format("there is no thread {}", n));
        out.thread = static_cast<std::uint32_t>(n);
        out.name = p_.identifier("a register");
        return out;
      }
      return static_cast<std::int64_t>(minus ? 0 - n : n);
    }
    if (p_.accept("(")) {
      LitmusValue inner = value();
      p_.expect(")");
      return inner;
    }
    if (p_.at("ATOMIC_INIT") || p_.at("ATOMIC_LONG_INIT")) {
      p_.take();
      p_.expect("(");
      LitmusValue inner = value();
      p_.expect(")");
      return inner;
    }
    p_.accept("&");
    LitmusAddress out{p_.identifier("a value"), std::nullopt};
    if (p_.accept("[")) {
      out.index = number();
      p_.expect("]");
    }
    return out;
  }

  LitmusInit init_entry() {
    LitmusInit out;
    const Token& first = p_.peek();
    const bool typed = first.kind == TokenKind::identifier && !p_.at("[") &&
                       (p_.starts_type() || p_.peek(1).kind == TokenKind::identifier ||
                        p_.peek(1).kind == TokenKind::number || p_.peek(1).is("*"));
    if (typed) {
      out.type = p_.type_spec();
      while (p_.accept("*")) ++out.pointers;
    }
    out.place = place(typed);
    out.is_array = typed && out.place.index.has_value();
    if (!p_.accept("=")) return out;
    if (p_.accept("{")) {
      out.is_array = true;
      while (!p_.at("}")) {
        out.values.push_back(value());
        if (!p_.accept(",")) break;
      }
      p_.expect("}", "at the end of the array");
    } else {
      out.values.push_back(value());
    }
    return out;
  }

  void locations(std::vector<LitmusPlace>& out) {
    p_.expect("[", "after 'locations'");
    while (!p_.at("]")) {
      if (p_.accept(";")) continue;
      out.push_back(place());
      while (p_.starts_type() || p_.at("*")) p_.take();  // a type may follow, which says how to print it
      if (!p_.at("]")) p_.expect(";", "between locations");
    }
    p_.expect("]");
  }

  LitmusCondition any() {
    const Parser::Level level(p_);
    const Loc at = p_.peek().at;
    LitmusAny node;
    node.parts.push_back(all());
    while (p_.accept("\\/")) node.parts.push_back(all());
    if (node.parts.size() == 1) return std::move(node.parts.front());
    return {std::move(node), at};
  }

  LitmusCondition all() {
    const Loc at = p_.peek().at;
    LitmusAll node;
    node.parts.push_back(atom());
    while (p_.accept("/\\")) node.parts.push_back(atom());
    if (node.parts.size() == 1) return std::move(node.parts.front());
    return {std::move(node), at};
  }

  LitmusCondition atom() {
    const Loc at = p_.peek().at;
    if (p_.at("~") || (p_.at("not") && !p_.peek(1).is("="))) {
      const Parser::Level level(p_);
      p_.take();
      return {LitmusNot{std::make_unique<LitmusCondition>(atom())}, at};
    }
    if (p_.at("true") && !p_.peek(1).is("=")) {
      p_.take();
      return {LitmusAll{}, at};
    }
    if (p_.at("false") && !p_.peek(1).is("=")) {
      p_.take();
      return {LitmusAny{}, at};
    }
    if (p_.accept("(")) {
      LitmusCondition inner = any();
      p_.expect(")");
      return inner;
    }
    LitmusAtom node;
    node.left = place();
    node.equal = !p_.at("!=");
    if (!p_.accept("=") && !p_.accept("==") && !p_.accept("!=")) p_.unexpected("'=' or '!='");
    node.right = value();
    return {std::move(node), at};
  }

  Parser p_;
};

LitmusThread parse_thread(Parser& p) {
  while (p.accept("static") || p.accept("void")) {
  }
  LitmusThread out;
  out.at = p.peek().at;
  const std::string name = p.identifier("a thread, P0, P1, ...");
  const char* end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data() + 1, end, out.id);
  if (name[0] != 'P' || name.size() < 2 || error != std::errc{} || rest != end || out.id > 255)
    p.fail(out.at, fmt::format("'{}' is not a thread's name", name), "threads are called P0, P1 and so on");
  p.expect("(", "after the thread's name");
  while (!p.at(")")) {
    Parameter param;
    if (p.peek().kind == TokenKind::identifier && !p.peek(1).is(",") && !p.peek(1).is(")"))
      param.spec = p.type_spec();
    else param.spec.at = p.peek().at;
    param.declarator = p.declarator(false);
    out.params.push_back(std::move(param));
    if (!p.accept(",")) break;
  }
  p.expect(")", "after the parameters");
  out.body = p.block();
  return out;
}

}  // namespace

LitmusTree parse_litmus(const LexedLitmus& lexed, Errors& errors) {
  LitmusTree tree;
  tree.name = lexed.name;
  tree.header = lexed.header;
  tree.at = lexed.at;
  if (!errors.ok()) return tree;
  tree.init = LitmusParser(lexed.init, errors).init();
  Parser threads(lexed.threads, Parser::Dialect::litmus, errors);
  try {
    while (!threads.at_end()) {
      tree.threads.push_back(parse_thread(threads));
      if (tree.threads.back().id != tree.threads.size() - 1)
        errors.error(tree.threads.back().at, fmt::format("this should be P{}", tree.threads.size() - 1),
                     "threads are numbered from P0, in order");
    }
  } catch (const Parser::Abandon&) {
    return tree;
  }
  if (tree.threads.empty()) errors.error(lexed.threads.back().at, "expected a thread, 'P0(...) { ... }'");
  LitmusParser(lexed.condition, errors).tail(tree);
  return tree;
}

}  // namespace ringtail::lang
