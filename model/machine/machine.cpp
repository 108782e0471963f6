// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/machine/machine.h"

#include <algorithm>

#include "model/base/result.h"
#include "model/machine/escape.h"
#include "model/machine/run.h"
#include "model/machine/text.h"

namespace ringtail::machine {
std::string_view name(Failure f) {
  switch (f) {
    case Failure::none:
      return "none";
    case Failure::assertion:
    case Failure::bug_on:
    case Failure::warn_on:
      return "assertion";
    case Failure::bad_address:
    case Failure::out_of_bounds:
    case Failure::mixed_size:
      return "out of bounds";
    case Failure::use_after_free:
      return "use after free";
    case Failure::double_free:
    case Failure::bad_free:
      return "double free";
    case Failure::undefined:
      return "undefined arithmetic";
    case Failure::self_deadlock:
    case Failure::endless:
      return "deadlock";
    case Failure::not_locked:
    case Failure::unbalanced_rcu:
    case Failure::lock_held:
      return "lock misuse";
    case Failure::sleeps:
      return "sleep in atomic context";
    case Failure::recursion:
      return "recursion";
  }
  fatal("a failure without a name");
}

std::string_view explain(Failure f) {
  switch (f) {
    case Failure::none:
      return "nothing is wrong";
    case Failure::assertion:
      return "the assertion does not hold";
    case Failure::bug_on:
      return "BUG_ON() fires";
    case Failure::warn_on:
      return "WARN_ON() fires";
    case Failure::bad_address:
      return "the address is NULL or belongs to no object";
    case Failure::out_of_bounds:
      return "the access lies outside its object";
    case Failure::use_after_free:
      return "the object is accessed although it may already be freed";
    case Failure::double_free:
      return "the object is freed twice";
    case Failure::bad_free:
      return "what is freed was not allocated";
    case Failure::undefined:
      return "division by zero or a shift out of range";
    case Failure::self_deadlock:
      return "the thread takes a lock that it holds";
    case Failure::endless:
      return "a loop that does not end, or not within a million iterations";
    case Failure::not_locked:
      return "the thread releases a lock that it does not hold";
    case Failure::sleeps:
      return "the thread may sleep where sleeping is not allowed";
    case Failure::unbalanced_rcu:
      return "RCU read-side critical sections are not balanced";
    case Failure::lock_held:
      return "the thread ends and holds a lock";
    case Failure::recursion:
      return "calls are nested too deeply";
    case Failure::mixed_size:
      return "accesses of different sizes overlap";
  }
  fatal("a failure without an explanation");
}

bool holds(ir::Guard guard, std::int64_t value, std::int64_t guard_value) {
  switch (guard) {
    case ir::Guard::always:
      return true;
    case ir::Guard::equal:
      return value == guard_value;
    case ir::Guard::not_equal:
      return value != guard_value;
    case ir::Guard::greater:
      return value > guard_value;
    case ir::Guard::less:
      return value < guard_value;
    case ir::Guard::mask_zero:
      return (value & guard_value) == 0;
    case ir::Guard::mask_set:
      return (value & guard_value) != 0;
  }
  fatal("a guard without a meaning");
}

bool adds(const Request& r) {
  return r.act == Act::rmw && (r.op == ir::RmwOp::add || r.op == ir::RmwOp::subtract);
}

std::int64_t combine(const Request& r, std::int64_t old) {
  const auto a = static_cast<std::uint64_t>(old), b = static_cast<std::uint64_t>(r.operand);
  const auto result = [&]() -> std::uint64_t {
    switch (r.op) {
      case ir::RmwOp::exchange:
        return b;
      case ir::RmwOp::add:
        return a + b;
      case ir::RmwOp::subtract:
        return a - b;
      case ir::RmwOp::bit_and:
        return a & b;
      case ir::RmwOp::bit_or:
        return a | b;
      case ir::RmwOp::bit_xor:
        return a ^ b;
      case ir::RmwOp::and_not:
        return a & ~b;
    }
    fatal("a read-modify-write without a meaning");
  }();
  return lang::wrap(static_cast<std::int64_t>(result), {static_cast<std::uint8_t>(r.size * 8), r.is_signed});
}

Machine::Machine(const ir::Program& program, Options options)
    : program_(program), options_(options), litmus_(program.litmus.has_value()) {
  std::uint32_t next = 0;
  for (const ir::Function& fn : program.functions) {
    base_.push_back(next);
    next += static_cast<std::uint32_t>(fn.code.size()) + 1;
    live_.push_back(live_at_loops(fn, litmus_));
  }
  if (options.races) plain_ = plain_places(program);
  assumes_ = before_assumptions(program);
  loops_ = loop_extents(program);
  if (options.own) private_ = private_locals(program);
  for (std::uint32_t t = 0; t < program.threads.size(); ++t)
    if (program.threads[t].kind != ir::ThreadKind::irq_on) cpus_.push_back(t);
  handlers_.resize(cpus_.size());
  for (const ir::Thread& t : program.threads) {
    if (t.kind != ir::ThreadKind::irq_on) continue;
    const auto target = std::find(cpus_.begin(), cpus_.end(), t.target);
    if (target != cpus_.end())
      handlers_[static_cast<std::size_t>(target - cpus_.begin())].push_back(t.function);
  }
}

const std::vector<ir::Reg>& Machine::live(std::uint32_t function, std::uint32_t pc) const {
  for (const auto& [at, registers] : live_[function])
    if (at == pc) return registers;
  fatal("a loop head without liveness");
}

Place Machine::place(std::uint32_t instr) const {
  const auto it = std::upper_bound(base_.begin(), base_.end(), instr) - 1;
  return {static_cast<std::uint32_t>(it - base_.begin()), instr - *it};
}

const ir::Instr& Machine::instr(std::uint32_t number) const {
  const Place p = place(number);
  const std::vector<ir::Instr>& code = program_.functions[p.function].code;
  return code[std::min<std::size_t>(p.pc, code.size() - 1)];
}

const ir::Function& Machine::function_of(std::uint32_t number) const {
  return program_.functions[place(number).function];
}

const Snapshot* Machine::start(std::size_t thread, Arena& arena) const {
  Runner r(*this, thread, nullptr);
  const ir::Thread& t = program_.threads[cpus_[thread]];
  r.start(t.function, {});
  r.run();
  return r.save(arena);
}

const Snapshot* Machine::start_call(std::uint32_t function, std::int64_t argument, std::size_t thread,
                                    Arena& arena) const {
  Runner r(*this, thread, nullptr);
  r.start(function, {argument});
  r.run();
  return r.save(arena);
}

const Snapshot* Machine::start_rcu(std::uint32_t function, std::int64_t argument, std::size_t thread,
                                   std::uint64_t called, Arena& arena) const {
  Runner r(*this, thread, nullptr);
  r.start(function, {argument});
  r.await_grace_period(called);
  return r.save(arena);
}

const Snapshot* Machine::resume(const Snapshot& s, std::int64_t value, DepSet dep, std::size_t thread,
                                DepTable& deps, Arena& arena) const {
  Runner r(*this, thread, &deps);
  r.load(s);
  r.deliver(value, dep);
  r.run();
  return r.save(arena);
}

const Snapshot* Machine::resume_past_fences(const Snapshot& s, std::int64_t value, std::size_t thread,
                                            DepTable& deps, Arena& arena) const {
  using memory::Tag;
  const auto fence = [](const Header& h) {
    const Tag t = h.request.tag;
    return h.status == Status::running && h.request.act == Act::fence && t != Tag::sync_rcu &&
           t != Tag::sync_srcu && t != Tag::rcu_lock && t != Tag::rcu_unlock && t != Tag::srcu_lock &&
           t != Tag::srcu_unlock;
  };
  const Snapshot* next = resume(s, value, 0, thread, deps, arena);
  while (fence(next->header)) next = resume(*next, 0, 0, thread, deps, arena);
  return next;
}

Header Machine::run_alone(std::uint32_t function, std::int64_t argument, std::size_t thread,
                          const Answer& answer) const {
  Runner r(*this, thread, nullptr);
  r.start(function, {argument});
  r.run();
  while (r.header().status == Status::running) {
    const std::optional<std::int64_t> value = answer(r.header().request);
    if (!value) break;
    r.deliver(*value, 0);
    r.run();
  }
  if (r.header().status == Status::spinning || r.header().status == Status::bounded) r.fail(Failure::endless);
  return r.header();
}

const Snapshot* Machine::fail(const Snapshot& s, Failure f, Arena& arena) const {
  Runner r(*this, 0, nullptr);
  r.load(s);
  r.fail(f);
  return r.save(arena);
}

bool Machine::changes(const Request& r, std::int64_t value) const {
  if (!holds(r.guard, value, r.guard_value)) return false;
  return combine(r, value) != value || plain_.has(r.address);
}

bool Machine::may_interrupt(const Snapshot& s) const {
  const Header& h = s.header;
  if (h.irqs == 0 || h.irqs_off != 0) return false;
  const Frame* frames = arrays(s).frames;
  return std::none_of(frames, frames + h.frames, [](const Frame& f) { return f.interrupt; });
}

std::vector<Place> Machine::stack(const Snapshot& s) const {
  std::vector<Place> out;
  for (std::size_t i = 0; i < s.header.frames; ++i) {
    const Frame& f = arrays(s).frames[i];
    out.push_back({f.function, f.pc});
  }
  return out;
}

std::int64_t Machine::reg(const Snapshot& s, ir::Reg r) const {
  return r < s.header.registers ? arrays(s).registers[r] : 0;
}

}  // namespace ringtail::machine
