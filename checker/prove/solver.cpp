// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/prove/solver.h"

namespace ringtail::prove {

Solver::Solver(z3::context& c, double timeout) : solver_(z3::tactic(c, "qfbv").mk_solver()) {
  if (timeout <= 0) return;
  z3::params p(c);
  p.set("timeout", static_cast<unsigned>(timeout * 1000));
  solver_.set(p);
}

z3::check_result Solver::ask(const z3::expr& condition) {
  solver_.push();
  solver_.add(condition);
  const z3::check_result r = solver_.check();
  if (r == z3::sat) model_ = solver_.get_model();
  solver_.pop();
  return r;
}

z3::check_result Solver::ask_each(const std::vector<z3::expr>& conditions) {
  for (const z3::expr& condition : conditions) {
    const z3::check_result r = ask(condition);
    if (r != z3::unsat) return r;
    solver_.add(!condition);
  }
  return z3::unsat;
}

void Solver::shrink(z3::expr condition, const std::vector<z3::expr>& symbols) {
  if (symbols.size() > 16) return;
  for (const z3::expr& i : symbols) {
    const unsigned bits = i.get_sort().bv_size();
    for (const unsigned few : {0u, 1u, 2u, 4u, 8u, 12u, 16u, 20u, 31u, 40u}) {
      if (few >= bits) break;
      const z3::expr small = i.extract(bits - 1, few) == solver_.ctx().bv_val(0, bits - few);
      if (ask(condition && small) != z3::sat) continue;
      condition = condition && small;
      break;
    }
  }
}

std::int64_t Solver::number(const z3::expr& symbol, bool is_signed) const {
  const auto bits = static_cast<std::uint8_t>(symbol.get_sort().bv_size());
  const std::uint64_t n = model_->eval(symbol, true).get_numeral_uint64();
  return lang::wrap(static_cast<std::int64_t>(n), {bits, is_signed});
}

z3::expr any_of(z3::context& c, const std::vector<z3::expr>& conditions) {
  z3::expr_vector v(c);
  for (const z3::expr& e : conditions) v.push_back(e);
  return z3::mk_or(v);
}

z3::expr all_of(z3::context& c, const std::vector<z3::expr>& conditions) {
  z3::expr_vector v(c);
  for (const z3::expr& e : conditions) v.push_back(e);
  return z3::mk_and(v);
}

std::vector<z3::expr> broken(const std::vector<Goal>& goals) {
  std::vector<z3::expr> out;
  for (const Goal& g : goals) out.push_back(g.broken);
  return out;
}

const Goal* first_broken(const std::vector<Goal>& goals, const Solver& solver) {
  for (const Goal& g : goals)
    if (solver.holds(g.broken)) return &g;
  return nullptr;
}

}  // namespace ringtail::prove
