// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/lang/lower_litmus_thread.h"

#include <fmt/format.h>

#include "model/base/result.h"

namespace ringtail::lang {
namespace {

constexpr std::int64_t kWord = 8;
constexpr Width kWide = {64, true};

}  // namespace

LitmusThreadLowering::LitmusThreadLowering(const LitmusThread& thread,
                                           const std::map<std::string, std::int64_t>& initial,
                                           const Addresses& globals, std::uint32_t& loops, Errors& errors)
    : thread_(thread),
      initial_(initial),
      globals_(globals),
      loops_(loops),
      errors_(errors),
      b_(fmt::format("P{}", thread.id), thread.at) {}

ir::Function LitmusThreadLowering::run() {
  for (const Parameter& p : thread_.params) params_[p.declarator.name] = globals_.at(p.declarator.name);
  for (const auto& [name, value] : initial_) b_.emit(ir::Move{reg(name), ir::constant(value)});
  stmt(*thread_.body);
  return b_.finish();
}

ir::Reg LitmusThreadLowering::reg(const std::string& name) {
  const auto [it, fresh] = regs_.try_emplace(name, ir::no_reg);
  if (fresh) it->second = b_.named(name);
  return it->second;
}

ir::Operand LitmusThreadLowering::refuse(const Expr& e, const char* what, const char* hint) {
  errors_.error(e.at, what, hint);
  return ir::constant(0);
}

void LitmusThreadLowering::declare(const Declaration& d) {
  for (const InitDeclarator& one : d.declarators) {
    for (const DeclaratorPart& part : one.declarator.parts)
      if (!std::holds_alternative<PointerPart>(part))
        errors_.error(one.declarator.at,
                      "a thread of a litmus test has registers only, no arrays and no functions");
    const ir::Reg r = reg(one.declarator.name);
    params_.erase(one.declarator.name);  // the register hides the parameter
    if (one.init) {
      const ir::Operand v = value(*one.init);
      b_.emit(ir::Move{r, v});
    }
  }
}

void LitmusThreadLowering::stmt(const Stmt& s) {
  const auto refused = [&](const char* what) { errors_.error(s.at, what, "write it as a spec in kernel C"); };
  std::visit(overloaded{
                 [&](const ExprStmt& n) {
                   if (!n.expr) return;
                   b_.at(n.expr->at);
                   if (const auto* c = std::get_if<Call>(&n.expr->node)) call(*c, *n.expr);
                   else value(*n.expr);
                 },
                 [&](const StaticAssert&) { refused("a litmus thread asserts nothing"); },
                 [&](const DeclStmt& n) {
                   b_.at(s.at);
                   declare(n.declaration);
                 },
                 [&](const Block& n) {
                   for (const StmtPtr& child : n.body) stmt(*child);
                 },
                 [&](const If& n) {
                   const auto then = b_.label(), otherwise = b_.label(), end = b_.label();
                   condition(*n.condition, then, otherwise);
                   b_.place(then);
                   stmt(*n.then);
                   b_.jump(end);
                   b_.place(otherwise);
                   if (n.otherwise) stmt(*n.otherwise);
                   b_.place(end);
                 },
                 [&](const While& n) { loop(n.condition.get(), *n.body, nullptr, false); },
                 [&](const DoWhile& n) { loop(n.condition.get(), *n.body, nullptr, true); },
                 [&](const For& n) {
                   if (n.init) stmt(*n.init);
                   loop(n.condition.get(), *n.body, n.step.get(), false);
                 },
                 [&](const Switch&) { refused("'switch' is not part of litmus tests"); },
                 [&](const Case&) { refused("'case' is not part of litmus tests"); },
                 [&](const Default&) { refused("'default' is not part of litmus tests"); },
                 [&](const Label&) { refused("labels are not part of litmus tests"); },
                 [&](const Goto&) { refused("'goto' is not part of litmus tests"); },
                 [&](const Break&) {
                   if (exits_.empty()) errors_.error(s.at, "'break' outside a loop");
                   else b_.jump(exits_.back().break_to);
                 },
                 [&](const Continue&) {
                   if (exits_.empty()) errors_.error(s.at, "'continue' outside a loop");
                   else b_.jump(exits_.back().continue_to);
                 },
                 [&](const Return& n) {
                   if (n.value) errors_.error(s.at, "a thread returns nothing");
                   b_.emit(ir::Ret{ir::constant(0)});
                 },
             },
             s.node);
}

void LitmusThreadLowering::loop(const Expr* test, const Stmt& body, const Expr* step, bool body_first) {
  const auto head = b_.label(), start = b_.label(), next = b_.label(), end = b_.label();
  exits_.push_back({end, next});
  b_.place(head);
  b_.emit(ir::Loop{loops_++});
  if (!body_first && test != nullptr) condition(*test, start, end);
  b_.place(start);
  stmt(body);
  b_.place(next);
  if (step != nullptr) value(*step);
  if (body_first) condition(*test, head, end);
  else b_.jump(head);
  b_.place(end);
  exits_.pop_back();
}

void LitmusThreadLowering::condition(const Expr& e, Builder::Label then, Builder::Label otherwise) {
  b_.at(e.at);
  if (const auto* binary = std::get_if<Binary>(&e.node);
      binary != nullptr && (binary->op == BinaryOp::logical_and || binary->op == BinaryOp::logical_or)) {
    const auto second = b_.label();
    if (binary->op == BinaryOp::logical_and) condition(*binary->left, second, otherwise);
    else condition(*binary->left, then, second);
    b_.place(second);
    condition(*binary->right, then, otherwise);
    return;
  }
  b_.branch(value(e), then, otherwise);
}

// A condition's value, where C allows it as an operand.
ir::Operand LitmusThreadLowering::truth(const Expr& e) {
  const auto yes = b_.label(), no = b_.label(), end = b_.label();
  const ir::Reg out = b_.temp();
  condition(e, yes, no);
  b_.place(yes);
  b_.emit(ir::Move{out, ir::constant(1)});
  b_.jump(end);
  b_.place(no);
  b_.emit(ir::Move{out, ir::constant(0)});
  b_.place(end);
  return ir::reg(out);
}

ir::Operand LitmusThreadLowering::value(const Expr& e) {
  const auto outside = [&](const char* what) { return refuse(e, what, "write it as a spec in kernel C"); };
  return std::visit(
      overloaded{
          [&](const Number& n) { return ir::constant(static_cast<std::int64_t>(n.value)); },
          [&](const String&) { return outside("strings are not part of litmus tests"); },
          [&](const Name& n) {
            if (is_param(n.id)) return ir::constant(static_cast<std::int64_t>(params_.at(n.id)));
            return ir::reg(reg(n.id));
          },
          [&](const Unary& u) { return unary(u, e); },
          [&](const Binary& b) { return binary(b, e); },
          [&](const Assign& a) { return assign(a); },
          [&](const Conditional&) { return outside("'?:' is not part of litmus tests"); },
          [&](const Call& c) {
            const auto v = call(c, e);
            return v ? *v : refuse(e, "this gives no value");
          },
          [&](const Index&) {
            const ir::Reg dst = b_.temp();
            const ir::Operand at = address(e);
            b_.emit(ir::Load{dst, at, kWord, true, ir::Order::plain});
            return ir::reg(dst);
          },
          [&](const Member&) { return outside("structures are not part of litmus tests"); },
          [&](const Cast& c) { return value(*c.operand); },
          [&](const Sizeof&) { return outside("'sizeof' is not part of litmus tests"); },
          [&](const OffsetOf&) { return outside("'offsetof' is not part of litmus tests"); },
          [&](const InitList&) { return outside("'{' is not an expression"); },
          [&](const CompoundLiteral&) { return outside("compound literals are not part of litmus tests"); },
          [&](const StatementExpr&) { return outside("statement expressions are not part of litmus tests"); },
      },
      e.node);
}

ir::Operand LitmusThreadLowering::unary(const Unary& u, const Expr& whole) {
  switch (u.op) {
    case UnaryOp::plus:
      return value(*u.operand);
    case UnaryOp::minus:
      return b_.binary(BinaryOp::subtract, kWide, ir::constant(0), value(*u.operand));
    case UnaryOp::complement:
      return b_.binary(BinaryOp::bit_xor, kWide, value(*u.operand), ir::constant(-1));
    case UnaryOp::logical_not:
      return b_.binary(BinaryOp::equal, kWide, value(*u.operand), ir::constant(0));
    case UnaryOp::dereference: {
      const ir::Operand at = value(*u.operand);
      const ir::Reg dst = b_.temp();
      b_.emit(ir::Load{dst, at, kWord, true, ir::Order::plain});
      return ir::reg(dst);
    }
    case UnaryOp::address: {
      const auto* name = std::get_if<Name>(&u.operand->node);
      if (name != nullptr && !is_param(name->id)) return refuse(whole, "a register has no address");
      return address(*u.operand);
    }
    case UnaryOp::pre_increment:
    case UnaryOp::pre_decrement:
    case UnaryOp::post_increment:
    case UnaryOp::post_decrement: {
      const bool up = u.op == UnaryOp::pre_increment || u.op == UnaryOp::post_increment;
      const bool post = u.op == UnaryOp::post_increment || u.op == UnaryOp::post_decrement;
      ir::Operand old = value(*u.operand);
      if (post) {  // the register itself is about to change
        const ir::Reg kept = b_.temp();
        b_.emit(ir::Move{kept, old});
        old = ir::reg(kept);
      }
      const ir::Operand now = b_.binary(up ? BinaryOp::add : BinaryOp::subtract, kWide, old, ir::constant(1));
      store(*u.operand, now);
      return post ? old : now;
    }
  }
  return ir::constant(0);
}

ir::Operand LitmusThreadLowering::binary(const Binary& b, const Expr& whole) {
  if (b.op == BinaryOp::logical_and || b.op == BinaryOp::logical_or) return truth(whole);
  ir::Operand left = value(*b.left);
  const ir::Operand right = value(*b.right);
  return b.op == BinaryOp::comma ? right : b_.binary(b.op, kWide, left, right);
}

ir::Operand LitmusThreadLowering::assign(const Assign& a) {
  ir::Operand v;
  if (a.op) {
    const ir::Operand old = value(*a.left);
    v = b_.binary(*a.op, kWide, old, value(*a.right));
  } else {
    v = value(*a.right);
  }
  store(*a.left, v);
  return v;
}

void LitmusThreadLowering::store(const Expr& place, ir::Operand v) {
  if (const auto* cast = std::get_if<Cast>(&place.node)) return store(*cast->operand, v);
  if (const auto* name = std::get_if<Name>(&place.node); name != nullptr && !is_param(name->id)) {
    b_.emit(ir::Move{reg(name->id), v});
    return;
  }
  b_.emit(ir::Store{address(place), v, kWord, ir::Order::plain});
}

// READ_ONCE(*p), READ_ONCE(x), READ_ONCE(a[1]): what the place's address is.
ir::Operand LitmusThreadLowering::address(const Expr& e) {
  if (const auto* u = std::get_if<Unary>(&e.node); u != nullptr && u->op == UnaryOp::dereference)
    return value(*u->operand);
  if (const auto* cast = std::get_if<Cast>(&e.node)) return address(*cast->operand);
  if (const auto* index = std::get_if<Index>(&e.node)) {
    const ir::Operand base = value(*index->base);
    const ir::Operand scaled =
        b_.binary(BinaryOp::multiply, kWide, value(*index->index), ir::constant(kWord));
    return b_.binary(BinaryOp::add, kWide, base, scaled);
  }
  if (const auto* name = std::get_if<Name>(&e.node); name != nullptr && is_param(name->id)) return value(e);
  return refuse(e, "a place in memory is wanted here, as in READ_ONCE(*x)");
}

std::optional<ir::Operand> LitmusThreadLowering::call(const Call& c, const Expr& whole) {
  const auto* callee = std::get_if<Name>(&c.callee->node);
  if (callee == nullptr) return refuse(whole, "only the kernel's primitives can be called");
  if (callee->id == "kfree") return std::nullopt;
  const std::optional<Primitive> p = find_primitive(callee->id);
  if (!p) {
    errors_.error(whole.at, fmt::format("'{}' is not one of the kernel's primitives", callee->id));
    return ir::constant(0);
  }
  if (p->args != c.args.size()) {
    errors_.error(whole.at, fmt::format("'{}' takes {} argument{}, {} given", callee->id, p->args,
                                        p->args == 1 ? "" : "s", c.args.size()));
    return ir::constant(0);
  }
  if (p->kind == PrimitiveKind::fence) return emit_primitive(b_, *p, {}, {}, {});
  const bool value_first = p->kind == PrimitiveKind::rmw && !p->pointer_first && p->args == 2;
  const bool by_place = p->kind == PrimitiveKind::load_place || p->kind == PrimitiveKind::store_place ||
                        (p->kind == PrimitiveKind::store_mb && callee->id == "smp_store_mb");
  const Expr& where = *c.args[value_first ? 1 : 0];
  const ir::Operand at = by_place ? address(where) : value(where);
  if (p->kind == PrimitiveKind::try_cmpxchg) return try_cmpxchg(c, *p, at, whole);
  std::vector<ir::Operand> values;
  for (const ExprPtr& arg : c.args)
    if (arg.get() != &where) values.push_back(value(*arg));
  b_.at(whole.at);
  return emit_primitive(b_, *p, {}, at, values);
}

// try_cmpxchg(p, &old, new), where old is a register or a place in memory.
ir::Operand LitmusThreadLowering::try_cmpxchg(const Call& c, const Primitive& p, ir::Operand at,
                                              const Expr& whole) {
  const auto* pointer = std::get_if<Unary>(&c.args[1]->node);
  if (pointer == nullptr || pointer->op != UnaryOp::address)
    return refuse(*c.args[1], "'&' and the register with the expected value are wanted here");
  const Expr& expected = *pointer->operand;
  const ir::Reg old = b_.temp();
  b_.emit(ir::Move{old, value(expected)});
  const ir::Operand fresh = value(*c.args[2]);
  b_.at(whole.at);
  const ir::Operand found = *emit_primitive(b_, p, {}, at, {ir::reg(old), fresh});
  const ir::Operand done = b_.binary(BinaryOp::equal, kWide, found, ir::reg(old));
  const auto failed = b_.label(), end = b_.label();
  b_.branch(done, end, failed);
  b_.place(failed);
  store(expected, found);
  b_.place(end);
  return done;
}

}  // namespace ringtail::lang
