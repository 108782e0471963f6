// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/prove/run.h"

#include <fmt/format.h>

#include "model/base/result.h"

namespace ringtail::prove {
namespace {

constexpr std::size_t kMostFrames = 128;            // as the machine
constexpr std::uint32_t kMostIterations = 1 << 16;  // as the machine

}  // namespace

bool Oracle::possible(const std::vector<z3::expr>& path, const z3::expr& more) {
  const z3::expr simple = more.simplify();
  if (simple.is_false()) return false;
  solver_.push();
  for (const z3::expr& p : path) solver_.add(p);
  solver_.add(simple);
  const bool sure = solver_.check() == z3::unsat;
  solver_.pop();
  return !sure;
}

z3::expr Run::all(const std::vector<z3::expr>& path) const {
  z3::expr_vector v(c);
  for (const z3::expr& p : path) v.push_back(p);
  return z3::mk_and(v);
}

void Run::require(State& s, const z3::expr& condition) {
  const z3::expr simple = condition.simplify();
  if (simple.is_true()) return;
  if (simple.is_false()) s.alive = false;
  s.path.push_back(simple);
}

void Run::demand(State& s, const z3::expr& broken, machine::Failure failure, std::string what,
                 std::optional<Value> address) {
  ++demands;
  const z3::expr simple = broken.simplify();
  if (simple.is_false()) return;
  goals.push_back({failure, here(s), all(s.path) && simple, std::move(what), std::move(address)});
  require(s, !simple);
}

void Run::give_up(State& s, std::string why) {
  if (given_up.empty()) given_up = std::move(why);
  s.alive = false;
}

z3::expr Run::input(State& s, unsigned bits, bool is_signed) {
  const z3::expr symbol = c.bv_const(fmt::format("input {} of {}", inputs.size(), whose).c_str(), bits);
  inputs.push_back({here(s), symbol, all(s.path), is_signed, current});
  return symbol;
}

void Run::push(State& s, std::uint32_t function, const std::vector<Value>& arguments, ir::Reg result) {
  Frame f;
  f.function = function;
  f.registers.resize(program_.functions[function].regs);
  for (std::size_t i = 0; i < arguments.size() && i < f.registers.size(); ++i) f.registers[i] = arguments[i];
  f.result = result;
  s.frames.push_back(std::move(f));
}

Value Run::call(State& s, std::uint32_t function, const std::vector<Value>& arguments) {
  push(s, function, arguments, ir::no_reg);
  const std::size_t depth = s.frames.size();
  const auto end = static_cast<std::uint32_t>(program_.functions[function].code.size());
  run(s, depth, end);
  if (!s.alive) return 0;
  const Frame done = std::move(s.frames.back());
  s.frames.pop_back();
  leave(s, done);
  return done.returned;
}

// To a place of a function that is `depth` deep; its callees are run on the way.
void Run::run(State& s, std::size_t depth, std::uint32_t stop) {
  while (s.alive && given_up.empty()) {
    deadline.look();
    if (s.frames.size() == depth && s.frames.back().pc == stop) return;
    if (s.frames.back().pc >= program_.functions[s.frames.back().function].code.size()) {
      if (s.frames.size() == depth) return;
      returns(s);
      const Frame done = std::move(s.frames.back());
      s.frames.pop_back();
      leave(s, done);
      if (done.interrupt) continue;  // where it was
      set(s, done.result, done.returned);
      ++s.frames.back().pc;
      continue;
    }
    step(s);
  }
}

void Run::go_on(State& s) {
  if (!s.alive) return;
  run(s, 1, static_cast<std::uint32_t>(program_.functions[s.frames.front().function].code.size()));
}

void Run::branch(State& s, const ir::Branch& b) {
  const Value v = get(s, b.a);
  Frame& frame = s.frames.back();
  if (v.is_number()) {
    frame.pc = v.number() != 0 ? b.then : b.otherwise;
    return;
  }
  const z3::expr condition = v.truth(c).simplify();
  const bool yes = oracle.possible(s.path, condition), no = !yes || oracle.possible(s.path, !condition);
  if (!yes || !no) {
    frame.pc = yes ? b.then : b.otherwise;
    return;
  }
  ++s.forks;
  State other = s;
  const std::size_t depth = s.frames.size(), before = s.path.size();
  s.path.push_back(condition);
  other.path.push_back(!condition);
  frame.pc = b.then;
  other.frames.back().pc = b.otherwise;
  run(s, depth, b.join);
  run(other, depth, b.join);
  if (!given_up.empty()) return;
  if (!s.alive || !other.alive) {
    if (!s.alive && other.alive) s = std::move(other);
    return;
  }
  // What each side learned holds where its condition does.
  std::vector<z3::expr> path(s.path.begin(), s.path.begin() + static_cast<std::ptrdiff_t>(before));
  for (std::size_t i = before + 1; i < s.path.size(); ++i) path.push_back(z3::implies(condition, s.path[i]));
  for (std::size_t i = before + 1; i < other.path.size(); ++i) path.push_back(condition || other.path[i]);
  s.path = std::move(path);
  s.forks = std::max(s.forks, other.forks);
  Frame &a = s.frames.back(), &o = other.frames.back();
  for (std::size_t r = 0; r < a.registers.size(); ++r)
    a.registers[r] = s.memory.either(c, condition, a.registers[r], o.registers[r]);
  a.returned = s.memory.either(c, condition, a.returned, o.returned);
  if (o.locals.size() > a.locals.size()) a.locals = o.locals;
  a.loops.resize(std::min(a.loops.size(), o.loops.size()));
  merge(s, condition, other);
}

void Run::merge(State& into, const z3::expr& condition, State& other) {
  into.memory.merge(c, condition, other.memory);
  for (const auto& [lock, held] : other.held) into.held.try_emplace(lock, 0);
  for (auto& [lock, held] : into.held) {
    const auto it = other.held.find(lock);
    held = either(c, condition, held, it == other.held.end() ? Value(0) : it->second);
  }
  into.rcu_depth = either(c, condition, into.rcu_depth, other.rcu_depth);
}

void Run::enter_loop(State& s, std::uint32_t id) {
  std::vector<LoopMark>& loops = s.frames.back().loops;
  std::size_t i = loops.size();
  while (i > 0 && loops[i - 1].id != id) --i;
  if (i == 0) {
    loops.push_back({id, 0, 0, s.forks});
    return mark_loop(s, loops.back());
  }
  loops.resize(i);
  if (spins(s, loops.back())) {
    s.alive = false;
    return;
  }
  LoopMark& mark = s.frames.back().loops.back();
  mark_loop(s, mark);
  ++mark.iterations;
  if (mark.forks != s.forks) ++mark.open;
  mark.forks = s.forks;
  const bool stops = unroll_ != 0 ? mark.iterations >= unroll_
                                  : mark.open >= most_open_ || mark.iterations > kMostIterations;
  if (!stops) return;
  bounded.push_back(all(s.path));
  s.alive = false;
}

Value Run::binary(State& s, const ir::Binary& n) {
  const Value a = get(s, n.a), b = get(s, n.b);
  const bool known = a.is_number() && b.is_number();
  if (!known || !lang::arithmetic(n.op, a.number(), b.number(), n.width))
    demand(s, undefined(c, n.op, a, b, n.width), machine::Failure::undefined);
  Value out = arithmetic(c, n.op, a, b, n.width);
  out.deps = a.deps;
  out.deps.insert(b.deps.begin(), b.deps.end());
  if (out.is_number()) return out;
  switch (n.op) {
    case lang::BinaryOp::add:
    case lang::BinaryOp::subtract:
    case lang::BinaryOp::bit_and:
    case lang::BinaryOp::bit_or:
      if (n.width.bits < 64) break;
      out.bases = s.memory.bases(a);
      out.bases.add(s.memory.bases(b));
      break;
    default:
      break;
  }
  return out;
}

void Run::enter(State& s, std::uint32_t function, const std::vector<ir::Operand>& args, ir::Reg dst) {
  if (s.frames.size() >= kMostFrames) return demand(s, c.bool_val(true), machine::Failure::recursion);
  std::vector<Value> values;
  for (const ir::Operand& a : args) values.push_back(get(s, a));
  push(s, function, values, dst);
}

void Run::step(State& s) {
  const std::vector<ir::Instr>& code = program_.functions[s.frames.back().function].code;
  const ir::Instr& instr = code[s.frames.back().pc];
  before(s);
  const auto next = [&] { ++s.frames.back().pc; };
  std::visit(
      overloaded{
          [&](const ir::Move& n) { set(s, n.dst, get(s, n.a)), next(); },
          [&](const ir::Taint& n) {
            Value v = get(s, n.a);
            const Value b = get(s, n.b);
            v.deps.insert(b.deps.begin(), b.deps.end());
            set(s, n.dst, std::move(v)), next();
          },
          [&](const ir::Binary& n) { set(s, n.dst, binary(s, n)), next(); },
          [&](const ir::Convert& n) {
            const Value a = get(s, n.a);
            Value v = wrap(c, a, n.width);
            v.deps = a.deps;
            set(s, n.dst, std::move(v)), next();
          },
          [&](const ir::Branch& n) { branch(s, n); },
          [&](const ir::Jump& n) { s.frames.back().pc = n.to; },
          [&](const ir::Loop& n) { enter_loop(s, n.id), next(); },
          [&](const ir::Call& n) { enter(s, n.function, n.args, n.dst); },
          [&](const ir::CallPointer& n) {
            const Value target = get(s, n.pointer);
            if (!target.is_number()) return call_any(s, n, target);
            const auto function = static_cast<std::uint64_t>(target.number()) - ir::function_base;
            if (function >= program_.functions.size())
              return demand(s, c.bool_val(true), machine::Failure::bad_address);
            enter(s, static_cast<std::uint32_t>(function), n.args, n.dst);
          },
          [&](const ir::Ret& n) {
            Frame& f = s.frames.back();
            f.returned = get(s, n.value);
            f.pc = static_cast<std::uint32_t>(code.size());
          },
          [&](const ir::Assume& n) { require(s, get(s, n.a).truth(c)), next(); },
          [&](const ir::Check& n) {
            const machine::Failure failure = n.kind == ir::CheckKind::assertion ? machine::Failure::assertion
                                             : n.kind == ir::CheckKind::bug_on  ? machine::Failure::bug_on
                                                                                : machine::Failure::warn_on;
            demand(s, !get(s, n.a).truth(c), failure, n.text);
            next();
          },
          [&](const ir::Choose& n) {
            const Value low = get(s, n.low), high = get(s, n.high);
            unsigned bits = 64;
            for (const unsigned narrow : {32u, 16u, 8u})
              if (const lang::Width w{static_cast<std::uint8_t>(narrow), n.is_signed};
                  low.fits(w) && high.fits(w))
                bits = narrow;
            const Value v = Value::of(input(s, bits, n.is_signed), n.is_signed);
            const z3::expr above = !less(c, v, low, n.is_signed), below = !less(c, high, v, n.is_signed);
            require(s, (above && below) || (less(c, high, low, n.is_signed) && equal(c, v, low)));
            set(s, n.dst, v), next();
          },
          [&](const auto&) {
            if (effect(s, instr)) next();
          },
      },
      instr.node);
}

}  // namespace ringtail::prove
