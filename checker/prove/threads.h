// SPDX-License-Identifier: GPL-2.0-or-later
// The threads of a spec under a memory model, for all executions and all inputs: whether an assertion of a
// thread can fail, an access be to no object, a lock or a section of RCU be used as it must not, all who are
// left wait for ever, and under lkmm whether two accesses can race. Where the explorer would try every value
// of a choose(), this leaves it open.
//
// What it finds is a violation, and the machine has done it. Where a spec could fail in a way that is not
// asked (FINALLY, invariants, memory that is freed, a stack that others look at, grace periods that are held
// up), that it finds nothing is `bounded`, and says which.
#pragma once

#include "checker/prove/prove.h"
#include "model/memory/model.h"

namespace ringtail::prove {

Outcome prove_threads(const lang::Spec& spec, memory::Model model, const Options& options);

}  // namespace ringtail::prove
