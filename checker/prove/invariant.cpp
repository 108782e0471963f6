// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/prove/invariant.h"

#include <algorithm>

#include <fmt/format.h>

#include "checker/explore/setting.h"
#include "checker/prove/confirm.h"
#include "checker/prove/section.h"
#include "checker/prove/solver.h"

namespace ringtail::prove {
namespace {

using machine::Failure;

constexpr std::size_t kLongestStory = 3;  // threads that are run one after the other

std::string kind_of(const Goal& g) {
  return g.failure == Failure::none ? "invariant" : std::string(machine::name(g.failure));
}
// An invariant is named by its lock; the line tells which of several it is.
std::string name_of(const ir::Invariant& i) { return fmt::format("{}, line {}", i.name, i.at.span.line); }

class Induction {
 public:
  Induction(const lang::Spec& spec, std::uint64_t lock, const Options& options)
      : spec_(spec), program_(spec.program), lock_(lock), options_(options) {
    for (const ir::Invariant& i : program_.invariants)
      if (i.lock == lock) out_.name = i.name;
  }

  Outcome run() {
    const machine::Machine machine(program_, {});
    explore::Ran init;
    initial_ = explore::initial_memory(machine, init);
    if (init.failure != Failure::none) return refuted(std::string(machine::name(init.failure)), "in INIT");
    for (const ir::Invariant& i : program_.invariants) {
      explore::Initial memory = initial_;
      ++out_.goals;
      if (i.lock == lock_ &&
          explore::run_alone(machine, i.function, explore::finally_thread, memory).returned == 0)
        return refuted("invariant", "INIT does not establish it: " + name_of(i));
    }
    try {
      solve();
    } catch (const z3::exception& e) {
      undecided(fmt::format("the solver gave up: {}", e.msg()));
    }
    return std::move(out_);
  }

 private:
  Outcome refuted(std::string kind, std::string message) {
    out_.result = explore::Result::violation;
    out_.kind = std::move(kind);
    out_.message = std::move(message);
    return std::move(out_);
  }
  void undecided(std::string why) {
    out_.result = explore::Result::bounded;
    out_.bound = std::move(why);
  }

  InitialCell others_may_have_written(z3::context& c, const Protection& protection) const {
    return [&c, &protection, left = left_by(initial_)](std::uint64_t address, std::uint8_t size) -> Value {
      if (!machine::in_heap(address) && protection.written.contains(address))
        return Value::of(c.bv_const(fmt::format("before {:#x}", address).c_str(), size * 8u), true);
      return left(address, size);
    };
  }

  // Which cells are written under which locks: first as if none were protected, which can only show more
  // writes.
  Protection look() {
    Protection all;
    for (const ir::Global& g : program_.globals)
      for (const ir::Cell& cell : g.cells) all.written[g.address + cell.offset] = {};
    Protection out;
    for (const ir::Thread& t : program_.threads) {
      z3::context c;
      Section run(c, program_, options_.unroll, Rely::any, all, 0);
      const InitialCell cell = others_may_have_written(c, all);
      State s = state_after(program_, initial_, cell);
      run.call(s, t.function, {});
      for (const auto& [at, locks] : run.seen.written) {
        const auto [it, first] = out.written.try_emplace(at, locks);
        if (!first)
          std::erase_if(it->second, [&, &l = locks](std::uint64_t lock) { return !l.contains(lock); });
      }
    }
    return out;
  }

  void solve() {
    const Protection protection = look();
    for (const ir::Thread& t : program_.threads) {
      z3::context c;
      Section run(c, program_, options_.unroll, Rely::any, protection, lock_);
      const InitialCell cell = others_may_have_written(c, protection);
      State s = state_after(program_, initial_, cell), nobody = s;
      run.examine(nobody);
      run.call(s, t.function, {});
      run.end(s);
      out_.goals += run.demands;
      if (!run.unprotected.empty())
        return undecided(
            fmt::format("the invariant reads {}, which is written without its lock", run.unprotected));
      Solver solver(c, options_.timeout);
      const z3::check_result r = solver.ask(any_of(c, broken(run.goals)));
      if (r == z3::unknown) {
        out_.result = explore::Result::timeout;
        return;
      }
      if (r == z3::sat) {
        not_inductive(t, run, solver);
        if (!reach()) out_.result = explore::Result::bounded;
        return;
      }
      if (!run.given_up.empty()) return undecided(run.given_up);
      if (!run.bounded.empty() && solver.ask(any_of(c, run.bounded)) != z3::unsat)
        return undecided(fmt::format("a loop of {} goes on; --unroll N allows more", t.name));
    }
  }

