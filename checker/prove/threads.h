// SPDX-License-Identifier: GPL-2.0-or-later
// The threads of a spec under a memory model, for all executions and all inputs: whether an assertion of a
// thread can fail, whether an access can be to no object, and under lkmm whether two can race. Where the
// explorer would try every value of a choose(), this leaves it open.
//
// It looks for nothing else. So what it finds is a violation, and the machine has done it; but where a spec
// could also wait for ever, or has FINALLY or invariants, that it finds nothing is `bounded`.
#pragma once

#include "checker/prove/prove.h"
#include "model/memory/model.h"

namespace ringtail::prove {

Outcome prove_threads(const lang::Spec& spec, memory::Model model, const Options& options);

}  // namespace ringtail::prove
