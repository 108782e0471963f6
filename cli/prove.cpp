// SPDX-License-Identifier: GPL-2.0-or-later
// ringtail prove: the PROOF harnesses of specs, for all inputs.
#include "checker/prove/prove.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "checker/prove/invariant.h"
#include "checker/prove/litmus.h"
#include "checker/prove/threads.h"
#include "checker/witness/json.h"
#include "checker/witness/render.h"
#include "checker/witness/replay.h"
#include "checker/witness/story.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/specs.h"
#include "cli/tell.h"

namespace ringtail::cli {
namespace {

using nlohmann::ordered_json;

struct Options {
  std::vector<std::string> specs, defines;
  std::string model = "lkmm", witness, dot, html;
  prove::Options prove;
  bool json = false;
};

std::string value(const prove::Chosen& c) {
  return c.is_signed ? std::to_string(c.value) : std::to_string(static_cast<std::uint64_t>(c.value));
}

// Bad input outweighs a violation, a violation what could not be decided.
int worse(int a, int b) {
  const auto rank = [](int x) { return x == kHolds ? 0 : x == kInconclusive ? 1 : x == kViolation ? 2 : 3; };
  return rank(a) < rank(b) ? b : a;
}

class Prove {
 public:
  explicit Prove(const Options& o) : o_(o) {}

  int run() {
    if (o_.model == "all") models_ = {memory::Model::sc, memory::Model::tso, memory::Model::lkmm};
    else if (const auto m = memory::model_named(o_.model)) models_ = {*m};
    else return fmt::print(stderr, "ringtail prove: there is no memory model '{}'\n", o_.model), kBadInput;
    const std::vector<std::string> files = spec_files(o_.specs);
    if (files.empty()) return fmt::print(stderr, "ringtail prove: no specs there\n"), kBadInput;
    int status = kHolds;
    for (const std::string& path : files) {
      const bool named = std::find(o_.specs.begin(), o_.specs.end(), path) != o_.specs.end();
      const auto spec = load(path, o_.defines);
      if (!spec) {
        status = worse(status, kBadInput);
        continue;
      }
      if (spec->program.litmus) {
        status = worse(status, litmus(path, *spec));
        continue;
      }
      if (spec->program.proofs.empty() && prove::invariant_locks(spec->program).empty()) {
        if (!named) continue;  // a folder's threads are for check
      }
      const std::vector<Wanted> wanted =
          o_.defines.empty() ? wanted_checks(spec->annotations) : std::vector<Wanted>();
      brief_ = files.size() > 1 || wanted.size() > 1;
      if (wanted.empty()) status = worse(status, all_of(path, *spec, o_.defines));
      for (const Wanted& w : wanted)
        if (const auto variant = load(path, w.variant))
          status = worse(status, all_of(path, *variant, w.variant));
        else status = worse(status, kBadInput);
    }
    if (o_.json) fmt::print("{}\n", ordered_json{{"checks", checks_}}.dump(2));
    return status;
  }

 private:
  static std::optional<lang::Spec> load(const std::string& path, const std::vector<std::string>& defines) {
    std::vector<lang::Define> given;
    for (const std::string& d : defines) given.push_back(define_of(d));
    auto spec = lang::load_file(path, given);
    if (spec) return std::move(*spec);
    fmt::print(stderr, "{}", spec.error().text);
    return std::nullopt;
  }

  // The last lines of what herd7 says; without counts, since no execution is looked at.
  int litmus(const std::string& path, const lang::Spec& spec) {
    const ir::Litmus& test = *spec.program.litmus;
    int status = kHolds;
    for (const memory::Model model : models_) {
      const auto start = std::chrono::steady_clock::now();
      const prove::LitmusVerdict v = prove::solve_litmus(spec.program, model, o_.prove);
      const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      const bool solved = v.result == explore::Result::safe;
      const bool ok = test.quantifier == ir::Quantifier::exists       ? v.positive
                      : test.quantifier == ir::Quantifier::not_exists ? !v.positive
                                                                      : !v.negative;
      status = worse(status, !solved                                           ? kInconclusive
                             : ok || test.quantifier == ir::Quantifier::exists ? kHolds
                                                                               : kViolation);
      if (o_.json) {
        checks_.push_back({{"spec", path},
                           {"variant", ""},
                           {"model", memory::name(model)},
                           {"verdict", verdict_name(v.result)},
                           {"class", nullptr},
                           {"message", v.bound},
                           {"bound", v.bound},
                           {"observation", solved ? ordered_json(v.observation()) : ordered_json()}});
        continue;
      }
      fmt::print(stderr, "Time {} {:.2f}\n", test.name, seconds);
      if (solved)
        fmt::print("Test {} under {}\n{}\nObservation {} {}\n\n", test.name, memory::name(model),
                   ok ? "Ok" : "No", test.name, v.observation());
      else
        fmt::print("Test {} under {}: {} ({})\n\n", test.name, memory::name(model), verdict_name(v.result),
                   v.bound);
    }
    return status;
  }

