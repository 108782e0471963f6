// SPDX-License-Identifier: GPL-2.0-or-later
// The solver's last word on a condition, and the inputs that make it true. (Oracle, run.h, is for the many
// small questions on the way.)
#pragma once

#include "checker/prove/run.h"

namespace ringtail::prove {

class Solver {
 public:
  Solver(z3::context& c, double timeout);  // seconds a question; 0: none

  z3::check_result ask(const z3::expr& condition);
  // Whether one of them can be so: one by one, each with what was learnt of those before it, that they
  // cannot.
  z3::check_result ask_each(const std::vector<z3::expr>& conditions);
  // Smaller inputs tell more: as few bits of each as will do. After ask() said yes.
  void shrink(z3::expr condition, const std::vector<z3::expr>& symbols);

  bool holds(const z3::expr& e) const { return model_->eval(e, true).is_true(); }
  std::int64_t number(const z3::expr& symbol, bool is_signed) const;

 private:
  z3::solver solver_;
  std::optional<z3::model> model_;
};

z3::expr any_of(z3::context& c, const std::vector<z3::expr>& conditions);
z3::expr all_of(z3::context& c, const std::vector<z3::expr>& conditions);
std::vector<z3::expr> broken(const std::vector<Goal>& goals);
// After a yes: the first that is broken, or none.
const Goal* first_broken(const std::vector<Goal>& goals, const Solver& solver);

}  // namespace ringtail::prove
