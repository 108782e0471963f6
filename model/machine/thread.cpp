// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/machine/thread.h"

#include <algorithm>
#include <limits>

#include "model/base/result.h"
#include "model/lang/arithmetic.h"

namespace ringtail::machine {
namespace {

std::uint64_t mix(std::uint64_t h, std::uint64_t v) {
  h ^= v + 0x9e3779b97f4a7c15ull + (h << 6) + (h >> 2);
  h *= 0xff51afd7ed558ccdull;
  return h ^ (h >> 32);
}

memory::Tag tag_of(ir::Order order) {
  switch (order) {
    case ir::Order::plain:
      return memory::Tag::plain;
    case ir::Order::once:
      return memory::Tag::once;
    case ir::Order::acquire:
      return memory::Tag::acquire;
    case ir::Order::release:
      return memory::Tag::release;
    case ir::Order::full:
      return memory::Tag::full;
    case ir::Order::noreturn:
      return memory::Tag::noreturn;
  }
  return memory::Tag::plain;
}

memory::Tag tag_of(ir::Fence fence) {
  switch (fence) {
    case ir::Fence::mb:
      return memory::Tag::mb;
    case ir::Fence::rmb:
      return memory::Tag::rmb;
    case ir::Fence::wmb:
      return memory::Tag::wmb;
    case ir::Fence::barrier:
      return memory::Tag::barrier;
    case ir::Fence::before_atomic:
      return memory::Tag::before_atomic;
    case ir::Fence::after_atomic:
      return memory::Tag::after_atomic;
    case ir::Fence::after_spinlock:
      return memory::Tag::after_spinlock;
    case ir::Fence::after_unlock_lock:
      return memory::Tag::after_unlock_lock;
    case ir::Fence::after_srcu_read_unlock:
      return memory::Tag::after_srcu_read_unlock;
    case ir::Fence::rcu_lock:
      return memory::Tag::rcu_lock;
    case ir::Fence::rcu_unlock:
      return memory::Tag::rcu_unlock;
    case ir::Fence::sync_rcu:
      return memory::Tag::sync_rcu;
  }
  return memory::Tag::mb;
}

std::int64_t apply(ir::RmwOp op, std::int64_t old, std::int64_t value, std::uint8_t size, bool is_signed) {
  std::int64_t result = value;
  switch (op) {
    case ir::RmwOp::exchange:
      break;
    // Unsigned, so that overflow wraps.
    case ir::RmwOp::add:
      result = static_cast<std::int64_t>(static_cast<std::uint64_t>(old) + value);
      break;
    case ir::RmwOp::subtract:
      result = static_cast<std::int64_t>(static_cast<std::uint64_t>(old) - value);
      break;
    case ir::RmwOp::bit_and:
      result = old & value;
      break;
    case ir::RmwOp::bit_or:
      result = old | value;
      break;
    case ir::RmwOp::bit_xor:
      result = old ^ value;
      break;
    case ir::RmwOp::and_not:
      result = old & ~value;
      break;
  }
  return lang::wrap(result, {static_cast<std::uint8_t>(size * 8), is_signed});
}

constexpr std::uint8_t lock_size = 4;

}  // namespace

bool passes(ir::Guard guard, std::int64_t value, std::int64_t with) {
  switch (guard) {
    case ir::Guard::always:
      return true;
    case ir::Guard::equal:
      return value == with;
    case ir::Guard::not_equal:
      return value != with;
    case ir::Guard::greater:
      return value > with;
    case ir::Guard::less:
      return value < with;
    case ir::Guard::mask_zero:
      return (value & with) == 0;
    case ir::Guard::mask_set:
      return (value & with) != 0;
  }
  return true;
}

Slot Machine::slot_of(std::uint64_t key) {
  return slots_.try_emplace(key, static_cast<Slot>(slots_.size() + 1)).first->second;
}

Thread Machine::start(std::uint32_t index, std::uint32_t function, std::vector<std::int64_t> args) const {
  Thread t;
  t.index = index;
  t.frames.push_back({function, 0, 0, ir::no_reg, mix(index + 1, function), 0, 0});
  t.regs.resize(program_.functions[function].regs);
  for (std::size_t i = 0; i < args.size() && i < t.regs.size(); ++i) t.regs[i].bits = args[i];
  return t;
}

// One run of instructions on one thread. A method an instruction: true when the step to show is in `step`.
struct Machine::Interpreter {
  Machine& m;
  Thread& t;
  Step step;

