// SPDX-License-Identifier: GPL-2.0-or-later
// ringtail fuzz litmus: random litmus tests, on which the explorer and the plain enumerator must agree.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include "checker/fuzz/litmus.h"
#include "cli/commands.h"
#include "cli/specs.h"
#include "model/lang/load.h"

namespace ringtail::cli {
namespace {

using nlohmann::ordered_json;

struct Options {
  std::uint64_t cases = 1000, seed = 1;
  double minutes = 0, timeout = 10;
  std::string model = "all", corpus;
  bool json = false;
};

class Fuzz {
 public:
  explicit Fuzz(const Options& o) : o_(o), explorer_(fuzz::explorer(o.timeout)) {}

  int litmus() {
    if (o_.model == "all") models_ = {memory::Model::sc, memory::Model::tso, memory::Model::lkmm};
    else if (const auto m = memory::model_named(o_.model)) models_ = {*m};
    else return fmt::print(stderr, "ringtail fuzz: there is no memory model '{}'\n", o_.model), kBadInput;
    if (!o_.corpus.empty() && !std::filesystem::is_directory(o_.corpus))
      return fmt::print(stderr, "{}: error: there is no such folder\n", o_.corpus), kBadInput;
    // What was found once comes first.
    if (!o_.corpus.empty())
      for (const std::string& path : spec_files({o_.corpus}))
        if (path.ends_with(".litmus") && !again(path)) return kBadInput;
    const auto start = std::chrono::steady_clock::now();
    const auto minutes = [&] {
      return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / 60;
    };
    std::uint64_t done = 0;
    for (; done < o_.cases && (o_.minutes <= 0 || minutes() < o_.minutes); ++done) {
      // case n of seed s is case n + 1 of seed s - 1: --seed S --cases 1 runs one again
      const std::uint64_t number = o_.seed + done;
      if (const auto found = fuzz::try_case(number, models_, explorer_, judged_)) report(number, *found);
      if (isatty(STDERR_FILENO) != 0 && done % 20 == 0)
        fmt::print(stderr, "\r{} cases, {:.1f} minutes", done + 1, minutes());
    }
    if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\n");
    if (o_.json)
      fmt::print("{}\n", ordered_json{{"fuzz", "litmus"},
                                      {"seed", o_.seed},
                                      {"cases", done},
                                      {"corpus", corpus_},
                                      {"judged", judged_},
                                      {"disagreements", found_},
                                      {"verdict", found_.empty() ? "agree" : "disagree"}}
                             .dump(2));
    else
      fmt::print(
          "{} random tests from seed {} and {} of the corpus under {}: {} answers compared, {} "
          "disagreements\n",
          done, o_.seed, corpus_, o_.model, judged_, found_.size());
    return found_.empty() ? kHolds : kViolation;
  }

 private:
  bool again(const std::string& path) {
    const auto spec = lang::load_file(path, {});
    if (!spec) return fmt::print(stderr, "{}", spec.error().text), false;
    ++corpus_;
    for (const memory::Model model : models_) {
      const fuzz::Comparison c = fuzz::compare(spec->program, model, explorer_, true);
      judged_ += c.judged;
      if (c.difference.empty()) continue;
      found_.push_back({{"file", path}, {"model", memory::name(model)}, {"what", c.difference}});
      if (!o_.json) fmt::print("{} under {}: {}\n", path, memory::name(model), c.difference);
    }
    return true;
  }

  void report(std::uint64_t number, const fuzz::Disagreement& d) {
    ordered_json one = {
        {"seed", number}, {"model", memory::name(d.model)}, {"what", d.what}, {"test", d.test}};
    if (!o_.corpus.empty()) {
      const std::string path = fmt::format("{}/fuzz-{}-{}.litmus", o_.corpus, memory::name(d.model), number);
      std::ofstream(path, std::ios::binary) << d.test;
      one["file"] = path;
    }
    found_.push_back(std::move(one));
    if (o_.json) return;
    fmt::print("seed {} under {}: {}\n\n{}\nagain: ringtail fuzz litmus --seed {} --cases 1 --model {}\n\n",
               number, memory::name(d.model), d.what, d.test, number, memory::name(d.model));
  }

  const Options& o_;
  const fuzz::Explorer explorer_;
  std::vector<memory::Model> models_;
  std::uint64_t judged_ = 0, corpus_ = 0;
  ordered_json found_ = ordered_json::array();
};

}  // namespace

void add_fuzz(CLI::App& app, int& status) {
  auto o = std::make_shared<Options>();
  CLI::App* c = app.add_subcommand("fuzz", "search at random for what must not be, and shrink it");
  c->require_subcommand(1);
  CLI::App* litmus = c->add_subcommand(
      "litmus", "random litmus tests, on which explorer, solver and a plain enumerator must agree");
  litmus->add_option("--cases", o->cases, "how many")->capture_default_str();
  litmus->add_option("--minutes", o->minutes, "stop after this time, if there are cases left");
  litmus->add_option("--seed", o->seed, "of the first case; the others follow")->capture_default_str();
  litmus->add_option("--model", o->model, "sc, tso, lkmm, lkmm-6.1 or all (the first three)")
      ->capture_default_str();
  litmus->add_option("--timeout", o->timeout, "seconds a test; what takes longer is not compared")
      ->capture_default_str();
  litmus->add_option("--corpus", o->corpus, "folder of tests to run first, and to write to what is found");
  litmus->add_flag("--json", o->json, "one JSON document");
  litmus->callback([o, &status] { status = Fuzz(*o).litmus(); });
}

}  // namespace ringtail::cli
