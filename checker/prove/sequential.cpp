// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/prove/sequential.h"

#include "checker/prove/atomic.h"
#include "model/base/result.h"
#include "model/machine/machine.h"

namespace ringtail::prove {

using lang::BinaryOp;
using lang::Width;
using machine::Failure;

namespace {

constexpr Width kLock{32, true};

Width width_of(std::uint8_t size, bool is_signed) { return {static_cast<std::uint8_t>(size * 8), is_signed}; }

}  // namespace

InitialCell left_by(const explore::Initial& initial) {
  return [&initial](std::uint64_t address, std::uint8_t) -> Value {
    const auto it = initial.values.find(address);
    return it == initial.values.end() ? 0 : it->second;
  };
}

State state_after(const ir::Program& program, const explore::Initial& initial, const InitialCell& cell) {
  State s{{}, {}, Memory(program, &cell), {}, 0, 0, true};
  for (const explore::Initial::Object& o : initial.objects)
    s.memory.objects[o.address] = {static_cast<std::int64_t>(o.size), o.freed ? 1 : 0, true};
  return s;
}

Resolved Sequential::access(State& s, const Value& address, std::uint8_t size, bool writes) {
  Resolved where = s.memory.resolve(c, address, size);
  if (!where.unknown.empty()) give_up(s, where.unknown);
  demand(s, !where.inside, Failure::out_of_bounds, {}, address);
  demand(s, where.freed, Failure::use_after_free, {}, address);
  if (!s.alive) where.targets.clear();
  else touched(s, where, size, writes);
  return where;
}

Value Sequential::load(State& s, const Value& address, Width width) {
  const Resolved where = access(s, address, static_cast<std::uint8_t>(width.bits / 8), false);
  return s.alive ? s.memory.load(c, where, width) : Value(0);
}

void Sequential::store(State& s, const Value& address, std::uint8_t size, const Value& value) {
  const Resolved where = access(s, address, size, true);
  if (s.alive) s.memory.store(c, where, size, value, c.bool_val(true));
}

std::uint64_t Sequential::allocate(State& s, const Value& size, bool heap) {
  const std::uint64_t address = machine::object_address(number_, objects_++);
  s.memory.objects[address] = {size, 0, heap};
  return address;
}

void Sequential::free(State& s, const Value& address) {
  if (address.is(0)) return;
  const z3::expr null = equal(c, address, 0);
  z3::expr right = null, gone = c.bool_val(false);
  Bases bases = s.memory.bases(address);
  for (auto& [base, object] : s.memory.objects) {
    if (!object.heap || (!bases.anywhere && !bases.objects.contains(base))) continue;
    const z3::expr same = equal(c, address, static_cast<std::int64_t>(base));
    right = right || same;
    gone = gone || (same && object.freed.truth(c));
    object.freed = either(c, same.simplify(), 1, object.freed);
  }
  demand(s, !right, Failure::bad_free);
  demand(s, gone, Failure::double_free);
}

void Sequential::take(State& s, const Value& address, const z3::expr& taken) {
  if (!address.is_number()) return give_up(s, "which lock is taken depends on an input");
  const auto lock = static_cast<std::uint64_t>(address.number());
  const auto before = s.held.find(lock);
  s.held[lock] = either(c, taken.simplify(), 1, before == s.held.end() ? Value(0) : before->second);
}

void Sequential::leave(State& s, const Frame& done) {
  for (const std::uint64_t local : done.locals) {
    s.memory.objects[local].freed = 1;
    s.memory.cells.erase(s.memory.cells.lower_bound(local),
                         s.memory.cells.lower_bound(local + machine::object_size_limit));
  }
}

void Sequential::end(State& s) {
  if (!s.alive) return;
  demand(s, s.rcu_depth.truth(c), Failure::unbalanced_rcu);
  for (const auto& [lock, held] : std::map(s.held))
    if (s.alive) demand(s, held.truth(c), Failure::lock_held);
}

bool Sequential::effect(State& s, const ir::Instr& instr) {
  const auto lock_value = [&](const Value& address) { return load(s, address, kLock); };
  std::visit(overloaded{
                 [&](const ir::Load& n) {
                   Value v = load(s, get(s, n.address), width_of(n.size, n.is_signed));
                   set(s, n.dst, std::move(v));
                 },
                 [&](const ir::Store& n) { store(s, get(s, n.address), n.size, get(s, n.value)); },
                 [&](const ir::Rmw& n) {
                   const Width width = width_of(n.size, n.is_signed);
                   const Resolved where = access(s, get(s, n.address), n.size, true);
                   if (!s.alive) return;
                   const Value old = s.memory.load(c, where, width);
                   const z3::expr goes = holds(c, n.guard, old, get(s, n.guard_value)).simplify();
                   if (n.blocking) wait(s, goes);
                   if (!s.alive) return;
                   s.memory.store(c, where, n.size, combine(c, n.op, old, get(s, n.value), width), goes);
                   set(s, n.dst, old);
                 },
                 [&](const ir::Await& n) {
                   const Value v = load(s, get(s, n.address), width_of(n.size, n.is_signed));
                   if (!s.alive) return;
                   wait(s, holds(c, n.guard, v, get(s, n.guard_value)));
                   set(s, n.dst, v);
                 },
                 [&](const ir::Lock& n) {
                   const Value address = get(s, n.address), v = lock_value(address);
                   if (!s.alive) return;
                   demand(s, v.truth(c), Failure::self_deadlock);
                   if (!s.alive) return;
                   store(s, address, 4, 1);
                   take(s, address, c.bool_val(true));
                   locked(s, address);
                 },
                 [&](const ir::TryLock& n) {
                   const Value address = get(s, n.address), v = lock_value(address);
                   if (!s.alive) return;
                   const z3::expr free = equal(c, v, 0).simplify();
                   store(s, address, 4, 1);
                   take(s, address, free);
                   set(s, n.dst, either(c, free, 1, 0));
                   if (free.is_true()) locked(s, address);
                 },
                 [&](const ir::Unlock& n) {
                   const Value address = get(s, n.address);
                   if (!address.is_number()) return give_up(s, "which lock is released depends on an input");
                   const auto held = s.held.find(static_cast<std::uint64_t>(address.number()));
                   demand(s, held == s.held.end() ? c.bool_val(true) : !held->second.truth(c),
                          Failure::not_locked);
                   if (!s.alive) return;
                   unlocking(s, address);
                   if (!s.alive) return;
                   s.held.erase(held);
                   store(s, address, 4, 0);
                 },
                 [&](const ir::IsLocked& n) {
                   const Value v = lock_value(get(s, n.address));
                   set(s, n.dst, wrap(c, Value::of(v.truth(c), false), kLock));
                 },
                 [&](const ir::FenceInstr& n) {
                   if (n.fence == ir::Fence::rcu_lock)
                     s.rcu_depth = arithmetic(c, BinaryOp::add, s.rcu_depth, 1, kLock);
                   if (n.fence != ir::Fence::rcu_unlock) return;
                   demand(s, !s.rcu_depth.truth(c), Failure::unbalanced_rcu);
                   s.rcu_depth = arithmetic(c, BinaryOp::subtract, s.rcu_depth, 1, kLock);
                 },
                 [&](const ir::SrcuLock& n) { set(s, n.dst, 0); },
                 [&](const ir::Allocate& n) {
                   const Value size = get(s, n.size);
                   demand(s, less(c, static_cast<std::int64_t>(machine::object_size_limit), size, false),
                          Failure::out_of_bounds);
                   if (s.alive) set(s, n.dst, static_cast<std::int64_t>(allocate(s, size, true)));
                 },
                 [&](const ir::Local& n) {
                   const std::uint64_t address = allocate(s, static_cast<std::int64_t>(n.size), false);
                   s.frames.back().locals.push_back(address);
                   set(s, n.dst, static_cast<std::int64_t>(address));
                 },
                 [&](const ir::Free& n) { free(s, get(s, n.address)); },
                 [&](const ir::Copy& n) {
                   for (const ir::Copy::Part& part : n.parts) {
                     const auto at = [&](ir::Operand base) {
                       const Value b = get(s, base);
                       Value v = arithmetic(c, BinaryOp::add, b, part.offset, {64, false});
                       v.bases = s.memory.bases(b);
                       return v;
                     };
                     const Value v = load(s, at(n.from), width_of(part.size, true));
                     if (!s.alive) return;
                     store(s, at(n.to), part.size, v);
                     if (!s.alive) return;
                   }
                 },
                 [&](const ir::CurrentTask& n) { set(s, n.dst, static_cast<std::int64_t>(number_)); },
                 [&](const ir::IrqSave& n) { set(s, n.dst, 1); },
                 [&](const auto&) {},  // fences, interrupts, preemption: nobody is there to see them
             },
             instr.node);
  return s.alive;
}

}  // namespace ringtail::prove
