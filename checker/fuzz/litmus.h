// SPDX-License-Identifier: GPL-2.0-or-later
// Random litmus tests over all primitives, of which whoever answers must say the same: the explorer what the
// judge says, under every model: the same states, the same number of executions (so that none is found twice
// and none is missed), the same flags; and the solver the same observation. Where they do not, the test is
// shrunk to the smallest that still shows it.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "checker/explore/explore.h"
#include "checker/fuzz/generate.h"
#include "checker/judge/judge.h"

namespace ringtail::fuzz {

using Explorer = std::function<explore::Outcome(const ir::Program&, memory::Model)>;
Explorer explorer(double timeout, std::uint64_t steps = 0);  // the project's own; seconds and steps a test

struct Comparison {
  bool judged = false;     // the judge could, and the explorer was done in time
  std::string difference;  // in words; empty: they agree
};
// The solver takes its time, some hundredths of a second a test.
Comparison compare(const ir::Program& program, memory::Model model, const Explorer& explorer,
                   bool with_solver);

struct Disagreement {
  memory::Model model = memory::Model::lkmm;
  std::string what;
  std::string test;  // the smallest
};

// One random test, the same for the same number; `judged` counts the models for which there was an answer.
std::optional<Disagreement> try_case(std::uint64_t number, const std::vector<memory::Model>& models,
                                     const Explorer& explorer, std::uint64_t& judged);

}  // namespace ringtail::fuzz
