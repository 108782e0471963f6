// SPDX-License-Identifier: GPL-2.0-or-later
// Values out of thin air. LKMM allows r1 = x; y = r1 beside r2 = y; x = r2 to see each other's writes, where
// plain accesses make the dependencies; the equations then hold of any value, and a solver takes the one that
// suits it. The reference's is a symbol, which equals no number. Here, as in the explorer, such a read has a
// value that something else writes there:
//
//   a read is grounded if it reads what was there before all, or from a write that depends on reads only that
//   are grounded, in some order; one that is not has the value of one that could be.
#pragma once

#include "checker/prove/executions.h"

namespace ringtail::prove {

void forbid_thin_air(Algebra& algebra, const Executions& x, const std::vector<SymbolicEvent>& events,
                     const std::function<Value(const Value& address)>& initial);

}  // namespace ringtail::prove
