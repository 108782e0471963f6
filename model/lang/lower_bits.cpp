// SPDX-License-Identifier: GPL-2.0-or-later
// Bit-fields: where they lie is record_layout.h's.
#include <fmt/format.h>

#include "model/lang/lowering.h"

namespace ringtail::lang {

// A bit-field is loaded with its neighbours and stored with them, plainly: there is no other way to reach it.
Value Lowering::from_bits(ir::Operand cell, const Bits& bits, TypeRef declared) {
  const ir::Operand low =
      bits.first == 0 ? cell : b_->binary(BinaryOp::shift_right, {64, false}, cell, ir::constant(bits.first));
  const Width width = width_of(bits, declared);
  // what has fewer bits than int is int, as C promotes it
  const bool is_int = bits.count < 32 && !declared->is(Type::Kind::boolean);
  const TypeRef type = is_int ? types_.int_type() : declared;
  if (!low.is_reg()) return {ir::constant(wrap(low.constant, width)), type};
  const ir::Reg dst = b_->temp();
  b_->emit(ir::Convert{dst, low, width});
  return {ir::reg(dst), type};
}

ir::Operand Lowering::with_bits(ir::Operand cell, const Bits& bits, const Value& v) {
  constexpr Width kWord = {64, false};
  const auto mask = static_cast<std::uint64_t>(wrap(-1, {bits.count, false})) << bits.first;
  const ir::Operand moved =
      bits.first == 0 ? v.op : b_->binary(BinaryOp::shift_left, kWord, v.op, ir::constant(bits.first));
  const ir::Operand ours =
      b_->binary(BinaryOp::bit_and, kWord, moved, ir::constant(static_cast<std::int64_t>(mask)));
  const std::int64_t others = wrap(static_cast<std::int64_t>(~mask), width_of(bits.cell));
  const ir::Operand kept = b_->binary(BinaryOp::bit_and, kWord, cell, ir::constant(others));
  return b_->binary(BinaryOp::bit_or, kWord, kept, ours);
}

bool Lowering::no_bits(const Bits& bits, const Loc& at, std::string_view what) {
  if (bits.cell == nullptr) return true;
  fail(
      at, fmt::format("a bit-field has no address and no size of its own: {} cannot take it", what),
      "it is read and written plainly, with its neighbours; what threads share without a lock is a member of "
      "its own, or a bit for set_bit()");
  return false;
}

Value Lowering::load_to_change(Place& p) {
  if (p.type == nullptr || p.bits.cell == nullptr) return load(p);
  Place cell = p;
  cell.type = p.bits.cell;
  cell.bits = {};
  p.cell = load(cell).op;
  if (p.in_register) {
    const ir::Reg kept = b_->temp();
    b_->emit(ir::Move{kept, p.cell});
    p.cell = ir::reg(kept);
  }
  p.loaded = true;
  return from_bits(p.cell, p.bits, p.type);
}

}  // namespace ringtail::lang
