// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/check_print.h"

#include <algorithm>

#include <fmt/format.h>

#include "checker/witness/json.h"
#include "checker/witness/render.h"
#include "checker/witness/replay.h"
#include "checker/witness/shortest.h"
#include "checker/witness/story.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/tell.h"

namespace ringtail::cli {
namespace {

using nlohmann::ordered_json;

std::string_view observation(const explore::LitmusAnswer& a) {
  return a.positive == 0 ? "Never" : a.negative == 0 ? "Always" : "Sometimes";
}

bool answer_ok(const ir::Litmus& test, const explore::LitmusAnswer& a) {
  switch (test.quantifier) {
    case ir::Quantifier::exists:
      return a.positive > 0;
    case ir::Quantifier::not_exists:
      return a.positive == 0;
    case ir::Quantifier::forall:
      return a.negative == 0;
  }
  return false;
}

// As herd7 prints it, line for line, so that the scripts of the kernel's memory model can read it.
void print_litmus(const ir::Program& program, const explore::Outcome& o) {
  const ir::Litmus& test = *program.litmus;
  const explore::LitmusAnswer& a = *o.litmus;
  const char* const kinds[] = {"Allowed", "Forbidden", "Required"};
  const char* const quantifiers[] = {"exists", "~exists", "forall"};
  const auto q = static_cast<std::size_t>(test.quantifier);
  fmt::print("Test {} {}\nStates {}\n", test.name, kinds[q], a.states.size());
  for (const auto& [state, count] : a.states) {
    std::string line;
    for (std::size_t i = 0; i < state.size(); ++i)
      line += fmt::format("{}{}={};", i == 0 ? "" : " ", test.shown[i].name, value_name(program, state[i]));
    fmt::print("{}\n", line);
  }
  fmt::print("{}\nWitnesses\nPositive: {} Negative: {}\n", answer_ok(test, a) ? "Ok" : "No", a.positive,
             a.negative);
  for (const std::string& f : a.flags) fmt::print("Flag {}\n", f);
  fmt::print("Condition {} ({})\nObservation {} {} {} {}\n", quantifiers[q], test.condition_text, test.name,
             observation(a), a.positive, a.negative);
  if (o.result == explore::Result::timeout) fmt::print("Timeout {}\n", test.name);
  fmt::print("\n");
}

ordered_json states_json(const ir::Program& program, const explore::LitmusAnswer& a) {
  ordered_json out = ordered_json::array();
  for (const auto& [state, count] : a.states) {
    ordered_json one = ordered_json::object();
    for (std::size_t i = 0; i < state.size(); ++i) {
      const std::string text = value_name(program, state[i]);
      ordered_json& value = one[program.litmus->shown[i].name];
      if (text == std::to_string(state[i])) value = state[i];
      else value = text;
    }
    out.push_back(std::move(one));
  }
  return out;
}

// It runs last, so that nothing before it refers to it.
void drop_finally(witness::Story& s) {
  for (witness::Thread& t : s.execution.threads)
    if (t.afterwards &&
        std::none_of(t.steps.begin(), t.steps.end(), [](const auto& step) { return step.fails; }))
      t.started = false;
  while (!s.order.empty() && !s.execution.threads[s.order.back().thread].started) s.order.pop_back();
}

}  // namespace

std::pair<std::string, ordered_json> tell(const Checked& c, const CheckOptions& o,
                                          const explore::Violation& first) {
  explore::Options options = o.explore;
  options.model = c.model;
  options.plain_is_once = o.plain == "once";
  const explore::Violation v = witness::shortest(*c.spec, options, first);
  const witness::Found found = witness::found_by(options, v);
  auto replayed = witness::execution_of(*c.spec, found);
  const bool replays = static_cast<bool>(replayed);
  witness::Story story =
      witness::tell(replays ? std::move(*replayed) : execution_of(*c.spec, c.path, c.model, v));
  if (o.without_finally) drop_finally(story);
  const std::string command = replays && !o.witness.empty() ? "ringtail explain " + o.witness : "";
  if (!o.dot.empty()) write_text(o.dot, witness::to_dot(story));
  if (!o.html.empty()) write_text(o.html, witness::to_html(story, command));
  if (!o.witness.empty() && replays) {
    witness::Script script = witness::script_of(story);
    script.spec = c.path;
    script.defines = c.defines;
    script.plain_is_once = found.plain_is_once;
    script.unroll = found.unroll;
    write_text(o.witness, witness::print(script));
  } else if (!o.witness.empty()) {
    fmt::print(stderr, "{}: no witness file: {}\n", c.path, replayed.error());
  }
  return {witness::to_text(story, command), witness::to_json(story)};
}

namespace {

ordered_json to_json(const Checked& c, ordered_json story) {
  const explore::Outcome& o = c.outcome;
  const lang::ModelVerdict* expected = c.expected();
  ordered_json out = {
      {"spec", c.path},
      {"variant", fmt::format("{}", fmt::join(c.variant, ","))},
      {"model", memory::name(c.model)},
      {"verdict", verdict_name(o.result)},
      {"class", o.violation ? ordered_json(o.violation->kind) : ordered_json()},
      {"message", o.violation ? o.violation->message : o.bound},
      {"bound", o.bound},
      {"executions", o.executions},
      {"blocked", o.blocked},
      {"witness", std::move(story)},
      {"expected", expected != nullptr ? ordered_json(lang::name(expected->verdict)) : ordered_json()},
      {"as_expected", c.as_expected()}};
  if (o.states) out["states_met"] = o.states;
  if (c.refines)
    out["refines"] = {{"compared", c.refines->compared},
                      {"outcomes", c.refines->outcomes},
                      {"atomic_outcomes", c.refines->atomic_outcomes},
                      {"rules", c.refines->rules},
                      {"by_syscalls", c.refines->by_syscalls},
                      {"exceptions", c.refines->exceptions}};
  if (!o.litmus) return out;
  out["observation"] = observation(*o.litmus);
  out["positive"] = o.litmus->positive;
  out["negative"] = o.litmus->negative;
  out["states"] = states_json(c.spec->program, *o.litmus);
  out["flags"] = o.litmus->flags;
  return out;
}

void print_text(const Checked& c, bool plain_is_once, const std::string& told) {
  const explore::Outcome& o = c.outcome;
  const lang::ModelVerdict* expected = c.expected();
  std::string refined;
  if (c.refines && !o.violation && !c.refines->compared)
    refined = fmt::format("; {} outcomes so far, not compared with the operations one after the other",
                          c.refines->outcomes);
  else if (c.refines && !o.violation)
    refined = fmt::format(
        "; {} outcomes, {} of the operations one after the other{}{}", c.refines->outcomes,
        c.refines->atomic_outcomes,
        c.refines->rules.empty() ? "" : fmt::format(", the others by {}", fmt::join(c.refines->rules, ", ")),
        !c.refines->by_syscalls         ? ""
        : c.refines->exceptions.empty() ? "; the syscall model allows all"
                                        : fmt::format("; the syscall model allows all, some by {}",
                                                      fmt::join(c.refines->exceptions, ", ")));
  fmt::print("{}{} under {}: {}", c.path,
             c.variant.empty() ? "" : fmt::format(" [{}]", fmt::join(c.variant, ",")), memory::name(c.model),
             verdict_name(o.result));
  if (o.violation)
    fmt::print(" ({}): {}{}", o.violation->kind, o.violation->message,
               o.bound.empty() ? "" : "; found with " + o.bound);
  else if (!o.bound.empty()) fmt::print(" ({})", o.bound);
  const std::string looked_at = o.states ? fmt::format("{} states", o.states)
                                         : fmt::format("{} executions, {} blocked", o.executions, o.blocked);
  fmt::print("; {}{}{}{}\n", looked_at, refined, plain_is_once ? "; plain accesses taken as marked" : "",
             expected == nullptr ? ""
             : c.as_expected()   ? "; as expected"
             : expected->violation.empty()
                 ? fmt::format("; expected {}", lang::name(expected->verdict))
                 : fmt::format("; expected {} ({})", lang::name(expected->verdict), expected->violation));
  if (!told.empty()) fmt::print("{}", told);
}

}  // namespace

const lang::ModelVerdict* Checked::expected() const {
  return lang::find_expectation(spec->annotations, variant, memory::name(model));
}

bool Checked::as_expected() const {
  const lang::ModelVerdict* e = expected();
  return e == nullptr ||
         (lang::name(e->verdict) == verdict_name(outcome.result) &&
          (e->violation.empty() || !outcome.violation || e->violation == outcome.violation->kind));
}

int Checked::status() const {
  // A spec that says what must come out holds when it does: a bug that must be found is no failure.
  const bool settled =
      outcome.result == explore::Result::violation || outcome.result == explore::Result::safe;
  if (expected() != nullptr) return as_expected() ? kHolds : settled ? kViolation : kInconclusive;
  if (outcome.result == explore::Result::violation) return kViolation;
  const auto& test = spec->program.litmus;
  if (test && test->quantifier != ir::Quantifier::exists && !answer_ok(*test, *outcome.litmus))
    return kViolation;
  return outcome.result == explore::Result::safe ? kHolds : kInconclusive;
}

void print(const Checked& c, const CheckOptions& o, bool brief, ordered_json& checks) {
  const bool litmus = c.spec->program.litmus.has_value();
  if (!o.json && litmus) fmt::print(stderr, "Time {} {:.2f}\n", c.spec->program.litmus->name, c.seconds);
  const bool shows = o.json || !o.witness.empty() || !o.dot.empty() || !o.html.empty();
  const bool news = !(brief && c.expected() != nullptr && c.as_expected());
  std::pair<std::string, ordered_json> told;
  if (c.outcome.violation && (news || shows)) told = tell(c, o, *c.outcome.violation);
  else if (c.outcome.example && shows) told = tell(c, o, *c.outcome.example);
  if (o.json) checks.push_back(to_json(c, std::move(told.second)));
  else if (litmus) print_litmus(c.spec->program, c.outcome);
  else print_text(c, o.plain == "once", c.outcome.violation && news ? told.first : "");
}

}  // namespace ringtail::cli
