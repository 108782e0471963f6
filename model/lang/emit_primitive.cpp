// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/base/result.h"
#include "model/lang/primitive.h"

namespace ringtail::lang {
namespace {

BinaryOp binary_of(ir::RmwOp op) {
  switch (op) {
    case ir::RmwOp::exchange:
      break;
    case ir::RmwOp::add:
      return BinaryOp::add;
    case ir::RmwOp::subtract:
      return BinaryOp::subtract;
    case ir::RmwOp::bit_and:
      return BinaryOp::bit_and;
    case ir::RmwOp::bit_or:
      return BinaryOp::bit_or;
    case ir::RmwOp::bit_xor:
      return BinaryOp::bit_xor;
    case ir::RmwOp::and_not:
      return BinaryOp::bit_and;
  }
  return BinaryOp::comma;  // the value itself
}

BinaryOp comparison_of(ir::Guard guard) {
  switch (guard) {
    case ir::Guard::equal:
      return BinaryOp::equal;
    case ir::Guard::not_equal:
      return BinaryOp::not_equal;
    case ir::Guard::greater:
      return BinaryOp::greater;
    case ir::Guard::less:
      return BinaryOp::less;
    case ir::Guard::always:
    case ir::Guard::mask_zero:
    case ir::Guard::mask_set:
      break;
  }
  fatal("this guard has no comparison");
}

std::optional<ir::Operand> emit_rmw(Builder& b, const Primitive& p, Cell cell, ir::Operand address,
                                    const std::vector<ir::Operand>& values) {
  ir::Rmw rmw;
  rmw.dst = b.temp();
  rmw.address = address;
  rmw.value = p.operand ? ir::constant(*p.operand) : values.at(0);
  rmw.op = p.op;
  rmw.guard = p.guard;
  rmw.guard_value = p.guard_value                  ? ir::constant(*p.guard_value)
                    : p.guard == ir::Guard::always ? ir::constant(0)
                                                   : values.back();
  rmw.size = cell.size;
  rmw.is_signed = cell.is_signed;
  rmw.order = p.order;
  b.emit(rmw);
  const ir::Operand old = ir::reg(rmw.dst);
  const auto updated = [&] { return b.binary(binary_of(p.op), cell.width(), old, rmw.value); };
  const ir::Operand zero = ir::constant(0);
  switch (p.result) {
    case RmwResult::none:
      return std::nullopt;
    case RmwResult::old:
      return old;
    case RmwResult::updated:
      return updated();
    case RmwResult::updated_is_zero:
      return b.binary(BinaryOp::equal, cell.width(), updated(), zero);
    case RmwResult::updated_is_negative:
      return b.binary(BinaryOp::less, {cell.width().bits, true}, updated(), zero);
    case RmwResult::guard_held:
      return b.binary(comparison_of(p.guard), cell.width(), old, rmw.guard_value);
  }
  return std::nullopt;
}

}  // namespace

std::optional<ir::Operand> emit_primitive(Builder& b, const Primitive& p, Cell cell, ir::Operand address,
                                          const std::vector<ir::Operand>& values) {
  const auto result = [&](auto node) {
    node.dst = b.temp();
    b.emit(node);
    return ir::reg(node.dst);
  };
  switch (p.kind) {
    case PrimitiveKind::load_place:
    case PrimitiveKind::load_pointer:
      return result(ir::Load{0, address, cell.size, cell.is_signed, p.order});
    case PrimitiveKind::store_place:
    case PrimitiveKind::store_pointer:
      b.emit(ir::Store{address, values.at(0), cell.size, p.order});
      return std::nullopt;
    case PrimitiveKind::store_mb:
      b.emit(ir::Store{address, values.at(0), cell.size, p.order});
      b.emit(ir::FenceInstr{ir::Fence::mb});
      return std::nullopt;
    case PrimitiveKind::fence:
      b.emit(ir::FenceInstr{p.fence});
      return std::nullopt;
    case PrimitiveKind::rmw:
      return emit_rmw(b, p, cell, address, values);
    case PrimitiveKind::cmpxchg:
    case PrimitiveKind::try_cmpxchg: {
      ir::Rmw rmw;
      rmw.address = address;
      rmw.guard = ir::Guard::equal;
      rmw.guard_value = values.at(0);
      rmw.value = values.at(1);
      rmw.size = cell.size;
      rmw.is_signed = cell.is_signed;
      rmw.order = p.order;
      return result(rmw);
    }
    case PrimitiveKind::lock:
      b.emit(ir::Lock{address, p.lock});
      return std::nullopt;
    case PrimitiveKind::unlock:
      b.emit(ir::Unlock{address, p.lock});
      return std::nullopt;
    case PrimitiveKind::trylock:
      return result(ir::TryLock{0, address, p.lock});
    case PrimitiveKind::is_locked:
      return result(ir::IsLocked{0, address});
    case PrimitiveKind::srcu_lock:
      return result(ir::SrcuLock{0, address});
    case PrimitiveKind::srcu_unlock:
      b.emit(ir::SrcuUnlock{address, values.at(0)});
      return std::nullopt;
    case PrimitiveKind::srcu_sync:
      b.emit(ir::SrcuSync{address});
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace ringtail::lang
