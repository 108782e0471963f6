// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/explore/question.h"

#include <algorithm>

#include "model/base/result.h"

namespace ringtail::explore {

bool holds(const ir::Condition& c, const ValueOf& value) {
  return std::visit(overloaded{
                        [&](const ir::ConditionAtom& a) {
                          const std::int64_t right =
                              std::visit(overloaded{[](const std::int64_t& n) { return n; },
                                                    [&](const ir::Place& p) { return value(p); }},
                                         a.right);
                          return (value(a.left) == right) == a.equal;
                        },
                        [&](const ir::ConditionAll& a) {
                          return std::all_of(a.parts.begin(), a.parts.end(),
                                             [&](const ir::Condition& p) { return holds(p, value); });
                        },
                        [&](const ir::ConditionAny& a) {
                          return std::any_of(a.parts.begin(), a.parts.end(),
                                             [&](const ir::Condition& p) { return holds(p, value); });
                        },
                        [&](const ir::ConditionNot& n) { return !holds(n.parts.front(), value); },
                    },
                    c.node);
}

bool answer(const ir::Litmus& litmus, const ValueOf& value, LitmusAnswer& into) {
  if (litmus.filter && !holds(*litmus.filter, value)) return false;
  std::vector<std::int64_t> state;
  for (const ir::Place& p : litmus.shown) state.push_back(value(p));
  ++into.states[std::move(state)];
  ++(holds(litmus.condition, value) ? into.positive : into.negative);
  return true;
}

void merge(const LitmusAnswer& from, LitmusAnswer& into) {
  for (const auto& [state, n] : from.states) into.states[state] += n;
  into.positive += from.positive;
  into.negative += from.negative;
  for (const std::string& f : from.flags)
    if (std::find(into.flags.begin(), into.flags.end(), f) == into.flags.end()) into.flags.push_back(f);
  std::sort(into.flags.begin(), into.flags.end());
}

}  // namespace ringtail::explore
