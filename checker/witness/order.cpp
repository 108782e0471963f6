// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/witness/order.h"

#include <algorithm>
#include <deque>
#include <map>

namespace ringtail::witness {
namespace {

struct State {
  std::vector<std::uint16_t> told;  // of each chain
  std::uint16_t last = 0;           // chain, or the number of chains before the first step
  friend auto operator<=>(const State&, const State&) = default;
};

class Teller {
 public:
  explicit Teller(const std::vector<Node>& nodes) : nodes_(nodes), place_(nodes.size()) {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (chains_.size() <= nodes[i].chain) chains_.resize(nodes[i].chain + 1);
      place_[i] = chains_[nodes[i].chain].size();
      chains_[nodes[i].chain].push_back(i);
    }
  }

  State start() const {
    return {std::vector<std::uint16_t>(chains_.size()), static_cast<std::uint16_t>(chains_.size())};
  }
  std::size_t chains() const { return chains_.size(); }

  // The node that the chain tells next, if nothing holds it back.
  std::optional<std::size_t> next(const State& s, std::size_t chain) const {
    if (s.told[chain] == chains_[chain].size()) return std::nullopt;
    const std::size_t node = chains_[chain][s.told[chain]];
    for (const std::size_t b : nodes_[node].after)
      if (s.told[nodes_[b].chain] <= place_[b]) return std::nullopt;
    return node;
  }
  // Whether telling the chain's next node changes the thread. The first step changes nothing.
  bool switches(const State& s, std::size_t chain) const {
    return s.last < chains_.size() && thread(s.last) != thread(chain);
  }
  static void tell(State& s, std::size_t chain) {
    ++s.told[chain];
    s.last = static_cast<std::uint16_t>(chain);
  }
  // A chain may be empty; it then belongs to nobody.
  std::size_t thread(std::size_t chain) const {
    return chains_[chain].empty() ? static_cast<std::size_t>(-1) : nodes_[chains_[chain].front()].thread;
  }

 private:
  const std::vector<Node>& nodes_;
  std::vector<std::size_t> place_;  // of a node in its chain
  std::vector<std::vector<std::size_t>> chains_;
};

// How many steps a thread can take from here without a switch; `s` is left where it then stands.
std::size_t run_thread(const Teller& t, State& s, std::size_t thread, std::vector<std::size_t>* order) {
  std::size_t count = 0;
  for (bool moved = true; moved;) {
    moved = false;
    for (std::size_t c = 0; c < t.chains() && !moved; ++c) {
      if (t.thread(c) != thread) continue;
      const auto node = t.next(s, c);
      if (!node) continue;
      if (order != nullptr) order->push_back(*node);
      Teller::tell(s, c);
      ++count;
      moved = true;
    }
  }
  return count;
}

std::optional<std::vector<std::size_t>> greedy(const Teller& t, std::size_t nodes) {
  std::vector<std::size_t> order;
  State s = t.start();
  while (order.size() < nodes) {
    std::size_t best = 0, longest = 0;
    for (std::size_t c = 0; c < t.chains(); ++c) {
      State ahead = s;
      const std::size_t n = run_thread(t, ahead, t.thread(c), nullptr);
      if (n > longest) longest = n, best = t.thread(c);
    }
    if (longest == 0) return std::nullopt;
    run_thread(t, s, best, &order);
  }
  return order;
}

}  // namespace

std::size_t switches(const std::vector<Node>& nodes, const std::vector<std::size_t>& order) {
  std::size_t n = 0;
  for (std::size_t i = 1; i < order.size(); ++i) n += nodes[order[i]].thread != nodes[order[i - 1]].thread;
  return n;
}

std::optional<std::vector<std::size_t>> fewest_switches(const std::vector<Node>& nodes) {
  return fewest_switches(nodes, kMostStates);
}

std::optional<std::vector<std::size_t>> fewest_switches(const std::vector<Node>& nodes,
                                                        std::size_t most_states) {
  if (nodes.empty()) return std::vector<std::size_t>{};
  const Teller t(nodes);
  // Costs are 0 or 1, so that a deque is the priority queue.
  struct Seen {
    std::size_t cost = 0;
    bool done = false;
    const State* from = nullptr;
    std::size_t node = 0;
  };
  std::map<State, Seen> seen;
  std::deque<std::map<State, Seen>::iterator> queue;
  queue.push_back(seen.emplace(t.start(), Seen{}).first);
  while (!queue.empty()) {
    const auto at = queue.front();
    queue.pop_front();
    if (at->second.done) continue;
    at->second.done = true;
    bool end = true;
    // The queue's front is a stack: the first chain goes on it last, and is told first.
    for (std::size_t c = t.chains(); c-- > 0;) {
      const auto node = t.next(at->first, c);
      if (!node) continue;
      end = false;
      const bool change = t.switches(at->first, c);
      State to = at->first;
      Teller::tell(to, c);
      const Seen how{at->second.cost + change, false, &at->first, *node};
      const auto [it, fresh] = seen.try_emplace(std::move(to), how);
      if (!fresh && it->second.cost <= how.cost) continue;
      it->second = how;
      if (change) queue.push_back(it);
      else queue.push_front(it);
    }
    if (seen.size() > most_states) return greedy(t, nodes.size());
    if (!end) continue;
    std::vector<std::size_t> order;
    for (auto s = at; s->second.from != nullptr; s = seen.find(*s->second.from))
      order.push_back(s->second.node);
    if (order.size() != nodes.size()) continue;
    std::reverse(order.begin(), order.end());
    return order;
  }
  return std::nullopt;
}

}  // namespace ringtail::witness
