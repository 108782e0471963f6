// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "model/base/result.h"
#include "model/lang/addressed.h"
#include "model/lang/literal.h"
#include "model/lang/lowering.h"
#include "model/lang/print.h"

namespace ringtail::lang {

Value Lowering::fail(const Loc& at, std::string what, std::string hint) {
  errors_.error(at, std::move(what), std::move(hint));
  return {};
}

Value Lowering::expr(const Expr& e) {
  const Loc before = b_->at();
  b_->at(e.at);
  Value out =
      std::visit(overloaded{
                     [&](const Number& n) {
                       const Builtin kind = n.is_long ? (n.is_unsigned ? Builtin::ulong : Builtin::long_)
                                                      : (n.is_unsigned ? Builtin::uint : Builtin::int_);
                       return Value{ir::constant(static_cast<std::int64_t>(n.value)), types_.builtin(kind)};
                     },
                     [&](const String& s) { return string(s, e.at); },
                     [&](const Name& n) -> Value {
                       const Symbol* s = find(n.id);
                       if (s != nullptr && std::holds_alternative<EnumConstant>(*s))
                         return {ir::constant(std::get<EnumConstant>(*s).value), types_.int_type()};
                       if (s != nullptr && std::holds_alternative<FunctionName>(*s)) {
                         const std::uint32_t index = function_index(std::get<FunctionName>(*s).id);
                         return {ir::constant(static_cast<std::int64_t>(ir::function_base + index)),
                                 types_.pointer_to(functions_[std::get<FunctionName>(*s).id].type)};
                       }
                       return load(place(e));
                     },
                     [&](const Unary& u) { return unary(u, e.at); },
                     [&](const Binary& b) { return binary(b, e.at); },
                     [&](const Assign& a) { return assign(a, e.at); },
                     [&](const Conditional& c) { return conditional(c, e.at); },
                     [&](const Call& c) { return call(c, e.at); },
                     [&](const Index&) { return load(place(e)); },
                     [&](const Member&) { return load(place(e)); },
                     [&](const Cast& c) { return cast(c, e.at); },
                     [&](const Sizeof& s) -> Value {
                       const TypeRef type = s.type ? type_name(*s.type) : scratch([&]() -> TypeRef {
                         const bool is_place = std::holds_alternative<Name>(s.operand->node) ||
                                               std::holds_alternative<Member>(s.operand->node) ||
                                               std::holds_alternative<Index>(s.operand->node);
                         if (!is_place) return expr(*s.operand).type;
                         const Place p = place(*s.operand);
                         return no_bits(p.bits, e.at, "sizeof") ? p.type : nullptr;
                       });
                       if (!complete(type, e.at, "the operand of sizeof")) return {};
                       return {ir::constant(static_cast<std::int64_t>(size_of(type))), types_.ulong_type()};
                     },
                     [&](const OffsetOf& o) -> Value {
                       const auto offset = offset_of(o);
                       if (!offset) return {};
                       return {ir::constant(static_cast<std::int64_t>(*offset)), types_.ulong_type()};
                     },
                     [&](const InitList&) {
                       return fail(e.at, "a list in braces is an initializer, not an expression");
                     },
                     [&](const CompoundLiteral&) { return load(place(e)); },
                     [&](const StatementExpr& s) { return statement_expr(s); },
                 },
                 e.node);
  b_->at(before);
  return out;
}

Value Lowering::scalar_expr(const Expr& e, const char* what) {
  const Value v = expr(e);
  if (v.type == nullptr) return v;
  if (!v.type->is_scalar())
    return fail(e.at, fmt::format("{} must be a number or a pointer, not '{}'", what, describe(v.type)));
  return v;
}

Place Lowering::place(const Expr& e) {
  b_->at(e.at);
  const auto no_place = [&]() -> Place {
    fail(e.at, "this is a value, a variable or something in memory is wanted here");
    return {};
  };
  const auto of_value = [&](const Value& v) -> Place {  // a structure, of which a member is asked for
    if (v.type == nullptr) return {};
    if (!v.type->is(Type::Kind::record)) return no_place();
    Place out;
    out.type = v.type;
    out.in_register = scalar(v.type) != nullptr;
    out.address = v.op;
    if (out.in_register) {
      out.reg = b_->temp();
      b_->emit(ir::Move{out.reg, v.op});
    }
    return out;
  };
  return std::visit(
      overloaded{
          [&](const Name& n) -> Place {
            const Symbol* s = find(n.id);
            if (s == nullptr) {
              fail(e.at, fmt::format("'{}' is not declared", n.id), hint(n.id, false));
              return {};
            }
            if (const auto* p = std::get_if<Place>(s)) return *p;
            if (std::holds_alternative<TypeAlias>(*s)) fail(e.at, fmt::format("'{}' is a type", n.id));
            else fail(e.at, fmt::format("'{}' is not a variable", n.id));
            return {};
          },
          [&](const Unary& u) -> Place {
            if (u.op != UnaryOp::dereference) return no_place();
            if (is_variable(dereferenced_name(u))) return place(*std::get<Unary>(u.operand->node).operand);
            const Value v = expr(*u.operand);
            if (v.type == nullptr) return {};
            if (!v.type->is_pointer()) {
              fail(e.at, fmt::format("'*' needs a pointer, not '{}'", describe(v.type)));
              return {};
            }
            Place out;
            out.type = v.type->base;
            out.address = v.op;
            return out;
          },
          [&](const Index& i) { return index_place(i, e.at); },
          [&](const Member& m) { return member_place(m, e.at); },
          [&](const Call& c) -> Place {
            const auto* callee = std::get_if<Name>(&c.callee->node);
            if (callee != nullptr && callee->id == "ACCESS_ONCE" && c.args.size() == 1) {
              Place out = place(*c.args[0]);
              if (!no_bits(out.bits, e.at, "ACCESS_ONCE()")) return {};
              out.order = ir::Order::once;
              return out;
            }
            return of_value(expr(e));  // f().member
          },
          [&](const CompoundLiteral& c) -> Place {
            const TypeRef type = type_name(*c.type);
            if (type == nullptr) return {};
            if (function_name_.empty() || constant_mode_) {
              fail(e.at, "a compound literal needs a function around it");
              return {};
            }
            const TypeRef sized = sized_by(type, *c.list);
            if (!complete(sized, e.at, "the compound literal")) return {};
            Place out;
            out.type = sized;
            if (scalar(sized) != nullptr) {
              out.in_register = true;
              out.reg = b_->temp();
            } else {
              out.address = ir::reg(local(sized, "literal"));
            }
            init_local(out, *c.list);
            return out;
          },
          [&](const Conditional& c) { return of_value(conditional(c, e.at)); },
          [&](const StatementExpr&) { return of_value(expr(e)); },
          [&](const Binary& b) { return b.op == BinaryOp::comma ? of_value(expr(e)) : no_place(); },
          [&](const Assign&) { return of_value(expr(e)); },
          [&](const Number&) { return no_place(); },
          [&](const String&) { return no_place(); },
          [&](const Cast&) { return no_place(); },
          [&](const Sizeof&) { return no_place(); },
          [&](const OffsetOf&) { return no_place(); },
          [&](const InitList&) { return no_place(); },
      },
      e.node);
}

Place Lowering::member_place(const Member& m, const Loc& at) {
  Place object;
  if (m.arrow) {
    const Value v = expr(*m.object);
    if (v.type == nullptr) return {};
    if (!v.type->is_pointer()) {
      fail(at, fmt::format("'->' needs a pointer, not '{}'", describe(v.type)),
           v.type->is(Type::Kind::record) ? "write '.'" : "");
      return {};
    }
    object.type = v.type->base;
    object.address = v.op;
  } else {
    object = place(*m.object);
    if (object.type == nullptr) return {};
  }
  if (!object.type->is(Type::Kind::record)) {
    fail(at, fmt::format("'{}' has no members", describe(object.type)),
         object.type->is_pointer() && !m.arrow ? "write '->'" : "");
    return {};
  }
  if (!complete(object.type, at, "this")) return {};
  const FoundField field = find_field(*object.type->record, m.field);
  if (field.type == nullptr) {
    fail(at, fmt::format("'{}' has no member '{}'", describe(object.type), m.field));
    return {};
  }
  object.type = field.type;
  object.bits = field.bits;
  if (!object.in_register) {
    b_->at(at);
    object.address = b_->binary(BinaryOp::add, {64, false}, object.address,
                                ir::constant(static_cast<std::int64_t>(field.offset)));
  }
  return object;
}

Place Lowering::index_place(const Index& i, const Loc& at) {
  Value base = expr(*i.base);
  Value index = expr(*i.index);
  if (base.type == nullptr || index.type == nullptr) return {};
  if (index.type->is_pointer()) std::swap(base, index);  // C allows 3[a]
  if (!base.type->is_pointer()) {
    fail(at, fmt::format("'{}' cannot be indexed", describe(base.type)));
    return {};
  }
  const Value sum = add_to_pointer(BinaryOp::add, base, index, at);
  if (sum.type == nullptr) return {};
  Place out;
  out.type = base.type->base;
  out.address = sum.op;
  return out;
}

Value Lowering::load(const Place& p) {
  if (p.type == nullptr) return {};
  if (p.bits.cell != nullptr) {
    Place once = p;
    return load_to_change(once);
  }
  if (p.type->is(Type::Kind::array)) return {p.address, types_.pointer_to(p.type->base)};
  if (p.type->is(Type::Kind::function)) return {p.address, types_.pointer_to(p.type)};
  if (p.in_register) return {ir::reg(p.reg), p.type};
  if (p.type->is_void()) return {ir::constant(0), p.type};
  const TypeRef inner = scalar(p.type);
  if (inner == nullptr) {
    if (!is_complete(p.type)) return fail(b_->at(), fmt::format("'{}' is incomplete", describe(p.type)));
    return {p.address, p.type};
  }
  const ir::Reg dst = b_->temp();
  b_->emit(ir::Load{dst, p.address, static_cast<std::uint8_t>(size_of(inner)), width_of(inner).is_signed,
                    order_of(p)});
  return {ir::reg(dst), p.type};
}

Value Lowering::store(const Place& p, const Value& v) {
  if (p.bits.cell != nullptr) {
    Place cell = p;
    if (!p.loaded) load_to_change(cell);
    cell.type = p.bits.cell;
    cell.bits = {};
    store(cell, {with_bits(cell.cell, p.bits, v), cell.type});
    return from_bits(v.op, {p.bits.cell, 0, p.bits.count}, p.type);
  }
  if (p.in_register) {
    b_->emit(ir::Move{p.reg, v.op});
    return v;
  }
  if (const TypeRef inner = scalar(p.type)) {
    b_->emit(ir::Store{p.address, v.op, static_cast<std::uint8_t>(size_of(inner)), order_of(p)});
    return v;
  }
  ir::Copy copy{p.address, v.op, {}};
  for (const Scalar& s : scalars(p.type))
    copy.parts.push_back({static_cast<std::uint32_t>(s.offset), static_cast<std::uint8_t>(size_of(s.type))});
  b_->emit(std::move(copy));
  return v;
}

Value Lowering::address_of(const Expr& operand, const Loc& at) {
  if (const auto* name = std::get_if<Name>(&operand.node)) {
    const Symbol* s = find(name->id);
    if (s != nullptr && std::holds_alternative<FunctionName>(*s)) return expr(operand);
  }
  const Place p = place(operand);
  if (p.type == nullptr) return {};
  if (!no_bits(p.bits, at, "'&'")) return {};
  if (p.in_register) return fail(at, "this lives in a register and has no address");
  return {p.address, types_.pointer_to(p.type)};
}

// Jumps on a condition. What is tested on the way taints the register `tested`, where there is one: the
// outcome depends on it. It is gathered on the way and not at the end, since not every part of a condition is
// evaluated on every way.
void Lowering::logical(const Binary& b, Builder::Label then, Builder::Label otherwise,
                       const ir::Reg* tested) {
  const auto second = b_->label();
  if (b.op == BinaryOp::logical_and) condition(*b.left, second, otherwise, tested);
  else condition(*b.left, then, second, tested);
  b_->place(second);
  condition(*b.right, then, otherwise, tested);
}

void Lowering::condition(const Expr& e, Builder::Label then, Builder::Label otherwise,
                         const ir::Reg* tested) {
  if (const auto* b = std::get_if<Binary>(&e.node);
      b != nullptr && (b->op == BinaryOp::logical_and || b->op == BinaryOp::logical_or))
    return logical(*b, then, otherwise, tested);
  if (const auto* u = std::get_if<Unary>(&e.node); u != nullptr && u->op == UnaryOp::logical_not)
    return condition(*u->operand, otherwise, then, tested);
  const Value v = condition_value(e);
  b_->at(e.at);
  const ir::Operand op = v.type == nullptr ? ir::constant(0) : v.op;
  if (tested != nullptr && op.is_reg()) b_->emit(ir::Taint{*tested, ir::reg(*tested), op});
  if (op.is_reg()) b_->branch(op, then, otherwise);
  else b_->jump(op.constant != 0 ? then : otherwise);
}

Value Lowering::truth(const Binary& b) {
  if (constant_mode_) {
    const Value left = condition_value(*b.left), right = condition_value(*b.right);
    if (left.type == nullptr || right.type == nullptr) return {};
    const bool decided = !left.op.is_reg() && (left.op.constant != 0) == (b.op == BinaryOp::logical_or);
    if (decided) return {ir::constant(b.op == BinaryOp::logical_or), types_.int_type()};
    if (left.op.is_reg() || right.op.is_reg()) return {ir::reg(b_->temp()), types_.int_type()};
    return {ir::constant(right.op.constant != 0), types_.int_type()};
  }
  const auto yes = b_->label(), no = b_->label(), end = b_->label();
  const ir::Reg out = b_->temp();
  const ir::Reg tested = b_->temp();
  b_->emit(ir::Move{tested, ir::constant(0)});
  logical(b, yes, no, &tested);
  b_->place(yes);
  b_->emit(ir::Move{out, ir::constant(1)});
  b_->jump(end);
  b_->place(no);
  b_->emit(ir::Move{out, ir::constant(0)});
  b_->place(end);
  return {b_->taint(ir::reg(out), ir::reg(tested)), types_.int_type()};
}

Value Lowering::conditional(const Conditional& c, const Loc& at) {
  const Value test = condition_value(*c.condition);
  if (test.type == nullptr) return {};
  const auto arm = [&](const ExprPtr& e) { return e ? expr(*e) : test; };
  // The type of the whole must be known before either arm is emitted for good.
  const Value then_type = scratch([&] { return arm(c.then); });
  const Value else_type = scratch([&] { return arm(c.otherwise); });
  if (then_type.type == nullptr || else_type.type == nullptr) return {};
  TypeRef type = then_type.type;
  const auto is_null = [](const Value& v) {
    return v.type->is_integer() && !v.op.is_reg() && v.op.constant == 0;
  };
  if (then_type.type->is_integer() && else_type.type->is_integer())
    type = common(types_, then_type.type, else_type.type);
  else if (is_null(then_type) && else_type.type->is_pointer()) type = else_type.type;
  else if (is_null(else_type) && then_type.type->is_pointer()) type = then_type.type;
  else if (then_type.type->is_void() || else_type.type->is_void()) type = types_.builtin(Builtin::void_);
  else if (then_type.type->is_pointer() && else_type.type->is_pointer())
    type = then_type.type->base->is_void() ? else_type.type : then_type.type;
  else if (then_type.type != else_type.type)
    return fail(at, fmt::format("the two sides have different types, '{}' and '{}'", describe(then_type.type),
                                describe(else_type.type)));
  const auto finish = [&](const ExprPtr& e) {
    const Value v = arm(e);
    if (type->is_void() || v.type == nullptr) return Value{ir::constant(0), type};
    return implicit(v, type, e ? e->at : at, "the conditional expression");
  };
  if (!test.op.is_reg()) return finish(test.op.constant != 0 ? c.then : c.otherwise);
  if (constant_mode_) return {ir::reg(b_->temp()), type};
  const auto yes = b_->label(), no = b_->label(), end = b_->label();
  const ir::Reg out = b_->temp();
  b_->branch(test.op, yes, no);
  b_->place(yes);
  Value v = finish(c.then);
  b_->emit(ir::Move{out, v.op});
  b_->jump(end);
  b_->place(no);
  v = finish(c.otherwise);
  b_->emit(ir::Move{out, v.op});
  b_->place(end);
  return {b_->taint(ir::reg(out), test.op), type};
}

Value Lowering::statement_expr(const StatementExpr& s) {
  if (constant_mode_ || function_name_.empty())
    return fail(s.block->at, "a statement expression needs a function around it");
  const Inner scope(*this);
  const auto& body = std::get<Block>(s.block->node).body;
  Value out{ir::constant(0), types_.builtin(Builtin::void_)};
  for (std::size_t i = 0; i < body.size(); ++i) {
    const auto* last = i + 1 == body.size() ? std::get_if<ExprStmt>(&body[i]->node) : nullptr;
    if (last != nullptr && last->expr) out = expr(*last->expr);
    else stmt(*body[i]);
  }
  return out;
}

// The bytes of a literal, without the 0 at its end.
std::string Lowering::bytes_of(const String& s, const Loc& at) {
  const auto bytes = unescape(std::string_view(s.text).substr(1, s.text.size() - 2));
  if (!bytes) fail(at, "an escape in the string is malformed");
  return bytes.value_or("");
}

Value Lowering::string(const String& s, const Loc& at) {
  const std::string bytes = bytes_of(s, at);
  const TypeRef type = types_.array_of(types_.builtin(Builtin::char_), bytes.size() + 1);
  const Place p = new_global(fmt::format("string.{}", ++strings_), type, at);
  ir::Global& g = program_.globals.back();
  for (std::size_t i = 0; i < bytes.size() && i < g.cells.size(); ++i)
    g.cells[i].value = static_cast<signed char>(bytes[i]);
  return load(p);
}

std::optional<std::uint64_t> Lowering::offset_of(const OffsetOf& o) {
  TypeRef type = type_name(*o.type);
  std::uint64_t offset = 0;
  for (const Designator& d : o.path) {
    if (!complete(type, d.at, "the type in offsetof")) return std::nullopt;
    if (d.index) {
      const auto n = constant(*d.index, "an index in offsetof");
      if (!n || !type->is(Type::Kind::array)) {
        if (n) fail(d.at, fmt::format("'{}' is not an array", describe(type)));
        return std::nullopt;
      }
      type = type->base;
      offset += static_cast<std::uint64_t>(*n) * size_of(type);
      continue;
    }
    const FoundField f = type->is(Type::Kind::record) ? find_field(*type->record, d.field) : FoundField{};
    if (f.type == nullptr) {
      fail(d.at, fmt::format("'{}' has no member '{}'", describe(type), d.field));
      return std::nullopt;
    }
    if (!no_bits(f.bits, d.at, "offsetof")) return std::nullopt;
    type = f.type;
    offset += f.offset;
  }
  return offset;
}

std::optional<std::int64_t> Lowering::constant(const Expr& e, const char* what) {
  const bool before = constant_mode_;
  constant_mode_ = true;
  const Value v = scratch([&] { return expr(e); });
  constant_mode_ = before;
  if (v.type == nullptr) return std::nullopt;
  if (v.op.is_reg() || !v.type->is_scalar()) {
    fail(e.at, fmt::format("{} must be a constant", what));
    return std::nullopt;
  }
  return v.op.constant;
}

}  // namespace ringtail::lang