  // What a spec says of itself is about all its proofs together.
  int all_of(const std::string& path, const lang::Spec& spec, const std::vector<std::string>& defines) {
    defines_ = defines;
    variant_.clear();
    for (const std::string& d : defines) variant_.push_back(d.substr(0, d.find('=')));
    std::sort(variant_.begin(), variant_.end());
    if (spec.program.proofs.empty() && prove::invariant_locks(spec.program).empty()) {
      int status = kHolds;
      for (const memory::Model model : models_) status = worse(status, settle(path, spec, model));
      return status;
    }
    return settle(path, spec, std::nullopt);
  }

  // Under a model: the threads; without: what needs none.
  int settle(const std::string& path, const lang::Spec& spec, std::optional<memory::Model> model) {
    model_ = model;
    const lang::ModelVerdict* expected =
        lang::find_expectation(spec.annotations, variant_, memory::name(model.value_or(memory::Model::sc)));
    std::vector<prove::Outcome> outcomes;
    const auto timed = [&](auto prove_it) {
      const auto start = std::chrono::steady_clock::now();
      outcomes.push_back(prove_it());
      const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      if (!o_.json) fmt::print(stderr, "Time {} {:.2f}\n", outcomes.back().name, seconds);
    };
    if (model) timed([&] { return prove::prove_threads(spec, *model, o_.prove); });
    const std::size_t proofs = spec.program.proofs.size();
    for (std::size_t i = 0; i < proofs; ++i) timed([&] { return prove::prove(spec, i, o_.prove); });
    for (const std::uint64_t lock : prove::invariant_locks(spec.program))
      timed([&] { return prove::prove_under(spec, lock, o_.prove); });
    const auto worst = std::max_element(outcomes.begin(), outcomes.end(), [](const auto& a, const auto& b) {
      const auto rank = [](explore::Result r) {
        return r == explore::Result::safe ? 0 : r == explore::Result::violation ? 2 : 1;
      };
      return rank(a.result) < rank(b.result);
    });
    const bool kind = expected == nullptr || expected->violation.empty() ||
                      std::any_of(outcomes.begin(), outcomes.end(),
                                  [&](const prove::Outcome& o) { return o.kind == expected->violation; });
    const bool as_expected =
        expected == nullptr || (lang::name(expected->verdict) == verdict_name(worst->result) &&
                                (worst->result != explore::Result::violation || kind));
    for (std::size_t i = 0; i < outcomes.size(); ++i) one(path, spec, i, outcomes[i], expected, as_expected);
    const bool settled =
        worst->result == explore::Result::violation || worst->result == explore::Result::safe;
    if (expected != nullptr) return as_expected ? kHolds : settled ? kViolation : kInconclusive;
    return worst->result == explore::Result::violation ? kViolation : settled ? kHolds : kInconclusive;
  }

