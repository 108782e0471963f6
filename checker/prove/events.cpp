// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/prove/events.h"

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
  demand(s, !z3::mk_or(inside), machine::Failure::out_of_bounds);
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
  const auto take = [&](State& in, const Value& address) {
    const Value v = read(in, Tag::lock_read, address, lock_size, true, true);
    const auto r = static_cast<std::uint32_t>(events.size() - 1);
    require(in, equal(c, v, 0));
    const std::uint32_t w = write(in, Tag::lock_write, address, lock_size, 1, {}, true);
    events[w].rmw = true, events[w].partner = r;
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
            const Value v = read(s, machine::tag_of(n.order), get(s, n.address), n.size, n.is_signed, false);
            require(s, holds(c, n.guard, v, get(s, n.guard_value)));
            set(s, n.dst, v);
            return s.alive;
          },
          [&](const ir::Lock& n) {
            take(s, get(s, n.address));
            return s.alive;
          },
          [&](const ir::Unlock& n) {
            write(s, Tag::unlock, get(s, n.address), lock_size, 0, {}, false);
            return true;
          },
          [&](const ir::TryLock& n) {
            const Value address = get(s, n.address);
            fork(s, either_way(),
                 [&](State& other) { set(other, n.dst, depending(1, take(other, address))); });
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
                return fence(Tag::rcu_lock);
              case ir::Fence::rcu_unlock:
                return fence(Tag::rcu_unlock);
              case ir::Fence::after_srcu_read_unlock:
                return fence(Tag::after_srcu_read_unlock);
              case ir::Fence::after_ctrl_dep:
                return fence(Tag::after_ctrl_dep);
              case ir::Fence::sync_rcu:
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
            add(s, Kind::fence, Tag::sync_srcu, get(s, n.address), lock_size, 0, {});
            return true;
          },
          [&](const ir::Local& n) {
            const std::uint64_t address = machine::object_address(thread_, s.objects++);
            objects.push_back({address, n.size});
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
            set(s, n.dst, 1);
            return true;
          },
          [&](const ir::IrqRestore&) { return true; },
          [&](const ir::Preempt&) { return true; },
          [&](const ir::MightSleep&) { return true; },
          [&](const auto&) { return unsupported("memory that comes and goes"); },
      },
      instr.node);
}

}  // namespace ringtail::prove
