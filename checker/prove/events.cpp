// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/prove/events.h"

#include <algorithm>
#include <bit>
#include <type_traits>

#include <fmt/format.h>

#include "checker/explore/search.h"
#include "model/lang/operands.h"
#include "model/machine/machine.h"
#include "model/machine/text.h"

namespace ringtail::prove {

using memory::Kind;
using memory::Tag;

namespace {

std::set<std::uint32_t> joined(const std::set<std::uint32_t>& a, const std::set<std::uint32_t>& b) {
  std::set<std::uint32_t> out = a;
  out.insert(b.begin(), b.end());
  return out;
}

// Whether others can see it, or it holds interrupts off.
bool asks(const ir::Node& node) {
  return std::visit(
      [](const auto& n) {
        using N = std::decay_t<decltype(n)>;
        return !(std::is_same_v<N, ir::Move> || std::is_same_v<N, ir::Taint> ||
                 std::is_same_v<N, ir::Binary> || std::is_same_v<N, ir::Convert> ||
                 std::is_same_v<N, ir::Branch> || std::is_same_v<N, ir::Jump> ||
                 std::is_same_v<N, ir::Loop> || std::is_same_v<N, ir::Call> ||
                 std::is_same_v<N, ir::CallPointer> || std::is_same_v<N, ir::Ret> ||
                 std::is_same_v<N, ir::Assume> || std::is_same_v<N, ir::Check> ||
                 std::is_same_v<N, ir::CurrentTask> || std::is_same_v<N, ir::IrqRestore> ||
                 std::is_same_v<N, ir::Preempt> || std::is_same_v<N, ir::MightSleep>);
      },
      node);
}

}  // namespace

EventRun::EventRun(z3::context& c, const ir::Program& program, const Bounds& bounds, bool prefixes)
    : Run(c, program, bounds.unroll),
      prefixes_(prefixes),
      most_events_(bounds.events),
      functions_(machine::functions_by_address(program)) {
  most_open_ = bounds.open;
  deadline = bounds.deadline;
  for (const ir::Function& f : program.functions)
    live_.push_back(machine::live_at_loops(f, program.litmus.has_value()));
  for (std::uint32_t t = 0; t < program.threads.size(); ++t)
    if (program.threads[t].kind != ir::ThreadKind::irq_on) cpus_.push_back(t);
  for (const std::uint32_t cpu : cpus_) {
    handlers_.emplace_back();
    for (const ir::Thread& t : program.threads)
      if (t.kind == ir::ThreadKind::irq_on && t.target == cpu) handlers_.back().push_back(t.function);
  }
}

void EventRun::threads() {
  for (std::size_t t = 0; t < cpus_.size(); ++t) thread(t, program_.threads[cpus_[t]].function);
  for (std::size_t i = 0; i < callbacks_.size(); ++i) callback(Callback(callbacks_[i]));
  for (const Question& q : questions_) resolve(q);
  if (prefixes_) end_sections();
}

void EventRun::thread(std::size_t number, std::uint32_t function) {
  thread_ = current = number;
  courses.push_back({number, c.bool_val(true), {}});
  State s{{}, {}, Memory(program_, &nothing_), {}, 0, 0, true};
  s.irqs = (1u << handlers_[number].size()) - 1;
  start(s, function);
  go_on(s);
  finish(s);
}

// It sees the call, and waits for a grace period.
void EventRun::callback(const Callback& call) {
  const std::size_t which = (call.called - machine::spawn_address(call.thread, 0)) / 8;
  if (call.thread >= cpus_.size() || which >= explore::callbacks_each) {
    given_up = "a callback of a callback, or one too many";
    return;
  }
  thread_ = current = cpus_.size() + call.thread * explore::callbacks_each + which;
  State s{{}, {}, Memory(program_, &nothing_), {}, 0, 0, true};
  s.path = call.path;
  courses.push_back({thread_, all(s.path), {}});
  const auto function = static_cast<std::uint64_t>(call.function.number()) - ir::function_base;
  if (!call.function.is_number() || function >= program_.functions.size())
    return give_up(s, "the callback depends on an input");
  start(s, static_cast<std::uint32_t>(function), {call.argument});
  const Value v = read(s, Tag::acquire, static_cast<std::int64_t>(call.called), 8, true, false);
  require(s, equal(c, v, 1));
  grace_period(s, Tag::sync_rcu, 0);
  go_on(s);
  finish(s);
}

void EventRun::finish(State& s) {
  if (!s.alive || !given_up.empty()) return;
  if (!program_.litmus && !s.returned) {
    returns(s);
    s.returned = true;
    leave(s, s.frames.front());
  }
  for (; s.irqs != 0 && s.alive; go_on(s)) interrupt(s, static_cast<std::uint32_t>(std::countr_zero(s.irqs)));
  if (!s.alive || !given_up.empty()) return;
  if (!program_.litmus && (s.rcu != 0 || !s.locks.empty())) {
    demand(s, c.bool_val(true), s.rcu != 0 ? machine::Failure::unbalanced_rcu : machine::Failure::lock_held);
    return;
  }
  courses.back().ways.push_back({all(s.path), s.frames.front().registers, true});
  s.alive = false;
}

void EventRun::fork(State& s, const z3::expr& condition, const std::function<void(State&)>& then) {
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
  if (s.irqs != 0 && asks(program_.functions[s.frames.back().function].code[s.frames.back().pc].node))
    interrupts(s);
}

// A function's own objects end with it. Of those that nobody was told of nobody can tell.
void EventRun::leave(State& s, const Frame& done) {
  while (!s.controls.empty() && s.controls.back().depth > s.frames.size()) s.controls.pop_back();
  if (program_.litmus) return;
  share(s, done.returned);
  for (auto local = done.locals.rbegin(); local != done.locals.rend(); ++local)
    if (std::find(s.shared.begin(), s.shared.end(), *local) != s.shared.end() && s.alive)
      add_free(s, static_cast<std::int64_t>(*local), true);
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

void EventRun::call_any(State& s, const ir::CallPointer& n, const Value& target) {
  for (const std::uint32_t f : functions_) {
    const z3::expr same = equal(c, target, static_cast<std::int64_t>(ir::function_base + f)).simplify();
    if (!s.alive || !oracle.possible(s.path, same)) continue;
    State other = s;
    ++other.forks;
    require(other, same);
    enter(other, f, n.args, n.dst);
    go_on(other);
    finish(other);
    require(s, !same);
  }
  if (s.alive) demand(s, c.bool_val(true), machine::Failure::bad_address);
}

z3::expr EventRun::plain_at(const Value& address) const {
  if (!plain) return c.bool_val(false);
  if (plain->anywhere) return c.bool_val(true);
  z3::expr_vector any(c);
  for (const std::uint64_t a : plain->addresses)
    any.push_back(equal(c, address, static_cast<std::int64_t>(a)));
  return z3::mk_or(any);
}

std::uint32_t EventRun::add(State& s, Kind kind, Tag tag, const Value& address, std::uint8_t size,
                            const Value& value, const std::set<std::uint32_t>& data, bool with_last) {
  // A loop that spins is followed both ways each time: a stop, before there is no stack left.
  if (events.size() >= most_events_) give_up(s, fmt::format("more than {} events", most_events_));
  const auto number = static_cast<std::uint32_t>(events.size());
  if (prefixes_ && !with_last) {
    const z3::expr goes = c.bool_const(fmt::format("goes {}", number).c_str());
    courses.back().ways.push_back({all(s.path) && !goes, {}, false});
    require(s, goes);
  }
  SymbolicEvent e{thread_, kind,        tag,          address, value, size,    false,
                  {},      all(s.path), address.deps, data,    {},    s.trace, here(s)};
  if (!s.controls.empty()) e.ctrl = s.controls.back().deps;
  events.push_back(std::move(e));
  s.trace.push_back(number);
  for (const std::uint32_t section : s.sections) sections_[section].members.push_back(number);
  return number;
}

Value EventRun::read(State& s, Tag tag, const Value& address, std::uint8_t size, bool is_signed, bool rmw) {
  const z3::expr symbol = c.bv_const(fmt::format("read {}", events.size()).c_str(), size * 8u);
  Value v = Value::of(symbol, is_signed);
  const bool called = address.is_number() && static_cast<std::uint64_t>(address.number()) < ir::global_base &&
                      address.number() >= static_cast<std::int64_t>(machine::spawn_address(0, 0));
  if (!called) demand_object(s, address, size);
  const std::uint32_t e = add(s, Kind::read, tag, address, size, v, {});
  events[e].rmw = rmw;
  v.deps = {e};
  v.bases.anywhere = true;
  return v;
}

}  // namespace ringtail::prove
