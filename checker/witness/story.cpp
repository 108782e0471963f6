// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/witness/story.h"

#include <algorithm>

#include "checker/witness/order.h"
#include "model/base/result.h"

namespace ringtail::witness {
namespace {

using memory::EventId;
using memory::Graph;
using memory::Kind;
using memory::Tag;

constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

// What a CPU does not go past before its stores have left the buffer.
bool drains(const memory::Event& e) {
  switch (e.tag) {
    case Tag::mb:
    case Tag::after_srcu_read_unlock:
    case Tag::sync_rcu:
    case Tag::sync_srcu:
    case Tag::lock_read:
    case Tag::lock_write:
      return true;
    default:
      return e.rmw;
  }
}

// The steps of an execution as nodes of a partial order. With `buffers`, a store is two of them.
class Telltale {
 public:
  Telltale(const Execution& e, Telling telling)
      : e_(e), telling_(telling), does_(e.graph.size(), nowhere), lands_(e.graph.size(), nowhere) {
    for (std::size_t t = 0; t < e.threads.size(); ++t) add_thread(t);
    for (EventId r = 0; r < e.graph.size(); ++r) add_edges(r);
    put_failures_last();
    for (std::size_t n = 0; n < told_.size(); ++n)
      for (std::size_t m = 0; m < told_.size(); ++m)
        if (afterwards(n) && !afterwards(m) && !told_[m].reaches_memory) before(m, n);
  }

  std::optional<std::vector<Told>> order() const {
    const auto nodes = fewest_switches(nodes_);
    if (!nodes) return std::nullopt;
    std::vector<Told> order;
    for (std::size_t i = 0; i < nodes->size(); ++i) {
      const std::size_t n = (*nodes)[i];
      // A store that reaches memory at once needs no second line.
      if (told_[n].reaches_memory && i > 0 && same_step(told_[n], told_[(*nodes)[i - 1]])) {
        order.back().buffered = false;
        continue;
      }
      order.push_back(told_[n]);
    }
    // Nobody is left to see these.
    while (!order.empty() && order.back().reaches_memory) order.pop_back();
    return order;
  }

 private:
  static bool same_step(const Told& a, const Told& b) { return a.thread == b.thread && a.step == b.step; }

  std::size_t add(std::size_t chain, std::size_t thread, Told told) {
    nodes_.push_back({static_cast<std::uint16_t>(chain), static_cast<std::uint16_t>(thread), {}});
    told_.push_back(told);
    return nodes_.size() - 1;
  }

  void add_thread(std::size_t t) {
    std::vector<std::size_t> landings;
    for (std::size_t s = 0; s < e_.threads[t].steps.size(); ++s) {
      const Step& step = e_.threads[t].steps[s];
      Told told{static_cast<std::uint16_t>(t), static_cast<std::uint16_t>(s), false, false, {}, false, {}};
      const bool buffers = telling_ == Telling::store_buffers && step.events.size() == 1 &&
                           e_.graph[step.events[0]].kind == Kind::write && !drains(e_.graph[step.events[0]]);
      told.buffered = buffers;
      const std::size_t node = add(2 * t + 1, t, told);
      for (const EventId e : step.events) does_[e] = lands_[e] = node;
      if (std::any_of(step.events.begin(), step.events.end(), [&](EventId e) { return drains(e_.graph[e]); }))
        for (const std::size_t l : landings) nodes_[node].after.push_back(l);
      if (!buffers) continue;
      told.buffered = false;
      told.reaches_memory = true;
      const std::size_t landing = add(2 * t, t, told);
      nodes_[landing].after.push_back(node);
      landings.push_back(landing);
      lands_[step.events[0]] = landing;
    }
  }

  bool afterwards(std::size_t node) const { return e_.threads[told_[node].thread].afterwards; }

  void before(std::size_t a, std::size_t b) {
    if (a != b && a != nowhere && b != nowhere) nodes_[b].after.push_back(a);
  }

  void add_edges(EventId e) {
    if (telling_ == Telling::threads) return;
    const memory::Event& event = e_.graph[e];
    if (event.kind == Kind::fence) return;
    if (event.kind == Kind::read && event.rf < e_.graph.size())
      before(e_.graph[event.rf].thread == event.thread ? does_[event.rf] : lands_[event.rf], does_[e]);
    if (telling_ == Telling::causal) return;
    const auto co = e_.graph.location(event.location).co;
    if (event.kind == Kind::read) {
      const std::size_t next = event.rf < e_.graph.size() ? e_.graph.co_index(event.rf) + 1 : 0;
      if (event.rf != memory::no_event && next < co.size()) before(does_[e], lands_[co[next]]);
    } else if (const std::size_t at = e_.graph.co_index(e); at > 0) {
      before(lands_[co[at - 1]], lands_[e]);
    }
  }

  // The story ends with what it is about, unless that would contradict it.
  void put_failures_last() {
    for (std::size_t n = 0; n < told_.size(); ++n) {
      const Step& s = e_.threads[told_[n].thread].steps[told_[n].step];
      const bool last = told_[n].step + 1u == e_.threads[told_[n].thread].steps.size();
      if (!s.fails || !s.events.empty() || !last || afterwards(n)) continue;
      for (std::size_t m = 0; m < told_.size(); ++m)
        if (!e_.threads[told_[m].thread].steps[told_[m].step].fails && !told_[m].reaches_memory &&
            !afterwards(m))
          before(m, n);
    }
  }

