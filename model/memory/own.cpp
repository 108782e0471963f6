// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/memory/own.h"

#include <algorithm>

namespace ringtail::memory {
namespace {

bool accesses(const Event& e) { return e.kind != Kind::fence; }

// Of each location, whether its accesses are its thread's own, as the header says.
std::vector<bool> own_locations(const Graph& g) {
  constexpr int nobody = -1, many = -2;
  std::vector<int> thread(g.location_count(), nobody);
  std::vector<bool> own(g.location_count(), true);
  std::vector<EventId> last(g.location_count(), initial);
  for (std::size_t t = 0; t < g.thread_count(); ++t)
    for (const EventId i : g.thread(t)) {
      const Event& e = g[i];
      if (!accesses(e)) continue;
      int& who = thread[e.location];
      who = who == nobody || who == static_cast<int>(t) ? static_cast<int>(t) : many;
      if (e.tag != Tag::plain || e.rmw) own[e.location] = false;
      if (e.kind == Kind::read && e.rf != last[e.location]) own[e.location] = false;
      if (e.kind == Kind::write) last[e.location] = i;
    }
  for (std::size_t l = 0; l < own.size(); ++l) {
    const auto co = g.location(l).co;
    if (!co.empty() && thread[l] == many) own[l] = false;
    for (std::size_t k = 1; k < co.size(); ++k)
      if (g[co[k - 1]].po > g[co[k]].po) own[l] = false;
  }
  return own;
}

}  // namespace

Graph without_own_accesses(const Graph& g, bool carries, std::vector<EventId>* ids) {
  const std::vector<bool> own = own_locations(g);
  bool wmb = false;
  for (const Event& e : g.events()) wmb |= e.tag == Tag::wmb;
  const auto dropped = [&](EventId i) {
    const Event& e = g[i];
    return accesses(e) && own[e.location] &&
           !(wmb && e.kind == Kind::write && !g.dependencies(i).addr.empty());
  };

  Graph out;
  std::vector<EventId> id(g.size(), no_event);
  std::vector<std::uint16_t> po(g.size());                 // in `out`
  std::vector<std::vector<std::uint16_t>> data(g.size());  // of dropped writes: what their values depend on
  std::vector<std::uint16_t> count(g.thread_count());
  // The dependency as `out` has it: of a dropped read, on what the value there depends on.
  const auto put = [&](const Event& e, std::span<const std::uint16_t> from, std::vector<std::uint16_t>& to) {
    for (const std::uint16_t p : from) {
      const EventId read = g.thread(e.thread)[p];
      if (id[read] != no_event) to.push_back(po[read]);
      else if (const EventId w = g[read].rf; carries && w < g.size())
        to.insert(to.end(), data[w].begin(), data[w].end());
    }
    std::sort(to.begin(), to.end());
    to.erase(std::unique(to.begin(), to.end()), to.end());
  };
  std::vector<std::uint16_t> addr, value, ctrl;
  for (std::size_t t = 0; t < g.thread_count(); ++t)
    for (const EventId i : g.thread(t)) {
      const Event& e = g[i];
      const Dependencies d = g.dependencies(i);
      if (e.kind == Kind::write && own[e.location]) put(e, d.data, data[i]);
      if (dropped(i)) continue;
      addr.clear(), value.clear(), ctrl.clear();
      put(e, d.addr, addr), put(e, d.data, value), put(e, d.ctrl, ctrl);
      po[i] = count[t]++;
      id[i] = out.add(e, {addr, value, ctrl});
      if (ids != nullptr) ids->push_back(i);
    }
  for (EventId i = 0; i < g.size(); ++i)
    if (const Event& e = g[i]; id[i] != no_event && e.kind == Kind::read)
      out.read_from(id[i], e.rf < g.size() ? id[e.rf] : e.rf);
  for (std::size_t l = 0; l < g.location_count(); ++l) {
    std::size_t at = 0;
    for (const EventId w : g.location(l).co)
      if (id[w] != no_event) out.place(id[w], at++);
  }
  return out;
}

}  // namespace ringtail::memory
