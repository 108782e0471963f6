// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/machine/run.h"

#include <algorithm>

#include "model/base/result.h"
#include "model/machine/tag.h"

namespace ringtail::machine {
namespace {

constexpr std::size_t kMostFrames = 128;
constexpr std::uint32_t kMostIterations = 1 << 16;
// What srcu_read_lock() gives under lkmm-6.1, where it is told apart by nothing else: herd7's numbers.
constexpr std::int64_t kSrcuToken = 906, kSrcuStep = 1797;

using memory::Tag;

}  // namespace

const ir::Function& Runner::function() const { return m_.program_.functions[frame().function]; }
std::uint32_t Runner::number() const { return m_.base_[frame().function] + frame().pc; }

void Runner::start(std::uint32_t function, const std::vector<std::int64_t>& args) {
  h_ = {};
  frames_.clear(), controls_.clear(), loops_.clear(), locals_.clear(), held_.clear(), registers_.clear();
  reg_deps_.clear(), own_.clear(), own_bytes_.clear();
  deps_on_ = m_.options().dependencies;
  if (thread_ < m_.cpus_.size()) {
    h_.irqs = (1u << m_.handlers_[thread_].size()) - 1;
    h_.in_irq = m_.program_.threads[m_.cpus_[thread_]].kind == ir::ThreadKind::irq;
  }
  push(function, ir::no_reg);
  for (std::size_t i = 0; i < args.size() && i < registers_.size(); ++i) registers_[i] = args[i];
}

void Runner::fail(Failure f) {
  h_.status = Status::failed;
  h_.failure = f;
  h_.failed_at = number();
}

bool Runner::stop(Failure f) {
  fail(f);
  return false;
}

void Runner::push(std::uint32_t function, ir::Reg result) {
  Frame f;
  f.function = function;
  f.base = static_cast<std::uint32_t>(registers_.size());
  f.locals = static_cast<std::uint16_t>(locals_.size());
  f.own = static_cast<std::uint16_t>(own_.size());
  f.result = result;
  frames_.push_back(f);
  registers_.resize(registers_.size() + m_.program_.functions[function].regs);
  reg_deps_.resize(registers_.size());
}

void Runner::call(std::uint32_t function, const std::vector<ir::Operand>& args, ir::Reg result) {
  if (frames_.size() >= kMostFrames) return fail(Failure::recursion);
  const std::size_t from = frames_.size() - 1;
  push(function, result);
  const std::uint32_t caller = frames_[from].base, callee = frames_.back().base;
  const std::size_t room = m_.program_.functions[function].regs;
  for (std::size_t i = 0; i < args.size() && i < room; ++i) {
    registers_[callee + i] = args[i].is_reg() ? registers_[caller + args[i].reg] : args[i].constant;
    if (deps_on_) reg_deps_[callee + i] = args[i].is_reg() ? reg_deps_[caller + args[i].reg] : 0;
  }
}

bool Runner::ret(std::int64_t value, DepSet dep) {
  if (locals_.size() > frame().locals) {  // objects of this frame end with it
    Request r;
    r.act = Act::free;
    return ask(r, ir::constant(static_cast<std::int64_t>(locals_.back())), 0);
  }
  if (frames_.size() == 1) {
    if (h_.status == Status::running && !frame().interrupt) h_.carried = value;
    return end();
  }
  const Frame done = frames_.back();
  const auto depth = static_cast<std::uint32_t>(frames_.size() - 1);
  frames_.pop_back();
  registers_.resize(done.base);
  reg_deps_.resize(done.base);
  drop_own(done.own);
  while (!controls_.empty() && controls_.back().depth >= depth) controls_.pop_back();
  while (!loops_.empty() && loops_.back().depth >= depth) loops_.pop_back();
  if (done.interrupt) return true;  // goes on where it was
  set(done.result, value, dep);
  ++frame().pc;
  return true;
}

// The outermost function returns: interrupts that have not come yet come now.
bool Runner::end() {
  if (h_.irqs != 0) {
    const int next = __builtin_ctz(h_.irqs);
    h_.irqs &= h_.irqs - 1;
    push(m_.handlers_[thread_][static_cast<std::size_t>(next)], ir::no_reg);
    frame().interrupt = true;
    return true;
  }
  if (!m_.litmus_) {
    if (h_.rcu_depth != 0) return stop(Failure::unbalanced_rcu);
    if (!held_.empty()) return stop(Failure::lock_held);
  }
  h_.status = Status::finished;
  return false;
}

memory::Tag Runner::tag(ir::Order order) const {
  return order == ir::Order::plain && m_.options_.plain_is_once ? Tag::once : tag_of(order);
}

// Asks which interrupt comes now, if one may and that is not decided yet.
bool Runner::may_interrupt() {
  const bool in_interrupt =
      std::any_of(frames_.begin(), frames_.end(), [](const Frame& f) { return f.interrupt; });
  if (h_.irqs == 0 || h_.irqs_off != 0 || h_.asked || in_interrupt) return false;
  Request which;
  which.act = Act::choose;
  which.guard_value = __builtin_popcount(h_.irqs);
  which.source = number();
  h_.deciding = true;
  h_.request = which;
  return true;
}

bool Runner::ask(Request r, ir::Operand address, DepSet data) {
  if (may_interrupt()) return false;
  r.source = number();
  r.address = static_cast<std::uint64_t>(get(address));
  r.addr = deps(address);
  r.data = data;
  r.ctrl = control();
  for (const LoopMark& l : loops_)
    r.may_spin |= l.effects == h_.effects && m_.loops_[l.id].has(frames_[l.depth].pc);
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

bool Runner::fence(Tag t) {
  if (!m_.litmus_) {
    if (t == Tag::rcu_unlock && h_.rcu_depth == 0) return stop(Failure::unbalanced_rcu);
    if (t == Tag::sync_rcu && !may_sleep()) return stop(Failure::sleeps);
  }
  if (!shows(t)) {
    ++frame().pc;
    return true;
  }
  Request r;
  r.act = Act::fence;
  r.tag = t;
  return ask(r, ir::constant(0), 0);
}

bool Runner::lock(ir::Operand address, ir::LockKind kind, bool blocking) {
  const auto at = static_cast<std::uint64_t>(get(address));
  if (!m_.litmus_ && blocking) {
    if (kind == ir::LockKind::mutex && !may_sleep()) return stop(Failure::sleeps);
    if (std::find(held_.begin(), held_.end(), at) != held_.end()) return stop(Failure::self_deadlock);
  }
  Request r;
  r.act = Act::rmw;
  r.tag = Tag::lock_read;
  r.guard = ir::Guard::equal;
  r.operand = 1;
  r.size = m_.litmus_ ? 8 : 4;
  r.blocking = blocking;
  return ask(r, address, 0);
}

void Runner::push_control(std::uint32_t join_at, DepSet deps) {
  if (!deps_on_ || deps == 0) return;
  const auto depth = static_cast<std::uint32_t>(frames_.size() - 1);
  const DepSet all = join(control(), deps);
  h_.branched = join(h_.branched, deps);
  if (!controls_.empty() && controls_.back().depth == depth && controls_.back().join == join_at)
    controls_.back().deps = all;
  else controls_.push_back({depth, join_at, all});
}

void Runner::enter_loop(std::uint32_t id) {
  const auto depth = static_cast<std::uint32_t>(frames_.size() - 1);
  std::uint64_t state = 0x9e3779b97f4a7c15;
  const auto mix = [&](std::uint64_t x) {
    state ^= x + 0x9e3779b97f4a7c15 + (state << 6) + (state >> 2);
    state *= 0xff51afd7ed558ccd;
    state ^= state >> 32;
  };
  const std::vector<bool>& live = m_.live(frame().function, frame().pc);
  for (std::size_t r = 0; r < live.size(); ++r) {
    if (live[r]) mix(static_cast<std::uint64_t>(registers_[frame().base + r]));
  }
  for (const std::uint8_t byte : own_bytes_) mix(byte);
  std::size_t i = loops_.size();
  while (i > 0 && !(loops_[i - 1].id == id && loops_[i - 1].depth == depth)) --i;
  if (i == 0) {
    loops_.push_back({id, depth, 0, h_.effects, h_.reads, state});
    return;
  }
  loops_.resize(i);
  LoopMark& mark = loops_.back();
  if (mark.effects == h_.effects && mark.state == state) {
    h_.status = Status::spinning;
    h_.round = h_.reads - mark.reads;
    return;
  }
  ++mark.iterations;
  if ((m_.options_.unroll != 0 && mark.iterations >= m_.options_.unroll) || mark.iterations > kMostIterations)
    h_.status = Status::bounded;
  mark.effects = h_.effects;
  mark.reads = h_.reads;
  mark.state = state;
}

void Runner::run() {
  while (h_.status == Status::running && h_.prologue == 0 && step()) {
  }
}

bool Runner::step() {
  if (frame().pc >= function().code.size()) return ret(0, 0);
  while (!controls_.empty() && controls_.back().depth + 1 == frames_.size() &&
         controls_.back().join == frame().pc)
    controls_.pop_back();
  const ir::Node& node = instr().node;
  const auto next = [&] {
    ++frame().pc;
    return true;
  };
  return std::visit(
      overloaded{
          [&](const ir::Move& n) {
            set(n.dst, get(n.a), deps(n.a));
            return next();
          },
          [&](const ir::Taint& n) {
            set(n.dst, get(n.a), join(deps(n.a), deps(n.b)));
            return next();
          },
          [&](const ir::Binary& n) {
            const auto v = lang::arithmetic(n.op, get(n.a), get(n.b), n.width);
            if (!v) return stop(Failure::undefined);
            set(n.dst, *v, join(deps(n.a), deps(n.b)));
            return next();
          },
          [&](const ir::Convert& n) {
            set(n.dst, lang::wrap(get(n.a), n.width), deps(n.a));
            return next();
          },
          [&](const ir::Load& n) {
            if (const auto at = static_cast<std::uint64_t>(get(n.address)); is_own(at)) {
              std::uint64_t raw = 0;
              if (!load_own(at, n.size, raw)) return false;
              set(n.dst,
                  lang::wrap(static_cast<std::int64_t>(raw),
                             {static_cast<std::uint8_t>(n.size * 8), n.is_signed}),
                  0);
              return next();
            }
            Request r;
            r.act = Act::read;
            r.tag = tag(n.order);
            r.size = n.size;
            r.is_signed = n.is_signed;
            return ask(r, n.address, 0);
          },
          [&](const ir::Store& n) {
            if (const auto at = static_cast<std::uint64_t>(get(n.address)); is_own(at))
              return store_own(at, n.size, static_cast<std::uint64_t>(get(n.value))) &&
                     !note(at, n.size, get(n.value)) && next();
            Request r;
            r.act = Act::write;
            r.tag = tag(n.order);
            r.size = n.size;
            r.operand = get(n.value);
            return ask(r, n.address, deps(n.value));
          },
          [&](const ir::Rmw& n) {
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
            r.guard_deps =
                deps(n.guard_value);  // not of the write: herd7 has it as control within the instruction
            return ask(r, n.address, deps(n.value));
          },
          [&](const ir::Await& n) {
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
          },
          [&](const ir::Lock& n) { return lock(n.address, n.kind, true); },
          [&](const ir::Unlock& n) {
            const auto at = static_cast<std::uint64_t>(get(n.address));
            if (!m_.litmus_ && std::find(held_.begin(), held_.end(), at) == held_.end())
              return stop(Failure::not_locked);
            Request r;
            r.act = Act::write;
            r.tag = Tag::unlock;
            r.size = m_.litmus_ ? 8 : 4;
            return ask(r, n.address, 0);
          },
          [&](const ir::TryLock& n) { return lock(n.address, n.kind, false); },
          [&](const ir::IsLocked& n) {
            Request r;
            r.act = Act::read;
            r.tag = Tag::is_locked;
            r.size = m_.litmus_ ? 8 : 4;
            return ask(r, n.address, 0);
          },
          [&](const ir::FenceInstr& n) { return fence(tag_of(n.fence)); },
          [&](const ir::SrcuLock& n) {
            Request r;
            r.act = m_.options_.srcu_fences ? Act::fence : Act::read;
            r.tag = Tag::srcu_lock;
            r.size = m_.litmus_ ? 8 : 4;
            r.operand = kSrcuToken + kSrcuStep * h_.tokens;
            return ask(r, n.address, 0);
          },
          [&](const ir::SrcuUnlock& n) {
            Request r;
            r.act = m_.options_.srcu_fences ? Act::fence : Act::write;
            r.tag = Tag::srcu_unlock;
            r.size = m_.litmus_ ? 8 : 4;
            r.operand = get(n.index);
            return ask(r, n.address, deps(n.index));
          },
          [&](const ir::SrcuSync& n) {
            if (!may_sleep()) return stop(Failure::sleeps);
            Request r;
            r.act = Act::fence;
            r.tag = Tag::sync_srcu;
            r.size = m_.litmus_ ? 8 : 4;
            return ask(r, n.address, 0);
          },
          [&](const ir::CallRcu& n) {
            Request r;
            r.act = Act::spawn;
            r.operand = get(n.function);
            r.guard_value = get(n.argument);
            return ask(r, ir::constant(static_cast<std::int64_t>(spawn_address(thread_, h_.spawned))), 0);
          },
          [&](const ir::Allocate& n) {
            Request r;
            r.act = Act::alloc;
            r.operand = get(n.size);
            if (r.operand < 0 || static_cast<std::uint64_t>(r.operand) > object_size_limit)
              return stop(Failure::out_of_bounds);
            return ask(r, ir::constant(static_cast<std::int64_t>(object_address(thread_, h_.objects))), 0);
          },
          [&](const ir::Free& n) {
            if (get(n.address) == 0) return next();
            Request r;
            r.act = Act::free;
            return ask(r, n.address, 0);
          },
          [&](const ir::Local& n) {
            if (m_.options_.own && m_.private_[frame().function][frame().pc]) {
              const std::uint64_t at = make_own(n.size);
              set(n.dst, static_cast<std::int64_t>(at), 0);
              return !note(at, 0, 0) && next();
            }
            Request r;
            r.act = Act::alloc;
            r.operand = static_cast<std::int64_t>(n.size);
            return ask(r, ir::constant(static_cast<std::int64_t>(object_address(thread_, h_.objects))), 0);
          },
          [&](const ir::Copy& n) { return copy(n); },
          [&](const ir::CurrentTask& n) {
            // INIT and FINALLY run where the first thread runs: before it, and after it
            set(n.dst, thread_ < m_.cpus_.size() ? static_cast<std::int64_t>(thread_) : 0, 0);
            return next();
          },
          [&](const ir::IrqSave& n) {
            if (may_interrupt()) return false;  // the last chance before they are held off
            h_.asked = false;
            set(n.dst, h_.irqs_off == 0, 0);
            h_.irqs_off = 1;
            return next();
          },
          [&](const ir::IrqRestore& n) {
            if (get(n.on) != 0) h_.irqs_off = 0;
            return next();
          },
          [&](const ir::Preempt& n) {
            if (!n.enable) ++h_.preempt_off;
            else if (h_.preempt_off > 0) --h_.preempt_off;
            return next();
          },
          [&](const ir::MightSleep&) { return may_sleep() ? next() : stop(Failure::sleeps); },
          [&](const ir::Choose& n) {
            Request r;
            r.act = Act::choose;
            r.operand = get(n.low);
            r.is_signed = n.is_signed;
            const std::int64_t high = get(n.high);
            const bool empty = n.is_signed
                                   ? high < r.operand
                                   : static_cast<std::uint64_t>(high) < static_cast<std::uint64_t>(r.operand);
            r.guard_value = empty ? r.operand : high;
            return ask(r, ir::constant(0), 0);
          },
          [&](const ir::Assume& n) {
            if (get(n.a) != 0) return next();
            h_.status = Status::dropped;
            return false;
          },
          [&](const ir::Check& n) {
            if (get(n.a) != 0) return next();
            switch (n.kind) {
              case ir::CheckKind::assertion:
                return stop(Failure::assertion);
              case ir::CheckKind::bug_on:
                return stop(Failure::bug_on);
              case ir::CheckKind::warn_on:
                return stop(Failure::warn_on);
            }
            return stop(Failure::assertion);
          },
          [&](const ir::Branch& n) {
            push_control(n.join, deps(n.a));
            frame().pc = get(n.a) != 0 ? n.then : n.otherwise;
            return true;
          },
          [&](const ir::Jump& n) {
            frame().pc = n.to;
            return true;
          },
          [&](const ir::Loop& n) {
            enter_loop(n.id);
            return h_.status == Status::running && next();
          },
          [&](const ir::Call& n) {
            call(n.function, n.args, n.dst);
            return h_.status == Status::running;
          },
          [&](const ir::CallPointer& n) {
            const auto target = static_cast<std::uint64_t>(get(n.pointer)) - ir::function_base;
            if (target >= m_.program_.functions.size()) return stop(Failure::bad_address);
            call(static_cast<std::uint32_t>(target), n.args, n.dst);
            return h_.status == Status::running;
          },
          [&](const ir::Ret& n) { return ret(get(n.value), deps(n.value)); },
      },
      node);
}

}  // namespace ringtail::machine
