// SPDX-License-Identifier: GPL-2.0-or-later
// What the answer to a request does to the thread that made it.
#include <algorithm>

#include "model/base/result.h"
#include "model/machine/run.h"

namespace ringtail::machine {
namespace {

using memory::Tag;

std::int64_t extend(std::int64_t v, const Request& r) {
  return lang::wrap(v, {static_cast<std::uint8_t>(r.size * 8), r.is_signed});
}

}  // namespace

// A call_rcu() callback first sees the call, and then waits for a grace period.
void Runner::await_grace_period(std::uint64_t address) {
  h_.prologue = 2;
  h_.request = {};
  h_.request.act = Act::read;
  h_.request.tag = Tag::acquire;
  h_.request.guard = ir::Guard::equal;
  h_.request.guard_value = 1;
  h_.request.blocking = true;
  h_.request.address = address;
  h_.request.source = number();
}

void Runner::deliver(std::int64_t value, DepSet dep) {
  if (h_.prologue == 2) {
    h_.prologue = 1;
    h_.request = {};
    h_.request.act = Act::fence;
    h_.request.tag = Tag::sync_rcu;
    h_.request.source = number();
    return;
  }
  if (h_.prologue == 1) {
    h_.prologue = 0;
    return;
  }
  if (h_.deciding) {
    h_.deciding = false;
    h_.asked = value == 0;
    if (value == 0) return;
    std::uint32_t left = h_.irqs;
    for (std::int64_t i = 1; i < value; ++i) left &= left - 1;
    const int which = __builtin_ctz(left);
    h_.irqs &= ~(1u << which);
    return interrupt(static_cast<std::size_t>(which));
  }
  if (h_.request.act == Act::note) {  // a copy may have more to do
    if (!std::holds_alternative<ir::Copy>(code_[frame().pc].node)) ++frame().pc;
    return;
  }
  h_.asked = false;
  const Request& r = h_.request;
  h_.reads += r.act == Act::read || r.act == Act::rmw;
  h_.writes += r.act == Act::write || r.act == Act::spawn ||
               (r.act == Act::rmw && holds(r.guard, value, r.guard_value));
  const ir::Node& node = code_[std::min<std::size_t>(frame().pc, code_size_ - 1)].node;
  const auto release = [&](std::uint64_t at) {
    if (const auto it = std::find(held_.begin(), held_.end(), at); it != held_.end()) held_.erase(it);
  };
  const auto acquired = [&](ir::LockKind kind) {
    held_.push_back(r.address);
    if (kind == ir::LockKind::spin) ++h_.preempt_off;
    effect(r, 0, true, 1);
  };
  std::visit(overloaded{
                 [&](const ir::Load& n) { set(n.dst, extend(value, r), dep); },
                 [&](const ir::Await& n) { set(n.dst, extend(value, r), dep); },
                 [&](const ir::Store&) { effect(r, 0, false, r.operand); },
                 [&](const ir::Rmw& n) {
                   set(n.dst, extend(value, r), dep);
                   if (m_.changes(r, value)) effect(r, value, true, combine(r, value));
                 },
                 [&](const ir::Lock& n) { acquired(n.kind); },
                 [&](const ir::TryLock& n) {
                   set(n.dst, value == 0, dep);
                   if (value == 0) acquired(n.kind);
                 },
                 [&](const ir::Unlock& n) {
                   release(r.address);
                   if (n.kind == ir::LockKind::spin && h_.preempt_off > 0) --h_.preempt_off;
                   effect(r, 1, true, 0);
                 },
                 [&](const ir::IsLocked& n) { set(n.dst, value != 0, dep); },
                 [&](const ir::FenceInstr& n) {
                   if (n.fence == ir::Fence::rcu_lock) ++h_.rcu_depth;
                   if (n.fence == ir::Fence::rcu_unlock && h_.rcu_depth > 0) --h_.rcu_depth;
                 },
                 [&](const ir::SrcuLock& n) {
                   set(n.dst, m_.options_.srcu_fences ? r.operand : value, dep);
                   effect();
                   ++h_.tokens;
                 },
                 [&](const ir::SrcuUnlock&) { effect(); },
                 [&](const ir::CallRcu&) {
                   effect();
                   ++h_.spawned;
                 },
                 [&](const ir::Allocate& n) {
                   ++h_.objects;
                   effect();
                   set(n.dst, static_cast<std::int64_t>(r.address), 0);
                 },
                 [&](const ir::Local& n) {
                   ++h_.objects;
                   effect();
                   locals_.push_back(r.address);
                   set(n.dst, static_cast<std::int64_t>(r.address), 0);
                 },
                 [&](const ir::Free&) { effect(); },
                 [&](const ir::Copy&) {
                   if (h_.part % 2 == 0) h_.carried = value, h_.carried_deps = dep;
                   else effect();
                   ++h_.part;
                 },
                 [&](const ir::Choose& n) { set(n.dst, value, 0); },
                 [&](const auto&) {},
             },
             node);
  if (r.act == Act::free && !locals_.empty() && !std::holds_alternative<ir::Free>(node)) {
    locals_.pop_back();
    return;  // the return goes on
  }
  if (!std::holds_alternative<ir::Copy>(node)) ++frame().pc;
}

}  // namespace ringtail::machine
