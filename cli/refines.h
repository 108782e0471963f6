// SPDX-License-Identifier: GPL-2.0-or-later
// ringtail check --refines: whether operations that overlap end as they would one after the other: by their
// own paths, and, where a program composes operations of specs/ops, by the syscall model
// (checker/refine/orders.h), whose exceptions have names of their own.
//
// What is compared are the outcomes of executions: the globals `result` (what each operation returned) and
// `contents` (what is in memory), whichever the spec has, when FINALLY has run. On one side stands every
// end that the memory model allows (under sc and tso of every state, under lkmm of every execution); on the
// other, every order of the threads in which each runs to its end, or to where it must wait (schedule.h: no
// preemptions). An outcome of the first that is none of the second is a violation, with its execution as the
// witness.
//
// Where Linux is knowingly not atomic, the path says where, and why, under the name of a rule: a macro
// NOT_ATOMIC_... that puts points into it at which others may run on the second side, too
// (specs/ops/atomic.h). A spec that needs a rule holds by it, and the rule is named; a rule that does not
// help is not.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "checker/explore/explore.h"
#include "model/lang/load.h"

namespace ringtail::cli {

struct Refines {
  explore::Outcome outcome;        // of all executions; its violation may be of another class
  std::vector<std::string> rules;  // that excuse what no order explains
  std::size_t outcomes = 0, atomic_outcomes = 0;
  bool compared = false;                // not where executions are missing, or one fails on its own
  bool by_syscalls = false;             // the syscall model was asked, too
  std::vector<std::string> exceptions;  // of it, that excuse what none of its orders gives
  std::string error;                    // why there is nothing to compare
};

// Loads a variant of the spec: the macros are defined beside those that were asked for.
using LoadVariant = std::function<Result<lang::Spec, lang::Rejected>(const std::vector<std::string>& macros)>;

Refines refines(const lang::Spec& spec, const LoadVariant& load, const explore::Options& options);

}  // namespace ringtail::cli
