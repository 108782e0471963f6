// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/bugs.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "checker/explore/explore.h"
#include "cli/specs.h"
#include "cli/tell.h"
#include "model/lang/load.h"

namespace ringtail::cli {
namespace {

constexpr memory::Model kModels[] = {memory::Model::sc, memory::Model::tso, memory::Model::lkmm};

bool safe_everywhere(const lang::Annotations& a, const std::vector<std::string>& variant) {
  return std::all_of(std::begin(kModels), std::end(kModels), [&](memory::Model m) {
    const lang::ModelVerdict* v = lang::find_expectation(a, variant, memory::name(m));
    return v != nullptr && v->verdict == lang::Verdict::safe;
  });
}

std::optional<std::vector<std::string>> fixed_variant(const lang::Annotations& a,
                                                      const std::vector<std::string>& buggy) {
  std::optional<std::vector<std::string>> best;
  std::size_t fewest = 0;
  for (const lang::Expectation& e : a.expectations) {
    if (e.variant == buggy || !safe_everywhere(a, e.variant)) continue;
    std::vector<std::string> differs;
    std::set_symmetric_difference(e.variant.begin(), e.variant.end(), buggy.begin(), buggy.end(),
                                  std::back_inserter(differs));
    if (!best || differs.size() < fewest) best = e.variant, fewest = differs.size();
  }
  return best;
}

void expect(BugRow& row, const lang::Annotations& a, const std::vector<std::string>& variant, bool buggy) {
  for (const memory::Model m : kModels) {
    const lang::ModelVerdict* v = lang::find_expectation(a, variant, memory::name(m));
    if (v == nullptr) continue;
    const std::string verdict(lang::name(v->verdict));
    row.checks.push_back({buggy, m, verdict, v->violation, verdict, true, 0, 0});
  }
}

}  // namespace

const BugCheck* BugRow::shown() const {
  for (const BugCheck& c : checks)
    if (c.buggy && c.verdict == "violation") return &c;
  return nullptr;
}

std::uint64_t BugRow::executions() const {
  std::uint64_t sum = 0;
  for (const BugCheck& c : checks) sum += c.executions;
  return sum;
}

std::vector<BugRow> bugs_of(const std::string& path, const lang::Annotations& a) {
  std::vector<BugRow> out;
  for (std::size_t i = 0; i < a.bugs.size(); ++i) {
    const lang::Bug& bug = a.bugs[i];
    if (bug.id.empty()) continue;
    BugRow row;
    row.spec = path;
    row.bug = bug;
    // as many @seed lines as bugs: one each, in order
    row.seed = a.seed.size() == a.bugs.size() ? a.seed[i] : fmt::format("{}", fmt::join(a.seed, "; "));
    expect(row, a, bug.variant, true);
    if (const auto fixed = fixed_variant(a, bug.variant)) {
      row.fixed = *fixed;
      row.has_fixed = true;
      expect(row, a, *fixed, false);
    }
    out.push_back(std::move(row));
  }
  return out;
}

bool explore_bug(BugRow& row, double timeout) {
  for (BugCheck& c : row.checks) {
    std::vector<lang::Define> defines;
    for (const std::string& d : c.buggy ? row.bug.variant : row.fixed) defines.push_back(define_of(d));
    const auto spec = lang::load_file(row.spec, defines);
    if (!spec) return fmt::print(stderr, "{}", spec.error().text), false;
    explore::Options options;
    options.model = c.model;
    options.timeout = timeout;
    const explore::Outcome o = explore::explore(spec->program, options);
    const std::string wanted = c.violation;
    c.verdict = verdict_name(o.result);
    c.violation = o.violation ? o.violation->kind : "";
    c.as_expected = c.verdict == c.expected && (wanted.empty() || wanted == c.violation);
    c.executions = o.executions;
    c.blocked = o.blocked;
  }
  return true;
}

}  // namespace ringtail::cli