  const Execution& e_;
  Telling telling_;
  std::vector<Node> nodes_;
  std::vector<Told> told_;
  std::vector<std::size_t> does_, lands_;  // nodes of an event: executed, seen by all
};

// Fills in which told step each read takes its value from, and which it should have seen.
void link(Story& s) {
  const Graph& g = s.execution.graph;
  std::vector<std::size_t> does(g.size(), nowhere), lands(g.size(), nowhere);
  for (std::size_t i = 0; i < s.order.size(); ++i) {
    const Told& t = s.order[i];
    for (const EventId e : s.execution.threads[t.thread].steps[t.step].events) {
      lands[e] = i;
      if (!t.reaches_memory) does[e] = i;
    }
  }
  for (std::size_t i = 0; i < s.order.size(); ++i) {
    Told& t = s.order[i];
    if (t.reaches_memory) continue;
    for (const EventId r : s.execution.threads[t.thread].steps[t.step].events) {
      if (g[r].kind != Kind::read || g[r].rf == memory::no_event) continue;
      if (g[r].rf == memory::initial) t.initial = true;
      else t.from = g[g[r].rf].thread == t.thread ? does[g[r].rf] : lands[g[r].rf];
      if (s.telling != Telling::causal) continue;
      const auto co = g.location(g[r].location).co;
      for (std::size_t k = g[r].rf == memory::initial ? 0 : g.co_index(g[r].rf) + 1; k < co.size(); ++k)
        if (lands[co[k]] < i) t.stale = lands[co[k]];
    }
  }
}

}  // namespace

Story tell(Execution e) {
  Story s;
  s.execution = std::move(e);
  using enum Telling;
  for (const Telling t : {interleaving, store_buffers, causal, threads}) {
    if (t == interleaving && !memory::consistent(s.execution.graph, memory::Model::sc)) continue;
    if (t == store_buffers && !memory::consistent(s.execution.graph, memory::Model::tso)) continue;
    auto order = Telltale(s.execution, t).order();
    if (!order) continue;
    s.telling = t;
    s.order = std::move(*order);
    break;
  }
  link(s);
  s.missing = missing_fences(s.execution.graph, s.execution.model);
  return s;
}

Execution trim(const Execution& e, const std::vector<EventId>& ends) {
  const Graph& g = e.graph;
  std::vector<bool> kept(g.size());
  std::vector<EventId> work = ends;
  while (!work.empty()) {
    const EventId at = work.back();
    work.pop_back();
    if (kept[at]) continue;
    kept[at] = true;
    if (g[at].po > 0) work.push_back(g.thread(g[at].thread)[g[at].po - 1]);
    if (g[at].kind == Kind::read && g[at].rf < g.size()) work.push_back(g[at].rf);
    if (const EventId other = g.rmw_partner(at); other != memory::no_event) work.push_back(other);
  }
  std::vector<EventId> id(g.size(), memory::no_event);
  EventId next = 0;
  for (EventId i = 0; i < g.size(); ++i)
    if (kept[i]) id[i] = next++;
  Execution out = e;
  out.graph.keep(kept);
  for (Thread& t : out.threads) {
    bool dropped = false;
    std::size_t end = t.steps.size();
    for (std::size_t s = 0; s < t.steps.size() && !dropped; ++s) {
      for (EventId& i : t.steps[s].events) {
        dropped |= !kept[i];
        i = id[i];
      }
      if (dropped) end = s;
    }
    // What nobody else sees, and what led to nothing that is told.
    const bool fails = std::any_of(t.steps.begin(), t.steps.begin() + static_cast<std::ptrdiff_t>(end),
                                   [](const Step& s) { return s.fails; });
    while (!fails && end > 0 && t.steps[end - 1].events.empty()) --end;
    if (end < t.steps.size()) t.end.clear();
    t.steps.resize(end);
  }
  out.culprits.clear();
  for (const EventId c : e.culprits)
    if (kept[c]) out.culprits.push_back(id[c]);
  return out;
}

std::size_t step_of(const Thread& t, EventId e) {
  for (std::size_t s = 0; s < t.steps.size(); ++s)
    if (std::find(t.steps[s].events.begin(), t.steps[s].events.end(), e) != t.steps[s].events.end()) return s;
  fatal("an event without a step");
}

std::string_view name(Telling t) {
  switch (t) {
    case Telling::interleaving:
      return "interleaving";
    case Telling::store_buffers:
      return "store buffers";
    case Telling::causal:
      return "causal";
    case Telling::threads:
      return "threads";
  }
  fatal("a way of telling without a name");
}

std::string_view explanation(Telling t) {
  switch (t) {
    case Telling::interleaving:
      return "This interleaving explains it.";
    case Telling::store_buffers:
      return "No interleaving explains it: a store waits in its CPU's buffer while later reads go ahead.";
    case Telling::causal:
      return "No interleaving explains it: a stale read misses a write that is told before it.";
    case Telling::threads:
      return "No order explains it: a read takes its value from a write that the reading thread's own later "
             "writes led to.";
  }
  fatal("a way of telling without words");
}

std::string sentence(const Execution& e, const Missing& m) {
  const Thread& t = e.threads[e.graph[m.before].thread];
  const Place& a = t.steps[step_of(t, m.before)].at;
  const Place& b = t.steps[step_of(t, m.after)].at;
  const auto place = [&](const Place& p) {
    return (p.file == e.spec ? "line " : p.file + ":") + std::to_string(p.line);
  };
  memory::Event fence;
  fence.tag = m.fence;
  return "no " + describe(fence, "", "") + " orders " + place(a) + " before " + place(b) + " in " + t.name;
}

}  // namespace ringtail::witness