  Thread::Frame& frame() { return t.frames.back(); }
  const ir::Function& function() { return m.program_.functions[frame().function]; }
  Value& reg(ir::Reg r) { return t.regs[frame().base + r]; }
  Value get(const ir::Operand& o) { return o.is_reg() ? reg(o.reg) : Value{o.constant, no_dependencies}; }
  DependencySet unite(DependencySet a, DependencySet b) {
    return m.options_.dependencies ? m.deps_.unite(a, b) : 0;
  }
  void set(ir::Reg r, Value v) {
    if (r != ir::no_reg) reg(r) = v;
  }
  void advance() { ++frame().pc; }

  bool fault(Fault f, std::string_view text) {
    step = {};
    step.kind = Step::Kind::fault;
    step.fault = f;
    step.text = text;
    return true;
  }

  std::uint64_t key(std::uint32_t half) {
    const Thread::Frame& f = frame();
    return mix(mix(mix(f.path, f.pc), f.round), half);
  }

  // --- objects

  Thread::LocalObject* local_at(std::uint64_t address) {
    if (address < local_base + t.index * thread_stride ||
        address >= local_base + (t.index + 1) * thread_stride)
      return nullptr;
    for (Thread::LocalObject& o : t.locals)
      if (address >= o.address && address < o.address + o.size) return &o;
    return nullptr;
  }
  bool is_private(std::uint64_t address) {
    const Thread::LocalObject* o = local_at(address);
    return o != nullptr && !o->escaped;
  }
  Thread::Cell& cell_at(std::uint64_t address, std::uint8_t size) {
    for (Thread::Cell& c : t.cells)
      if (c.address == address) return c;
    return t.cells.emplace_back(Thread::Cell{address, size, {}});
  }
  // The address of a private local is about to be seen by others: what it holds becomes plain stores.
  bool publish(std::uint64_t address) {
    Thread::LocalObject* o = local_at(address);
    if (o == nullptr || o->escaped) return false;
    o->escaped = true;
    const auto inside = [&](const Thread::Cell& c) {
      return c.address >= o->address && c.address < o->address + o->size;
    };
    std::vector<std::uint64_t> pointers;
    for (const Thread::Cell& c : t.cells) {
      if (!inside(c)) continue;
      t.pending.push_back(
          {c.address, c.value, memory::Tag::plain, c.size, false, no_dependencies, c.value.deps});
      pointers.push_back(static_cast<std::uint64_t>(c.value.bits));
    }
    std::erase_if(t.cells, inside);
    for (const std::uint64_t p : pointers) publish(p);
    return !t.pending.empty();
  }

  // --- visible steps

  void show(Step::Kind kind, memory::Tag tag, std::uint32_t half = 0) {
    step = {};
    step.kind = kind;
    step.tag = tag;
    step.slot = m.slot_of(key(half));
    step.function = frame().function;
    step.pc = frame().pc;
    step.ctrl = t.scopes.empty() ? no_dependencies : t.scopes.back().deps;
  }
  void show_access(Step::Kind kind, memory::Tag tag, Value address, std::uint8_t size,
                   bool is_signed = true) {
    show(kind, tag);
    step.address = static_cast<std::uint64_t>(address.bits);
    step.addr = address.deps;
    step.size = size;
    step.is_signed = is_signed;
  }
  bool show_pending() {
    const Thread::Pending& p = t.pending.front();
    show(Step::Kind::write, p.tag, static_cast<std::uint32_t>(1 + (p.rmw ? 0 : p.address)));
    step.address = p.address;
    step.value = p.value;
    step.size = p.size;
    step.rmw = p.rmw;
    step.addr = p.addr;
    step.data = p.data;
    return true;
  }

  // --- instructions

