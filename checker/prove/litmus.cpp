// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/prove/litmus.h"

#include <fmt/format.h>

#include "checker/prove/executions.h"
#include "checker/prove/solver.h"

namespace ringtail::prove {
namespace {

class Litmus {
 public:
  Litmus(z3::context& context, const ir::Program& program, memory::Model model, const Bounds& bounds,
         double timeout)
      : c(context), whole_(c, program, model, bounds, false), litmus_(*program.litmus), timeout_(timeout) {}

  LitmusVerdict run() {
    if (!whole_.undecided.empty()) return {explore::Result::bounded, whole_.undecided, false, false};
    z3::expr possible = whole_.possible();
    if (litmus_.filter) possible = possible && holds(*litmus_.filter);
    const z3::expr ends = possible && whole_.through();
    const z3::expr condition = litmus_.has_condition ? holds(litmus_.condition) : c.bool_val(true);
    LitmusVerdict out;
    Solver solver(c, timeout_);
    const z3::check_result yes = solver.ask(ends && condition), no = solver.ask(ends && !condition);
    if (yes == z3::unknown || no == z3::unknown) out.result = explore::Result::timeout;
    out.positive = yes == z3::sat;
    out.negative = no == z3::sat;
    if (whole_.run.bounded.empty() || (out.positive && out.negative)) return out;
    if (solver.ask(possible && whole_.cut_short()) != z3::unsat) {
      out.result = explore::Result::bounded;
      out.bound = "a loop goes on; --unroll N allows more";
    }
    return out;
  }

 private:
  Value value(const ir::Place& p) const {
    if (!p.thread) return whole_.after(static_cast<std::int64_t>(p.address));
    Value out = 0;
    for (const Way& w : whole_.run.courses[*p.thread].ways)
      if (p.reg != ir::no_reg) out = either(c, w.taken, w.registers[p.reg], out);
    return out;
  }

  z3::expr holds(const ir::Condition& condition) const {
    const auto parts = [&](const std::vector<ir::Condition>& of) {
      z3::expr_vector out(c);
      for (const ir::Condition& p : of) out.push_back(holds(p));
      return out;
    };
    return std::visit(overloaded{
                          [&](const ir::ConditionAtom& a) {
                            const Value left = value(a.left);
                            const auto* number = std::get_if<std::int64_t>(&a.right);
                            const Value right =
                                number != nullptr ? Value(*number) : value(std::get<ir::Place>(a.right));
                            const z3::expr same = equal(c, left, right);
                            return a.equal ? same : !same;
                          },
                          [&](const ir::ConditionAll& a) { return z3::mk_and(parts(a.parts)); },
                          [&](const ir::ConditionAny& a) { return z3::mk_or(parts(a.parts)); },
                          [&](const ir::ConditionNot& a) { return !holds(a.parts.front()); },
                      },
                      condition.node);
  }

  z3::context& c;
  const Whole whole_;
  const ir::Litmus& litmus_;
  const double timeout_;
};

}  // namespace

LitmusVerdict solve_litmus(const ir::Program& program, memory::Model model, const Options& options) {
  try {
    LitmusVerdict out;
    for (const std::uint32_t open : kOpenLoops) {
      z3::context c;
      out = Litmus(c, program, model,
                   {.unroll = options.unroll, .open = open, .deadline = Deadline(options.timeout)},
                   options.timeout)
                .run();
      if (out.result != explore::Result::bounded || options.unroll != 0) break;
    }
    return out;
  } catch (const OutOfTime&) {
    return {explore::Result::timeout, "", false, false};
  } catch (const z3::exception& e) {
    return {explore::Result::bounded, fmt::format("the solver gave up: {}", e.msg()), false, false};
  }
}

}  // namespace ringtail::prove
