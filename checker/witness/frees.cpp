// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/witness/frees.h"

#include <algorithm>
#include <array>

#include "model/machine/machine.h"

namespace ringtail::witness {
namespace {

using memory::EventId;
using memory::Graph;
using memory::Kind;
using memory::Model;
using memory::Tag;

bool leads_to(const Graph& g, EventId from, const Free& f) {
  std::vector<bool> reached(g.size());
  std::vector<EventId> open = {from};
  const auto go = [&](EventId e) {
    if (e < g.size() && !reached[e]) reached[e] = true, open.push_back(e);
  };
  while (!open.empty()) {
    const EventId e = open.back();
    open.pop_back();
    memory::Event event = g[e];
    if (event.tag == Tag::data_race) event.tag = Tag::once;  // a race with kfree() is not meant
    if (event.thread == f.thread && event.po < f.po) return true;
    const auto thread = g.thread(event.thread);
    if (event.po + 1u < thread.size()) go(thread[event.po + 1]);
    if (event.kind == Kind::fence || g.location_count() <= event.location) continue;
    const auto co = g.location(event.location).co;
    const auto after = [&](EventId w) {
      const std::size_t next = w < g.size() ? g.co_index(w) + 1 : 0;
      if (next < co.size()) go(co[next]);
    };
    if (event.kind == Kind::read && event.rf != memory::no_event) after(event.rf);
    if (event.kind != Kind::write) continue;
    after(e);
    for (EventId r = 0; r < g.size(); ++r)
      if (g[r].kind == Kind::read && g[r].rf == e) go(r);
  }
  return false;
}

// The graph with a plain write in the free's place to all of the object that anyone accesses.
struct WithFree {
  Graph graph;
  EventId access = memory::no_event, freed = memory::no_event;  // the write to what is accessed
  EventId written = memory::no_event;  // the other half of an access that begins a read-modify-write
};

WithFree with_free(const Graph& g, EventId access, const Free& f) {
  WithFree out;
  std::vector<std::uint64_t> addresses;
  for (std::size_t l = 0; l < g.location_count(); ++l)
    if (const std::uint64_t a = g.location(l).address;
        machine::in_heap(a) && machine::object_of(a) == f.object)
      addresses.push_back(a);
  std::vector<EventId> id(g.size());
  bool done = false;
  const auto add_free = [&] {
    for (const std::uint64_t a : addresses) {
      memory::Event w;
      w.kind = Kind::write;
      w.thread = static_cast<std::uint8_t>(f.thread);
      w.address = a;
      w.size = 1;
      const EventId added = out.graph.add(w);
      if (a == g[access].address) out.freed = added;
    }
    done = true;
  };
  for (EventId e = 0; e < g.size(); ++e) {
    const memory::Event& event = g[e];
    const bool mine = event.thread == f.thread;
    if (mine && !done && event.po >= f.po) add_free();
    std::array<std::vector<std::uint16_t>, 3> deps;
    const memory::Dependencies old = g.dependencies(e);
    const std::array sets{old.addr, old.data, old.ctrl};
    for (std::size_t k = 0; k < 3; ++k)
      for (const std::uint16_t d : sets[k])
        deps[k].push_back(static_cast<std::uint16_t>(mine && d >= f.po ? d + addresses.size() : d));
    id[e] = out.graph.add(event, {deps[0], deps[1], deps[2]});
  }
  if (!done) add_free();
  for (EventId e = 0; e < g.size(); ++e)
    if (g[e].kind == Kind::read) out.graph.read_from(id[e], g[e].rf < g.size() ? id[g[e].rf] : g[e].rf);
  for (std::size_t l = 0; l < g.location_count(); ++l) {
    std::size_t place = 0;
    for (const EventId w : g.location(l).co) out.graph.place(id[w], place++);
  }
  out.access = id[access];
  if (const EventId half = g.rmw_partner(access); g[access].kind == Kind::read && half != memory::no_event)
    out.written = id[half];
  return out;
}

}  // namespace

bool may_follow(const Graph& g, Model m, EventId access, const Free& f) {
  if (g[access].thread == f.thread) return g[access].po >= f.po;
  WithFree with = with_free(g, access, f);
  if (with.freed == memory::no_event) return false;
  const bool lkmm = m == Model::lkmm || m == Model::lkmm_6_1;
  if (lkmm)
    for (const memory::Race& r : memory::verdict(with.graph, m).races)
      if ((r.first == with.access && r.second == with.freed) ||
          (r.second == with.access && r.first == with.freed))
        return true;
  if (leads_to(g, access, f)) return false;
  const bool waits = std::any_of(g.events().begin(), g.events().end(), [](const memory::Event& e) {
    return e.tag == Tag::sync_rcu || e.tag == Tag::sync_srcu;
  });
  if (!waits || !memory::consistent(with.graph, m)) return true;  // some access, of all, comes after it
  if (g[access].kind == Kind::read) with.graph.read_from(with.access, with.freed);
  else with.graph.place(with.access, with.graph.co_index(with.freed));
  if (with.written != memory::no_event) with.graph.place(with.written, with.graph.co_index(with.freed));
  return memory::consistent(with.graph, m);
}

}  // namespace ringtail::witness
