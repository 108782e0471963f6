// SPDX-License-Identifier: GPL-2.0-or-later
// ringtail check: specs in kernel C and litmus tests, explored under a memory model.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "checker/explore/explore.h"
#include "checker/schedule/schedule.h"
#include "checker/witness/json.h"
#include "checker/witness/render.h"
#include "checker/witness/replay.h"
#include "checker/witness/story.h"
#include "cli/commands.h"
#include "cli/tell.h"
#include "model/lang/load.h"

namespace ringtail::cli {
namespace {

using nlohmann::ordered_json;

struct Options {
  std::vector<std::string> specs, defines;
  std::string model = "lkmm", witness, dot, html, plain;
  explore::Options explore;
  std::uint64_t random = 0, seed = 1;
  std::optional<unsigned> preemptions;
  bool json = false;
};

std::vector<std::string> files_of(const std::vector<std::string>& paths) {
  namespace fs = std::filesystem;
  std::vector<std::string> out;
  for (const std::string& path : paths) {
    std::error_code none;
    if (!fs::is_directory(path, none)) {
      out.push_back(path);
      continue;
    }
    std::vector<std::string> inside;
    for (auto it = fs::recursive_directory_iterator(path, none); it != fs::recursive_directory_iterator();
         it.increment(none))
      if (const auto end = it->path().extension(); end == ".c" || end == ".litmus")
        inside.push_back(it->path().string());
    std::sort(inside.begin(), inside.end());
    out.insert(out.end(), inside.begin(), inside.end());
  }
  return out;
}

std::string_view name(explore::Result r) {
  switch (r) {
    case explore::Result::safe:
      return "safe";
    case explore::Result::violation:
      return "violation";
    case explore::Result::bounded:
      return "bounded";
    case explore::Result::timeout:
      return "timeout";
  }
  return "";
}

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

bool write_file(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  return static_cast<bool>(out);
}

class Check {
 public:
  explicit Check(const Options& o) : o_(o) {
    for (const std::string& d : o.defines) {
      const std::size_t equals = d.find('=');
      defines_.push_back({d.substr(0, equals), equals == std::string::npos ? "1" : d.substr(equals + 1)});
      variant_.push_back(defines_.back().name);
    }
    std::sort(variant_.begin(), variant_.end());
  }

  int run() {
    std::vector<memory::Model> models;
    if (o_.model == "all") models = {memory::Model::sc, memory::Model::tso, memory::Model::lkmm};
    else if (const auto m = memory::model_named(o_.model)) models = {*m};
    else return fmt::print(stderr, "ringtail check: there is no memory model '{}'\n", o_.model), kBadInput;
    const std::vector<std::string> files = files_of(o_.specs);
    if (files.empty()) return fmt::print(stderr, "ringtail check: no specs there\n"), kBadInput;
    int status = kHolds;
    // bad input outweighs a violation, a violation what could not be decided
    const auto worse = [&](int s) {
      const auto rank = [](int x) {
        return x == kHolds ? 0 : x == kInconclusive ? 1 : x == kViolation ? 2 : 3;
      };
      if (rank(s) > rank(status)) status = s;
    };
    for (const std::string& path : files) {
      const auto spec = lang::load_file(path, defines_);
      if (!spec) {
        fmt::print(stderr, "{}", spec.error().text);
        worse(kBadInput);
        continue;
      }
      for (const memory::Model m : models) worse(one(path, *spec, m));
    }
    if (o_.json) fmt::print("{}\n", ordered_json{{"checks", checks_}}.dump(2));
    return status;
  }

 private:
  int one(const std::string& path, const lang::Spec& spec, memory::Model model) {
    explore::Options options = o_.explore;
    options.model = model;
    options.plain_is_once = o_.plain == "once";
    const auto start = std::chrono::steady_clock::now();
    const explore::Outcome o =
        o_.random > 0    ? schedule::random_executions(spec.program, options, {o_.random, o_.seed})
        : o_.preemptions ? schedule::preemption_bounded(spec.program, options, *o_.preemptions)
                         : explore::explore(spec.program, options);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (!o_.json && spec.program.litmus)
      fmt::print(stderr, "Time {} {:.2f}\n", spec.program.litmus->name, seconds);
    const lang::ModelVerdict* expected =
        lang::find_expectation(spec.annotations, variant_, memory::name(model));
    const bool as_expected =
        expected == nullptr ||
        (lang::name(expected->verdict) == name(o.result) &&
         (expected->violation.empty() || !o.violation || expected->violation == o.violation->kind));
    std::string told;
    if (o.violation) told = tell(path, spec, model, *o.violation);
    else if (o.example && shows_executions()) tell(path, spec, model, *o.example);
    if (o_.json) checks_.push_back(json(path, spec, model, o, expected, as_expected));
    else if (spec.program.litmus) print_litmus(spec.program, o);
    else text(path, model, o, expected, as_expected, told);
    // A spec that says what must come out holds when it does: a bug that must be found is no failure.
    const bool settled = o.result == explore::Result::violation || o.result == explore::Result::safe;
    if (expected != nullptr) return as_expected ? kHolds : settled ? kViolation : kInconclusive;
    if (o.result == explore::Result::violation) return kViolation;
    if (spec.program.litmus && spec.program.litmus->quantifier != ir::Quantifier::exists &&
        !answer_ok(*spec.program.litmus, *o.litmus))
      return kViolation;
    return o.result == explore::Result::safe ? kHolds : kInconclusive;
  }

  bool shows_executions() const {
    return o_.json || !o_.witness.empty() || !o_.dot.empty() || !o_.html.empty();
  }

