// SPDX-License-Identifier: GPL-2.0-or-later
// The threads of a spec under a memory model, for all executions and all inputs: whether an assertion of a
// thread or of FINALLY can fail, an access be to no object or to one that is freed, a lock or a section of
// RCU be used as it must not, all who are left wait for ever, an invariant not hold, and under lkmm whether
// two accesses can race. Where the explorer would try every value of a choose(), this leaves it open.
//
// Loops whose end depends on what is read are followed a few times at first, and more often as long as some
// execution goes round once more; a round that changes nothing is a wait, as for the explorer.
//
// What it finds is a violation, and the machine has done it. What it could not ask makes that it finds
// nothing `bounded`, and is named.
#pragma once

#include "checker/prove/prove.h"
#include "model/memory/model.h"

namespace ringtail::prove {

Outcome prove_threads(const lang::Spec& spec, memory::Model model, const Options& options);

}  // namespace ringtail::prove
