// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's primitives that are instructions of the IR, by name, with the ordering that the kernel gives
// them (tools/memory-model/linux-kernel.def). What can be written in kernel C on top of these is in the
// prelude.
//
// The atomics' names are composed, as the kernel composes them: atomic_ or atomic_long_ or atomic64_, then
// fetch_add, add_return, cmpxchg and so on, then _relaxed, _acquire, _release or nothing; so they are
// decoded, not listed.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "model/lang/builder.h"
#include "model/lang/ir.h"

namespace ringtail::lang {

enum class PrimitiveKind : std::uint8_t {
  load_place,     // READ_ONCE(x): the argument is the place itself
  store_place,    // WRITE_ONCE(x, v)
  load_pointer,   // smp_load_acquire(p)
  store_pointer,  // smp_store_release(p, v)
  store_mb,       // smp_store_mb(x, v): once, then a full barrier
  fence,
  rmw,
  cmpxchg,      // (p, old, new)
  try_cmpxchg,  // (p, &old, new)
  lock,
  unlock,
  trylock,
  is_locked,
  srcu_lock,
  srcu_unlock,
  srcu_sync
};

// Which value a read-modify-write gives.
enum class RmwResult : std::uint8_t {
  none,
  old,
  updated,
  updated_is_zero,      // dec_and_test
  updated_is_negative,  // add_negative
  guard_held            // add_unless
};

struct Primitive {
  PrimitiveKind kind;
  ir::Order order = ir::Order::plain;
  ir::Fence fence = ir::Fence::mb;
  ir::LockKind lock = ir::LockKind::spin;
  // rmw
  ir::RmwOp op = ir::RmwOp::exchange;
  ir::Guard guard = ir::Guard::always;
  RmwResult result = RmwResult::none;
  bool pointer_first = false;                          // xchg(p, v); the others are (v, p)
  std::optional<std::int64_t> operand = std::nullopt;  // inc, dec: 1
  std::optional<std::int64_t> guard_value =
      std::nullopt;  // inc_not_zero: 0; add_unless takes it as its last argument
  std::uint8_t args = 0;
};

std::optional<Primitive> find_primitive(std::string_view name);
void each_primitive(const std::function<void(const std::string&)>& visit);  // their names

// The scalar that a primitive works on.
struct Cell {
  std::uint8_t size = 8;
  bool is_signed = true;
  Width width() const { return {static_cast<std::uint8_t>(size * 8), is_signed}; }
};

// Emits the primitive on the scalar at `address`; `values` are its other arguments, in order, without those
// that the name implies. try_cmpxchg is given the expected value, and writing back what was found is the
// caller's part. Gives the result, where there is one: of cmpxchg and try_cmpxchg the old value.
std::optional<ir::Operand> emit_primitive(Builder& b, const Primitive& p, Cell cell, ir::Operand address,
                                          const std::vector<ir::Operand>& values);

}  // namespace ringtail::lang
