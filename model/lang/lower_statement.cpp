// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "model/base/result.h"
#include "model/lang/lowering.h"

namespace ringtail::lang {

void Lowering::stmt(const Stmt& s) {
  b_->at(s.at);
  std::visit(overloaded{
                 [&](const ExprStmt& n) {
                   if (n.expr) expr(*n.expr);
                 },
                 [&](const DeclStmt& n) { local_declaration(n.declaration); },
                 [&](const StaticAssert& n) { static_assertion(n); },
                 [&](const Block& n) {
                   const Inner scope(*this);
                   for (const StmtPtr& child : n.body) stmt(*child);
                 },
                 [&](const If& n) {
                   const auto then = b_->label(), otherwise = b_->label(), end = b_->label();
                   condition(*n.condition, then, otherwise, nullptr);
                   b_->place(then);
                   stmt(*n.then);
                   b_->jump(end);
                   b_->place(otherwise);
                   if (n.otherwise) stmt(*n.otherwise);
                   b_->place(end);
                 },
                 [&](const While& n) { loop(n.condition.get(), *n.body, nullptr, false); },
                 [&](const DoWhile& n) { loop(n.condition.get(), *n.body, nullptr, true); },
                 [&](const For& n) {
                   const Inner scope(*this);
                   if (n.init) stmt(*n.init);
                   loop(n.condition.get(), *n.body, n.step.get(), false);
                 },
                 [&](const Switch& n) { switch_stmt(n, s.at); },
                 [&](const Case& n) {
                   if (!exits_.empty() && exits_.back().cleanups != cleanups_.size())
                     fail(s.at, "a variable with a cleanup stands before this label: give it a block");
                   if (const auto it = case_labels_.find(&s); it != case_labels_.end()) b_->place(it->second);
                   else fail(s.at, "'case' outside a switch");
                   stmt(*n.body);
                 },
                 [&](const Default& n) {
                   if (!exits_.empty() && exits_.back().cleanups != cleanups_.size())
                     fail(s.at, "a variable with a cleanup stands before this label: give it a block");
                   if (const auto it = case_labels_.find(&s); it != case_labels_.end()) b_->place(it->second);
                   else fail(s.at, "'default' outside a switch");
                   stmt(*n.body);
                 },
                 [&](const Label& n) {
                   const Builder::Label label = named_label(n.name, s.at);
                   if (labels_[n.name].placed) {
                     fail(s.at, fmt::format("label '{}' is there twice", n.name));
                     return;
                   }
                   labels_[n.name].placed = true;
                   for (const Cleanup& c : cleanups_) labels_[n.name].cleanups.push_back(c.number);
                   b_->place(label);
                   b_->emit(ir::Loop{program_.loops++});
                   stmt(*n.body);
                 },
                 [&](const Goto& n) { leap(n.label, s.at); },
                 [&](const Break&) {
                   if (exits_.empty()) fail(s.at, "'break' outside a loop or switch");
                   else clean_up(cleanups_, exits_.back().cleanups), b_->jump(*exits_.back().break_to);
                 },
                 [&](const Continue&) {
                   for (auto e = exits_.rbegin(); e != exits_.rend(); ++e)
                     if (e->continue_to) {
                       clean_up(cleanups_, e->cleanups);
                       return b_->jump(*e->continue_to);
                     }
                   fail(s.at, "'continue' outside a loop");
                 },
                 [&](const Return& n) { return_stmt(n, s.at); },
             },
             s.node);
}

Builder::Label Lowering::named_label(const std::string& name, const Loc& use) {
  const auto it = labels_.find(name);
  if (it != labels_.end()) return it->second.label;
  return labels_.emplace(name, NamedLabel{b_->label(), false, use}).first->second.label;
}

void Lowering::return_stmt(const Return& r, const Loc& at) {
  if (result_->is_void()) {
    if (r.value) {
      const Value v = expr(*r.value);
      if (v.type != nullptr && !v.type->is_void()) fail(r.value->at, "this function returns nothing");
    }
    clean_up(cleanups_, 0);
    b_->emit(ir::Ret{ir::constant(0)});
    return;
  }
  if (!r.value) {
    fail(at, "a value must be returned here");
    return;
  }
  const Value v = implicit(expr(*r.value), result_, r.value->at, "the value returned");
  b_->at(at);
  if (v.type == nullptr) return;
  if (by_address(result_)) store(returned_, v);
  clean_up(cleanups_, 0);
  b_->emit(ir::Ret{by_address(result_) ? ir::constant(0) : v.op});
}

Place Lowering::new_local(const std::string& name, TypeRef type) {
  Place p;
  p.type = type;
  p.in_register = scalar(type) != nullptr && addressed_.count(name) == 0;
  if (p.in_register) p.reg = b_->named(name);
  else p.address = ir::reg(local(type, name));
  return p;
}

void Lowering::local_declaration(const Declaration& d) {
  const bool is_auto = std::holds_alternative<AutoType>(d.spec.node) && d.storage == Storage::none;
  const TypeRef common = is_auto ? nullptr : spec_type(d.spec);
  for (const InitDeclarator& one : d.declarators) {
    const std::string& name = one.declarator.name;
    const Loc& at = one.declarator.at;
    const bool given = is_auto && one.init && one.declarator.parts.empty() &&
                       !std::holds_alternative<InitList>(one.init->node);
    const TypeRef base = given     ? scratch([&] { return expr(*one.init).type; })
                         : is_auto ? spec_type(d.spec)
                                   : common;
    TypeRef type = base == nullptr ? nullptr : declared_type(base, one.declarator);
    if (type == nullptr) {
      scopes_.back().names[name] = Place{};  // declared, though wrongly: one message is enough
      continue;
    }
    if (d.storage == Storage::typedef_) {
      define(name, TypeAlias{type}, at);
      continue;
    }
    if (type->is(Type::Kind::function)) {
      declare_function(one.declarator, type, nullptr);
      continue;
    }
    if (d.storage == Storage::extern_) {
      global(one, type, d.storage);
      continue;
    }
    if (one.init) type = sized_by(type, *one.init);
    if (!complete(type, at, fmt::format("'{}'", name))) {
      scopes_.back().names[name] = Place{};
      continue;
    }
    if (d.storage == Storage::static_) {
      const Place p = new_global(function_name_ + "." + name, type, at);
      define(name, p, at);
      if (one.init) initialise_global(program_.globals.size() - 1, type, *one.init);
      continue;
    }
    const Place p = new_local(name, type);
    define(name, p, at);
    b_->at(at);
    if (one.init) init_local(p, *one.init);
    if (!one.declarator.cleanup.empty()) cleanup(one.declarator.cleanup, p, at);
  }
}

void Lowering::loop(const Expr* test, const Stmt& body, const Expr* step, bool body_first) {
  const auto head = b_->label(), start = b_->label(), next = b_->label(), end = b_->label();
  const bool once =
      body_first && std::holds_alternative<Number>(test->node) && std::get<Number>(test->node).value == 0;
  exits_.push_back({end, next, cleanups_.size()});
  b_->place(head);
  if (!once) b_->emit(ir::Loop{program_.loops++});  // do { ... } while (0) is no loop
  if (!body_first && test != nullptr) condition(*test, start, end, nullptr);
  b_->place(start);
  stmt(body);
  b_->place(next);
  if (step != nullptr) expr(*step);
  if (body_first) condition(*test, head, end, nullptr);
  else b_->jump(head);
  b_->place(end);
  exits_.pop_back();
}

// The labels of a switch, found before its body is lowered; those of a switch inside it are its own.
void Lowering::collect_cases(const Stmt& s, TypeRef type) {
  const auto into = [&](const StmtPtr& child) {
    if (child) collect_cases(*child, type);
  };
  std::visit(overloaded{
                 [](const ExprStmt&) {},
                 [](const DeclStmt&) {},
                 [](const StaticAssert&) {},
                 [&](const Block& n) {
                   for (const StmtPtr& child : n.body) into(child);
                 },
                 [&](const If& n) {
                   into(n.then);
                   into(n.otherwise);
                 },
                 [&](const While& n) { into(n.body); },
                 [&](const DoWhile& n) { into(n.body); },
                 [&](const For& n) { into(n.body); },
                 [](const Switch&) {},
                 [&](const Case& n) {
                   const Builder::Label label = b_->label();
                   case_labels_[&s] = label;
                   const auto low = constant(*n.low, "a case");
                   const auto high = n.high ? constant(*n.high, "a case") : low;
                   if (low && high) {
                     const std::int64_t l = wrap(*low, width_of(type)), h = wrap(*high, width_of(type));
                     for (const SwitchCase& other : switch_->cases)
                       if (l <= other.high && other.low <= h)
                         fail(s.at, fmt::format("case {} is there twice", l));
                     if (h < l) fail(s.at, "this range of cases is empty");
                     switch_->cases.push_back({l, h, label});
                   }
                   into(n.body);
                 },
                 [&](const Default& n) {
                   if (switch_->otherwise) fail(s.at, "a second 'default' in one switch");
                   switch_->otherwise = case_labels_[&s] = b_->label();
                   into(n.body);
                 },
                 [&](const Label& n) { into(n.body); },
                 [](const Goto&) {},
                 [](const Break&) {},
                 [](const Continue&) {},
                 [](const Return&) {},
             },
             s.node);
}

void Lowering::switch_stmt(const Switch& s, const Loc& at) {
  Value v = expr(*s.value);
  if (v.type == nullptr || !v.type->is_integer()) {
    if (v.type != nullptr)
      fail(s.value->at, fmt::format("a switch needs an integer, not '{}'", describe(v.type)));
    v = {ir::constant(0), types_.int_type()};
  }
  v = convert(v, promoted(types_, v.type));
  if (v.op.is_reg()) {  // the variable itself may change inside
    const ir::Reg kept = b_->temp();
    b_->emit(ir::Move{kept, v.op});
    v.op = ir::reg(kept);
  }
  SwitchInfo info;
  SwitchInfo* const outer = switch_;
  switch_ = &info;
  collect_cases(*s.body, v.type);
  switch_ = outer;
  b_->at(at);
  const Width width = width_of(v.type);
  const auto end = b_->label();
  for (const SwitchCase& c : info.cases) {
    const auto next = b_->label();
    if (c.low == c.high) {
      b_->branch(b_->binary(BinaryOp::equal, width, v.op, ir::constant(c.low)), c.label, next);
    } else {
      const auto above = b_->label();
      b_->branch(b_->binary(BinaryOp::greater_equal, width, v.op, ir::constant(c.low)), above, next);
      b_->place(above);
      b_->branch(b_->binary(BinaryOp::less_equal, width, v.op, ir::constant(c.high)), c.label, next);
    }
    b_->place(next);
  }
  b_->jump(info.otherwise.value_or(end));
  exits_.push_back({end, std::nullopt, cleanups_.size()});
  stmt(*s.body);
  exits_.pop_back();
  b_->place(end);
}

}  // namespace ringtail::lang
