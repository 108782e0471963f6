// SPDX-License-Identifier: GPL-2.0-or-later
// Some executions of a program that is too large for all of them, or all of its states.
//
//   Outcome o = random_executions(program, options, {.runs = 1000, .seed = 1});
//   Outcome o = preemption_bounded(program, options, 2);
//   Outcome o = all_states(program, options);
//
// Random: each run gives threads random priorities, lets the highest go on, and lowers the one that runs at
// d - 1 random places: a bug that takes d ordered steps is hit with a known probability however unlikely it
// is in a plain random walk (PCT: Burckhardt, Kothari, Musuvathi, Nagarakatti, ASPLOS 2010). The depth d is
// drawn anew each run, so that no depth is out of reach. The run with a number is the same whatever the runs
// before it found, but for guesses (walk.h).
//
// Preemption-bounded: every execution with 0, then 1, then 2 ... switches away from a thread that could have
// gone on (CHESS: Musuvathi, Qadeer, PLDI 2007); switches at points where a thread waits are free. The first
// violation has the fewest. Under LKMM only interleavings are looked at, of which it allows more: races are
// found, reordering is not.
//
// Neither says "safe" unless everything was looked at, which only the second can know.
//
// All states: where the explorer's executions are too many, states may be few. Two calls that each take a
// lock a dozen times have millions of executions, and some ten thousand states. States are told apart by 128
// bits of hash: among 10^8 of them two that are taken for one have a probability under 10^-22.
#pragma once

#include "checker/explore/explore.h"

namespace ringtail::schedule {

struct Random {
  std::uint64_t runs = 1000;
  std::uint64_t seed = 1;
};

explore::Outcome random_executions(const ir::Program& program, const explore::Options& options,
                                   const Random& random);
explore::Outcome preemption_bounded(const ir::Program& program, const explore::Options& options,
                                    unsigned most);
// Every state, under SC or TSO: an execution for each way to end, and Outcome::states. A state that is wrong
// by itself (an invariant is broken, something freed is about to be used) ends it as `bounded`: the
// explorer finds the execution.
// Of steps that nothing disturbs (local.h) one order is as good as another, but with `every_order`. Where an
// execution does not fit into a graph of 64 * `narrowest` events a larger one is taken.
struct States {
  bool every_order = false;
  int narrowest = 8;
};
explore::Outcome all_states(const ir::Program& program, const explore::Options& options,
                            const States& how = {});

}  // namespace ringtail::schedule
