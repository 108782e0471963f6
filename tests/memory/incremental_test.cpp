// SPDX-License-Identifier: GPL-2.0-or-later
// Graphs grown at random, one event at a time: the incremental check says of each what the axioms say.
#include "model/memory/incremental.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace ringtail::memory {
namespace {

int below(int n) { return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, n)); }

Tag one_of(std::initializer_list<Tag> tags) { return tags.begin()[below(static_cast<int>(tags.size()))]; }

// Adds an event, or the halves of a read-modify-write one after the other, with a random rf or place in co.
EventId grow(Graph& g, bool grace_periods) {
  Event e;
  e.thread = static_cast<std::uint8_t>(below(3));
  const auto ids = g.thread_count() > e.thread ? g.thread(e.thread) : std::span<const EventId>();
  const bool owed = !ids.empty() && g[ids.back()].kind == Kind::read && g[ids.back()].rmw;
  const int what = owed ? 4 : below(grace_periods ? 10 : 8);
  if (what >= 6) {
    e.tag = what >= 8 ? one_of({Tag::sync_rcu, Tag::rcu_lock, Tag::rcu_unlock})
                      : one_of({Tag::mb, Tag::rmb, Tag::wmb});
    return g.add(e);
  }
  e.kind = what >= 3 ? Kind::write : Kind::read;
  e.address = 8u * static_cast<unsigned>(1 + below(3));
  e.tag = e.kind == Kind::read ? one_of({Tag::once, Tag::acquire, Tag::plain})
                               : one_of({Tag::once, Tag::release, Tag::plain});
  e.rmw = owed || (e.kind == Kind::read && below(3) == 0);
  if (owed) e.address = g[ids.back()].address;
  if (e.rmw) e.tag = Tag::once;
  const EventId id = g.add(e);
  const std::span<const EventId> co = g.find(e.address)->co;
  if (e.kind == Kind::write) {
    g.place(id, static_cast<std::size_t>(below(static_cast<int>(co.size()))));
  } else {
    const int from = below(static_cast<int>(co.size()) + 1);
    g.read_from(id, from == 0 ? initial : co[static_cast<std::size_t>(from) - 1]);
  }
  return id;
}

void agrees(Model model, bool grace_periods) {
  EXPECT_TRUE(rc::check(std::string(name(model)), [=] {
    Graph g;
    Incremental check(model);
    int weak = 0;
    for (int steps = 0; steps < 90; ++steps) {
      const Graph before = g;
      Incremental next = check;
      const EventId e = grow(g, grace_periods);
      const bool expected = consistent(g, model);
      RC_ASSERT(next.add(g, e) == expected);
      Incremental again(model);
      RC_ASSERT(again.rebuild(g) == expected);
      RC_ASSERT(again.sequential() == next.sequential() || !expected);
      if (!expected) {
        g = before;
        continue;
      }
      weak += next.sequential() ? 0 : 1;
      check = next;
    }
    RC_CLASSIFY(weak > 0, "not sequentially consistent");
  }));
}

TEST(Incremental, AgreesWithSc) { agrees(Model::sc, false); }
TEST(Incremental, AgreesWithTso) { agrees(Model::tso, false); }
TEST(Incremental, AgreesWithLkmm) { agrees(Model::lkmm, false); }
TEST(Incremental, AgreesWithScAndGracePeriods) { agrees(Model::sc, true); }
TEST(Incremental, AgreesWithTsoAndGracePeriods) { agrees(Model::tso, true); }
TEST(Incremental, AgreesWithLkmmAndGracePeriods) { agrees(Model::lkmm, true); }

}  // namespace
}  // namespace ringtail::memory