  // Tells of a section that breaks an invariant, and of the state that it begins in.
  void not_inductive(const ir::Thread& t, const Section& run, Solver& solver) {
    const Goal* goal = first_broken(run.goals, solver);
    std::vector<z3::expr> symbols;
    for (const Entry& e : run.entries)
      for (const Entry::Seen& seen : e.cells) symbols.push_back(seen.symbol);
    solver.shrink(goal->broken, symbols);
    const Entry* entry = nullptr;
    for (const Entry& e : run.entries)
      if (solver.holds(e.when)) entry = &e;
    const auto line = [&](const Place& p) {
      if (p == the_end) return 0u;
      const auto& code = program_.functions[p.function].code;
      return code[std::min<std::size_t>(p.pc, code.size() - 1)].at.span.line;
    };
    undecided(fmt::format("not inductive: {} of {}, line {}: {}", kind_of(*goal), t.name, line(goal->at),
                          text_of(*goal)));
    if (entry == nullptr) return;
    for (const Entry::Seen& seen : entry->cells)
      out_.inputs.push_back({seen.name, {}, solver.number(seen.symbol, seen.is_signed), seen.is_signed});
  }

  // Whether threads of the spec, one after the other, get there from INIT.
  bool reach() {
    std::vector<std::vector<std::uint32_t>> sequences = {{}};
    for (std::size_t from = 0, length = 1; length <= kLongestStory; ++length) {
      const std::size_t to = sequences.size();
      for (; from < to; ++from)
        for (std::uint32_t t = 0; t < program_.threads.size() && sequences.size() < 200; ++t) {
          std::vector<std::uint32_t> longer = sequences[from];
          longer.push_back(t);
          if (reach(longer)) return true;
          sequences.push_back(std::move(longer));
        }
    }
    return false;
  }

  bool reach(const std::vector<std::uint32_t>& sequence) {
    z3::context c;
    const Protection none;
    Section run(c, program_, options_.unroll, Rely::nobody, none, lock_);
    const InitialCell cell = left_by(initial_);
    State s = state_after(program_, initial_, cell);
    for (std::size_t i = 0; i < sequence.size() && s.alive; ++i) {
      run.become(i);
      run.call(s, program_.threads[sequence[i]].function, {});
    }
    Solver solver(c, options_.timeout);
    if (solver.ask(any_of(c, broken(run.goals))) != z3::sat) return false;
    const Goal* goal = first_broken(run.goals, solver);
    const lang::Spec alone = one_after_the_other(sequence);
    Confirmed seen = confirm(alone, initial_, choices_of(run.inputs, solver), {}, options_.unroll, lock_);
    const std::string kind = seen.invariant.empty() ? std::string(machine::name(seen.failure)) : "invariant";
    if (kind != kind_of(*goal)) return false;
    out_.bound.clear();
    out_.inputs = std::move(seen.inputs);
    seen.execution.kind = kind;
    seen.execution.message = text_of(*goal);
    out_.execution = std::move(seen.execution);
    out_.result = explore::Result::violation;
    out_.kind = kind;
    out_.message = text_of(*goal);
    return true;
  }

  lang::Spec one_after_the_other(const std::vector<std::uint32_t>& sequence) const {
    lang::Spec out = spec_;
    out.program.threads.clear();
    std::map<std::uint32_t, int> times;
    for (const std::uint32_t t : sequence) {
      const int n = ++times[t];
      const ir::Thread& thread = program_.threads[t];
      out.program.threads.push_back({n == 1 ? thread.name : fmt::format("{} {}", thread.name, n),
                                     ir::ThreadKind::thread, thread.function, 0});
    }
    return out;
  }

  const lang::Spec& spec_;
  const ir::Program& program_;
  std::uint64_t lock_;
  const Options& options_;
  explore::Initial initial_;
  Outcome out_;
};

}  // namespace

std::vector<std::uint64_t> invariant_locks(const ir::Program& program) {
  std::vector<std::uint64_t> out;
  for (const ir::Invariant& i : program.invariants)
    if (i.lock && std::find(out.begin(), out.end(), *i.lock) == out.end()) out.push_back(*i.lock);
  return out;
}

Outcome prove_under(const lang::Spec& spec, std::uint64_t lock, const Options& options) {
  return Induction(spec, lock, options).run();
}

}  // namespace ringtail::prove
