// SPDX-License-Identifier: GPL-2.0-or-later
// Random graphs with accesses that are their thread's own: without them LKMM says the same, of what is
// consistent, of races and of flags.
#include "model/memory/own.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "model/memory/model.h"
#include "tests/memory/shape.h"

namespace ringtail::memory {
namespace {

int below(int n) { return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, n)); }

Tag one_of(std::initializer_list<Tag> tags) { return tags.begin()[below(static_cast<int>(tags.size()))]; }

std::span<const EventId> thread_of(const Graph& g, std::uint8_t t) {
  return t < g.thread_count() ? g.thread(t) : std::span<const EventId>();
}

// Earlier reads of the thread, mostly none or one, and rather the latest.
std::vector<std::uint16_t> some_reads(const Graph& g, std::uint8_t t) {
  std::vector<std::uint16_t> out;
  const auto ids = thread_of(g, t);
  for (std::size_t i = ids.size(); i-- > 0 && out.size() < 2;)
    if (g[ids[i]].kind == Kind::read && below(2) == 0) out.push_back(static_cast<std::uint16_t>(i));
  std::sort(out.begin(), out.end());
  return out;
}

// A marked or plain access to what all have, a plain one to what its thread has, or a fence.
EventId grow(Graph& g) {
  Event e;
  e.thread = static_cast<std::uint8_t>(below(2));
  const int what = below(12);
  if (what == 0) {
    e.tag = one_of({Tag::mb, Tag::rmb, Tag::wmb, Tag::wmb});
    return g.add(e);
  }
  const bool own = what >= 6;
  e.kind = what % 2 == 0 ? Kind::write : Kind::read;
  e.address = own ? 64u + 16u * e.thread + 8u * static_cast<unsigned>(below(2))
                  : 8u * static_cast<unsigned>(1 + below(3));
  e.tag = own                    ? Tag::plain
          : e.kind == Kind::read ? one_of({Tag::once, Tag::once, Tag::acquire, Tag::plain})
                                 : one_of({Tag::once, Tag::once, Tag::release, Tag::plain});
  const auto addr = some_reads(g, e.thread), data = some_reads(g, e.thread), ctrl = some_reads(g, e.thread);
  const EventId id = g.add(e, {addr, e.kind == Kind::write ? data : std::vector<std::uint16_t>(), ctrl});
  const std::span<const EventId> co = g.find(e.address)->co;
  const auto n = static_cast<int>(co.size());
  if (e.kind == Kind::write) {
    if (below(4) == 0) g.place(id, static_cast<std::size_t>(below(n)));
  } else {
    const int from = below(4) == 0 ? below(n + 1) : n;
    g.read_from(id, from == 0 ? initial : co[static_cast<std::size_t>(from) - 1]);
  }
  return id;
}

void says_the_same(Model m) {
  std::size_t fewer = 0, forbidden = 0, racing = 0;
  EXPECT_TRUE(rc::check(std::string(name(m)), [&] {
    Graph g;
    for (int steps = 0; steps < 60 && g.size() < 40; ++steps) {
      const Graph before = g;
      grow(g);
      std::vector<EventId> ids;
      const Graph small = without_own_accesses(g, m == Model::lkmm, &ids);
      RC_ASSERT(small.size() == ids.size());
      fewer += g.size() - small.size();
      const bool allowed = consistent(g, m);
      RC_ASSERT(consistent(small, m) == allowed);
      if (!allowed) {
        ++forbidden;
        g = before;
        continue;
      }
      const Verdict of_all = verdict(g, m);
      Verdict v = verdict(small, m);
      for (Race& r : v.races) r = {ids[r.first], ids[r.second]};
      RC_ASSERT(v == of_all);
      racing += !v.races.empty();
    }
  }));
  EXPECT_GT(fewer, 1000u);
  EXPECT_GT(forbidden, 100u);
  EXPECT_GT(racing, 100u);
}

TEST(OwnAccesses, AreNotWhatLkmmTurnsOn) { says_the_same(Model::lkmm); }
TEST(OwnAccesses, AreNotWhatLkmm61TurnsOn) { says_the_same(Model::lkmm_6_1); }

// Load buffering that only a value's way through a place of its thread's own, or a write to one, forbids.
TEST(OwnAccesses, CarryDependenciesAndStandBeforeWmb) {
  const auto forbidden = [](const std::string& thread) {
    const Graph g = shape(thread + " | R y=1  W x=1+d0");
    const Graph small = without_own_accesses(g, true);
    EXPECT_FALSE(consistent(g, Model::lkmm)) << thread;
    EXPECT_FALSE(consistent(small, Model::lkmm)) << thread;
    return g.size() - small.size();
  };
  EXPECT_EQ(forbidden("R x=1  W.plain p=1+d0  R.plain p=1  W y=1+d2"), 2u);
  EXPECT_EQ(forbidden("R x=1  W.plain p=1+d0  R.plain p=1  W.plain q=1+d2  R.plain q=1  W y=1+c4"), 4u);
  EXPECT_EQ(forbidden("R x=1  W.plain p=1+a0  R.plain p=1  wmb  W y=1"), 1u);
  const Graph g = shape("R x=1  W.plain p=1+d0  R.plain p=1  W y=1+d2 | R y=1  W x=1+d0");
  EXPECT_TRUE(consistent(g, Model::lkmm_6_1));
  EXPECT_TRUE(consistent(without_own_accesses(g, false), Model::lkmm_6_1));
}

std::size_t left_of(const Graph& g) { return without_own_accesses(g, true).size(); }

TEST(OwnAccesses, AreLeftOutWhereTheyArePlainAndInOrder) {
  Graph g;
  const auto access = [&](std::uint8_t thread, Kind kind, Tag tag, EventId rf) {
    Event e;
    e.thread = thread, e.kind = kind, e.tag = tag, e.address = 8, e.rf = rf;
    return g.add(e);
  };
  access(0, Kind::read, Tag::plain, initial);
  const EventId w = access(0, Kind::write, Tag::plain, no_event);
  access(0, Kind::read, Tag::plain, w);
  EXPECT_EQ(left_of(g), 0u);
  const Graph plain = g;
  access(0, Kind::read, Tag::plain, initial);  // not the latest: coherence is asked
  EXPECT_EQ(left_of(g), 4u);
  g = plain;
  access(0, Kind::read, Tag::once, w);
  EXPECT_EQ(left_of(g), 4u);
  g = plain;
  access(1, Kind::read, Tag::plain, initial);
  EXPECT_EQ(left_of(g), 4u);
}

}  // namespace
}  // namespace ringtail::memory