  void one(const std::string& path, const lang::Spec& spec, std::size_t i, const prove::Outcome& o,
           const lang::ModelVerdict* expected, bool as_expected) {
    ordered_json story;
    std::string told;
    if (o.execution) told = tell(path, spec, i, o, story);
    if (o_.json) {
      ordered_json inputs = ordered_json::array();
      for (const prove::Chosen& c : o.inputs)
        inputs.push_back({{"name", c.name},
                          {"at", c.at.file.empty() ? "" : fmt::format("{}:{}", c.at.file, c.at.line)},
                          {"value", value(c)}});
      checks_.push_back(
          {{"spec", path},
           {"variant", fmt::format("{}", fmt::join(variant_, ","))},
           {"model", memory::name(model_.value_or(memory::Model::sc))},
           {"proof", o.name},
           {"verdict", verdict_name(o.result)},
           {"class", o.kind.empty() ? ordered_json() : ordered_json(o.kind)},
           {"message", o.kind.empty() ? o.bound : o.message},
           {"bound", o.bound},
           {"goals", o.goals},
           {"executions", 0},
           {"blocked", 0},
           {"inputs", inputs},
           {"witness", story},
           {"expected", expected != nullptr ? ordered_json(lang::name(expected->verdict)) : ordered_json()},
           {"as_expected", as_expected}});
      return;
    }
    fmt::print("{}{} {}: {}", path, variant_.empty() ? "" : fmt::format(" [{}]", fmt::join(variant_, ",")),
               o.name, verdict_name(o.result));
    if (!o.kind.empty()) fmt::print(" ({}): {}", o.kind, o.message);
    else if (!o.bound.empty()) fmt::print(" ({})", o.bound);
    fmt::print("; {} goals{}\n", o.goals,
               expected == nullptr ? ""
               : as_expected       ? "; as expected"
                                   : fmt::format("; expected {}", lang::name(expected->verdict)));
    if (brief_ && expected != nullptr && as_expected) return;
    if (!o.inputs.empty()) fmt::print("\n  {}\n", o.kind.empty() ? "from the state" : "inputs");
    for (const prove::Chosen& c : o.inputs)
      if (c.at.file.empty()) fmt::print("    {} = {}\n", c.name, value(c));
      else
        fmt::print("    {} = {}  ({}:{})\n", c.name.empty() ? "choose()" : c.name, value(c), c.at.file,
                   c.at.line);
    if (!told.empty()) fmt::print("\n{}", told);
  }

  std::string tell(const std::string& path, const lang::Spec& spec, std::size_t i, const prove::Outcome& o,
                   ordered_json& json) {
    const witness::Story story = witness::tell(*o.execution);
    json = witness::to_json(story);
    if (!o_.dot.empty()) write_text(o_.dot, witness::to_dot(story));
    if (!model_ &&
        i >= spec.program.proofs.size()) {  // threads that run more than once are no program to explain
      if (!o_.html.empty()) write_text(o_.html, witness::to_html(story, ""));
      if (!o_.witness.empty()) fmt::print(stderr, "{}: no witness file of an invariant\n", path);
      return witness::to_text(story, "");
    }
    witness::Script script = witness::script_of(story);
    script.spec = path;
    script.defines = defines_;
    script.unroll = o_.prove.unroll;
    if (!model_) script.proof = o.name;
    const auto replayed = witness::replay(model_ ? spec : prove::spec_of(spec, i), script);
    const std::string command = replayed && !o_.witness.empty() ? "ringtail explain " + o_.witness : "";
    if (!o_.html.empty()) write_text(o_.html, witness::to_html(story, command));
    if (!o_.witness.empty() && replayed) write_text(o_.witness, witness::print(script));
    else if (!o_.witness.empty()) fmt::print(stderr, "{}: no witness file: {}\n", path, replayed.error());
    return witness::to_text(story, command);
  }

  const Options& o_;
  std::vector<std::string> defines_, variant_;
  std::vector<memory::Model> models_;
  std::optional<memory::Model> model_;  // of threads
  bool brief_ = false;
  ordered_json checks_ = ordered_json::array();
};

}  // namespace

void add_prove(CLI::App& app, int& status) {
  auto o = std::make_shared<Options>();
  CLI::App* c = app.add_subcommand(
      "prove",
      "prove a spec's PROOFs for all inputs, and what it says of its locks for any number of threads");
  c->add_option("SPEC", o->specs, "kernel C, litmus tests, or folders of them")->required();
  c->add_option("--model", o->model, "of litmus tests and threads: sc, tso, lkmm or all")
      ->capture_default_str();
  c->add_option("-D", o->defines, "define a macro, NAME or NAME=VALUE; names the variant")
      ->allow_extra_args(false);
  c->add_option(
      "--unroll", o->prove.unroll,
      "iterations of a loop; the verdict is then bounded if one can go on (64 where an input decides)");
  c->add_option("--timeout", o->prove.timeout, "seconds a proof")->check(no_time);
  c->add_option("--witness", o->witness, "write the violating run to this file, for ringtail explain")
      ->check(no_file);
  c->add_option("--dot", o->dot, "the same as a graph for dot(1)")->check(no_file);
  c->add_option("--html", o->html, "the same as a page to step through")->check(no_file);
  c->add_flag("--json", o->json, "one JSON document");
  c->callback([o, &status] { status = Prove(*o).run(); });
}

}  // namespace ringtail::cli
