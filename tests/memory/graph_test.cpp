// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/memory/graph.h"

#include <array>

#include <gtest/gtest.h>

namespace ringtail::memory {
namespace {

Event access(int thread, Kind kind, std::uint64_t address, std::int64_t value, Tag tag = Tag::once) {
  Event e;
  e.thread = static_cast<std::uint8_t>(thread);
  e.kind = kind;
  e.address = address;
  e.value = value;
  e.tag = tag;
  return e;
}

std::vector<EventId> list(std::span<const EventId> s) { return {s.begin(), s.end()}; }

TEST(Graph, NumbersEventsByThreadAndOrdersWritesByLocation) {
  Graph g;
  const EventId a = g.add(access(0, Kind::write, 8, 1));
  const EventId b = g.add(access(1, Kind::write, 8, 2));
  const EventId c = g.add(access(1, Kind::write, 16, 3));
  EXPECT_EQ(g[a].po, 0);
  EXPECT_EQ(g[c].po, 1);
  EXPECT_EQ(list(g.find(8)->co), (std::vector<EventId>{a, b}));
  g.place(b, 0);
  EXPECT_EQ(list(g.find(8)->co), (std::vector<EventId>{b, a}));
  EXPECT_EQ(g.co_index(a), 1u);
  EXPECT_FALSE(g.find(24).has_value());
}

TEST(Graph, PopUndoesAdd) {
  Graph g;
  g.add(access(0, Kind::read, 8, 0));
  const Graph before = g;
  const std::array<std::uint16_t, 1> on = {0};
  g.add(access(0, Kind::write, 8, 1), {on, on, {}});
  g.pop();
  EXPECT_EQ(g, before);
}

TEST(Graph, KeepsDependenciesApart) {
  Graph g;
  for (int i = 0; i < 3; ++i) g.add(access(0, Kind::read, 8, 0));
  const std::array<std::uint16_t, 2> addr = {0, 1};
  const std::array<std::uint16_t, 1> data = {2};
  const EventId w = g.add(access(0, Kind::write, 16, 1), {addr, data, addr});
  const Dependencies d = g.dependencies(w);
  EXPECT_TRUE(std::equal(d.addr.begin(), d.addr.end(), addr.begin(), addr.end()));
  EXPECT_TRUE(std::equal(d.data.begin(), d.data.end(), data.begin(), data.end()));
  EXPECT_TRUE(std::equal(d.ctrl.begin(), d.ctrl.end(), addr.begin(), addr.end()));
}

TEST(Graph, KeepRenumbersAndForgetsReadsOfWhatIsGone) {
  Graph g;
  const EventId a = g.add(access(0, Kind::write, 8, 1));
  const EventId dropped = g.add(access(1, Kind::write, 8, 2));
  const EventId r = g.add(access(2, Kind::read, 8, 1));
  const EventId s = g.add(access(2, Kind::read, 8, 2));
  g.read_from(r, a);
  g.read_from(s, dropped);
  g.keep({true, false, true, true});
  ASSERT_EQ(g.size(), 3u);
  EXPECT_TRUE(g.thread(1).empty());
  EXPECT_EQ(list(g.thread(2)), (std::vector<EventId>{1, 2}));
  EXPECT_EQ(g[1].rf, a);
  EXPECT_EQ(g[2].rf, no_event);
  EXPECT_EQ(list(g.find(8)->co), (std::vector<EventId>{a}));
}

TEST(Graph, PairsTheHalvesOfAReadModifyWrite) {
  Graph g;
  Event read = access(0, Kind::read, 8, 0), write = access(0, Kind::write, 8, 1);
  read.rmw = write.rmw = true;
  const EventId r = g.add(read);
  EXPECT_EQ(g.rmw_partner(r), no_event);
  const EventId w = g.add(write);
  EXPECT_EQ(g.rmw_partner(r), w);
  EXPECT_EQ(g.rmw_partner(w), r);
  const EventId failed = g.add(read);
  g.add(access(0, Kind::write, 8, 1));
  EXPECT_EQ(g.rmw_partner(failed), no_event);
}

}  // namespace
}  // namespace ringtail::memory
