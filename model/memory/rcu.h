// SPDX-License-Identifier: GPL-2.0-or-later
// The RCU guarantee, as LKMM states it, for any model that says what links two events in time.
//
// A grace period waits for every read-side critical section that began before it. In a graph this is a
// counting rule: a chain of grace periods and critical sections (each critical section walked backwards, from
// its unlock to its lock) that holds at least as many grace periods as critical sections orders its two ends
// as a strong fence would; see explanation.txt, "RCU relations". SRCU alike, each srcu_struct for itself.
#pragma once

#include "model/memory/candidate.h"

namespace ringtail::memory {

template <class X>
struct RcuEvents {
  using Set = typename X::Set;
  using Rel = typename X::Rel;
  Set sync_rcu, sync_srcu;
  Rel rcu_rscs, srcu_rscs;  // lock to matching unlock

  bool waits() const { return !(empty(sync_rcu) && empty(sync_srcu)); }
  // The events at which a chain starts or ends.
  Set boundaries() const {
    return sync_rcu | sync_srcu | domain(rcu_rscs) | range(rcu_rscs) | domain(srcu_rscs) | range(srcu_rscs);
  }
};

template <class X>
RcuEvents<X> rcu_events(const X& x) {
  using Set = typename X::Set;
  using Rel = typename X::Rel;
  Rel srcu_rscs = x.none();
  if (x.srcu == Srcu::fences) {
    srcu_rscs = x.balanced(Tag::srcu_lock, Tag::srcu_unlock, true);
  } else if (const Set locks = x.tagged(Tag::srcu_lock); !empty(locks)) {
    const Set unlocks = x.tagged(Tag::srcu_unlock);
    const Rel carry_srcu_data = star((x.data >> ~unlocks) >> x.rf);
    srcu_rscs = (locks >> carry_srcu_data >> x.data >> unlocks) & x.loc;
  }
  return {x.tagged(Tag::sync_rcu), x.tagged(Tag::sync_srcu),
          x.balanced(Tag::rcu_lock, Tag::rcu_unlock, false), srcu_rscs};
}

// The least relation that holds every chain; `link` joins its parts, from and to boundaries().
template <class X>
typename X::Rel rcu_order(const X& x, const RcuEvents<X>& e, const typename X::Rel& link) {
  using Rel = typename X::Rel;
  const Rel rcu_rscsi = inverse(e.rcu_rscs), srcu_rscsi = inverse(e.srcu_rscs);
  return least(Rel(id(e.sync_rcu | e.sync_srcu)), [&](const Rel& order) {
    const Rel between = link | (link >> order >> link);
    return order | (e.sync_rcu >> between >> rcu_rscsi) | (rcu_rscsi >> between >> e.sync_rcu) |
           ((e.sync_srcu >> between >> srcu_rscsi) & x.loc) |
           ((srcu_rscsi >> between >> e.sync_srcu) & x.loc) | (plus(order >> link) >> order);
  });
}

}  // namespace ringtail::memory
