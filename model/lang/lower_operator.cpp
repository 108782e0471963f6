// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "model/lang/addressed.h"
#include "model/lang/lowering.h"
#include "model/lang/printer.h"

namespace ringtail::lang {
namespace {

constexpr Width kPointer = {64, false};

bool is_comparison(BinaryOp op) {
  return op == BinaryOp::less || op == BinaryOp::greater || op == BinaryOp::less_equal ||
         op == BinaryOp::greater_equal || op == BinaryOp::equal || op == BinaryOp::not_equal;
}

bool compatible(TypeRef a, TypeRef b) { return a == b || a->base->is_void() || b->base->is_void(); }

}  // namespace

ir::Operand Lowering::is_true(const Value& v) {
  if (v.type->is(Type::Kind::boolean)) return v.op;
  return b_->binary(BinaryOp::not_equal, width_of(v.type), v.op, ir::constant(0));
}

Value Lowering::convert(const Value& v, TypeRef to) {
  if (to->is(Type::Kind::boolean)) return {is_true(v), to};
  const Width from = width_of(v.type), want = width_of(to);
  const bool kept =
      want.bits == 64 || from == want || (from.bits < want.bits && (!from.is_signed || want.is_signed));
  if (kept) return {v.op, to};
  if (!v.op.is_reg()) return {ir::constant(wrap(v.op.constant, want)), to};
  const ir::Reg dst = b_->temp();
  b_->emit(ir::Convert{dst, v.op, want});
  return {ir::reg(dst), to};
}

// What C converts without being asked: assignments, arguments, returns, initial values.
Value Lowering::implicit(const Value& v, TypeRef to, const Loc& at, const char* context) {
  if (v.type == nullptr || to == nullptr) return {};
  const auto mismatch = [&](const char* hint) {
    return fail(at, fmt::format("{} should be '{}', not '{}'", context, describe(to), describe(v.type)),
                hint);
  };
  if (to->is_integer() && v.type->is_integer()) return convert(v, to);
  if (to->is(Type::Kind::boolean) && v.type->is_pointer()) return convert(v, to);
  if (to->is_pointer() && v.type->is_pointer()) {
    if (!compatible(to, v.type)) return mismatch("");
    if (ir::Allocate* made = v.type->base->is_void() ? b_->allocation(v.op) : nullptr)
      made->layout = layout(to->base);  // now it is seen what kmalloc() was for
    return {v.op, to};
  }
  if (to->is_pointer() && v.type->is_integer()) {
    if (!v.op.is_reg() && v.op.constant == 0) return {v.op, to};
    return mismatch("a cast makes a pointer of a number");
  }
  if (to->is_integer() && v.type->is_pointer()) return mismatch("a cast makes a number of a pointer");
  if (to == v.type && !to->is_void()) return v;
  return mismatch("");
}

Value Lowering::cast(const Cast& c, const Loc& at) {
  const TypeRef to = type_name(*c.type);
  const Value v = expr(*c.operand);
  if (to == nullptr || v.type == nullptr) return {};
  if (to->is_void()) return {ir::constant(0), to};
  if (to == v.type) return v;
  if (!to->is_scalar() || !v.type->is_scalar())
    return fail(at, fmt::format("'{}' cannot be cast to '{}'", describe(v.type), describe(to)));
  return convert(v, to);
}

Value Lowering::unary(const Unary& u, const Loc& at) {
  switch (u.op) {
    case UnaryOp::address:
      return address_of(*u.operand, at);
    case UnaryOp::dereference: {
      if (is_variable(dereferenced_name(u))) return load(place(*std::get<Unary>(u.operand->node).operand));
      const Value v = expr(*u.operand);
      if (v.type == nullptr) return {};
      if (!v.type->is_pointer())
        return fail(at, fmt::format("'*' needs a pointer, not '{}'", describe(v.type)));
      if (v.type->base->is(Type::Kind::function)) return v;
      if (v.type->base->is_void()) return fail(at, "'void *' points to nothing that can be read");
      Place p;
      p.type = v.type->base;
      p.address = v.op;
      b_->at(at);
      return load(p);
    }
    case UnaryOp::pre_increment:
    case UnaryOp::pre_decrement:
    case UnaryOp::post_increment:
    case UnaryOp::post_decrement:
      return step(u, at);
    case UnaryOp::logical_not: {
      const Value v = scalar_expr(*u.operand, "the operand of '!'");
      if (v.type == nullptr) return {};
      b_->at(at);
      return {b_->binary(BinaryOp::equal, width_of(v.type), v.op, ir::constant(0)), types_.int_type()};
    }
    case UnaryOp::plus:
    case UnaryOp::minus:
    case UnaryOp::complement:
      break;
  }
  Value v = expr(*u.operand);
  if (v.type == nullptr) return {};
  if (!v.type->is_integer())
    return fail(at, fmt::format("an integer is wanted here, not '{}'", describe(v.type)));
  v = convert(v, promoted(types_, v.type));
  b_->at(at);
  if (u.op == UnaryOp::plus) return v;
  const Width width = width_of(v.type);
  if (u.op == UnaryOp::minus) return {b_->binary(BinaryOp::subtract, width, ir::constant(0), v.op), v.type};
  return {b_->binary(BinaryOp::bit_xor, width, v.op, ir::constant(wrap(-1, width))), v.type};
}

Value Lowering::step(const Unary& u, const Loc& at) {
  const bool up = u.op == UnaryOp::pre_increment || u.op == UnaryOp::post_increment;
  const bool post = u.op == UnaryOp::post_increment || u.op == UnaryOp::post_decrement;
  Place p = place(*u.operand);
  if (p.type == nullptr) return {};
  if (!p.type->is_scalar()) return fail(at, fmt::format("'{}' cannot be stepped", describe(p.type)));
  Value old = load_to_change(p);
  if (post && p.in_register) {  // the register itself is about to change
    const ir::Reg kept = b_->temp();
    b_->emit(ir::Move{kept, old.op});
    old.op = ir::reg(kept);
  }
  const Value one{ir::constant(1), types_.int_type()};
  const Value sum = binary(up ? BinaryOp::add : BinaryOp::subtract, old, one, at);
  if (sum.type == nullptr) return {};
  const Value now = convert(sum, p.type);
  const Value stored = store(p, now);
  return post ? old : stored;
}

Value Lowering::binary(const Binary& b, const Loc& at) {
  if (b.op == BinaryOp::logical_and || b.op == BinaryOp::logical_or) return truth(b);
  const Value left = expr(*b.left);
  const Value right = expr(*b.right);
  if (left.type == nullptr || right.type == nullptr) return {};
  if (b.op == BinaryOp::comma) return right;
  b_->at(at);
  return binary(b.op, left, right, at);
}

Value Lowering::binary(BinaryOp op, Value left, Value right, const Loc& at) {
  if (is_comparison(op)) return compare(op, left, right, at);
  if (op == BinaryOp::add && right.type->is_pointer() && left.type->is_integer()) std::swap(left, right);
  if (left.type->is_pointer() && (op == BinaryOp::add || op == BinaryOp::subtract)) {
    if (right.type->is_integer()) return add_to_pointer(op, left, right, at);
    if (op == BinaryOp::subtract && left.type == right.type) {
      const ir::Operand bytes = b_->binary(BinaryOp::subtract, {64, true}, left.op, right.op);
      const auto size = static_cast<std::int64_t>(size_of(left.type->base));
      return {size == 1 ? bytes : b_->binary(BinaryOp::divide, {64, true}, bytes, ir::constant(size)),
              types_.builtin(Builtin::long_)};
    }
  }
  if (!left.type->is_integer() || !right.type->is_integer())
    return fail(at, fmt::format("'{}' cannot be applied to '{}' and '{}'", sign_of(op), describe(left.type),
                                describe(right.type)));
  if (op == BinaryOp::shift_left || op == BinaryOp::shift_right) {
    left = convert(left, promoted(types_, left.type));
    right = convert(right, promoted(types_, right.type));
    const Width width = width_of(left.type);
    if (!right.op.is_reg() && (right.op.constant < 0 || right.op.constant >= width.bits))
      return fail(at, fmt::format("a shift by {} of {} bits", right.op.constant, width.bits));
    return {b_->binary(op, width, left.op, right.op), left.type};
  }
  const TypeRef type = common(types_, left.type, right.type);
  left = convert(left, type);
  right = convert(right, type);
  if ((op == BinaryOp::divide || op == BinaryOp::modulo) && !right.op.is_reg() && right.op.constant == 0)
    return fail(at, "division by zero");
  return {b_->binary(op, width_of(type), left.op, right.op), type};
}

Value Lowering::add_to_pointer(BinaryOp op, const Value& pointer, const Value& n, const Loc& at) {
  const TypeRef base = pointer.type->base;
  if (!base->is_void() && !base->is(Type::Kind::function) && !is_complete(base))
    return fail(at, fmt::format("'{}' is incomplete, a pointer to it cannot be moved", describe(base)));
  if (!n.type->is_integer()) return fail(at, fmt::format("'{}' is not an index", describe(n.type)));
  const Value index = convert(n, types_.builtin(Builtin::long_));
  const ir::Operand bytes = b_->binary(BinaryOp::multiply, {64, true}, index.op,
                                       ir::constant(static_cast<std::int64_t>(size_of(base))));
  return {b_->binary(op, kPointer, pointer.op, bytes), pointer.type};
}

Value Lowering::compare(BinaryOp op, Value left, Value right, const Loc& at) {
  const auto is_null = [](const Value& v) {
    return v.type->is_integer() && !v.op.is_reg() && v.op.constant == 0;
  };
  Width width = kPointer;
  if (left.type->is_integer() && right.type->is_integer()) {
    const TypeRef type = common(types_, left.type, right.type);
    left = convert(left, type);
    right = convert(right, type);
    width = width_of(type);
  } else {
    const bool pointers =
        left.type->is_pointer() && right.type->is_pointer() && compatible(left.type, right.type);
    const bool null =
        (left.type->is_pointer() && is_null(right)) || (right.type->is_pointer() && is_null(left));
    if (!pointers && !null)
      return fail(at,
                  fmt::format("'{}' and '{}' cannot be compared", describe(left.type), describe(right.type)));
  }
  return {b_->binary(op, width, left.op, right.op), types_.int_type()};
}

Value Lowering::assign(const Assign& a, const Loc& at) {
  if (constant_mode_) return fail(at, "an assignment cannot be part of a constant");
  if (!a.op) {
    // The right side first: what it reads comes before the place's own address in no kernel idiom that
    // matters, and p = f(p) is then lowered as one expects.
    const Value right = expr(*a.right);
    const Place p = place(*a.left);
    if (p.type == nullptr || right.type == nullptr) return {};
    if (p.type->is(Type::Kind::array)) return fail(at, "an array cannot be assigned to");
    b_->at(at);
    const Value v = implicit(right, p.type, a.right->at, "the value assigned");
    return v.type == nullptr ? Value{} : store(p, v);
  }
  Place p = place(*a.left);
  if (p.type == nullptr) return {};
  const Value old = load_to_change(p);
  const Value right = expr(*a.right);
  if (old.type == nullptr || right.type == nullptr) return {};
  b_->at(at);
  const Value v = implicit(binary(*a.op, old, right, at), p.type, at, "the value assigned");
  return v.type == nullptr ? Value{} : store(p, v);
}

}  // namespace ringtail::lang
