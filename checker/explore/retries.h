// SPDX-License-Identifier: GPL-2.0-or-later
// Tries that are taken back.
//
//   while (atomic_fetch_sub_acquire(1, &lock) <= 0) {
//           atomic_fetch_add_relaxed(1, &lock);
//           while (atomic_read(&lock) <= 0)
//                   ;
//   }
//
// Under SC and under TSO such a thread can be taken to wait until its first try succeeds. For in any
// execution all tries that fail can be left out, whoever saw them, where
//  1. threads do nothing with the counter but to add constants to it, and to branch on how what they found
//     compares with constants (a try that fails may read it otherwise);
//  2. tries that fail take away (or all of them add), and give back what they took;
//  3. what lets a try succeed at some value lets it succeed at any that is greater (less). Where a try
//     asks for one value, this is the first, and no thread ever has given back more than it took: nothing
//     is greater.
// Without the tries that fail all others find as much or more, succeed still, and go the same way; and in the
// end the counter is what it was. 1 is read off the text, but for reads, which are seen in the executions;
// so are 2 and 3. Where they do not hold, nothing is left out.
// (GenMC leaves out such rounds where nobody saw them: Kokologiannakis, Ren, Vafeiadis, FMCAD 2021.)
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "model/lang/ir.h"

namespace ringtail::explore {

struct Retried {
  std::set<std::int64_t> exact;  // values that it is compared with for being equal
  // Seen in executions:
  bool takes = false, gives = false;  // a try that fails takes away, or adds
  bool looked = false;                // something else than 1 says
  bool rose = false, fell = false;    // a thread has given more than it took, or taken more than it gave

  void add(const Retried& o) {
    takes |= o.takes, gives |= o.gives, looked |= o.looked, rose |= o.rose, fell |= o.fell;
  }
  // Whether tries that fail must not be left out.
  bool matters() const {
    if (!takes && !gives) return false;  // none was
    return (takes && gives) || looked || (!exact.empty() && (takes ? rose : fell));
  }
};
using RetriedCounters = std::map<std::uint64_t, Retried>;  // by address

// Counters of which the text allows that.
RetriedCounters retried_counters(const ir::Program& program);

}  // namespace ringtail::explore
