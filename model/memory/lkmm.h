// SPDX-License-Identifier: GPL-2.0-or-later
// The Linux-kernel memory model: what every architecture that Linux runs on guarantees to kernel code, and no
// more. After Alglave, Maranget, McKenney, Parri and Stern, "Frightening small children and disconcerting
// grown-ups" (ASPLOS 2018), as tools/memory-model of the kernel has it today; names are its names, and
// explanation.txt beside it says at length why each relation is what it is. `Lkmm::today` is Linux 6.13 and
// later, `Lkmm::linux_6_1` the model of that release. They differ where a line below says `today`.
//
//   coherence        one order of writes to a location, which every CPU agrees on
//   atomic           nothing comes between the halves of a read-modify-write
//   happens-before   what must have executed before what: dependencies, fences, reading what another CPU
//   wrote propagation      what must have become visible to every CPU before what rcu              grace
//   periods outlast the critical sections that they must wait for plain-coherence  what the above says of
//   marked accesses cannot be contradicted by plain ones
//
// Plain accesses may be torn, repeated or invented by the compiler, so that they are ordered only where
// something bounds them on the outside (w-pre-bounded and its like). Two conflicting accesses, one of them
// plain, that nothing bounds in this way are a data race.
#pragma once

#include "model/memory/rcu.h"

namespace ringtail::memory {

enum class Lkmm : std::uint8_t { today, linux_6_1 };

template <class X>
class LkmmRelations {
 public:
  using Set = typename X::Set;
  using Rel = typename X::Rel;

  LkmmRelations(const X& candidate, Lkmm variant) : x(candidate), today(variant == Lkmm::today) {}

  // Puts the axioms to `ask`, cheapest first, until one fails.
  template <class Ask>
  bool axioms(Ask& ask);
  // After axioms(): conflicting accesses that are a data race; `Plain` accesses too close to marked ones.
  Rel data_races() const;
  Rel mixed_accesses() const;

 private:
  void mark();
  void fence_in();
  void preserve();
  void propagate();
  void bound_plain_accesses();

  // Pairs in program order with an event of `fences` between them.
  Rel fencerel(const Set& fences) const { return empty(fences) ? x.none() : x.po >> fences >> x.po; }

