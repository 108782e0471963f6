// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/witness/before.h"

#include "model/memory/model.h"

namespace ringtail::witness {

using memory::EventId;
using memory::Kind;

explore::Bits<16> before(const memory::Graph& g, EventId e) {
  explore::Bits<16> all;
  std::vector<EventId> open = {e};
  const auto go = [&](EventId x) {
    if (x >= g.size() || all.has(x)) return;
    all.add(x);
    open.push_back(x);
  };
  while (!open.empty()) {
    const EventId x = open.back();
    open.pop_back();
    const memory::Event& event = g[x];
    if (event.po > 0) go(g.thread(event.thread)[event.po - 1u]);
    if (event.kind == Kind::read) go(event.rf);
    if (event.kind != Kind::write) continue;
    const std::size_t rank = g.co_index(x);
    const EventId last = rank == 0 ? memory::initial : g.location(event.location).co[rank - 1];
    go(last);
    for (EventId r = 0; r < g.size(); ++r)
      if (r != x && g[r].kind == Kind::read && g[r].location == event.location && g[r].rf == last) go(r);
  }
  return all;
}

explore::Writes<16> writes_of(const memory::Graph& g) {
  explore::Writes<16> out;
  for (EventId e = 0; e < g.size(); ++e)
    if (g[e].kind == Kind::write) out.all.push_back({e, g[e].address, g[e].value});
  out.before = [&g](explore::Slot e) { return before(g, e); };
  out.rank = [&g](explore::Slot e) { return g.co_index(e); };
  out.acyclic = memory::consistent(g, memory::Model::sc);
  return out;
}

}  // namespace ringtail::witness