  bool operator()(const ir::Move& i) {
    set(i.dst, get(i.a));
    advance();
    return false;
  }
  bool operator()(const ir::Taint& i) {
    const Value a = get(i.a);
    set(i.dst, {a.bits, unite(a.deps, get(i.b).deps)});
    advance();
    return false;
  }
  bool operator()(const ir::Binary& i) {
    const Value a = get(i.a), b = get(i.b);
    const auto r = lang::arithmetic(i.op, a.bits, b.bits, i.width);
    if (!r) return fault(Fault::arithmetic, "division by zero or shift out of range");
    set(i.dst, {*r, unite(a.deps, b.deps)});
    advance();
    return false;
  }
  bool operator()(const ir::Convert& i) {
    const Value a = get(i.a);
    set(i.dst, {lang::wrap(a.bits, i.width), a.deps});
    advance();
    return false;
  }
  bool operator()(const ir::Load& i) {
    const Value address = get(i.address);
    if (is_private(static_cast<std::uint64_t>(address.bits))) {
      Value v = cell_at(static_cast<std::uint64_t>(address.bits), i.size).value;
      v.deps = unite(v.deps, address.deps);
      v.bits = lang::wrap(v.bits, {static_cast<std::uint8_t>(i.size * 8), i.is_signed});
      set(i.dst, v);
      advance();
      return false;
    }
    show_access(Step::Kind::read, tag_of(i.order), address, i.size, i.is_signed);
    return true;
  }
  bool operator()(const ir::Store& i) {
    const Value address = get(i.address);
    Value v = get(i.value);
    v.bits = lang::wrap(v.bits, {static_cast<std::uint8_t>(i.size * 8), true});
    if (is_private(static_cast<std::uint64_t>(address.bits))) {
      Thread::Cell& c = cell_at(static_cast<std::uint64_t>(address.bits), i.size);
      c.size = i.size;
      c.value = v;
      advance();
      return false;
    }
    if (publish(static_cast<std::uint64_t>(v.bits))) return show_pending();
    show_access(Step::Kind::write, tag_of(i.order), address, i.size);
    step.value = v;
    step.data = v.deps;
    return true;
  }
  bool operator()(const ir::Rmw& i) {
    const Value address = get(i.address);
    const auto at = static_cast<std::uint64_t>(address.bits);
    const Value with = get(i.guard_value), value = get(i.value);
    if (is_private(at)) {
      Thread::Cell& c = cell_at(at, i.size);
      const Value old = c.value;
      if (passes(i.guard, old.bits, with.bits))
        c.value = {apply(i.op, old.bits, value.bits, i.size, i.is_signed), unite(old.deps, value.deps)};
      set(i.dst, old);
      advance();
      return false;
    }
    if (publish(static_cast<std::uint64_t>(value.bits))) return show_pending();
    show_access(Step::Kind::read, tag_of(i.order), address, i.size, i.is_signed);
    step.rmw = true;
    step.blocking = i.blocking;
    step.guard = i.guard;
    step.guard_value = with.bits;
    return true;
  }
  bool operator()(const ir::Await& i) {
    show_access(Step::Kind::read, tag_of(i.order), get(i.address), i.size, i.is_signed);
    step.blocking = true;
    step.guard = i.guard;
    step.guard_value = get(i.guard_value).bits;
    step.wait = i.wait;
    if (i.wait == ir::WaitKind::sleep && (t.preempt != 0 || !t.held.empty()) && holds_spinlock())
      return fault(Fault::sleep, "sleeping with a spinlock held or preemption off");
    return true;
  }
  bool holds_spinlock() {
    return t.preempt != 0 || std::any_of(t.held.begin(), t.held.end(),
                                         [](const auto& h) { return h.kind != ir::LockKind::mutex; });
  }
  bool operator()(const ir::Lock& i) {
    const Value address = get(i.address);
    const auto at = static_cast<std::uint64_t>(address.bits);
    if (std::any_of(t.held.begin(), t.held.end(), [&](const auto& h) { return h.address == at; })) {
      // Its own unlock can never come: shown as a wait that nothing ends.
      show_access(Step::Kind::read, memory::Tag::lock_read, address, lock_size);
      step.rmw = step.blocking = true;
      step.guard = ir::Guard::less;
      step.guard_value = std::numeric_limits<std::int64_t>::min();
      return true;
    }
    if (i.kind == ir::LockKind::mutex && (t.rcu != 0 || holds_spinlock()))
      return fault(Fault::sleep, "taking a mutex where sleeping is not allowed");
    show_access(Step::Kind::read, memory::Tag::lock_read, address, lock_size);
    step.rmw = step.blocking = true;
    step.guard = ir::Guard::equal;
    return true;
  }
  bool operator()(const ir::Unlock& i) {
    const Value address = get(i.address);
    const auto at = static_cast<std::uint64_t>(address.bits);
    if (!m.program_.litmus &&
        std::none_of(t.held.begin(), t.held.end(), [&](const auto& h) { return h.address == at; }))
      return fault(Fault::lock_misuse, "unlocking a lock that this thread does not hold");
    show_access(Step::Kind::write, memory::Tag::unlock, address, lock_size);
    return true;
  }
  bool operator()(const ir::TryLock& i) {
    show_access(Step::Kind::read, memory::Tag::lock_read, get(i.address), lock_size);
    step.rmw = true;
    step.guard = ir::Guard::equal;
    return true;
  }
  bool operator()(const ir::IsLocked& i) {
    show_access(Step::Kind::read, memory::Tag::is_locked, get(i.address), lock_size);
    return true;
  }
  bool operator()(const ir::FenceInstr& i) {
    if (i.fence == ir::Fence::sync_rcu && !m.program_.litmus && (t.rcu != 0 || holds_spinlock()))
      return fault(Fault::sleep, "synchronize_rcu() where sleeping is not allowed");
    if (i.fence == ir::Fence::rcu_unlock && !m.program_.litmus && t.rcu == 0)
      return fault(Fault::unbalanced, "rcu_read_unlock() without rcu_read_lock()");
    show(Step::Kind::fence, tag_of(i.fence));
    return true;
  }
  bool operator()(const ir::SrcuLock& i) {
    show_access(Step::Kind::read, memory::Tag::srcu_lock, get(i.address), lock_size);
    return true;
  }
  bool operator()(const ir::SrcuUnlock& i) {
    show_access(Step::Kind::write, memory::Tag::srcu_unlock, get(i.address), lock_size);
    step.value = get(i.index);
    step.data = step.value.deps;
    return true;
  }
  bool operator()(const ir::SrcuSync& i) {
    show_access(Step::Kind::fence, memory::Tag::sync_srcu, get(i.address), 0);
    return true;
  }
  bool operator()(const ir::CallRcu& i) {
    const Value argument = get(i.argument);
    if (publish(static_cast<std::uint64_t>(argument.bits))) return show_pending();
    show(Step::Kind::call_rcu, memory::Tag::barrier);
    step.address = static_cast<std::uint64_t>(get(i.function).bits);
    step.value = argument;
    return true;
  }
  bool operator()(const ir::Allocate& i) {
    show(Step::Kind::alloc, memory::Tag::barrier);
    step.address = heap_base + t.index * thread_stride + t.allocations * heap_stride;
    step.value = get(i.size);
    return true;
  }
  bool operator()(const ir::Free& i) {
    const Value address = get(i.address);
    if (address.bits == 0) {
      advance();
      return false;
    }
    show(Step::Kind::free, memory::Tag::barrier);
    step.address = static_cast<std::uint64_t>(address.bits);
    step.addr = address.deps;
    return true;
  }
  bool operator()(const ir::Local& i) {
    const std::uint64_t at = local_base + t.index * thread_stride + t.local_count++ * local_stride;
    t.locals.push_back({at, i.size, false});
    set(i.dst, {static_cast<std::int64_t>(at), no_dependencies});
    advance();
    return false;
  }
  bool operator()(const ir::Copy&) { fatal("structure copies are expanded before they are run"); }
  bool operator()(const ir::CurrentTask& i) {
    set(i.dst, {static_cast<std::int64_t>(t.index), no_dependencies});
    advance();
    return false;
  }
  bool operator()(const ir::IrqSave& i) {
    set(i.dst, {t.irq_off == 0 ? 1 : 0, no_dependencies});
    t.irq_off = 1;
    advance();
    return false;
  }
  bool operator()(const ir::IrqRestore& i) {
    t.irq_off = static_cast<std::uint16_t>(get(i.on).bits == 0);
    advance();
    return false;
  }
  bool operator()(const ir::Preempt& i) {
    if (i.enable && t.preempt == 0)
      return fault(Fault::unbalanced, "preempt_enable() without preempt_disable()");
    t.preempt = static_cast<std::uint16_t>(i.enable ? t.preempt - 1 : t.preempt + 1);
    advance();
    return false;
  }
  bool operator()(const ir::MightSleep&) {
    if (t.rcu != 0 || holds_spinlock()) return fault(Fault::sleep, "sleeping where that is not allowed");
    advance();
    return false;
  }
  bool operator()(const ir::Choose& i) {
    show(Step::Kind::choose, memory::Tag::barrier);
    step.low = get(i.low).bits;
    step.high = get(i.high).bits;
    return true;
  }
  bool operator()(const ir::Assume& i) {
    if (get(i.a).bits == 0) {
      show(Step::Kind::dropped, memory::Tag::barrier);
      return true;
    }
    advance();
    return false;
  }
  bool operator()(const ir::Check& i) {
    if (get(i.a).bits == 0) {
      show(Step::Kind::fault, memory::Tag::barrier);
      step.fault = i.kind == ir::CheckKind::warn_on ? Fault::warning : Fault::assertion;
      step.text = i.text;
      return true;
    }
    advance();
    return false;
  }
  bool operator()(const ir::Branch& i) {
    const Value a = get(i.a);
    const auto here = static_cast<std::uint32_t>(t.frames.size() - 1);
    if (a.deps != no_dependencies) {
      const DependencySet around = t.scopes.empty() ? no_dependencies : t.scopes.back().deps;
      const DependencySet deps = unite(around, a.deps);
      if (!t.scopes.empty() && t.scopes.back().frame == here && t.scopes.back().join == i.join)
        t.scopes.back().deps = deps;
      else t.scopes.push_back({here, i.join, deps});
    }
    frame().pc = a.bits != 0 ? i.then : i.otherwise;
    return false;
  }
  bool operator()(const ir::Jump& i) {
    frame().pc = i.to;
    return false;
  }
  bool operator()(const ir::Loop& i) {
    Thread::Frame& f = frame();
    const std::uint64_t key = mix(f.path, i.id + 1);
    std::uint64_t state = mix(t.frames.size(), f.pc);
    for (std::size_t r = f.base; r < t.regs.size(); ++r)
      state = mix(state, static_cast<std::uint64_t>(t.regs[r].bits));
    for (const Thread::Cell& c : t.cells)
      state = mix(mix(state, c.address), static_cast<std::uint64_t>(c.value.bits));
    auto it = std::find_if(t.rounds.begin(), t.rounds.end(), [&](const auto& r) { return r.key == key; });
    if (it == t.rounds.end()) it = t.rounds.insert(it, {key, 0, 0, 0});
    const bool again = it->count != 0 && it->state == state && it->changes == t.changes;
    it->state = state;
    it->changes = t.changes;
    ++it->count;
    f.round = mix(mix(f.round, i.id + 1), it->count);
    if (again) {
      show(Step::Kind::spin, memory::Tag::barrier);
      return true;
    }
    if (m.options_.unroll != 0 && it->count > m.options_.unroll + 1) {
      show(Step::Kind::bound, memory::Tag::barrier);
      return true;
    }
    advance();
    return false;
  }
  bool enter(std::uint32_t callee, ir::Reg result, const std::vector<ir::Operand>& args) {
    if (t.frames.size() >= max_frames) return fault(Fault::recursion, "calls nested too deep");
    const ir::Function& f = m.program_.functions[callee];
    const auto base = static_cast<std::uint32_t>(t.regs.size());
    const std::uint32_t caller = frame().base;
    const std::uint64_t path = mix(mix(frame().path, frame().pc), frame().round);
    t.regs.resize(base + f.regs);
    for (std::size_t i = 0; i < args.size() && i < f.params; ++i)
      t.regs[base + i] =
          args[i].is_reg() ? t.regs[caller + args[i].reg] : Value{args[i].constant, no_dependencies};
    advance();
    t.frames.push_back({callee, 0, base, result, path, 0, static_cast<std::uint32_t>(t.locals.size())});
    return false;
  }
  bool operator()(const ir::Call& i) { return enter(i.function, i.dst, i.args); }
  bool operator()(const ir::CallPointer& i) {
    const std::uint64_t f = static_cast<std::uint64_t>(get(i.pointer).bits) - ir::function_base;
    if (f >= m.program_.functions.size())
      return fault(Fault::memory, "call through a pointer that is no function");
    return enter(static_cast<std::uint32_t>(f), i.dst, i.args);
  }
  bool operator()(const ir::Ret& i) {
    leave(get(i.value));
    return false;
  }

