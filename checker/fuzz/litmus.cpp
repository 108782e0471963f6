// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/fuzz/litmus.h"

#include <fmt/format.h>

#include "checker/fuzz/descend.h"
#include "checker/prove/litmus.h"
#include "model/base/result.h"
#include "model/lang/load.h"

namespace ringtail::fuzz {
namespace {

constexpr std::uint64_t kMostCandidates = 20'000;
constexpr Family kFamilies[] = {Family::marked, Family::plain, Family::atomics, Family::locks,
                                Family::rcu,    Family::srcu,  Family::waits,   Family::all};

std::optional<Disagreement> disagreement(const std::string& text, const std::vector<memory::Model>& models,
                                         const Explorer& explorer, std::uint64_t& judged) {
  const auto loaded = lang::load_litmus("generated", text);
  if (!loaded) return Disagreement{models.front(), loaded.error().text, text};
  for (const memory::Model model : models) {
    const Comparison c = compare(loaded->program, model, explorer, true);
    judged += c.judged;
    if (!c.difference.empty()) return Disagreement{model, c.difference, text};
  }
  return std::nullopt;
}

}  // namespace

Explorer explorer(double timeout, std::uint64_t steps) {
  return [timeout, steps](const ir::Program& program, memory::Model model) {
    explore::Options options;
    options.model = model;
    options.timeout = timeout;
    options.steps = steps;
    return explore::explore(program, options);
  };
}

Comparison compare(const ir::Program& program, memory::Model model, const Explorer& explorer,
                   bool with_solver) {
  const judge::Judgement expected = judge::judge(program, model, {.max_candidates = kMostCandidates});
  if (!expected.unsupported.empty()) return {};
  const explore::Outcome found = explorer(program, model);
  if (found.result == explore::Result::timeout || !found.litmus) return {};
  const explore::LitmusAnswer& answer = *found.litmus;
  const auto differ = [](std::string_view of, auto explored, auto judged) {
    return Comparison{true, fmt::format("{}: explorer {}, judge {}", of, explored, judged)};
  };
  const std::uint64_t all = answer.positive + answer.negative, judged = expected.positive + expected.negative;
  if (expected.thin_air >
      0) {  // of values out of thin air the explorer takes those that something else wrote
    if (answer.states.size() > expected.states.size())
      return differ("states", answer.states.size(), expected.states.size());
    if (all > judged || all + expected.thin_air < judged) return differ("executions", all, judged);
    return {true, {}};
  }
  if (answer.states.size() != expected.states.size())
    return differ("states", answer.states.size(), expected.states.size());
  if (answer.positive != expected.positive)
    return differ("positive executions", answer.positive, expected.positive);
  if (answer.negative != expected.negative)
    return differ("negative executions", answer.negative, expected.negative);
  const auto text = [](const auto& flags) {
    std::string out;
    for (const std::string& f : flags) out += (out.empty() ? "" : " ") + f;
    return out.empty() ? "none" : out;
  };
  if (text(answer.flags) != text(expected.flags))
    return differ("flags", text(answer.flags), text(expected.flags));
  if (!with_solver) return {true, {}};
  const prove::LitmusVerdict solved = prove::solve_litmus(program, model, {.timeout = 10});
  if (solved.result == explore::Result::safe &&
      (solved.positive != (expected.positive > 0) || solved.negative != (expected.negative > 0)))
    return {true,
            fmt::format("observation: solver {}, judge {}", solved.observation(), expected.observation())};
  return {true, {}};
}

std::optional<Disagreement> try_case(std::uint64_t number, const std::vector<memory::Model>& models,
                                     const Explorer& explorer, std::uint64_t& judged) {
  const Family family = kFamilies[number % std::size(kFamilies)];
  const rc::Shrinkable<Sketch> start = sketches(family)(rc::Random(number), rc::kNominalSize);
  std::optional<Disagreement> found = disagreement(litmus(start.value()), models, explorer, judged);
  if (found)
    descend(start, [&](const Sketch& smaller) {
      std::uint64_t ignored = 0;
      auto still = disagreement(litmus(smaller), models, explorer, ignored);
      if (still) found = std::move(still);
      return still.has_value();
    });
  return found;
}

}  // namespace ringtail::fuzz
