// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/prove/afterwards.h"

#include "checker/explore/sequential.h"
#include "checker/prove/sequential.h"

namespace ringtail::prove {
namespace {

Afterwards run_alone(const Whole& whole, std::uint32_t function, std::uint32_t unroll, const Cut* cut,
                     bool frees) {
  z3::context& c = whole.c;
  const ir::Program& program = whole.program;
  std::map<std::pair<std::uint64_t, std::uint8_t>, Value> known;
  const InitialCell left = [&](std::uint64_t address, std::uint8_t size) -> Value {
    const auto [it, first] = known.try_emplace({address, size});
    if (first) {
      const lang::Width width{static_cast<std::uint8_t>(size * 8), true};
      const Value at = static_cast<std::int64_t>(address);
      it->second = wrap(c, cut != nullptr ? cut->at(at) : whole.after(at), width);
      it->second.bases.anywhere = true;
    }
    return it->second;
  };
  Sequential run(c, program, unroll, explore::finally_thread);
  run.whose = program.functions[function].name;
  run.deadline = whole.algebra.deadline;
  State s{{}, {}, Memory(program, &left), {}, 0, 0, true};
  const auto freed = [&](std::uint64_t object) {
    z3::expr_vector any(c);
    if (!frees) return Value(0);
    for (const SymbolicEvent& e : whole.run.events)
      if (e.freed) any.push_back(e.exists && equal(c, *e.freed, static_cast<std::int64_t>(object)));
    const z3::expr gone = z3::mk_or(any).simplify();
    return gone.is_false() ? Value(0) : Value::of(gone, false);
  };
  for (const explore::Initial::Object& o : whole.initial.objects)
    s.memory.objects[o.address] = {static_cast<std::int64_t>(o.size), o.freed ? 1 : freed(o.address), true};
  for (const EventRun::Object& o : whole.run.objects) {
    const auto [it, first] = s.memory.objects.try_emplace(o.address, Object{0, freed(o.address), o.heap});
    const Value size = static_cast<std::int64_t>(o.size);
    it->second.size = first ? size : either(c, o.made, size, it->second.size);
  }
  const Value returned = run.call(s, function, {});
  z3::expr_vector path(c), no(c);
  for (const z3::expr& e : s.path) path.push_back(e);
  no.push_back(z3::mk_and(path) && (s.alive ? (!returned.truth(c)).simplify() : c.bool_val(false)));
  for (const Goal& g : run.goals) no.push_back(g.broken);
  if (s.alive) run.end(s);
  std::string given_up = run.given_up;
  if (given_up.empty() && !run.bounded.empty()) given_up = "a loop of it goes on; --unroll N allows more";
  return {std::move(run.goals), z3::mk_or(no), std::move(given_up)};
}

}  // namespace

Afterwards run_finally(const Whole& whole, std::uint32_t unroll) {
  return run_alone(whole, *whole.program.finally, unroll, nullptr, true);
}

Afterwards run_invariant(const Whole& whole, const ir::Invariant& invariant, std::uint32_t unroll,
                         const Cut* cut) {
  return run_alone(whole, invariant.function, unroll, cut, false);
}

}  // namespace ringtail::prove
