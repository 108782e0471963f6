// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "model/base/result.h"
#include "model/lang/print.h"
#include "model/lang/printer.h"

namespace ringtail::lang {
namespace {

std::string indexed(const std::string& name, const std::optional<std::uint64_t>& index) {
  return index ? fmt::format("{}[{}]", name, *index) : name;
}

std::string print(const LitmusInit& init) {
  std::string out;
  if (init.type) {
    Printer p;
    p.type(*init.type, {});
    out = p.take() + " " + std::string(init.pointers, '*');
  }
  out += print(init.place);
  if (init.is_array && !init.place.index) out += "[]";
  if (init.values.empty()) return out;
  out += " = ";
  if (init.is_array) out += "{";
  for (std::size_t i = 0; i < init.values.size(); ++i) {
    if (i > 0) out += ", ";
    out += print(init.values[i]);
  }
  if (init.is_array) out += "}";
  return out;
}

// What a connective's operands are wrapped in: an Any inside an All needs parentheses, and so does everything
// in a Not.
std::string operand(const LitmusCondition& c) {
  const bool atom = std::holds_alternative<LitmusAtom>(c.node) || std::holds_alternative<LitmusNot>(c.node);
  return atom ? print(c) : "(" + print(c) + ")";
}

std::string joined(const std::vector<LitmusCondition>& parts, std::string_view sign) {
  std::string out;
  for (const LitmusCondition& part : parts) {
    if (!out.empty()) out += sign;
    out += operand(part);
  }
  return out;
}

}  // namespace

std::string print(const LitmusPlace& place) {
  const std::string name = indexed(place.name, place.index);
  return place.thread ? fmt::format("{}:{}", *place.thread, name) : name;
}

std::string print(const LitmusValue& value) {
  return std::visit(overloaded{
                        [](const std::int64_t& n) { return fmt::format("{}", n); },
                        [](const LitmusAddress& a) { return indexed(a.name, a.index); },
                        [](const LitmusPlace& p) { return print(p); },
                    },
                    value);
}

std::string print(const LitmusCondition& condition) {
  return std::visit(
      overloaded{
          [](const LitmusAtom& a) { return print(a.left) + (a.equal ? "=" : "!=") + print(a.right); },
          [](const LitmusAll& a) { return a.parts.empty() ? "true" : joined(a.parts, " /\\ "); },
          [](const LitmusAny& a) { return a.parts.empty() ? "false" : joined(a.parts, " \\/ "); },
          [](const LitmusNot& n) {
            const bool atom = std::holds_alternative<LitmusAtom>(n.operand->node);
            return atom ? "~" + print(*n.operand) : "~(" + print(*n.operand) + ")";
          },
      },
      condition.node);
}

std::string_view print(Quantifier quantifier) {
  switch (quantifier) {
    case Quantifier::exists:
      return "exists";
    case Quantifier::not_exists:
      return "~exists";
    case Quantifier::forall:
      return "forall";
  }
  return "";
}

std::string print(const LitmusTree& tree) {
  std::string out = "C " + tree.name + "\n";
  if (!tree.header.empty()) out += "\n" + tree.header + "\n";
  out += "\n{";
  for (const LitmusInit& init : tree.init) out += "\n\t" + print(init) + ";";
  out += tree.init.empty() ? "}\n" : "\n}\n";
  for (const LitmusThread& thread : tree.threads) {
    out += fmt::format("\nP{}(", thread.id);
    for (std::size_t i = 0; i < thread.params.size(); ++i) {
      if (i > 0) out += ", ";
      Printer p;
      p.type(thread.params[i].spec, thread.params[i].declarator);
      out += p.take();
    }
    out += ")\n";
    Printer p;
    p.stmt(*thread.body);
    out += p.take() + "\n";
  }
  if (!tree.locations.empty()) {
    out += "\nlocations [";
    for (std::size_t i = 0; i < tree.locations.size(); ++i)
      out += (i > 0 ? " " : "") + print(tree.locations[i]) + ";";
    out += "]";
  }
  if (tree.filter) out += "\nfilter (" + print(*tree.filter) + ")";
  if (tree.quantifier) out += fmt::format("\n{} ({})", print(*tree.quantifier), print(*tree.condition));
  return out + "\n";
}

}  // namespace ringtail::lang
