// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/witness/shortest.h"

#include <algorithm>
#include <tuple>

#include "checker/witness/story.h"

namespace ringtail::witness {
namespace {

constexpr std::uint64_t kMostSteps = 8'000;  // of the search
constexpr std::size_t kMostEvents = 3'000;   // in the stories that are told, to be compared

using Length = std::tuple<Telling, std::size_t, std::size_t>;  // switches, steps

std::optional<Length> length(const lang::Spec& spec, const explore::Options& options,
                             const explore::Violation& v) {
  auto execution = execution_of(spec, found_by(options, v));
  if (!execution) return std::nullopt;
  const Story story = tell(std::move(*execution));
  std::size_t switches = 0;
  for (std::size_t i = 1; i < story.order.size(); ++i)
    switches += story.order[i].thread != story.order[i - 1].thread;
  return Length{story.telling, switches, story.order.size()};
}

}  // namespace

Found found_by(const explore::Options& options, const explore::Violation& v) {
  Found found{options.model, options.plain_is_once, options.unroll, v.kind, v.message, v.graph, {}, {},
              v.init_choices};
  for (const explore::ThreadEnd& end : v.threads) {
    found.failed.push_back(end.status == "failed");
    found.waits_at.push_back(end.status == "waits" ? std::optional(end.source) : std::nullopt);
  }
  return found;
}

explore::Violation shortest(const lang::Spec& spec, const explore::Options& options,
                            explore::Violation first) {
  // Of executions, not of how they end: what they are compared with is not known here.
  if (!options.observe.empty() || first.kind == "refinement" || first.kind == explore::kExample) return first;
  auto best = length(spec, options, first);
  if (!best) return first;
  std::vector<explore::Violation> others;
  explore::Options further = options;
  further.steps = kMostSteps;
  further.timeout = 0;
  further.spare = nullptr;
  further.each_violation = [&](explore::Violation v) {
    if (v.kind != first.kind || !first.message.starts_with(v.message)) return;
    v.message = first.message;
    v.init_choices = first.init_choices;
    others.push_back(std::move(v));
  };
  ir::Program program = spec.program;
  program.init_choices = first.init_choices;
  explore::explore(program, further);
  std::stable_sort(others.begin(), others.end(),
                   [](const auto& a, const auto& b) { return a.graph.size() < b.graph.size(); });
  std::size_t told = 0;
  for (explore::Violation& v : others) {
    if ((told += v.graph.size()) > kMostEvents) break;
    if (const auto l = length(spec, options, v); l && *l < *best) best = l, first = std::move(v);
  }
  return first;
}

}  // namespace ringtail::witness
