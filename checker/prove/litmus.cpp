// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/prove/litmus.h"

#include <fmt/format.h>

#include "checker/prove/executions.h"
#include "checker/prove/solver.h"

namespace ringtail::prove {
namespace {

class Litmus {
 public:
  Litmus(z3::context& context, const ir::Program& program, memory::Model model, const Options& options)
      : c(context),
        whole_(c, program, model, options.unroll, false),
        litmus_(*program.litmus),
        timeout_(options.timeout) {}

  LitmusVerdict run() {
    if (!whole_.undecided.empty()) return {explore::Result::bounded, whole_.undecided, false, false};
    z3::expr possible = whole_.possible();
    if (litmus_.filter) possible = possible && holds(*litmus_.filter);
    const z3::expr condition = litmus_.has_condition ? holds(litmus_.condition) : c.bool_val(true);
    LitmusVerdict out;
    Solver solver(c, timeout_);
    const z3::check_result yes = solver.ask(possible && condition), no = solver.ask(possible && !condition);
    if (yes == z3::unknown || no == z3::unknown) out.result = explore::Result::timeout;
    out.positive = yes == z3::sat;
    out.negative = no == z3::sat;
    return out;
  }

 private:
  Value value(const ir::Place& p) const {
    if (!p.thread) return whole_.after(static_cast<std::int64_t>(p.address));
    Value out = 0;
    for (const Way& w : whole_.run.ways[*p.thread])
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
    z3::context c;
    return Litmus(c, program, model, options).run();
  } catch (const z3::exception& e) {
    return {explore::Result::bounded, fmt::format("the solver gave up: {}", e.msg()), false, false};
  }
}

}  // namespace ringtail::prove
