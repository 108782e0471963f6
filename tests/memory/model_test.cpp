// SPDX-License-Identifier: GPL-2.0-or-later
// The classic shapes, and for each model the axiom that forbids them; "-" where the model allows the
// execution.
#include "model/memory/model.h"

#include <gtest/gtest.h>

#include "tests/memory/shape.h"

namespace ringtail::memory {
namespace {

struct Row {
  const char* what;
  const char* graph;
  const char *sc, *tso, *lkmm, *lkmm_6_1;
};

constexpr const char* total = "sequential-consistency";
constexpr const char* store = "total-store-order";
constexpr const char* hb = "happens-before";
constexpr const char* pb = "propagation";

const Row rows[] = {
    {"CoRR", "W x=1 | R x=1 R x=0", total, "coherence", "coherence", "coherence"},
    {"CoWR", "W x=1 R x=0", total, "coherence", "coherence", "coherence"},
    {"CoRW", "R x=1 W x=1", total, "coherence", "coherence", "coherence"},
    {"CoWW", "W x=2 W x=1", total, "coherence", "coherence", "coherence"},
    {"a write between the halves", "R x=0! W x=2! | W x=1", "atomic", "atomic", "atomic", "atomic"},
    {"MP", "W x=1 W y=1 | R y=1 R x=0", total, store, "-", "-"},
    {"MP+wmb+rmb", "W x=1 wmb W y=1 | R y=1 rmb R x=0", total, store, hb, hb},
    {"MP+wmb+po", "W x=1 wmb W y=1 | R y=1 R x=0", total, store, "-", "-"},
    {"MP+rel+acq", "W x=1 W.release y=1 | R.acquire y=1 R x=0", total, store, hb, hb},
    {"MP+wmb+addr", "W x=1 wmb W y=1 | R y=1 R x=0+a0", total, store, hb, hb},
    {"MP+wmb+ctrl", "W x=1 wmb W y=1 | R y=1 R x=0+c0", total, store, "-", "-"},
    {"SB", "W x=1 R y=0 | W y=1 R x=0", total, "-", "-", "-"},
    {"SB+mbs", "W x=1 mb R y=0 | W y=1 mb R x=0", total, store, pb, pb},
    {"SB+mb+po", "W x=1 mb R y=0 | W y=1 R x=0", total, "-", "-", "-"},
    {"SB+wmbs", "W x=1 wmb R y=0 | W y=1 wmb R x=0", total, "-", "-", "-"},
    {"SB+gps", "W x=1 sync-rcu R y=0 | W y=1 sync-rcu R x=0", total, store, pb, pb},
    {"LB", "R x=1 W y=1 | R y=1 W x=1", total, store, "-", "-"},
    {"LB+datas", "R x=1 W y=1+d0 | R y=1 W x=1+d0", total, store, hb, hb},
    {"LB+ctrls", "R x=1 W y=1+c0 | R y=1 W x=1+c0", total, store, hb, hb},
    {"LB+data+po", "R x=1 W y=1+d0 | R y=1 W x=1", total, store, "-", "-"},
    {"2+2W", "W x=2 W y=1 | W y=2 W x=1", total, store, "-", "-"},
    {"2+2W+wmbs", "W x=2 wmb W y=1 | W y=2 wmb W x=1", total, store, "-", "-"},
    {"2+2W+mbs", "W x=2 mb W y=1 | W y=2 mb W x=1", total, store, pb, pb},
    {"R+mbs", "W x=1 mb W y=1 | W y=2 mb R x=0", total, store, pb, pb},
    {"R+po+mb", "W x=1 W y=1 | W y=2 mb R x=0", total, store, "-", "-"},
    {"S+wmb+data", "W x=2 wmb W y=1 | R y=1 W x=1+d0", total, store, hb, hb},
    {"IRIW", "W x=1 | W y=1 | R x=1 R y=0 | R y=1 R x=0", total, store, "-", "-"},
    {"IRIW+rmbs", "W x=1 | W y=1 | R x=1 rmb R y=0 | R y=1 rmb R x=0", total, store, "-", "-"},
    {"IRIW+mbs", "W x=1 | W y=1 | R x=1 mb R y=0 | R y=1 mb R x=0", total, store, pb, pb},
    {"WRC+rel+rmb", "W x=1 | R x=1 W.release y=1 | R y=1 rmb R x=0", total, store, hb, hb},
    {"WRC+data+rmb", "W x=1 | R x=1 W y=1+d0 | R y=1 rmb R x=0", total, store, "-", "-"},
    {"ISA2+rel+acq-rel+acq", "W x=1 W.release y=1 | R.acquire y=1 W.release z=1 | R.acquire z=1 R x=0", total,
     store, hb, hb},
    // Read-modify-writes.
    {"SB+xchgs", "R.full x=0! W.full x=1! R y=0 | R.full y=0! W.full y=1! R x=0", total, store, pb, pb},
    {"SB+xchg-relaxeds", "R x=0! W x=1! R y=0 | R y=0! W y=1! R x=0", total, store, "-", "-"},
    {"SB+failed-cmpxchgs", "W x=1 R.full z=0! R y=0 | W y=1 R.full u=0! R x=0", total, store, "-", "-"},
    {"a failed cmpxchg_acquire acquires nothing", "W x=1 wmb W y=1 | R.acquire y=1! R x=0", total, store, "-",
     "-"},
    {"acquire on a store orders nothing", "W x=1 wmb W y=2 | R.acquire z=0! W.acquire z=1! R y=2 R x=0",
     total, store, "-", "-"},
    {"SB+after-atomics",
     "R.noreturn x=0! W.noreturn x=1! after-atomic R y=0 | R.noreturn y=0! W.noreturn y=1! after-atomic R "
     "x=0",
     total, store, pb, pb},
    {"SB+before-atomic orders up to the atomic",
     "W x=1 before-atomic R.noreturn z=0! W.noreturn z=1! R y=0 | W y=1 mb R x=0", total, store, pb, pb},
    {"after-atomic without an atomic", "W x=1 after-atomic R y=0 | W y=1 mb R x=0", total, "-", "-", "-"},
    {"rmb does not order the read of a noreturn atomic",
     "W x=1 wmb W y=1 | R.noreturn y=1! W.noreturn y=2! rmb R x=0", total, store, "-", "-"},
    {"a release is carried by a chain of read-modify-writes, since 6.3",
     "W x=1 W.release y=1 | R y=1! W y=2! | R y=2 rmb R x=0", total, store, hb, "-"},
    {"a dependency is carried by a plain variable, since 6.3",
     "R x=1 W.plain z=1+d0 R.plain z=1 W y=1+d2 | R y=1 W.release x=1", total, store, hb, "-"},
    // Locks.
    {"MP under one lock",
     "R.LKR l=0! W.LKW l=1! W x=1 W y=1 W.UL l=2 | R.LKR l=2! W.LKW l=3! R y=1 R x=0 W.UL l=4", total, store,
     hb, hb},
    {"two threads in one critical section", "R.LKR l=0! W.LKW l=1! | R.LKR l=0! W.LKW l=2!", "atomic",
     "atomic", "atomic", "atomic"},
    {"SB with after-spinlock", "W x=1 R.LKR l=0! W.LKW l=1! after-spinlock R y=0 W.UL l=2 | W y=1 mb R x=0",
     total, store, pb, pb},
    {"SB with a lock, which orders no store before it",
     "W x=1 R.LKR l=0! W.LKW l=1! R y=0 W.UL l=2 | W y=1 mb R x=0", total, store, "-", "-"},
    {"stores in two critical sections of one CPU, seen by a third",
     "R.LKR l=0! W.LKW l=1! W x=1 W.UL l=2 R.LKR m=0! W.LKW m=1! W y=1 W.UL m=2 | R y=1 rmb R x=0", total,
     store, hb, hb},
    {"unlock-lock and after-unlock-lock are a full barrier",
     "R.LKR l=0! W.LKW l=1! W x=1 W.UL l=2 | R.LKR l=2! W.LKW l=3! after-unlock-lock R y=0 W.UL l=4 | W y=1 "
     "mb R x=0",
     total, store, pb, pb},
    // RCU: as many grace periods as critical sections.
    {"MP, a grace period against a critical section",
     "rcu-lock R x=1 R y=0 rcu-unlock | W y=1 sync-rcu W x=1", total, store, "rcu", "rcu"},
    {"the reader saw neither", "rcu-lock R x=0 R y=0 rcu-unlock | W y=1 sync-rcu W x=1", "-", "-", "-", "-"},
    {"LB, one to one", "rcu-lock R x=1 W y=1 rcu-unlock | R y=1 sync-rcu W x=1", total, store, "rcu", "rcu"},
    {"SB, one to one", "rcu-lock W x=1 R y=0 rcu-unlock | W y=1 sync-rcu R x=0", total, "rcu", "rcu", "rcu"},
    {"SB after the critical section", "rcu-lock rcu-unlock W x=1 R y=0 | W y=1 sync-rcu R x=0", total, "-",
     "-", "-"},
    {"a ring of two critical sections and one grace period",
     "rcu-lock R x=1 W y=1 rcu-unlock | rcu-lock R y=1 W z=1 rcu-unlock | R z=1 sync-rcu W x=1", total, store,
     "-", "-"},
    {"a ring of two critical sections and two grace periods",
     "rcu-lock R x=1 W y=1 rcu-unlock | R y=1 sync-rcu W z=1 | rcu-lock R z=1 W u=1 rcu-unlock | R u=1 "
     "sync-rcu W x=1",
     total, store, "rcu", "rcu"},
    {"an inner critical section does not end the outer",
     "rcu-lock R x=1 rcu-lock rcu-unlock R y=0 rcu-unlock | W y=1 sync-rcu W x=1", total, store, "rcu",
     "rcu"},
    // SRCU: a load and a store today, fences in 6.1.
    {"SRCU", "R.srcu-lock s=0 R x=1 R y=0 W.srcu-unlock s=1+d0 | W y=1 sync-srcu s W x=1", total, store,
     "rcu", "rcu"},
    {"SRCU of two domains", "R.srcu-lock s=0 R x=1 R y=0 W.srcu-unlock s=1+d0 | W y=1 sync-srcu t W x=1",
     total, store, "-", "-"},
    {"overlapping SRCU sections are two today, one in 6.1",
     "R.srcu-lock s=0 R y=0 R.srcu-lock s=0 W.srcu-unlock s=1+d0 R x=1 W.srcu-unlock s=2+d2 | W y=1 "
     "sync-srcu s W x=1",
     "-", "-", "-", "rcu"},
    // Plain accesses.
    {"a plain read cannot see the past that a fence bounds",
     "W.plain x=1 wmb W y=1 | R.acquire y=1 R.plain x=0", total, store, "plain-coherence", "plain-coherence"},
    {"a plain read nothing bounds", "W.plain x=1 W y=1 | R y=1 R.plain x=0", total, store, "-", "-"},
};

class Shapes : public testing::TestWithParam<Row> {};

TEST_P(Shapes, AreForbiddenByTheAxiomOfEachModel) {
  const Row& row = GetParam();
  const Graph g = shape(row.graph);
  const std::pair<Model, const char*> expected[] = {
      {Model::sc, row.sc}, {Model::tso, row.tso}, {Model::lkmm, row.lkmm}, {Model::lkmm_6_1, row.lkmm_6_1}};
  for (const auto& [model, axiom] : expected) {
    const std::optional<Violation> v = violation(g, model);
    EXPECT_EQ(v ? v->axiom : "-", std::string_view(axiom))
        << row.what << " under " << name(model) << ": " << row.graph;
    EXPECT_EQ(consistent(g, model), !v);
    EXPECT_TRUE(!v || !v->cycle.empty());
  }
}
INSTANTIATE_TEST_SUITE_P(Memory, Shapes, testing::ValuesIn(rows),
                         [](const auto& info) { return std::to_string(info.index); });

std::string flags(const char* graph, Model m) {
  std::string out;
  for (const std::string_view f : verdict(shape(graph), m).flags)
    out += (out.empty() ? "" : " ") + std::string(f);
  return out;
}

TEST(Verdict, FindsDataRaces) {
  EXPECT_EQ(flags("W.plain x=1 | R.plain x=0", Model::lkmm), "data-race");
  EXPECT_EQ(flags("W.plain x=1 | R x=0", Model::lkmm), "data-race");
  EXPECT_EQ(flags("W x=1 | R x=0", Model::lkmm), "");
  EXPECT_EQ(flags("R.plain x=0 | R.plain x=0", Model::lkmm), "");
  EXPECT_EQ(flags("W.plain x=1 | R.plain x=0", Model::sc), "");
  EXPECT_EQ(flags("W.plain x=1 W.release y=1 | R.acquire y=1 R.plain x=1", Model::lkmm), "");
  EXPECT_EQ(flags("W.plain x=1 W y=1 | R.acquire y=1 R.plain x=1", Model::lkmm), "data-race");
  EXPECT_EQ(flags("R.LKR l=0! W.LKW l=1! W.plain x=1 W.UL l=2 | R.LKR l=2! W.LKW l=3! W.plain x=2 W.UL l=4",
                  Model::lkmm),
            "");
}

TEST(Verdict, NamesTheRacingPair) {
  const Verdict v = verdict(shape("R y=0 W.plain x=1 | R.plain x=0"), Model::lkmm);
  EXPECT_EQ(v.races, (std::vector<Race>{{1, 2}}));
}

TEST(Verdict, FlagsMisuse) {
  EXPECT_EQ(flags("rcu-lock", Model::lkmm), "unmatched-rcu-lock");
  EXPECT_EQ(flags("rcu-unlock", Model::lkmm), "unmatched-rcu-unlock");
  EXPECT_EQ(flags("rcu-unlock", Model::lkmm_6_1), "unbalanced-rcu-locking");
  EXPECT_EQ(flags("R.srcu-lock s=0", Model::lkmm), "unmatched-srcu-lock");
  EXPECT_EQ(flags("W.srcu-unlock s=0", Model::lkmm), "unmatched-srcu-unlock");
  EXPECT_EQ(flags("R.srcu-lock s=0 W.srcu-unlock s=0+d0", Model::lkmm), "");
  EXPECT_EQ(flags("R.srcu-lock s=0 W.srcu-unlock s=1+d0", Model::lkmm), "srcu-bad-value-match");
  EXPECT_EQ(flags("R.srcu-lock s=0 W.srcu-unlock s=1+d0", Model::lkmm_6_1), "srcu-bad-nesting");
  EXPECT_EQ(flags("R.srcu-lock s=0", Model::lkmm_6_1), "unbalanced-srcu-locking");
  EXPECT_EQ(flags("rcu-lock sync-srcu s rcu-unlock", Model::lkmm), "invalid-sleep");
  EXPECT_EQ(flags("W.UL l=1", Model::lkmm), "unmatched-unlock");
  EXPECT_EQ(flags("R.LKR l=0! W.LKW l=1! W.UL l=2 | R l=0", Model::lkmm), "mixed-lock-accesses");
  EXPECT_EQ(flags("W.plain x=1 R x=1", Model::lkmm), "mixed-accesses");
  EXPECT_EQ(flags("W.plain x=1 mb R x=1", Model::lkmm), "");
}

TEST(Models, ReadTheirOwnNames) {
  for (const Model m : {Model::sc, Model::tso, Model::lkmm, Model::lkmm_6_1})
    EXPECT_EQ(model_named(name(m)), m);
  EXPECT_EQ(model_named("c11"), std::nullopt);
}

}  // namespace
}  // namespace ringtail::memory
