// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/refines.h"

#include <algorithm>

#include "checker/schedule/schedule.h"

namespace ringtail::cli {
namespace {

constexpr std::string_view kRule = "NOT_ATOMIC_";

std::vector<ir::Place> observed_of(const ir::Program& program) {
  std::vector<ir::Place> out;
  for (const std::string_view name : {"result", "contents"})
    for (const ir::Global& g : program.globals)
      if (g.name == name && !g.prelude)
        for (const ir::Cell& c : g.cells) {
          ir::Place p;
          p.address = g.address + c.offset;
          p.name = g.name + c.name;
          out.push_back(std::move(p));
        }
  return out;
}

// Outcomes with the points of these rules, one operation at a time; empty when the variant cannot be loaded.
explore::Observed one_at_a_time(const LoadVariant& load, const std::vector<std::string>& rules,
                                explore::Options options) {
  std::vector<std::string> macros = rules;
  if (!macros.empty()) macros.push_back("RINGTAIL_ATOMIC_SIDE");
  const auto spec = load(macros);
  if (!spec) return {};
  options.model = memory::Model::sc;
  options.observe = observed_of(spec->program);
  options.allowed = nullptr;
  options.gather = true;
  return schedule::preemption_bounded(spec->program, options, 0).observed;
}

bool contains(const explore::Observed& all, const explore::Observed& some) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

}  // namespace

Refines refines(const lang::Spec& spec, const LoadVariant& load, const explore::Options& asked) {
  Refines out;
  explore::Options options = asked;
  options.observe = observed_of(spec.program);
  if (options.observe.empty()) {
    out.error = "there is no outcome to compare: no global `result` or `contents`";
    return out;
  }
  const explore::Observed atomic = one_at_a_time(load, {}, options);
  out.atomic_outcomes = atomic.size();
  options.allowed = &atomic;
  out.outcome = explore::explore(spec.program, options);
  out.outcomes = out.outcome.observed.size();
  if (!out.outcome.violation || out.outcome.violation->kind != "refinement") return out;

  // Which rules of the paths explain all outcomes? Each alone, then all, less what is not needed.
  options.allowed = nullptr;
  const explore::Outcome all = explore::explore(spec.program, options);
  if (all.result != explore::Result::safe) {
    if (all.violation) out.outcome = all;  // of another class, which is worse
    return out;
  }
  const auto excuses = [&](const std::vector<std::string>& rules) {
    return contains(one_at_a_time(load, rules, options), all.observed);
  };
  std::vector<std::string> rules;
  for (const std::string& macro : spec.variants)
    if (macro.starts_with(kRule)) rules.push_back(macro);
  for (const std::string& rule : rules)
    if (excuses({rule})) {
      out.rules = {rule};
      break;
    }
  if (out.rules.empty() && rules.size() > 1 && excuses(rules)) {
    out.rules = rules;
    for (const std::string& rule : rules) {
      std::vector<std::string> fewer = out.rules;
      std::erase(fewer, rule);
      if (excuses(fewer)) out.rules = fewer;
    }
  }
  if (out.rules.empty() && !rules.empty()) {  // the execution that no rule explains either
    const explore::Observed excused = one_at_a_time(load, rules, options);
    options.allowed = &excused;
    if (explore::Outcome worst = explore::explore(spec.program, options); worst.violation)
      out.outcome = std::move(worst);
  }
  if (out.rules.empty()) return out;
  out.outcome = all;
  out.outcomes = all.observed.size();
  return out;
}

}  // namespace ringtail::cli
