// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/refines.h"

#include <algorithm>
#include <set>

#include "checker/refine/orders.h"
#include "checker/schedule/schedule.h"
#include "cli/ends.h"

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

std::vector<std::string> named_rules(const std::vector<std::string>& variants) {
  std::vector<std::string> out;
  for (const std::string& macro : variants)
    if (macro.starts_with(kRule)) out.push_back(macro);
  return out;
}

// The rules of the paths that explain all outcomes: one alone, or as few as there must be. Empty when none
// do.
std::vector<std::string> rules_for(const explore::Observed& all, const std::vector<std::string>& variants,
                                   const LoadVariant& load, const explore::Options& options) {
  const auto excuses = [&](const std::vector<std::string>& rules) {
    return contains(one_at_a_time(load, rules, options), all);
  };
  std::vector<std::string> rules = named_rules(variants);
  for (const std::string& rule : rules)
    if (excuses({rule})) return {rule};
  if (rules.size() < 2 || !excuses(rules)) return {};
  for (const std::string& rule : named_rules(variants)) {
    std::vector<std::string> fewer = rules;
    std::erase(fewer, rule);
    if (excuses(fewer)) rules = fewer;
  }
  return rules;
}

// The outcomes that the syscall model explains.
explore::Observed explained(const refine::Composition& c, const std::vector<ir::Place>& places,
                            const explore::Observed& all, std::vector<std::string>& exceptions) {
  const auto results = static_cast<std::ptrdiff_t>(std::count_if(
      places.begin(), places.end(), [](const ir::Place& p) { return p.name.starts_with("result"); }));
  explore::Observed out;
  std::set<std::string> by;
  for (const std::vector<std::int64_t>& values : all) {
    const refine::Explained e = refine::explain(
        c, {{values.begin(), values.begin() + results}, {values.begin() + results, values.end()}});
    if (!e.allowed) continue;
    out.insert(values);
    if (e.by != nullptr) by.insert(std::string(e.by->name));
  }
  exceptions.assign(by.begin(), by.end());
  return out;
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
  out.outcome = all_ends(spec.program, options);
  const explore::Observed all = out.outcome.observed;
  out.outcomes = all.size();
  if (out.outcome.result != explore::Result::safe) return out;  // of another class, which is worse
  out.compared = true;
  // An execution that ends as none of these do, which is the witness.
  const auto refuse = [&](const explore::Observed& allowed) {
    explore::Options again = options;
    again.allowed = &allowed;
    out.outcome = all_ends(spec.program, again);
  };

  const explore::Observed atomic = one_at_a_time(load, {}, options);
  out.atomic_outcomes = atomic.size();
  if (!contains(atomic, all)) {
    out.rules = rules_for(all, spec.variants, load, options);
    if (out.rules.empty()) {
      const std::vector<std::string> rules = named_rules(spec.variants);
      refuse(rules.empty() ? atomic : one_at_a_time(load, rules, options));
      return out;
    }
  }
  if (const auto composition = refine::composition_of(spec)) {
    out.by_syscalls = true;
    const explore::Observed allowed = explained(*composition, options.observe, all, out.exceptions);
    if (allowed.size() < all.size()) refuse(allowed);
  }
  return out;
}

}  // namespace ringtail::cli
