// SPDX-License-Identifier: GPL-2.0-or-later
// What instructions do that others can see, as events.
#include <fmt/format.h>

#include "checker/prove/atomic.h"
#include "checker/prove/events.h"
#include "model/base/result.h"
#include "model/machine/machine.h"
#include "model/machine/tag.h"

namespace ringtail::prove {

using lang::BinaryOp;
using lang::Width;
using memory::Kind;
using memory::Tag;

bool EventRun::effect(State& s, const ir::Instr& instr) {
  const auto write = [&](State& in, Tag tag, const Value& address, std::uint8_t size, const Value& value,
                         const std::set<std::uint32_t>& data, bool half) {
    if (!half) demand_object(in, address, size);
    share(in, value);
    return add(in, Kind::write, tag, address, size, value, data, half);
  };
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
    if (!prefixes_) return;
    Stuck stands = stuck_at(s, courses.back().ways.back().taken);
    stands.looks.push_back({address, wanted, width, guard});
    stands.sleeps = wait == ir::WaitKind::sleep;
    stand(std::move(stands), s);
  };
  const auto changed = [&](State& in) { may_change(in, c.bool_val(true)); };
  const auto take = [&](State& in, const Value& address, ir::LockKind kind, bool blocking) {
    const Value v = read(in, Tag::lock_read, address, lock_size, true, true);
    if (blocking)
      waits(ir::Guard::equal, ir::WaitKind::spin, address, 0,
            {static_cast<std::uint8_t>(lock_size * 8), true});
    const auto r = static_cast<std::uint32_t>(events.size() - 1);
    require(in, equal(c, v, 0));
    const std::uint32_t w = write(in, Tag::lock_write, address, lock_size, 1, {}, true);
    events[w].rmw = true, events[w].partner = r;
    changed(in);
    if (program_.litmus) return r;
    in.locks.push_back(address);
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
            changed(s);
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
              may_change(other, !equal(c, updated, wrap(c, old, width)) || plain_at(address));
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
            changed(s);
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
                fence(Tag::rcu_lock);
                if (s.rcu++ == 0) open_section(s, s.trace.back(), Tag::rcu_unlock);
                return true;
              case ir::Fence::rcu_unlock:
                if (s.rcu == 0 && !program_.litmus) {
                  demand(s, c.bool_val(true), machine::Failure::unbalanced_rcu);
                  return false;
                }
                fence(Tag::rcu_unlock);
                if (--s.rcu == 0) close_section(s, s.trace.back());
                return true;
              case ir::Fence::after_srcu_read_unlock:
                return fence(Tag::after_srcu_read_unlock);
              case ir::Fence::after_ctrl_dep:
                return fence(Tag::after_ctrl_dep);
              case ir::Fence::sync_rcu:
                if (!sleeps(s)) return false;
                grace_period(s, Tag::sync_rcu, 0);
                return s.alive;
            }
            return false;
          },
          [&](const ir::SrcuLock& n) {
            set(s, n.dst, read(s, Tag::srcu_lock, get(s, n.address), lock_size, true, false));
            if (s.alive) open_section(s, s.trace.back(), Tag::srcu_unlock);
            changed(s);
            return s.alive;
          },
          [&](const ir::SrcuUnlock& n) {
            const Value index = get(s, n.index);
            write(s, Tag::srcu_unlock, get(s, n.address), lock_size, index, index.deps, false);
            if (s.alive) close_section(s, s.trace.back());
            changed(s);
            return s.alive;
          },
          [&](const ir::SrcuSync& n) {
            if (!sleeps(s)) return false;
            grace_period(s, Tag::sync_srcu, get(s, n.address));
            return s.alive;
          },
          [&](const ir::Local& n) {
            const std::uint64_t address = machine::object_address(thread_, s.objects++);
            sizes_[address] = n.size;
            s.frames.back().locals.push_back(address);
            s.memory.objects[address] = {static_cast<std::int64_t>(n.size), 0, false};
            changed(s);
            set(s, n.dst, static_cast<std::int64_t>(address));
            return true;
          },
          [&](const ir::Copy& n) {
            if (s.frames.back().part == 2 * n.parts.size()) {
              s.frames.back().part = 0;
              return true;
            }
            const ir::Copy::Part& part = n.parts[s.frames.back().part / 2];
            const auto at = [&](ir::Operand base) {
              const Value b = get(s, base);
              Value v = arithmetic(c, BinaryOp::add, b, part.offset, {64, false});
              v.deps = b.deps;
              v.bases = s.memory.bases(b);
              return v;
            };
            if (s.frames.back().part++ % 2 == 0) {
              s.frames.back().carried = read(s, Tag::plain, at(n.from), part.size, true, false);
            } else {
              const Value v = s.frames.back().carried;
              write(s, Tag::plain, at(n.to), part.size, v, v.deps, false);
              changed(s);
            }
            return false;  // there is more to do
          },
          [&](const ir::CurrentTask& n) {
            set(s, n.dst, thread_ < cpus_.size() ? static_cast<std::int64_t>(thread_) : 0);
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
          [&](const ir::Allocate& n) {
            const Value size = get(s, n.size);
            if (!size.is_number()) return unsupported("an allocation whose size depends on an input");
            const auto bytes = static_cast<std::uint64_t>(size.number());
            demand(s, c.bool_val(bytes > machine::object_size_limit), machine::Failure::out_of_bounds);
            if (!s.alive) return false;
            const std::uint64_t address = machine::object_address(thread_, s.objects++);
            s.heap.emplace_back(address, bytes);
            s.memory.objects[address] = {size, 0, true};
            objects.push_back({address, bytes, all(s.path)});
            changed(s);
            set(s, n.dst, static_cast<std::int64_t>(address));
            return true;
          },
          [&](const ir::Free& n) {
            free(s, get(s, n.address));
            return s.alive;
          },
          [&](const ir::CallRcu& n) {
            const Value argument = get(s, n.argument);
            const std::uint64_t called = machine::spawn_address(thread_, s.spawned++);
            share(s, argument);
            add(s, Kind::write, Tag::release, static_cast<std::int64_t>(called), 8, 1, {});
            callbacks_.push_back({thread_, s.path, called, get(s, n.function), argument});
            changed(s);
            return s.alive;
          },
          [&](const auto&) { return unsupported("what is not known"); },
      },
      instr.node);
}

}  // namespace ringtail::prove
