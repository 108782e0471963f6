// SPDX-License-Identifier: GPL-2.0-or-later
// All executions of a program under a memory model, and what is wrong with them.
//
//   Outcome o = explore(program, {.model = memory::Model::lkmm});
//
// A litmus test is explored to its end and answered; a kernel-C program until the first violation. The
// outcome depends on the program and the options alone, not on the number of threads.
#pragma once

#include <functional>
#include <optional>

#include "checker/explore/outcome.h"
#include "checker/explore/share.h"
#include "model/lang/ir.h"

namespace ringtail::explore {

struct Options {
  memory::Model model = memory::Model::lkmm;
  Spare* spare = nullptr;    // threads that may be used beside the caller's
  double timeout = 0;        // seconds; 0: none
  std::uint64_t steps = 0;   // of a search that nobody helps: ends at the same place every time; 0: no bound
  std::uint32_t unroll = 0;  // iterations of a loop; 0: no bound
  bool plain_is_once = false;
  bool leaks = false;
  // Executions that differ in the order of additions to counters alone are one (commute.h; sc and tso). If
  // not said: not in a litmus test, whose executions are counted.
  std::optional<bool> commute = {};
  // Of executions in which threads that are alike have changed places one is enough (symmetry.h). If not
  // said: not in a litmus test, nor where anything is observed.
  std::optional<bool> merge_twins = {};
  // Places whose last values are gathered in Outcome::observed; an execution that gives them others than
  // `allowed` has is a violation, of class refinement.
  std::vector<ir::Place> observe = {};
  const Observed* allowed = nullptr;
  bool gather = false;  // no violations: executions that fail, or do not end, are none
  // Where set, it is shown every violation that is met, and none ends the search: the outcome has none. INIT
  // is run with the program's init_choices alone.
  std::function<void(Violation)> each_violation = {};
};

Outcome explore(const ir::Program& program, const Options& options);

}  // namespace ringtail::explore
