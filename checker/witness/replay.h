// SPDX-License-Identifier: GPL-2.0-or-later
// From a graph, or from a witness file, to an execution that can be told: the machine runs each thread again,
// is given what its reads saw, and what it then does must be what the graph or the file says it did.
//
// Nothing is taken on trust. The graph is built anew from what the machine did; values must come from the
// writes that are named; the model must allow the graph; and what the verdict claims must be so at the end. A
// file that fails in any of this is refused, with the step at which it does.
#pragma once

#include <optional>

#include "checker/witness/script.h"
#include "model/lang/load.h"

namespace ringtail::witness {

// Replays a witness file on the program that its spec and defines gave.
Result<Execution> replay(const lang::Spec& spec, const Script& script);

// The execution of a graph that an explorer built. `kind` and `message` are its verdict.
struct Found {
  memory::Model model = memory::Model::lkmm;
  bool plain_is_once = false;
  std::uint32_t unroll = 0;
  std::string kind, message;
  memory::Graph graph;
  // How each thread ends: with a failure; at an instruction where it waits. Empty: not known.
  std::vector<bool> failed;
  std::vector<std::optional<std::uint32_t>> waits_at = {};
  std::vector<std::int64_t> init_choices = {};
};
Result<Execution> execution_of(const lang::Spec& spec, const Found& found);

}  // namespace ringtail::witness