  const X& x;
  const bool today;
  Set M, R, W, UL, LKR, LKW;                       // memory accesses; lock accesses
  Set Acquire, Release, Mb, R4rmb, Marked, Plain;  // how they are marked
  Rel po_loc, rfe, rfi, addr, data, ctrl;          // basic relations; dependencies carried through memory
  Rel acq_po, po_rel, po_unlock_lock_po;           // order that one access brings with it
  Rel mb, gp, rmb, wmb, strong_fence, nonrw_fence, fence;  // order that a fence brings
  Rel ppo, overwrite, rmw_sequence, cumul_fence, prop, hb, pb, rb;
  Rel xbstar, pre_race, ww_vis, wr_vis, rw_xbstar;  // order of plain accesses
};

// Tags that order nothing where they stand are dropped: acquire on a store, anything on a failed
// read-modify-write.
template <class X>
void LkmmRelations<X>::mark() {
  R = x.R;
  W = x.W;
  M = R | W;
  UL = x.tagged(Tag::unlock);
  LKR = x.tagged(Tag::lock_read);
  LKW = x.tagged(Tag::lock_write);
  const Set FailedRMW = x.RMW - (domain(x.rmw) | range(x.rmw));
  Acquire = ((x.tagged(Tag::acquire) & R) - FailedRMW) | LKR;
  Release = ((x.tagged(Tag::release) & W) - FailedRMW) | UL;
  Mb = x.tagged(Tag::mb) | (x.tagged(Tag::full) - FailedRMW);
  R4rmb = R - x.tagged(Tag::noreturn);
  Plain = M & x.tagged(Tag::plain);
  Marked = ~Plain;

  po_loc = x.po & x.loc;
  rfe = x.external(x.rf);
  rfi = x.internal(x.rf);
  addr = x.addr;
  data = x.data;
  ctrl = x.ctrl;
  if (!today) return;
  // A value that passes through memory within a thread carries its dependency along.
  const Rel carry_dep = star((data >> ~x.tagged(Tag::srcu_unlock)) >> rfi);
  addr = carry_dep >> addr;
  ctrl = carry_dep >> ctrl;
  data = carry_dep >> data;
}

template <class X>
void LkmmRelations<X>::fence_in() {
  const auto tag = [&](Tag t) { return x.tagged(t); };
  const Rel po_opt = opt(x.po);

  acq_po = Acquire >> x.po >> M;
  // Not of LKMM's own files, where it is a mere rmb: with the branch before it, the reads are acquires.
  if (const Set f = tag(Tag::after_ctrl_dep); !empty(f)) acq_po = acq_po | (R4rmb >> fencerel(f) >> M);
  po_rel = M >> x.po >> Release;
  // Unlock, then lock: of one lock by any CPU, or on one CPU of any two locks.
  po_unlock_lock_po = x.po >> UL >> (x.po | x.rf) >> LKR >> x.po;

  rmb = R4rmb >> fencerel(tag(Tag::rmb)) >> R4rmb;
  wmb = W >> fencerel(tag(Tag::wmb)) >> W;
  // A fully ordered atomic acts as if it stood between two smp_mb().
  mb = (M >> fencerel(Mb) >> M) | (M >> x.po >> (Mb & R)) | ((Mb & W) >> x.po >> M);
  if (const Set f = tag(Tag::before_atomic); !empty(f)) mb = mb | (M >> fencerel(f) >> x.RMW >> po_opt >> M);
  if (const Set f = tag(Tag::after_atomic); !empty(f)) mb = mb | (M >> po_opt >> x.RMW >> fencerel(f) >> M);
  if (const Set f = tag(Tag::after_spinlock); !empty(f)) mb = mb | (M >> po_opt >> LKW >> fencerel(f) >> M);
  if (const Set f = tag(Tag::after_unlock_lock); !empty(f))
    mb = mb | (today ? M >> po_unlock_lock_po >> f >> x.po >> M
                     : M >> x.po >> UL >> (x.co | x.po) >> LKW >> fencerel(f) >> M);
  if (const Set f = tag(Tag::after_srcu_read_unlock); !empty(f) && today)
    mb = mb | (M >> po_opt >> tag(Tag::srcu_unlock) >> fencerel(f) >> M);
  gp = x.po >> (tag(Tag::sync_rcu) | tag(Tag::sync_srcu)) >> po_opt;

  strong_fence = mb | gp;
  nonrw_fence = strong_fence | po_rel | acq_po;
  fence = nonrw_fence | wmb | rmb;
}

// Preserved program order: what a CPU may not execute out of order.
template <class X>
void LkmmRelations<X>::preserve() {
  const Rel dep = addr | data;
  const Rel rwdep = (dep | ctrl) >> W;
  overwrite = x.co | x.fr;
  const Rel to_w = rwdep | x.internal(overwrite) | (addr >> Plain >> wmb);
  const Rel to_r = (today ? addr >> R : addr) | (dep >> Marked >> rfi);
  ppo = to_r | to_w | (today ? x.internal(fence) : fence) | x.internal(po_unlock_lock_po);
}

template <class X>
void LkmmRelations<X>::propagate() {
  const Rel A_cumul = opt(rfe >> Marked) >> (strong_fence | po_rel);
  cumul_fence = Marked >> (A_cumul | wmb | po_unlock_lock_po) >> Marked;
  if (today) {
    rmw_sequence = star(x.rf >> x.rmw);
    cumul_fence = cumul_fence >> rmw_sequence;
  }
  prop = Marked >> opt(x.external(overwrite)) >> star(cumul_fence) >> Marked >> opt(rfe) >> Marked;
  hb = Marked >> (ppo | rfe | x.internal(prop - x.id)) >> Marked;
}

template <class X>
template <class Ask>
bool LkmmRelations<X>::axioms(Ask& ask) {
  mark();
  if (!ask.acyclic("coherence", po_loc | x.rf | x.co | x.fr)) return false;
  if (!ask.empty("atomic", x.rmw & (x.external(x.fr) >> x.external(x.co)))) return false;

  fence_in();
  preserve();
  propagate();
  if (!ask.acyclic("happens-before", hb)) return false;

  pb = rb = x.none();
  Rel hbstar = x.none();
  if (!empty(strong_fence) || !empty(Plain)) hbstar = star(hb);
  if (!empty(strong_fence)) pb = prop >> strong_fence >> hbstar >> Marked;
  if (!ask.acyclic("propagation", pb)) return false;

  if (const RcuEvents<X> e = rcu_events(x); e.waits()) {
    const Rel pbstar = star(pb);
    const Rel rcu_link = e.boundaries() >> opt(x.po) >> hbstar >> pbstar >> prop >> x.po >> e.boundaries();
    const Rel rcu_fence = x.po >> rcu_order(x, e, rcu_link) >> opt(x.po);
    fence = fence | rcu_fence;
    strong_fence = strong_fence | rcu_fence;
    rb = prop >> rcu_fence >> hbstar >> pbstar >> Marked;
    if (!ask.irreflexive("rcu", rb)) return false;
  }

  if (empty(Plain)) return true;
  bound_plain_accesses();
  const Rel wr_incoh = pre_race & x.rf & inverse(rw_xbstar);
  const Rel rw_incoh = pre_race & x.fr & inverse(wr_vis);
  const Rel ww_incoh = pre_race & x.co & inverse(ww_vis);
  return ask.empty("plain-coherence", wr_incoh | rw_incoh | ww_incoh);
}

template <class X>
void LkmmRelations<X>::bound_plain_accesses() {
  const Set Noreturn = R & x.tagged(Tag::noreturn);
  const Rel rmbs = fencerel(x.tagged(Tag::rmb));
  const Rel seq = today ? Marked >> rmw_sequence : id(Marked);

  xbstar = star(hb | pb | rb);
  const Rel vis =
      star(cumul_fence) >> opt(rfe) >> Marked >> ((strong_fence >> Marked >> xbstar) | x.internal(xbstar));

  // The marked access that comes before a plain one, or after it, whatever the compiler does to the plain
  // one.
  const Rel w_pre_bounded = Marked >> opt(addr | fence);
  const Rel r_pre_bounded = Marked >> opt(addr | nonrw_fence | (R4rmb >> rmbs >> ~Noreturn));
  const Rel w_post_bounded = opt(fence) >> seq;
  const Rel r_post_bounded = opt(nonrw_fence | (~Noreturn >> rmbs >> R4rmb)) >> Marked;

  ww_vis = fence | (strong_fence >> xbstar >> w_pre_bounded) | (w_post_bounded >> vis >> w_pre_bounded);
  wr_vis = fence | (strong_fence >> xbstar >> r_pre_bounded) | (w_post_bounded >> vis >> r_pre_bounded);
  rw_xbstar = fence | (r_post_bounded >> xbstar >> w_pre_bounded);
  pre_race = x.external(cross(Plain, M) | cross(M, Plain));
}

template <class X>
typename X::Rel LkmmRelations<X>::data_races() const {
  if (empty(Plain)) return x.none();
  const Rel ww_nonrace = ww_vis & (cross(Marked, W) | rw_xbstar) & (cross(W, Marked) | wr_vis);
  const Rel ww_race = (pre_race & x.co) - ww_nonrace;
  const Rel wr_race = (pre_race & (opt(x.co) >> x.rf)) - wr_vis - inverse(rw_xbstar);
  const Rel rw_race = (pre_race & x.fr) - rw_xbstar;
  return ww_race | wr_race | rw_race;
}

template <class X>
typename X::Rel LkmmRelations<X>::mixed_accesses() const {
  if (empty(Plain)) return x.none();
  const auto tag = [&](Tag t) { return x.tagged(t); };
  Rel barrier = fencerel(tag(Tag::barrier) | tag(Tag::rmb) | tag(Tag::after_ctrl_dep) | tag(Tag::wmb) | Mb |
                         tag(Tag::sync_rcu) | tag(Tag::sync_srcu) | tag(Tag::before_atomic) |
                         tag(Tag::after_atomic) | Acquire | Release | tag(Tag::rcu_lock) |
                         tag(Tag::rcu_unlock) | tag(Tag::srcu_lock) | tag(Tag::srcu_unlock)) |
                (x.po >> Release) | (Acquire >> x.po);
  if (!today) barrier = barrier | (x.po >> (Mb & R)) | ((Mb & W) >> x.po);
  const Rel close = po_loc - barrier;
  return ((Plain & W) >> close >> Marked) | (Marked >> close >> (Plain & W));
}

}  // namespace ringtail::memory
