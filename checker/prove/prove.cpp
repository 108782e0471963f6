// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/prove/prove.h"

#include <fmt/format.h>

#include "checker/explore/setting.h"
#include "checker/prove/confirm.h"
#include "checker/prove/sequential.h"

namespace ringtail::prove {
namespace {

using machine::Failure;

// The solver's last word on a condition, and the inputs that make it true.
class Question {
 public:
  Question(z3::context& c, double timeout) : solver_(z3::tactic(c, "qfbv").mk_solver()) {
    if (timeout <= 0) return;
    z3::params p(c);
    p.set("timeout", static_cast<unsigned>(timeout * 1000));
    solver_.set(p);
  }
  z3::check_result ask(const z3::expr& condition) {
    solver_.push();
    solver_.add(condition);
    const z3::check_result r = solver_.check();
    if (r == z3::sat) model_ = solver_.get_model();
    solver_.pop();
    return r;
  }
  // Smaller inputs tell more: as few bits of each as will do.
  void shrink(z3::expr condition, const std::vector<Input>& inputs) {
    if (inputs.size() > 16) return;
    for (const Input& i : inputs) {
      const unsigned bits = i.symbol.get_sort().bv_size();
      for (const unsigned few : {0u, 1u, 2u, 4u, 8u, 12u, 16u, 20u, 31u, 40u}) {
        if (few >= bits) break;
        const z3::expr small = i.symbol.extract(bits - 1, few) == solver_.ctx().bv_val(0, bits - few);
        if (ask(condition && small) != z3::sat) continue;
        condition = condition && small;
        break;
      }
    }
  }
  bool holds(const z3::expr& e) const { return model_->eval(e, true).is_true(); }
  std::uint64_t number(const z3::expr& e) const { return model_->eval(e, true).get_numeral_uint64(); }

 private:
  z3::solver solver_;
  std::optional<z3::model> model_;
};

z3::expr any_of(z3::context& c, const std::vector<z3::expr>& conditions) {
  z3::expr_vector v(c);
  for (const z3::expr& e : conditions) v.push_back(e);
  return z3::mk_or(v);
}

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
    const InitialCell cell = [&](std::uint64_t address, std::uint8_t) -> Value {
      const auto it = initial_.values.find(address);
      return it == initial_.values.end() ? 0 : it->second;
    };
    Sequential run(c, spec_.program, options_.unroll, 0);
    State s{{}, {}, Memory(spec_.program, &cell), {}, 0, 0, true};
    for (const explore::Initial::Object& o : initial_.objects)
      s.memory.objects[o.address] = {static_cast<std::int64_t>(o.size), o.freed ? 1 : 0, true};
    run.call(s, proof_.function, {});
    run.end(s);
    out_.goals = run.demands;

    Question question(c, options_.timeout);
    std::vector<z3::expr> broken;
    for (const Goal& g : run.goals) broken.push_back(g.broken);
    const z3::check_result r = broken.empty() ? z3::unsat : question.ask(any_of(c, broken));
    if (r == z3::unknown) {
      out_.result = explore::Result::timeout;
      return;
    }
    if (r == z3::sat) return violated(c, run, question);
    if (!run.given_up.empty()) return undecided(run.given_up);
    if (!run.bounded.empty() && question.ask(any_of(c, run.bounded)) != z3::unsat)
      return undecided(options_.unroll != 0 ? fmt::format("--unroll {}", options_.unroll)
                                            : "a loop goes on after 64 iterations; --unroll N allows more");
    const bool ends = s.alive && run.possible_end(s);
    if (!ends) undecided("no input passes the assumptions: nothing is proved");
  }

  void violated(z3::context& c, const Sequential& run, Question& question) {
    const Goal* goal = nullptr;
    for (const Goal& g : run.goals)
      if (goal == nullptr && question.holds(g.broken)) goal = &g;
    question.shrink(goal->broken, run.inputs);
    std::vector<Choice> choices;
    for (const Input& i : run.inputs) {
      if (!question.holds(i.when)) continue;
      const auto bits = static_cast<std::uint8_t>(i.symbol.get_sort().bv_size());
      choices.push_back(
          {i.at, lang::wrap(static_cast<std::int64_t>(question.number(i.symbol)), {bits, i.is_signed}),
           i.is_signed});
    }
    std::optional<Suspect> suspect;
    if (goal->address && goal->failure == Failure::out_of_bounds)
      suspect = {goal->at, question.number(goal->address->bits(c, 64))};
    Confirmed seen = confirm(alone_, initial_, choices, suspect, options_.unroll);
    if (machine::name(seen.failure) != machine::name(goal->failure) ||
        (goal->at != the_end && seen.at != goal->at))
      return undecided(fmt::format("the machine does not confirm '{}' with the solver's inputs",
                                   goal->what.empty() ? machine::explain(goal->failure) : goal->what));
    refute(seen.failure, goal->what.empty() ? std::string(machine::explain(goal->failure)) : goal->what);
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
