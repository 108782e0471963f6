// SPDX-License-Identifier: GPL-2.0-or-later
// Instructions that ask for something: what the request says.
#include <algorithm>

#include "model/machine/run.h"
#include "model/machine/tag.h"

namespace ringtail::machine {
namespace {

// What srcu_read_lock() gives under lkmm-6.1, where it is told apart by nothing else: herd7's numbers.
constexpr std::int64_t kSrcuToken = 906, kSrcuStep = 1797;

using memory::Tag;

}  // namespace

memory::Tag Runner::tag(ir::Order order) const {
  return order == ir::Order::plain && m_.options_.plain_is_once ? Tag::once : tag_of(order);
}

// Asks which interrupt comes now, if one may and that is not decided yet.
bool Runner::may_interrupt() {
  if (h_.irqs == 0 || h_.irqs_off != 0 || h_.asked ||
      std::any_of(frames_.begin(), frames_.end(), [](const Frame& f) { return f.interrupt; }))
    return false;
  Request which;
  which.act = Act::choose;
  which.guard_value = __builtin_popcount(h_.irqs);
  which.source = number();
  h_.deciding = true;
  h_.request = which;
  return true;
}

bool Runner::ask(Request r, const ir::Operand& address, DepSet data) {
  if (may_interrupt()) return false;
  r.source = number();
  r.address = static_cast<std::uint64_t>(get(address));
  r.addr = deps(address);
  r.data = data;
  r.ctrl = control();
  for (const LoopMark& l : loops_) {
    if (!in_loop(l)) continue;
    r.may_spin |= l.effects == h_.effects;
    r.may_sleep |= m_.loops_[l.id].sleeps;
  }
  r.may_drop = m_.assumes_[frame().function][frame().pc];
  h_.request = r;
  return false;
}

bool Runner::may_sleep() {
  if (m_.litmus_) return true;
  return h_.preempt_off == 0 && h_.irqs_off == 0 && h_.rcu_depth == 0 && !h_.in_irq &&
         std::none_of(frames_.begin(), frames_.end(), [](const Frame& f) { return f.interrupt; });
}

bool Runner::shows(Tag t) const {
  const bool rcu = t == Tag::rcu_lock || t == Tag::rcu_unlock || t == Tag::sync_rcu;
  if (m_.options_.only_rcu_fences) return rcu;
  return rcu || t == Tag::mb || t == Tag::after_srcu_read_unlock || m_.options_.fences;
}

// An access to a lock as a whole.
Request Runner::of_lock(Act act, Tag tag) const {
  Request r;
  r.act = act;
  r.tag = tag;
  r.size = m_.litmus_ ? 8 : 4;
  return r;
}

bool Runner::lock(const ir::Operand& address, ir::LockKind kind, bool blocking) {
  const auto at = static_cast<std::uint64_t>(get(address));
  if (!m_.litmus_ && blocking) {
    if (kind == ir::LockKind::mutex && !may_sleep()) return stop(Failure::sleeps);
    if (std::find(held_.begin(), held_.end(), at) != held_.end()) return stop(Failure::self_deadlock);
  }
  Request r = of_lock(Act::rmw, Tag::lock_read);
  r.guard = ir::Guard::equal;
  r.operand = 1;
  r.blocking = blocking;
  return ask(r, address, 0);
}

bool Runner::on(const ir::FenceInstr& n) {
  const Tag t = tag_of(n.fence);
  if (!m_.litmus_) {
    if (t == Tag::rcu_unlock && h_.rcu_depth == 0) return stop(Failure::unbalanced_rcu);
    if (t == Tag::sync_rcu && !may_sleep()) return stop(Failure::sleeps);
  }
  if (!shows(t)) return next();
  Request r;
  r.act = Act::fence;
  r.tag = t;
  return ask(r, ir::constant(0), 0);
}

bool Runner::on(const ir::Load& n) {
  if (const auto at = static_cast<std::uint64_t>(get(n.address)); is_own(at)) {
    std::uint64_t raw = 0;
    DepSet deps = 0;
    if (!load_own(at, n.size, raw, deps)) return false;
    set(n.dst,
        lang::wrap(static_cast<std::int64_t>(raw), {static_cast<std::uint8_t>(n.size * 8), n.is_signed}),
        deps);
    return next();
  }
  Request r;
  r.act = Act::read;
  r.tag = tag(n.order);
  r.size = n.size;
  r.is_signed = n.is_signed;
  return ask(r, n.address, 0);
}

bool Runner::on(const ir::Store& n) {
  if (const auto at = static_cast<std::uint64_t>(get(n.address)); is_own(at))
    return store_own(at, n.size, static_cast<std::uint64_t>(get(n.value)), deps(n.value)) &&
           !note(at, n.size, get(n.value)) && next();
  Request r;
  r.act = Act::write;
  r.tag = tag(n.order);
  r.size = n.size;
  r.operand = get(n.value);
  return ask(r, n.address, deps(n.value));
}

bool Runner::on(const ir::Rmw& n) {
  Request r;
  r.act = Act::rmw;
  r.tag = tag(n.order);
  r.op = n.op;
  r.guard = n.guard;
  r.size = n.size;
  r.is_signed = n.is_signed;
  r.blocking = n.blocking;
  r.wait = n.wait;
  r.operand = get(n.value);
  r.guard_value = get(n.guard_value);
  r.guard_deps = deps(n.guard_value);  // not of the write: herd7 has it as control within the instruction
  return ask(r, n.address, deps(n.value));
}

bool Runner::on(const ir::Await& n) {
  if (n.wait == ir::WaitKind::sleep && !may_sleep()) return stop(Failure::sleeps);
  Request r;
  r.act = Act::read;
  r.tag = tag(n.order);
  r.guard = n.guard;
  r.wait = n.wait;
  r.size = n.size;
  r.is_signed = n.is_signed;
  r.blocking = true;
  r.guard_value = get(n.guard_value);
  return ask(r, n.address, 0);
}

bool Runner::on(const ir::Lock& n) { return lock(n.address, n.kind, true); }

bool Runner::on(const ir::Unlock& n) {
  const auto at = static_cast<std::uint64_t>(get(n.address));
  if (!m_.litmus_ && std::find(held_.begin(), held_.end(), at) == held_.end())
    return stop(Failure::not_locked);
  return ask(of_lock(Act::write, Tag::unlock), n.address, 0);
}

bool Runner::on(const ir::TryLock& n) { return lock(n.address, n.kind, false); }

bool Runner::on(const ir::IsLocked& n) { return ask(of_lock(Act::read, Tag::is_locked), n.address, 0); }

bool Runner::on(const ir::SrcuLock& n) {
  Request r = of_lock(m_.options_.srcu_fences ? Act::fence : Act::read, Tag::srcu_lock);
  r.operand = kSrcuToken + kSrcuStep * h_.tokens;
  return ask(r, n.address, 0);
}

bool Runner::on(const ir::SrcuUnlock& n) {
  Request r = of_lock(m_.options_.srcu_fences ? Act::fence : Act::write, Tag::srcu_unlock);
  r.operand = get(n.index);
  return ask(r, n.address, deps(n.index));
}

bool Runner::on(const ir::SrcuSync& n) {
  if (!may_sleep()) return stop(Failure::sleeps);
  return ask(of_lock(Act::fence, Tag::sync_srcu), n.address, 0);
}

bool Runner::on(const ir::CallRcu& n) {
  Request r;
  r.act = Act::spawn;
  r.operand = get(n.function);
  r.guard_value = get(n.argument);
  return ask(r, ir::constant(static_cast<std::int64_t>(spawn_address(thread_, h_.spawned))), 0);
}

bool Runner::on(const ir::Allocate& n) {
  Request r;
  r.act = Act::alloc;
  r.operand = get(n.size);
  if (r.operand < 0 || static_cast<std::uint64_t>(r.operand) > object_size_limit)
    return stop(Failure::out_of_bounds);
  return ask(r, ir::constant(static_cast<std::int64_t>(object_address(thread_, h_.objects))), 0);
}

bool Runner::on(const ir::Free& n) {
  if (get(n.address) == 0) return next();
  Request r;
  r.act = Act::free;
  return ask(r, n.address, 0);
}

bool Runner::on(const ir::Local& n) {
  if (m_.options_.own && m_.private_[frame().function][frame().pc]) {
    const std::uint64_t at = make_own(n.size);
    set(n.dst, static_cast<std::int64_t>(at), 0);
    return !note(at, 0, 0) && next();
  }
  Request r;
  r.act = Act::alloc;
  r.operand = static_cast<std::int64_t>(n.size);
  return ask(r, ir::constant(static_cast<std::int64_t>(object_address(thread_, h_.objects))), 0);
}

bool Runner::on(const ir::Choose& n) {
  Request r;
  r.act = Act::choose;
  r.operand = get(n.low);
  r.is_signed = n.is_signed;
  const std::int64_t high = get(n.high);
  const bool empty = n.is_signed ? high < r.operand
                                 : static_cast<std::uint64_t>(high) < static_cast<std::uint64_t>(r.operand);
  r.guard_value = empty ? r.operand : high;
  return ask(r, ir::constant(0), 0);
}

}  // namespace ringtail::machine
