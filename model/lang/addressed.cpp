// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/lang/addressed.h"

#include "model/base/result.h"

namespace ringtail::lang {
namespace {

class Walk {
 public:
  std::set<std::string> names;

  void maybe(const ExprPtr& e) {
    if (e) expr(*e);
  }
  void maybe(const StmtPtr& s) {
    if (s) stmt(*s);
  }

  // The variable that holds what `&` is applied to: v in &v, &v.f, &v[1]; nothing in &p->f and &*p.
  void root(const Expr& e) {
    if (const auto* name = std::get_if<Name>(&e.node)) names.insert(name->id);
    if (const auto* member = std::get_if<Member>(&e.node); member != nullptr && !member->arrow)
      root(*member->object);
    if (const auto* index = std::get_if<Index>(&e.node)) root(*index->base);
  }

  void type(const TypeName& t) {
    spec(t.spec);
    for (const DeclaratorPart& part : t.declarator.parts)
      if (const auto* array = std::get_if<ArrayPart>(&part)) maybe(array->size);
  }
  void spec(const TypeSpec& s) {
    if (const auto* of = std::get_if<TypeOf>(&s.node)) {
      maybe(of->operand);
      if (of->type) type(*of->type);
    }
  }

  void expr(const Expr& e) {
    std::visit(overloaded{
                   [](const Number&) {},
                   [](const String&) {},
                   [](const Name&) {},
                   [&](const Unary& u) {
                     if (dereferenced_name(u) != nullptr) return;
                     if (u.op == UnaryOp::address) root(*u.operand);
                     expr(*u.operand);
                   },
                   [&](const Binary& b) {
                     expr(*b.left);
                     expr(*b.right);
                   },
                   [&](const Assign& a) {
                     expr(*a.left);
                     expr(*a.right);
                   },
                   [&](const Conditional& c) {
                     expr(*c.condition);
                     maybe(c.then);
                     expr(*c.otherwise);
                   },
                   [&](const Call& c) {
                     expr(*c.callee);
                     for (const ExprPtr& a : c.args) expr(*a);
                   },
                   [&](const Index& i) {
                     expr(*i.base);
                     expr(*i.index);
                   },
                   [&](const Member& m) { expr(*m.object); },
                   [&](const Cast& c) {
                     type(*c.type);
                     expr(*c.operand);
                   },
                   [](const Sizeof&) {},
                   [](const OffsetOf&) {},
                   [&](const InitList& l) {
                     for (const InitItem& i : l.items) expr(*i.value);
                   },
                   [&](const CompoundLiteral& c) { expr(*c.list); },
                   [&](const StatementExpr& s) { stmt(*s.block); },
               },
               e.node);
  }

  void stmt(const Stmt& s) {
    std::visit(overloaded{
                   [&](const ExprStmt& n) { maybe(n.expr); },
                   [&](const DeclStmt& n) {
                     spec(n.declaration.spec);
                     for (const InitDeclarator& d : n.declaration.declarators) {
                       maybe(d.init);
                       if (!d.declarator.cleanup.empty()) names.insert(d.declarator.name);
                     }
                   },
                   [&](const Block& n) {
                     for (const StmtPtr& b : n.body) stmt(*b);
                   },
                   [&](const If& n) {
                     expr(*n.condition);
                     stmt(*n.then);
                     maybe(n.otherwise);
                   },
                   [&](const While& n) {
                     expr(*n.condition);
                     stmt(*n.body);
                   },
                   [&](const DoWhile& n) {
                     stmt(*n.body);
                     expr(*n.condition);
                   },
                   [&](const For& n) {
                     maybe(n.init);
                     maybe(n.condition);
                     maybe(n.step);
                     stmt(*n.body);
                   },
                   [&](const Switch& n) {
                     expr(*n.value);
                     stmt(*n.body);
                   },
                   [&](const Case& n) { stmt(*n.body); },
                   [&](const Default& n) { stmt(*n.body); },
                   [&](const Label& n) { stmt(*n.body); },
                   [](const Goto&) {},
                   [](const Break&) {},
                   [](const Continue&) {},
                   [&](const Return& n) { maybe(n.value); },
                   [](const StaticAssert&) {},
               },
               s.node);
  }
};

}  // namespace

const Name* dereferenced_name(const Unary& u) {
  const auto* inner = u.op == UnaryOp::dereference ? std::get_if<Unary>(&u.operand->node) : nullptr;
  return inner != nullptr && inner->op == UnaryOp::address ? std::get_if<Name>(&inner->operand->node)
                                                           : nullptr;
}

std::set<std::string> addressed_names(const Stmt& body) {
  Walk walk;
  walk.stmt(body);
  return std::move(walk.names);
}

}  // namespace ringtail::lang