  void leave(Value result) {
    const Thread::Frame f = frame();
    const auto depth = static_cast<std::uint32_t>(t.frames.size() - 1);
    while (!t.scopes.empty() && t.scopes.back().frame == depth) t.scopes.pop_back();
    while (t.locals.size() > f.locals) {
      const Thread::LocalObject o = t.locals.back();
      std::erase_if(t.cells,
                    [&](const auto& c) { return c.address >= o.address && c.address < o.address + o.size; });
      t.locals.pop_back();
    }
    if (t.frames.size() == 1) t.last = t.regs;
    t.frames.pop_back();
    t.regs.resize(f.base);
    if (!t.frames.empty()) set(f.result, result);
  }

  Step run() {
    for (;;) {
      if (t.frames.empty()) return ended();
      if (!t.pending.empty()) {
        show_pending();
        return step;
      }
      const ir::Function& fn = function();
      const std::uint32_t pc = frame().pc;
      const auto depth = static_cast<std::uint32_t>(t.frames.size() - 1);
      while (!t.scopes.empty() && t.scopes.back().frame == depth && t.scopes.back().join == pc)
        t.scopes.pop_back();
      if (pc >= fn.code.size()) {
        leave({});
        continue;
      }
      if (std::visit(*this, fn.code[pc].node)) {
        step.function = frame().function;
        step.pc = frame().pc;
        return step;
      }
    }
  }

