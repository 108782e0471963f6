// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/prove/prove.h"

#include <fmt/format.h>

#include "checker/explore/setting.h"
#include "checker/prove/confirm.h"
#include "checker/prove/sequential.h"

namespace ringtail::prove {
namespace {

using machine::Failure;

class Prover {
 public:
  Prover(const lang::Spec& spec, std::size_t proof, const Options& options)
      : spec_(spec), alone_(spec_of(spec, proof)), proof_(spec.program.proofs[proof]), options_(options) {
    out_.name = proof_.name;
  }

  Outcome run() {
    const machine::Machine machine(spec_.program, {});
    explore::Ran init;
    initial_ = explore::initial_memory(machine, init);
    if (init.failure != Failure::none) {
      refute(init.failure, "in INIT");
      return std::move(out_);
    }
    try {
      solve();
    } catch (const z3::exception& e) {
      undecided(fmt::format("the solver gave up: {}", e.msg()));
    }
    return std::move(out_);
  }

 private:
  void refute(Failure failure, std::string message) {
    out_.result = explore::Result::violation;
    out_.kind = machine::name(failure);
    out_.message = std::move(message);
  }
  void undecided(std::string why) {
    out_.result = explore::Result::bounded;
    out_.bound = std::move(why);
  }

  void solve() {
    z3::context c;
    const InitialCell cell = left_by(initial_);
    Sequential run(c, spec_.program, options_.unroll, 0);
    State s = state_after(spec_.program, initial_, cell);
    run.call(s, proof_.function, {});
    run.end(s);
    out_.goals = run.demands;

    Solver solver(c, options_.timeout);
    const z3::check_result r = solver.ask_each(broken(run.goals));
    if (r == z3::unknown) {
      out_.result = explore::Result::timeout;
      return;
    }
    if (r == z3::sat) return violated(c, run, solver);
    if (!run.given_up.empty()) return undecided(run.given_up);
    if (!run.bounded.empty() && solver.ask(any_of(c, run.bounded)) != z3::unsat)
      return undecided(options_.unroll != 0 ? fmt::format("--unroll {}", options_.unroll)
                                            : "a loop goes on after 64 iterations; --unroll N allows more");
    const bool ends = s.alive && run.possible_end(s);
    if (!ends) undecided("no input passes the assumptions: nothing is proved");
  }

  void violated(z3::context& c, const Sequential& run, Solver& solver) {
    const Goal* goal = first_broken(run.goals, solver);
    std::vector<z3::expr> symbols;
    for (const Input& i : run.inputs) symbols.push_back(i.symbol);
    solver.shrink(goal->broken, symbols);
    std::optional<Suspect> suspect;
    if (goal->address && goal->failure == Failure::out_of_bounds)
      suspect = {goal->at, static_cast<std::uint64_t>(solver.number(goal->address->bits(c, 64), true))};
    Confirmed seen = confirm(alone_, initial_, choices_of(run.inputs, solver), suspect, options_.unroll);
    if (machine::name(seen.failure) != machine::name(goal->failure) ||
        (goal->at != the_end && seen.at != goal->at))
      return undecided(
          fmt::format("the machine does not confirm '{}' with the solver's inputs", text_of(*goal)));
    refute(seen.failure, text_of(*goal));
    out_.inputs = std::move(seen.inputs);
    seen.execution.kind = out_.kind;
    seen.execution.message = out_.message;
    out_.execution = std::move(seen.execution);
  }

  const lang::Spec& spec_;
  const lang::Spec alone_;
  const ir::Proof& proof_;
  const Options& options_;
  explore::Initial initial_;
  Outcome out_;
};

}  // namespace

Outcome prove(const lang::Spec& spec, std::size_t proof, const Options& options) {
  return Prover(spec, proof, options).run();
}

lang::Spec spec_of(const lang::Spec& spec, std::size_t proof) {
  lang::Spec out = spec;
  const ir::Proof& p = spec.program.proofs[proof];
  out.program.threads = {{p.name, ir::ThreadKind::thread, p.function, 0}};
  out.program.finally.reset();
  out.program.invariants.clear();
  out.program.proofs.clear();
  return out;
}

}  // namespace ringtail::prove
