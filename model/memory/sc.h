// SPDX-License-Identifier: GPL-2.0-or-later
// Sequential consistency: there is one order of all events that agrees with each thread's program order and
// in which a read takes its value from the last write before it (Lamport, 1979). Such an order exists if and
// only if program order, reads-from, coherence and from-reads have no common cycle.
//
// The smallest model, and the one to read first: a model says which relations must not have a cycle, and why
// by name.
#pragma once

#include "model/memory/rcu.h"

namespace ringtail::memory {

template <class X, class Ask>
bool sc(const X& x, Ask& ask) {
  using Rel = typename X::Rel;
  const Rel com = x.rf | x.co | x.fr;
  if (!ask.acyclic("sequential-consistency", x.po | com)) return false;
  if (!ask.empty("atomic", x.rmw & (x.external(x.fr) >> x.external(x.co)))) return false;

  const RcuEvents<X> e = rcu_events(x);
  if (!e.waits()) return true;
  const Rel before = star(x.po | com);
  const Rel link = e.boundaries() >> before >> x.po >> e.boundaries();
  return ask.irreflexive("rcu", before >> x.po >> rcu_order(x, e, link) >> before);
}

}  // namespace ringtail::memory
