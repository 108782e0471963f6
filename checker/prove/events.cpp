// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/prove/events.h"

#include <algorithm>

#include <fmt/format.h>

#include "checker/prove/atomic.h"
#include "model/base/result.h"
#include "model/machine/machine.h"
#include "model/machine/tag.h"

namespace ringtail::prove {

using lang::BinaryOp;
using lang::Width;
using memory::Kind;
using memory::Tag;

namespace {

std::set<std::uint32_t> joined(const std::set<std::uint32_t>& a, const std::set<std::uint32_t>& b) {
  std::set<std::uint32_t> out = a;
  out.insert(b.begin(), b.end());
  return out;
}

}  // namespace

void EventRun::thread(std::size_t number, std::uint32_t function) {
  thread_ = current = number;
  ways.emplace_back();
  State s{{}, {}, Memory(program_, &nothing_), {}, 0, 0, true};
  start(s, function);
  go_on(s);
  finish(s);
}

void EventRun::finish(State& s) {
  if (!s.alive || !given_up.empty()) return;
  if (!program_.litmus && (s.rcu != 0 || !s.locks.empty())) {
    demand(s, c.bool_val(true), s.rcu != 0 ? machine::Failure::unbalanced_rcu : machine::Failure::lock_held);
    return;
  }
  ways.back().push_back({all(s.path), s.frames.front().registers, true});
  s.alive = false;
}

template <class F>
void EventRun::fork(State& s, const z3::expr& condition, F then) {
  const z3::expr simple = condition.simplify();
  if (!simple.is_false()) {
    State other = s;
    require(other, simple);
    then(other);
    ++other.frames.back().pc;
    go_on(other);
    finish(other);
  }
  require(s, !simple);
}

void EventRun::before(State& s) {
  while (!s.controls.empty() && s.controls.back().depth == s.frames.size() &&
         s.controls.back().join == s.frames.back().pc)
    s.controls.pop_back();
}

void EventRun::leave(State& s, const Frame&) {
  while (!s.controls.empty() && s.controls.back().depth > s.frames.size()) s.controls.pop_back();
}

void EventRun::branch(State& s, const ir::Branch& b) {
  const Value v = get(s, b.a);
  if (!v.deps.empty()) {
    const std::set<std::uint32_t> around =
        s.controls.empty() ? std::set<std::uint32_t>() : s.controls.back().deps;
    s.controls.push_back({s.frames.size(), b.join, joined(around, v.deps)});
  }
  if (v.is_number()) {
    s.frames.back().pc = v.number() != 0 ? b.then : b.otherwise;
    return;
  }
  const z3::expr condition = v.truth(c);
  State other = s;
  ++s.forks, ++other.forks;
  require(other, !condition);
  other.frames.back().pc = b.otherwise;
  require(s, condition);
  s.frames.back().pc = b.then;
  go_on(s);
  finish(s);
  go_on(other);
  finish(other);
}

void EventRun::demand_object(State& s, const Value& address, std::uint8_t size) {
  const z3::expr here = address.bits(c, 64);
  z3::expr_vector inside(c);
  const auto within = [&](std::uint64_t base, std::uint64_t bytes) {
    if (bytes < size) return;
    inside.push_back(z3::ule(here - c.bv_val(base, 64), c.bv_val(bytes - size, 64)));
  };
  for (const ir::Global& g : program_.globals) within(g.address, g.size);
  for (const Object& o : objects) within(o.address, o.size);
  for (const Frame& f : s.frames)
    for (const std::uint64_t local : f.locals) within(local, sizes_.at(local));
  if (!address.is_number()) {  // another's stack, of which only the machine knows what is there
    const auto stack = [&](std::size_t t) {
      const std::uint64_t base = machine::object_address(t, 0);
      return z3::ult(here - c.bv_val(base, 64), c.bv_val(machine::object_address(t + 1, 0) - base, 64));
    };
    z3::expr_vector others(c);
    for (std::size_t t = 0; t < program_.threads.size(); ++t)
      if (t != thread_) others.push_back(stack(t));
    const z3::expr other = z3::mk_or(others).simplify();
    if (!other.is_false()) elsewhere.push_back(all(s.path) && other);
    inside.push_back(other);
  }
  demand(s, !z3::mk_or(inside), machine::Failure::out_of_bounds);
}

bool EventRun::sleeps(State& s) {
  if (program_.litmus) return true;
  const bool in_irq = program_.threads[thread_].kind != ir::ThreadKind::thread;
  if (s.preempt_off == 0 && !s.irqs_off && s.rcu == 0 && !in_irq) return true;
  demand(s, c.bool_val(true), machine::Failure::sleeps);
  return false;
}

bool EventRun::takes(State& s, const Value& address, ir::LockKind kind, bool waits) {
  if (program_.litmus) return true;
  if (waits && kind == ir::LockKind::mutex && !sleeps(s)) return false;
  if (!address.is_number()) {
    give_up(s, "a lock whose place depends on what is read");
    return false;
  }
  const auto at = static_cast<std::uint64_t>(address.number());
  if (waits && std::find(s.locks.begin(), s.locks.end(), at) != s.locks.end()) {
    demand(s, c.bool_val(true), machine::Failure::self_deadlock);
    return false;
  }
  return true;
}

bool EventRun::releases(State& s, const Value& address, ir::LockKind kind) {
  if (program_.litmus) return true;
  if (!address.is_number()) {
    give_up(s, "a lock whose place depends on what is read");
    return false;
  }
  const auto held = std::find(s.locks.begin(), s.locks.end(), static_cast<std::uint64_t>(address.number()));
  if (held == s.locks.end()) {
    demand(s, c.bool_val(true), machine::Failure::not_locked);
    return false;
  }
  s.locks.erase(held);
  if (kind == ir::LockKind::spin && s.preempt_off > 0) --s.preempt_off;
  return true;
}

std::uint32_t EventRun::add(State& s, Kind kind, Tag tag, const Value& address, std::uint8_t size,
                            const Value& value, const std::set<std::uint32_t>& data, bool with_last) {
  // A loop that spins is followed both ways each time: a stop, before there is no stack left.
  if (events.size() >= kMostEvents) give_up(s, fmt::format("more than {} events", kMostEvents));
  if (kind != Kind::fence && !program_.litmus) demand_object(s, address, size);
  const auto number = static_cast<std::uint32_t>(events.size());
  if (prefixes_ && !with_last) {
    const z3::expr goes = c.bool_const(fmt::format("goes {}", number).c_str());
    ways.back().push_back({all(s.path) && !goes, {}, false});
    require(s, goes);
  }
  SymbolicEvent e{thread_, kind,        tag,          address, value, size,    false,
                  {},      all(s.path), address.deps, data,    {},    s.trace, here(s)};
  if (!s.controls.empty()) e.ctrl = s.controls.back().deps;
  events.push_back(std::move(e));
  s.trace.push_back(number);
  return number;
}

Value EventRun::read(State& s, Tag tag, const Value& address, std::uint8_t size, bool is_signed, bool rmw) {
  const z3::expr symbol = c.bv_const(fmt::format("read {}", events.size()).c_str(), size * 8u);
  Value v = Value::of(symbol, is_signed);
  const std::uint32_t e = add(s, Kind::read, tag, address, size, v, {});
  events[e].rmw = rmw;
  v.deps = {e};
  v.bases.anywhere = true;
  return v;
}

bool EventRun::effect(State& s, const ir::Instr& instr) {
  const auto write = [&](State& in, Tag tag, const Value& address, std::uint8_t size, const Value& value,
                         const std::set<std::uint32_t>& data,
                         bool half) { return add(in, Kind::write, tag, address, size, value, data, half); };
  const auto fence = [&](Tag tag) {
    add(s, Kind::fence, tag, 0, 0, 0, {});
    return true;
  };
  const auto unsupported = [&](const char* what) {
    give_up(s, fmt::format("{} under a memory model", what));
    return false;
  };
  const std::uint8_t lock_size = program_.litmus ? 8 : 4;
  // The read that has just been added is what the thread may wait at: it stops before it.
  const auto waits = [&](ir::Guard guard, ir::WaitKind wait, const Value& address, const Value& wanted,
                         Width width) {
    if (prefixes_) stuck.push_back({thread_, ways.back().back().taken, guard, wait, address, wanted, width});
  };
  const auto take = [&](State& in, const Value& address, ir::LockKind kind, bool blocking) {
    const Value v = read(in, Tag::lock_read, address, lock_size, true, true);
    if (blocking)
      waits(ir::Guard::equal, ir::WaitKind::spin, address, 0,
            {static_cast<std::uint8_t>(lock_size * 8), true});
    const auto r = static_cast<std::uint32_t>(events.size() - 1);
    require(in, equal(c, v, 0));
    const std::uint32_t w = write(in, Tag::lock_write, address, lock_size, 1, {}, true);
    events[w].rmw = true, events[w].partner = r;
    if (program_.litmus) return r;
    in.locks.push_back(static_cast<std::uint64_t>(address.number()));
    if (kind == ir::LockKind::spin) ++in.preempt_off;
    return r;
  };
  // Which of two ways it goes is anybody's guess, and decides how the read is tagged.
  const auto either_way = [&] { return c.bool_const(fmt::format("way {}", guesses_++).c_str()); };
  const auto depending = [](std::int64_t n, std::uint32_t r) {
    Value v = n;
    v.deps = {r};
    return v;
  };
  return std::visit(
      overloaded{
          [&](const ir::Load& n) {
            set(s, n.dst, read(s, machine::tag_of(n.order), get(s, n.address), n.size, n.is_signed, false));
            return true;
          },
          [&](const ir::Store& n) {
            const Value v = get(s, n.value);
            write(s, machine::tag_of(n.order), get(s, n.address), n.size, v, v.deps, false);
            return true;
          },
          [&](const ir::Rmw& n) {
            const Value address = get(s, n.address), operand = get(s, n.value), guard = get(s, n.guard_value);
            const Width width{static_cast<std::uint8_t>(n.size * 8), n.is_signed};
            const Value old = read(s, machine::tag_of(n.order), address, n.size, n.is_signed, true);
            if (n.blocking) waits(n.guard, n.wait, address, guard, width);
            const auto r = static_cast<std::uint32_t>(events.size() - 1);
            const z3::expr goes = holds(c, n.guard, old, guard);
            fork(s, goes, [&](State& other) {
              const Value updated = combine(c, n.op, old, operand, width);
              std::set<std::uint32_t> data = operand.deps;
              const std::uint32_t w =
                  write(other, machine::tag_of(n.order), address, n.size, updated, data, true);
              events[w].rmw = true, events[w].partner = r;
              set(other, n.dst, old);
            });
            if (n.blocking) s.alive = false;
            set(s, n.dst, old);
            return s.alive;
          },
          [&](const ir::Await& n) {
            if (n.wait == ir::WaitKind::sleep && !sleeps(s)) return false;
            const Value address = get(s, n.address), wanted = get(s, n.guard_value);
            const Value v = read(s, machine::tag_of(n.order), address, n.size, n.is_signed, false);
            waits(n.guard, n.wait, address, wanted, {static_cast<std::uint8_t>(n.size * 8), n.is_signed});
            require(s, holds(c, n.guard, v, wanted));
            set(s, n.dst, v);
            return s.alive;
          },
          [&](const ir::Lock& n) {
            const Value address = get(s, n.address);
            if (!takes(s, address, n.kind, true)) return false;
            take(s, address, n.kind, true);
            return s.alive;
          },
          [&](const ir::Unlock& n) {
            const Value address = get(s, n.address);
            if (!releases(s, address, n.kind)) return false;
            write(s, Tag::unlock, address, lock_size, 0, {}, false);
            return true;
          },
          [&](const ir::TryLock& n) {
            const Value address = get(s, n.address);
            if (!takes(s, address, n.kind, false)) return false;
            fork(s, either_way(),
                 [&](State& other) { set(other, n.dst, depending(1, take(other, address, n.kind, false))); });
            const Value v = read(s, Tag::lock_fail, address, lock_size, true, false);
            require(s, !equal(c, v, 0));
            set(s, n.dst, depending(0, static_cast<std::uint32_t>(events.size() - 1)));
            return s.alive;
          },
          [&](const ir::IsLocked& n) {
            const Value address = get(s, n.address);
            fork(s, either_way(), [&](State& other) {
              const Value v = read(other, Tag::is_locked, address, lock_size, true, false);
              require(other, !equal(c, v, 0));
              set(other, n.dst, depending(1, static_cast<std::uint32_t>(events.size() - 1)));
            });
            const Value v = read(s, Tag::is_unlocked, address, lock_size, true, false);
            require(s, equal(c, v, 0));
            set(s, n.dst, depending(0, static_cast<std::uint32_t>(events.size() - 1)));
            return s.alive;
          },
          [&](const ir::FenceInstr& n) {
            switch (n.fence) {
              case ir::Fence::mb:
                return fence(Tag::mb);
              case ir::Fence::rmb:
                return fence(Tag::rmb);
              case ir::Fence::wmb:
                return fence(Tag::wmb);
              case ir::Fence::barrier:
                return fence(Tag::barrier);
              case ir::Fence::before_atomic:
                return fence(Tag::before_atomic);
              case ir::Fence::after_atomic:
                return fence(Tag::after_atomic);
              case ir::Fence::after_spinlock:
                return fence(Tag::after_spinlock);
              case ir::Fence::after_unlock_lock:
                return fence(Tag::after_unlock_lock);
              case ir::Fence::rcu_lock:
                ++s.rcu;
                return fence(Tag::rcu_lock);
              case ir::Fence::rcu_unlock:
                if (s.rcu == 0 && !program_.litmus) {
                  demand(s, c.bool_val(true), machine::Failure::unbalanced_rcu);
                  return false;
                }
                --s.rcu;
                return fence(Tag::rcu_unlock);
              case ir::Fence::after_srcu_read_unlock:
                return fence(Tag::after_srcu_read_unlock);
              case ir::Fence::after_ctrl_dep:
                return fence(Tag::after_ctrl_dep);
              case ir::Fence::sync_rcu:
                if (!sleeps(s)) return false;
                return fence(Tag::sync_rcu);
            }
            return false;
          },
          [&](const ir::SrcuLock& n) {
            set(s, n.dst, read(s, Tag::srcu_lock, get(s, n.address), lock_size, true, false));
            return true;
          },
          [&](const ir::SrcuUnlock& n) {
            const Value index = get(s, n.index);
            write(s, Tag::srcu_unlock, get(s, n.address), lock_size, index, index.deps, false);
            return true;
          },
          [&](const ir::SrcuSync& n) {
            if (!sleeps(s)) return false;
            add(s, Kind::fence, Tag::sync_srcu, get(s, n.address), lock_size, 0, {});
            return true;
          },
          [&](const ir::Local& n) {
            const std::uint64_t address = machine::object_address(thread_, s.objects++);
            sizes_[address] = n.size;
            s.frames.back().locals.push_back(address);
            set(s, n.dst, static_cast<std::int64_t>(address));
            return true;
          },
          [&](const ir::Copy& n) {
            for (const ir::Copy::Part& part : n.parts) {
              const auto at = [&](ir::Operand base) {
                const Value b = get(s, base);
                Value v = arithmetic(c, BinaryOp::add, b, part.offset, {64, false});
                v.deps = b.deps;
                return v;
              };
              const Value v = read(s, Tag::plain, at(n.from), part.size, true, false);
              write(s, Tag::plain, at(n.to), part.size, v, v.deps, false);
            }
            return true;
          },
          [&](const ir::CurrentTask& n) {
            set(s, n.dst, static_cast<std::int64_t>(thread_));
            return true;
          },
          [&](const ir::IrqSave& n) {
            set(s, n.dst, s.irqs_off ? 0 : 1);
            s.irqs_off = true;
            return true;
          },
          [&](const ir::IrqRestore& n) {
            const Value on = get(s, n.on);
            if (!on.is_number()) give_up(s, "whether interrupts are on depends on what is read");
            else if (on.number() != 0) s.irqs_off = false;
            return s.alive;
          },
          [&](const ir::Preempt& n) {
            if (!n.enable) ++s.preempt_off;
            else if (s.preempt_off > 0) --s.preempt_off;
            return true;
          },
          [&](const ir::MightSleep&) { return sleeps(s); },
          [&](const auto&) { return unsupported("memory that comes and goes"); },
      },
      instr.node);
}

}  // namespace ringtail::prove
