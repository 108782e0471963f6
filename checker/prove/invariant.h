// SPDX-License-Identifier: GPL-2.0-or-later
// INVARIANT_UNDER(lock, expr), for any number of threads and any number of rounds: INIT establishes it, and
// each critical section that any thread can be in re-establishes it, from any state in which the invariants
// hold.
//
//   safe       it is inductive: it holds whenever the lock is free, in every execution of as many threads as
//   you like violation  threads of the spec, run one after the other from INIT, break it; the machine has
//   done it bounded    a section can break it from a state that satisfies the invariants, but no way is known
//   there: a
//              counterexample to induction. Either the state is possible after all, or an invariant is
//              missing that says it is not.
//
// What a thread asserts within sections is proved along with it.
#pragma once

#include "checker/prove/prove.h"

namespace ringtail::prove {

// The locks that the spec has invariants under, in order.
std::vector<std::uint64_t> invariant_locks(const ir::Program& program);
Outcome prove_under(const lang::Spec& spec, std::uint64_t lock, const Options& options);

}  // namespace ringtail::prove
