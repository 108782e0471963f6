// SPDX-License-Identifier: GPL-2.0-or-later
// Total store order, x86's model: stores leave each CPU in program order through a buffer that the CPU itself
// reads first, so that only a store followed by a load may be seen the other way round. As axioms, after
// Owens, Sarkar and Sewell, "A better x86 memory model: x86-TSO" (2009), and Alglave's formulation of it.
//
// Every atomic read-modify-write and lock is a locked instruction on x86, whatever ordering its name asks
// for, and drains the buffer; a failed cmpxchg too. An unlock is a plain store. Barriers other than smp_mb()
// and grace periods cost the compiler something, the CPU nothing.
#pragma once

#include "model/memory/rcu.h"

namespace ringtail::memory {

template <class X, class Ask>
bool tso(const X& x, Ask& ask) {
  using Set = typename X::Set;
  using Rel = typename X::Rel;
  const Rel com = x.rf | x.co | x.fr;
  if (!ask.acyclic("coherence", (x.po & x.loc) | com)) return false;
  if (!ask.empty("atomic", x.rmw & (x.external(x.fr) >> x.external(x.co)))) return false;

  const Set M = x.R | x.W;
  const Set locked = x.RMW | x.tagged(Tag::lock_read) | x.tagged(Tag::lock_write);
  const Set drains = locked | x.tagged(Tag::mb) | x.tagged(Tag::after_srcu_read_unlock) |
                     x.tagged(Tag::sync_rcu) | x.tagged(Tag::sync_srcu);
  const Rel ppo = x.po & (cross(x.R, M) | cross(x.W, x.W));
  const Rel fence = M >> opt(x.po) >> drains >> opt(x.po) >> M;
  const Rel ghb = ppo | (fence & x.po) | x.external(x.rf) | x.co | x.fr;
  if (!ask.acyclic("total-store-order", ghb)) return false;

  const RcuEvents<X> e = rcu_events(x);
  if (!e.waits()) return true;
  const Rel before = star(ghb);
  const Rel link = e.boundaries() >> opt(x.po) >> before >> x.po >> e.boundaries();
  return ask.irreflexive("rcu", before >> x.po >> rcu_order(x, e, link) >> opt(x.po) >> before);
}

}  // namespace ringtail::memory
