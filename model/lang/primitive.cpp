// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/lang/primitive.h"

#include <array>

namespace ringtail::lang {
namespace {

using Kind = PrimitiveKind;
using ir::Fence;
using ir::Guard;
using ir::LockKind;
using ir::Order;
using ir::RmwOp;

struct Access {
  std::string_view name;
  Kind kind;
  Order order;
  std::uint8_t args;
};
constexpr std::array<Access, 12> kAccesses = {{
    {"READ_ONCE", Kind::load_place, Order::once, 1},
    {"WRITE_ONCE", Kind::store_place, Order::once, 2},
    {"rcu_dereference", Kind::load_place, Order::once, 1},
    {"rcu_assign_pointer", Kind::store_place, Order::release, 2},
    {"smp_store_mb", Kind::store_mb, Order::once, 2},
    {"smp_load_acquire", Kind::load_pointer, Order::acquire, 1},
    {"smp_store_release", Kind::store_pointer, Order::release, 2},
    {"read", Kind::load_pointer, Order::once, 1},  // the atomics', after their prefix
    {"read_acquire", Kind::load_pointer, Order::acquire, 1},
    {"set", Kind::store_pointer, Order::once, 2},
    {"set_release", Kind::store_pointer, Order::release, 2},
    {"set_mb", Kind::store_mb, Order::once, 2},
}};
constexpr std::size_t kFirstAtomicAccess = 7;

struct Barrier {
  std::string_view name;
  Fence fence;
};
constexpr std::array<Barrier, 14> kBarriers = {{
    {"smp_mb", Fence::mb},
    {"smp_rmb", Fence::rmb},
    {"smp_wmb", Fence::wmb},
    {"barrier", Fence::barrier},
    {"smp_mb__before_atomic", Fence::before_atomic},
    {"smp_mb__after_atomic", Fence::after_atomic},
    {"smp_mb__after_spinlock", Fence::after_spinlock},
    {"smp_mb__after_unlock_lock", Fence::after_unlock_lock},
    {"smp_mb__after_srcu_read_unlock", Fence::after_srcu_read_unlock},
    {"smp_acquire__after_ctrl_dep", Fence::after_ctrl_dep},
    {"rcu_read_lock", Fence::rcu_lock},
    {"rcu_read_unlock", Fence::rcu_unlock},
    {"synchronize_rcu", Fence::sync_rcu},
    {"synchronize_rcu_expedited", Fence::sync_rcu},
}};

struct LockRow {
  std::string_view name;
  Kind kind;
  LockKind lock;
  std::uint8_t args;
};
constexpr std::array<LockRow, 16> kLocks = {{
    {"spin_lock", Kind::lock, LockKind::spin, 1},
    {"spin_unlock", Kind::unlock, LockKind::spin, 1},
    {"spin_trylock", Kind::trylock, LockKind::spin, 1},
    {"spin_is_locked", Kind::is_locked, LockKind::spin, 1},
    {"mutex_lock", Kind::lock, LockKind::mutex, 1},
    {"mutex_unlock", Kind::unlock, LockKind::mutex, 1},
    {"mutex_trylock", Kind::trylock, LockKind::mutex, 1},
    {"mutex_is_locked", Kind::is_locked, LockKind::mutex, 1},
    {"srcu_read_lock", Kind::srcu_lock, LockKind::spin, 1},
    {"srcu_down_read", Kind::srcu_lock, LockKind::spin, 1},
    {"srcu_read_unlock", Kind::srcu_unlock, LockKind::spin, 2},
    {"srcu_up_read", Kind::srcu_unlock, LockKind::spin, 2},
    {"synchronize_srcu", Kind::srcu_sync, LockKind::spin, 1},
    {"synchronize_srcu_expedited", Kind::srcu_sync, LockKind::spin, 1},
    {"raw_spin_lock", Kind::lock, LockKind::spin, 1},
    {"raw_spin_unlock", Kind::unlock, LockKind::spin, 1},
}};

struct Stem {
  std::string_view name;
  RmwOp op;
  bool unit;  // inc and dec have no operand
};
constexpr std::array<Stem, 8> kStems = {{
    {"add", RmwOp::add, false},
    {"sub", RmwOp::subtract, false},
    {"inc", RmwOp::add, true},
    {"dec", RmwOp::subtract, true},
    {"and", RmwOp::bit_and, false},
    {"or", RmwOp::bit_or, false},
    {"xor", RmwOp::bit_xor, false},
    {"andnot", RmwOp::and_not, false},
}};

// Read-modify-writes of the atomics that exist in one form only, all fully ordered when they write.
struct Special {
  std::string_view name;
  RmwOp op;
  bool unit;
  Guard guard;
  std::optional<std::int64_t> guard_value;
  RmwResult result;
  bool pointer_first;
  std::uint8_t args;
};
constexpr std::array<Special, 10> kSpecials = {{
    {"sub_and_test", RmwOp::subtract, false, Guard::always, {}, RmwResult::updated_is_zero, false, 2},
    {"dec_and_test", RmwOp::subtract, true, Guard::always, {}, RmwResult::updated_is_zero, false, 1},
    {"inc_and_test", RmwOp::add, true, Guard::always, {}, RmwResult::updated_is_zero, false, 1},
    {"add_negative", RmwOp::add, false, Guard::always, {}, RmwResult::updated_is_negative, false, 2},
    {"add_unless", RmwOp::add, false, Guard::not_equal, {}, RmwResult::guard_held, true, 3},
    {"fetch_add_unless", RmwOp::add, false, Guard::not_equal, {}, RmwResult::old, true, 3},
    {"inc_not_zero", RmwOp::add, true, Guard::not_equal, 0, RmwResult::guard_held, true, 1},
    {"inc_unless_negative", RmwOp::add, true, Guard::greater, -1, RmwResult::guard_held, true, 1},
    {"dec_unless_positive", RmwOp::subtract, true, Guard::less, 1, RmwResult::guard_held, true, 1},
    {"dec_if_positive", RmwOp::subtract, true, Guard::greater, 0, RmwResult::updated, true, 1},
}};

bool strip_prefix(std::string_view& s, std::string_view prefix) {
  if (s.substr(0, prefix.size()) != prefix) return false;
  s.remove_prefix(prefix.size());
  return true;
}

bool strip_suffix(std::string_view& s, std::string_view suffix) {
  if (s.size() < suffix.size() || s.substr(s.size() - suffix.size()) != suffix) return false;
  s.remove_suffix(suffix.size());
  return true;
}

Order strip_order(std::string_view& s) {
  if (strip_suffix(s, "_relaxed")) return Order::once;
  if (strip_suffix(s, "_acquire")) return Order::acquire;
  if (strip_suffix(s, "_release")) return Order::release;
  return Order::full;
}

Primitive access(const Access& row) {
  Primitive p{row.kind};
  p.order = row.order;
  p.args = row.args;
  return p;
}

// xchg, cmpxchg, try_cmpxchg, with or without the atomics' prefix.
std::optional<Primitive> exchange(std::string_view name) {
  const Order order = strip_order(name);
  Primitive p{Kind::rmw};
  p.order = order;
  p.pointer_first = true;
  if (name == "xchg") {
    p.result = RmwResult::old;
    p.args = 2;
    return p;
  }
  if (name != "cmpxchg" && name != "try_cmpxchg") return std::nullopt;
  p.kind = name == "cmpxchg" ? Kind::cmpxchg : Kind::try_cmpxchg;
  p.args = 3;
  return p;
}

std::optional<Primitive> atomic(std::string_view name) {
  for (std::size_t i = kFirstAtomicAccess; i < kAccesses.size(); ++i)
    if (kAccesses[i].name == name) return access(kAccesses[i]);
  for (const Special& row : kSpecials) {
    if (row.name != name) continue;
    Primitive p{Kind::rmw, Order::full};
    p.op = row.op;
    p.guard = row.guard;
    p.guard_value = row.guard_value;
    p.result = row.result;
    p.pointer_first = row.pointer_first;
    if (row.unit) p.operand = 1;
    p.args = row.args;
    return p;
  }
  if (const auto p = exchange(name)) return p;
  const std::string_view whole = name;
  Primitive p{Kind::rmw};
  p.order = strip_order(name);
  p.result = RmwResult::none;
  if (strip_prefix(name, "fetch_")) p.result = RmwResult::old;
  else if (strip_suffix(name, "_return")) p.result = RmwResult::updated;
  for (const Stem& stem : kStems) {
    if (stem.name != name) continue;
    p.op = stem.op;
    if (stem.unit) p.operand = 1;
    p.args = stem.unit ? 1 : 2;
    if (p.result == RmwResult::updated && stem.op != RmwOp::add && stem.op != RmwOp::subtract)
      return std::nullopt;
    if (p.result != RmwResult::none) return p;
    if (whole != name) return std::nullopt;  // there is no atomic_add_acquire()
    p.order = Order::noreturn;
    return p;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Primitive> find_primitive(std::string_view name) {
  for (std::size_t i = 0; i < kFirstAtomicAccess; ++i)
    if (kAccesses[i].name == name) return access(kAccesses[i]);
  for (const Barrier& row : kBarriers) {
    if (row.name != name) continue;
    Primitive p{Kind::fence};
    p.fence = row.fence;
    return p;
  }
  for (const LockRow& row : kLocks) {
    if (row.name != name) continue;
    Primitive p{row.kind};
    p.lock = row.lock;
    p.args = row.args;
    return p;
  }
  for (const std::string_view prefix : {"atomic_long_", "atomic64_", "atomic_"}) {
    std::string_view rest = name;
    if (!strip_prefix(rest, prefix)) continue;
    if (const auto p = atomic(rest)) return p;
  }
  return exchange(name);
}

void each_primitive(const std::function<void(const std::string&)>& visit) {
  for (std::size_t i = 0; i < kFirstAtomicAccess; ++i) visit(std::string(kAccesses[i].name));
  for (const Barrier& row : kBarriers) visit(std::string(row.name));
  for (const LockRow& row : kLocks) visit(std::string(row.name));
  std::vector<std::string> atomics;
  const auto ordered = [&](const std::string& name) {
    for (const std::string_view order : {"", "_relaxed", "_acquire", "_release"})
      atomics.push_back(name + std::string(order));
  };
  for (const std::string_view name : {"xchg", "cmpxchg", "try_cmpxchg"}) ordered(std::string(name));
  for (const std::string& name : atomics) visit(name);  // those of plain words
  for (std::size_t i = kFirstAtomicAccess; i < kAccesses.size(); ++i) atomics.emplace_back(kAccesses[i].name);
  for (const Special& row : kSpecials) atomics.emplace_back(row.name);
  for (const Stem& row : kStems) {
    const std::string stem(row.name);
    atomics.push_back(stem);
    ordered("fetch_" + stem);
    if (row.op == RmwOp::add || row.op == RmwOp::subtract) ordered(stem + "_return");
  }
  for (const std::string_view prefix : {"atomic_", "atomic_long_", "atomic64_"})
    for (const std::string& name : atomics) visit(std::string(prefix) + name);
}

}  // namespace ringtail::lang
