// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/witness/missing.h"

#include <algorithm>
#include <array>
#include <map>

namespace ringtail::witness {
namespace {

using memory::EventId;
using memory::Graph;
using memory::Kind;
using memory::Model;
using memory::Tag;

// Weakest first. TSO knows of one kind only.
std::vector<Tag> kinds(Model m) {
  if (m == Model::lkmm || m == Model::lkmm_6_1) return {Tag::rmb, Tag::wmb, Tag::mb};
  return {Tag::mb};
}

// Gaps between two accesses of a thread in which a barrier could stand: not within an atomic.
std::vector<Insertion> gaps(const Graph& g) {
  std::vector<Insertion> found;
  for (std::size_t t = 0; t < g.thread_count(); ++t) {
    const auto events = g.thread(t);
    for (std::size_t i = 0; i + 1 < events.size(); ++i)
      if (g.rmw_partner(events[i]) != events[i + 1])
        found.push_back({static_cast<std::uint8_t>(t), static_cast<std::uint16_t>(i), Tag::mb});
  }
  return found;
}

bool forbids(const Graph& g, Model m, const std::vector<Insertion>& fences) {
  return !memory::consistent(with_fences(g, fences), m);
}

// The events nearest to the barrier that it must stay between: moved up past the one, or down past the other,
// it would forbid nothing.
Missing narrow(const Graph& g, Model m, std::vector<Insertion> fences, std::size_t which) {
  const Insertion at = fences[which];
  const auto events = g.thread(at.thread);
  const auto works = [&](std::size_t po) {
    fences[which].po = static_cast<std::uint16_t>(po);
    return forbids(g, m, fences);
  };
  std::size_t first = at.po, last = at.po;
  while (first > 0 && works(first - 1)) --first;
  while (last + 2 < events.size() && works(last + 1)) ++last;
  return {at.fence, events[first], events[last + 1]};
}

}  // namespace

Graph with_fences(const Graph& g, const std::vector<Insertion>& fences) {
  std::map<std::pair<std::size_t, std::size_t>, std::vector<Tag>> at;
  for (const Insertion& f : fences) at[{f.thread, f.po}].push_back(f.fence);
  Graph out;
  std::vector<EventId> id(g.size());
  std::vector<std::vector<std::uint16_t>> po(g.thread_count());
  for (std::size_t t = 0; t < g.thread_count(); ++t) {
    std::uint16_t next = 0;
    for (const EventId e : g.thread(t)) {
      po[t].push_back(next++);
      const auto f = at.find({t, g[e].po});
      if (f != at.end()) next = static_cast<std::uint16_t>(next + f->second.size());
    }
  }
  for (EventId e = 0; e < g.size(); ++e) {
    const memory::Event& event = g[e];
    std::array<std::vector<std::uint16_t>, 3> deps;
    const memory::Dependencies old = g.dependencies(e);
    const std::array old_sets{old.addr, old.data, old.ctrl};
    for (std::size_t k = 0; k < 3; ++k)
      for (const std::uint16_t d : old_sets[k]) deps[k].push_back(po[event.thread][d]);
    id[e] = out.add(event, {deps[0], deps[1], deps[2]});
    const auto f = at.find({event.thread, event.po});
    if (f == at.end()) continue;
    for (const Tag tag : f->second) {
      memory::Event fence;
      fence.thread = event.thread;
      fence.tag = tag;
      out.add(fence);
    }
  }
  for (EventId e = 0; e < g.size(); ++e)
    if (g[e].kind == Kind::read && g[e].rf < g.size()) out.read_from(id[e], id[g[e].rf]);
  for (std::size_t l = 0; l < g.location_count(); ++l) {
    std::size_t place = 0;
    for (const EventId w : g.location(l).co) out.place(id[w], place++);
  }
  return out;
}

std::vector<Missing> missing_fences(const Graph& g, Model m) {
  if (m == Model::sc || memory::consistent(g, Model::sc)) return {};
  const std::vector<Insertion> everywhere = gaps(g);
  for (const Tag kind : kinds(m))
    for (Insertion one : everywhere) {
      one.fence = kind;
      if (forbids(g, m, {one})) return {narrow(g, m, {one}, 0)};
    }
  if (!forbids(g, m, everywhere)) return {};
  std::vector<Insertion> needed = everywhere;
  for (std::size_t i = 0; i < needed.size();) {
    std::vector<Insertion> fewer = needed;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    if (forbids(g, m, fewer)) needed = std::move(fewer);
    else ++i;
  }
  for (Insertion& f : needed)
    for (const Tag kind : kinds(m)) {
      f.fence = kind;
      if (forbids(g, m, needed)) break;
    }
  std::vector<Missing> found;
  for (std::size_t i = 0; i < needed.size(); ++i) found.push_back(narrow(g, m, needed, i));
  return found;
}

}  // namespace ringtail::witness