  Step ended() {
    step = {};
    if (m.program_.litmus) return step;
    if (t.rcu != 0) fault(Fault::unbalanced, "the thread ends inside rcu_read_lock()");
    else if (!t.held.empty()) fault(Fault::unbalanced, "the thread ends with a lock held");
    else if (t.preempt != 0) fault(Fault::unbalanced, "the thread ends with preemption off");
    return step;
  }
};

Step Machine::next(Thread& t) {
  Interpreter run{*this, t, {}};
  return run.run();
}

void Machine::finish(Thread& t, const Step& s, std::int64_t value) {
  Interpreter in{*this, t, {}};
  if (s.kind != Step::Kind::read && s.kind != Step::Kind::choose) ++t.changes;
  if (s.kind == Step::Kind::write && !t.pending.empty()) {
    const bool completes = t.pending.front().rmw;
    t.pending.erase(t.pending.begin());
    if (completes) in.advance();
    return;  // what was published was not an instruction of its own
  }
  const DependencySet self =
      options_.dependencies && s.kind == Step::Kind::read ? deps_.single(s.slot) : no_dependencies;
  const ir::Node& node = in.function().code[in.frame().pc].node;
  const auto hold = [&](ir::LockKind kind) { t.held.push_back({s.address, kind}); };
  const auto then_write = [&](std::int64_t v, memory::Tag tag, DependencySet data) {
    t.pending.push_back({s.address, {v, data}, tag, s.size, true, s.addr, data});
  };
  bool writes = false;
  if (const auto* i = std::get_if<ir::Load>(&node)) in.set(i->dst, {value, self});
  else if (const auto* a = std::get_if<ir::Await>(&node)) in.set(a->dst, {value, self});
  else if (const auto* r = std::get_if<ir::Rmw>(&node)) {
    const Value operand = in.get(r->value);
    if ((writes = passes(s.guard, value, s.guard_value))) {
      const DependencySet data = r->op == ir::RmwOp::exchange ? operand.deps : in.unite(operand.deps, self);
      then_write(apply(r->op, value, operand.bits, r->size, r->is_signed), s.tag, data);
    }
    in.set(r->dst, {value, self});
  } else if (const auto* l = std::get_if<ir::Lock>(&node)) {
    hold(l->kind);
    then_write(1, memory::Tag::lock_write, no_dependencies);
    writes = true;
  } else if (const auto* y = std::get_if<ir::TryLock>(&node)) {
    writes = value == 0;
    if (writes) hold(y->kind), then_write(1, memory::Tag::lock_write, no_dependencies);
    in.set(y->dst, {writes ? 1 : 0, self});
  } else if (std::get_if<ir::Unlock>(&node) != nullptr) {
    std::erase_if(t.held, [&](const auto& h) { return h.address == s.address; });
  } else if (const auto* k = std::get_if<ir::IsLocked>(&node)) {
    in.set(k->dst, {value != 0 ? 1 : 0, self});
  } else if (const auto* f = std::get_if<ir::FenceInstr>(&node)) {
    if (f->fence == ir::Fence::rcu_lock) ++t.rcu;
    if (f->fence == ir::Fence::rcu_unlock && t.rcu != 0) --t.rcu;
  } else if (const auto* u = std::get_if<ir::SrcuLock>(&node)) {
    in.set(u->dst, {value, self});
  } else if (const auto* c = std::get_if<ir::Choose>(&node)) {
    in.set(c->dst, {value, no_dependencies});
  } else if (const auto* al = std::get_if<ir::Allocate>(&node)) {
    const std::uint64_t size = static_cast<std::uint64_t>(s.value.bits);
    t.allocations += static_cast<std::uint32_t>(1 + size / heap_stride);
    in.set(al->dst, {static_cast<std::int64_t>(s.address), no_dependencies});
  }
  if (!writes) in.advance();
}

}  // namespace ringtail::machine
