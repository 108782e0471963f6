// SPDX-License-Identifier: GPL-2.0-or-later
// The order in which a story is told: of all orders that respect what must come before what, one in which the
// thread that acts changes as seldom as possible.
//
// Nodes form chains (a thread's steps; the stores that leave its buffer), and a chain is walked from its
// start, so that a state is how far each chain has been told, and the chain that spoke last. Over these
// states Dijkstra's algorithm finds the fewest switches exactly; beyond `kMostStates` of them a greedy walk,
// which stays with a thread as long as it can, takes over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace ringtail::witness {

struct Node {
  std::uint16_t chain = 0;
  std::uint16_t thread = 0;
  std::vector<std::size_t> after;  // nodes that come first, beside those before it in its chain
};

// Every node once; nothing when the constraints have a cycle. The nodes of a chain are told by index.
std::optional<std::vector<std::size_t>> fewest_switches(const std::vector<Node>& nodes);

std::size_t switches(const std::vector<Node>& nodes, const std::vector<std::size_t>& order);

// Above this the search gives way to the greedy walk; a parameter for the tests.
inline constexpr std::size_t kMostStates = 200'000;
std::optional<std::vector<std::size_t>> fewest_switches(const std::vector<Node>& nodes,
                                                        std::size_t most_states);

}  // namespace ringtail::witness