  std::string tell(const std::string& path, const lang::Spec& spec, memory::Model model,
                   const explore::Violation& v) {
    witness::Found found{model, o_.plain == "once", o_.explore.unroll, v.kind, v.message, v.graph, {}, {}};
    for (const explore::ThreadEnd& end : v.threads) {
      found.failed.push_back(end.status == "failed");
      found.waits_at.push_back(end.status == "waits" ? std::optional(end.source) : std::nullopt);
    }
    auto replayed = witness::execution_of(spec, found);
    const bool replays = static_cast<bool>(replayed);
    const witness::Story story =
        witness::tell(replays ? std::move(*replayed) : execution_of(spec, path, model, v));
    const std::string command = replays && !o_.witness.empty() ? "ringtail explain " + o_.witness : "";
    if (!o_.dot.empty()) write_file(o_.dot, witness::to_dot(story));
    if (!o_.html.empty()) write_file(o_.html, witness::to_html(story, command));
    story_ = witness::to_json(story);
    if (!o_.witness.empty() && replays) {
      witness::Script script = witness::script_of(story);
      script.spec = path;
      script.defines = o_.defines;
      script.plain_is_once = found.plain_is_once;
      script.unroll = found.unroll;
      write_file(o_.witness, witness::print(script));
    } else if (!o_.witness.empty()) {
      fmt::print(stderr, "{}: no witness file: {}\n", path, replayed.error());
    }
    return witness::to_text(story, command);
  }

  ordered_json json(const std::string& path, const lang::Spec& spec, memory::Model model,
                    const explore::Outcome& o, const lang::ModelVerdict* expected, bool as_expected) {
    ordered_json out = {
        {"spec", path},
        {"variant", fmt::format("{}", fmt::join(variant_, ","))},
        {"model", memory::name(model)},
        {"verdict", name(o.result)},
        {"class", o.violation ? ordered_json(o.violation->kind) : ordered_json()},
        {"message", o.violation ? o.violation->message : o.bound},
        {"bound", o.bound},
        {"executions", o.executions},
        {"blocked", o.blocked},
        {"witness", o.violation || o.example ? story_ : ordered_json()},
        {"expected", expected != nullptr ? ordered_json(lang::name(expected->verdict)) : ordered_json()},
        {"as_expected", as_expected}};
    if (!o.litmus) return out;
    out["observation"] = observation(*o.litmus);
    out["positive"] = o.litmus->positive;
    out["negative"] = o.litmus->negative;
    out["states"] = states_json(spec.program, *o.litmus);
    out["flags"] = o.litmus->flags;
    return out;
  }

  void text(const std::string& path, memory::Model model, const explore::Outcome& o,
            const lang::ModelVerdict* expected, bool as_expected, const std::string& told) {
    fmt::print("{}{} under {}: {}", path,
               variant_.empty() ? "" : fmt::format(" [{}]", fmt::join(variant_, ",")), memory::name(model),
               name(o.result));
    if (o.violation)
      fmt::print(" ({}): {}{}", o.violation->kind, o.violation->message,
                 o.bound.empty() ? "" : "; found with " + o.bound);
    else if (!o.bound.empty()) fmt::print(" ({})", o.bound);
    fmt::print("; {} executions, {} blocked{}{}\n", o.executions, o.blocked,
               o_.plain == "once" ? "; plain accesses taken as marked" : "",
               expected == nullptr ? ""
               : as_expected       ? "; as expected"
                                   : fmt::format("; expected {}", lang::name(expected->verdict)));
    if (!told.empty()) fmt::print("{}", told);
  }

  const Options& o_;
  std::vector<lang::Define> defines_;
  std::vector<std::string> variant_;
  ordered_json checks_ = ordered_json::array();
  ordered_json story_;
};

}  // namespace

void add_check(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  CLI::App* c = app.add_subcommand("check", "explore every execution of a spec or litmus test");
  c->add_option("SPEC", options->specs, "kernel C, litmus tests, or folders of them")->required();
  c->add_option("--model", options->model, "sc, tso, lkmm, lkmm-6.1 or all")->capture_default_str();
  c->add_option("-D", options->defines, "define a macro, NAME or NAME=VALUE; names the variant");
  c->add_option("--unroll", options->explore.unroll, "iterations of a loop; the verdict is then bounded");
  auto* random = c->add_option("--random", options->random, "look at this many random executions only")
                     ->check(CLI::PositiveNumber);
  c->add_option("--seed", options->seed, "of --random")->capture_default_str()->needs(random);
  c->add_option("--preemptions", options->preemptions,
                "look only at executions that take a CPU from a thread which could go on this many times")
      ->excludes(random);
  c->add_option("--timeout", options->explore.timeout, "seconds a check");
  c->add_option("--jobs", options->explore.jobs,
                "for scripts: the search runs in one thread whatever is given");
  c->add_option("-f", options->plain, "plain=once: take plain accesses as marked")
      ->transform(CLI::CheckedTransformer(std::map<std::string, std::string>{{"plain=once", "once"}}));
  c->add_flag("--leaks", options->explore.leaks,
              "memory that is lost, neither freed nor pointed to, is a violation");
  c->add_option("--witness", options->witness,
                "write the violating execution to this file, for ringtail explain");
  c->add_option("--dot", options->dot,
                "the same as a graph for dot(1); of a litmus test, an execution that satisfies its "
                "condition, or breaks a forall");
  c->add_option("--html", options->html, "the same as a page to step through");
  c->add_flag("--json", options->json, "one JSON document");
  c->callback([options, &status] { status = Check(*options).run(); });
}

}  // namespace ringtail::cli
