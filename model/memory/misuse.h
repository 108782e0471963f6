// SPDX-License-Identifier: GPL-2.0-or-later
// Primitives used in ways that no execution gives a meaning to: what herd prints as `Flag ...`. LKMM's own
// names; they changed after Linux 6.1.
#pragma once

#include "model/memory/rcu.h"

namespace ringtail::memory {

// Calls flag(name) for each rule that the execution breaks.
template <class X, class F>
void misuse(const X& x, F flag) {
  using Set = typename X::Set;
  using Rel = typename X::Rel;
  const bool today = x.srcu == Srcu::accesses;
  const auto tag = [&](Tag t) { return x.tagged(t); };
  const auto check = [&](auto broken, std::string_view name) {
    if (!empty(broken)) flag(name);
  };
  const RcuEvents<X> e = rcu_events(x);
  check(tag(Tag::rcu_lock) - domain(e.rcu_rscs), today ? "unmatched-rcu-lock" : "unbalanced-rcu-locking");
  check(tag(Tag::rcu_unlock) - range(e.rcu_rscs), today ? "unmatched-rcu-unlock" : "unbalanced-rcu-locking");
  check(tag(Tag::srcu_lock) - domain(e.srcu_rscs), today ? "unmatched-srcu-lock" : "unbalanced-srcu-locking");
  check(tag(Tag::srcu_unlock) - range(e.srcu_rscs),
        today ? "unmatched-srcu-unlock" : "unbalanced-srcu-locking");
  if (today) check((inverse(e.srcu_rscs) >> e.srcu_rscs) - x.id, "multiple-srcu-matches");
  check(e.rcu_rscs & (x.po >> e.sync_srcu >> x.po), "invalid-sleep");
  check(x.different_values(e.srcu_rscs), today ? "srcu-bad-value-match" : "srcu-bad-nesting");

  const Set LKW = tag(Tag::lock_write), UL = tag(Tag::unlock);
  Set locks =
      LKW | UL | tag(Tag::lock_read) | tag(Tag::lock_fail) | tag(Tag::is_locked) | tag(Tag::is_unlocked);
  const Set others = (x.R | x.W) - locks - tag(Tag::srcu_lock) - tag(Tag::srcu_unlock);
  if (today) locks = locks | tag(Tag::srcu_lock) | tag(Tag::srcu_unlock) | tag(Tag::sync_srcu);
  check(others >> x.loc >> locks, "mixed-lock-accesses");
  const Rel po_loc = x.po & x.loc;
  const Rel critical = (LKW >> po_loc >> UL) - (po_loc >> (LKW | UL) >> po_loc);
  check(UL - range(critical), "unmatched-unlock");
}

}  // namespace ringtail::memory
