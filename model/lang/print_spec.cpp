// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "model/base/result.h"
#include "model/lang/print.h"
#include "model/lang/printer.h"

namespace ringtail::lang {
namespace {

std::string_view word_of(Builtin b) {
  switch (b) {
    case Builtin::void_:
      return "void";
    case Builtin::bool_:
      return "bool";
    case Builtin::char_:
      return "char";
    case Builtin::schar:
      return "signed char";
    case Builtin::uchar:
      return "unsigned char";
    case Builtin::short_:
      return "short";
    case Builtin::ushort:
      return "unsigned short";
    case Builtin::int_:
      return "int";
    case Builtin::uint:
      return "unsigned int";
    case Builtin::long_:
      return "long";
    case Builtin::ulong:
      return "unsigned long";
  }
  return "";
}

std::string_view word_of(TagKind k) {
  switch (k) {
    case TagKind::struct_:
      return "struct";
    case TagKind::union_:
      return "union";
    case TagKind::enum_:
      return "enum";
  }
  return "";
}

}  // namespace

void Printer::storage(Storage s, bool is_inline) {
  switch (s) {
    case Storage::none:
      break;
    case Storage::static_:
      out_ += "static ";
      break;
    case Storage::extern_:
      out_ += "extern ";
      break;
    case Storage::typedef_:
      out_ += "typedef ";
      break;
  }
  if (is_inline) out_ += "inline ";
}

void Printer::spec(const TypeSpec& s) {
  if (s.is_const) out_ += "const ";
  if (s.is_volatile) out_ += "volatile ";
  std::visit(overloaded{
                 [&](const Builtin& b) { out_ += word_of(b); },
                 [&](const Tagged& t) {
                   out_ += word_of(t.kind);
                   if (!t.tag.empty()) out_ += " " + t.tag;
                   if (!t.defined) return;
                   out_ += " {\n";
                   ++indent_;
                   for (const Declaration& m : t.members) {
                     begin_line();
                     declaration(m);
                     out_ += '\n';
                   }
                   for (const Enumerator& e : t.enumerators) {
                     begin_line();
                     out_ += e.name;
                     if (e.value) {
                       out_ += " = ";
                       conditional(*e.value);
                     }
                     out_ += ",\n";
                   }
                   --indent_;
                   begin_line();
                   out_ += "}";
                 },
                 [&](const TypedefName& t) { out_ += t.id; },
                 [&](const AutoType&) { out_ += "__auto_type"; },
                 [&](const TypeOf& t) {
                   out_ += "typeof(";
                   if (t.type) type(t.type->spec, t.type->declarator);
                   else expr(*t.operand);
                   out_ += ")";
                 },
             },
             s.node);
}

// From the name outwards: what follows the name is appended, a pointer is put in front, in parentheses when
// more follows.
void Printer::declarator(const Declarator& d, bool space) {
  std::string text = d.name;
  bool pointer_last = false;
  for (const DeclaratorPart& part : d.parts) {
    if (std::holds_alternative<PointerPart>(part)) {
      text = "*" + text;
      pointer_last = true;
      continue;
    }
    if (pointer_last) text = "(" + text + ")";
    pointer_last = false;
    Printer inner;
    if (const auto* array = std::get_if<ArrayPart>(&part)) {
      inner.out_ = "[";
      if (array->size) inner.assignment(*array->size);
      inner.out_ += "]";
    } else {
      const auto& params = std::get<FunctionPart>(part).params;
      inner.out_ = "(";
      for (std::size_t i = 0; i < params.size(); ++i) {
        if (i > 0) inner.out_ += ", ";
        inner.type(params[i].spec, params[i].declarator);
      }
      inner.out_ += params.empty() ? "void)" : ")";
    }
    text += inner.out_;
  }
  if (!text.empty() && space) out_ += ' ';
  out_ += text;
}

void Printer::type(const TypeSpec& s, const Declarator& d) {
  spec(s);
  declarator(d, true);
}

void Printer::declaration(const Declaration& d) {
  storage(d.storage, d.is_inline);
  spec(d.spec);
  for (std::size_t i = 0; i < d.declarators.size(); ++i) {
    if (i > 0) out_ += ',';
    declarator(d.declarators[i].declarator, true);
    if (const std::string& f = d.declarators[i].declarator.cleanup; !f.empty())
      out_ += " __attribute__((cleanup(" + f + ")))";
    if (d.declarators[i].width) {
      out_ += " : ";
      conditional(*d.declarators[i].width);
    }
    if (d.declarators[i].init) {
      out_ += " = ";
      Printer inner;
      inner.indent_ = indent_;
      inner.assignment(*d.declarators[i].init);
      out_ += inner.out_;
    }
  }
  out_ += ';';
}

void Printer::line(std::string_view s) {
  begin_line();
  out_ += s;
  out_ += '\n';
}

void Printer::nested(const Stmt& s) {
  ++indent_;
  begin_line();
  stmt(s);
  out_ += '\n';
  --indent_;
}

// The body of an if or a loop: a block stays on the line, anything else goes on its own. Always in braces, so
// that no else can bind to the wrong if.
void Printer::then(const Stmt& s) {
  if (std::holds_alternative<Block>(s.node)) {
    out_ += ' ';
    stmt(s);
    return;
  }
  out_ += " {\n";
  nested(s);
  begin_line();
  out_ += '}';
}

void Printer::stmt(const Stmt& s) {
  const auto head = [&](std::string_view word, const Expr& condition) {
    out_ += word;
    out_ += " (";
    expr(condition);
    out_ += ')';
  };
  const auto labelled = [&](const Stmt& body) {
    out_ += '\n';
    begin_line();
    stmt(body);
  };
  std::visit(overloaded{
                 [&](const ExprStmt& n) {
                   if (n.expr) expr(*n.expr);
                   out_ += ';';
                 },
                 [&](const DeclStmt& n) { declaration(n.declaration); },
                 [&](const Block& n) {
                   out_ += "{\n";
                   for (const StmtPtr& b : n.body) nested(*b);
                   begin_line();
                   out_ += '}';
                 },
                 [&](const If& n) {
                   head("if", *n.condition);
                   then(*n.then);
                   if (n.otherwise) {
                     out_ += " else";
                     then(*n.otherwise);
                   }
                 },
                 [&](const While& n) {
                   head("while", *n.condition);
                   then(*n.body);
                 },
                 [&](const DoWhile& n) {
                   out_ += "do";
                   then(*n.body);
                   head(" while", *n.condition);
                   out_ += ';';
                 },
                 [&](const For& n) {
                   out_ += "for (";
                   if (n.init) stmt(*n.init);
                   else out_ += ';';
                   if (n.condition) {
                     out_ += ' ';
                     expr(*n.condition);
                   }
                   out_ += ';';
                   if (n.step) {
                     out_ += ' ';
                     expr(*n.step);
                   }
                   out_ += ')';
                   then(*n.body);
                 },
                 [&](const Switch& n) {
                   head("switch", *n.value);
                   then(*n.body);
                 },
                 [&](const Case& n) {
                   out_ += "case ";
                   conditional(*n.low);
                   if (n.high) {
                     out_ += " ... ";
                     conditional(*n.high);
                   }
                   out_ += ':';
                   labelled(*n.body);
                 },
                 [&](const Default& n) {
                   out_ += "default:";
                   labelled(*n.body);
                 },
                 [&](const Label& n) {
                   out_ += n.name + ":";
                   labelled(*n.body);
                 },
                 [&](const Goto& n) { out_ += "goto " + n.label + ";"; },
                 [&](const Break&) { out_ += "break;"; },
                 [&](const Continue&) { out_ += "continue;"; },
                 [&](const Return& n) {
                   out_ += "return";
                   if (n.value) {
                     out_ += ' ';
                     expr(*n.value);
                   }
                   out_ += ';';
                 },
                 [&](const StaticAssert& n) { static_assertion(n); },
             },
             s.node);
}

void Printer::static_assertion(const StaticAssert& n) {
  out_ += "_Static_assert(";
  conditional(*n.condition);
  out_ += ");";
}

void Printer::item(const Item& i) {
  std::visit(overloaded{
                 [&](const Declaration& n) { declaration(n); },
                 [&](const Function& n) {
                   storage(n.storage, n.is_inline);
                   type(n.spec, n.declarator);
                   out_ += '\n';
                   stmt(*n.body);
                 },
                 [&](const Harness& n) {
                   switch (n.kind) {
                     case HarnessKind::thread:
                       out_ += "THREAD(" + n.name + ")";
                       break;
                     case HarnessKind::init:
                       out_ += "INIT";
                       break;
                     case HarnessKind::finally:
                       out_ += "FINALLY";
                       break;
                     case HarnessKind::irq:
                       out_ += "IRQ(" + n.name + ")";
                       break;
                     case HarnessKind::irq_on:
                       out_ += "IRQ_ON(" + n.name + ", " + n.target + ")";
                       break;
                     case HarnessKind::proof:
                       out_ += "PROOF(" + n.name + ")";
                       break;
                   }
                   out_ += '\n';
                   stmt(*n.body);
                 },
                 [&](const Invariant& n) {
                   out_ += n.lock ? "INVARIANT_UNDER(" : "INVARIANT(" + n.name + ", ";
                   if (n.lock) {
                     assignment(*n.lock);
                     out_ += ", ";
                   }
                   expr(*n.condition);
                   out_ += ");";
                 },
                 [&](const StaticAssert& n) { static_assertion(n); },
             },
             i);
  out_ += '\n';
}

std::string print(const SpecTree& tree) {
  Printer p;
  for (const Item& i : tree.items) p.item(i);
  return p.take();
}

}  // namespace ringtail::lang
