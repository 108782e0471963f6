// SPDX-License-Identifier: GPL-2.0-or-later
// ringtail fuzz litmus: random litmus tests, on which the explorer and the plain enumerator must agree.
#include <fmt/format.h>

#include "checker/fuzz/litmus.h"
#include "cli/commands.h"
#include "cli/fuzz.h"
#include "cli/output.h"
#include "model/lang/load.h"

namespace ringtail::cli {
namespace {

using nlohmann::ordered_json;

struct Options : FuzzOptions {
  double timeout = 10;
  std::string model = "all";
};

class Litmus {
 public:
  explicit Litmus(const Options& o) : o_(o), explorer_(fuzz::explorer(o.timeout)) {}

  int run() {
    if (o_.model == "all") models_ = {memory::Model::sc, memory::Model::tso, memory::Model::lkmm};
    else if (const auto m = memory::model_named(o_.model)) models_ = {*m};
    else return fmt::print(stderr, "ringtail fuzz: there is no memory model '{}'\n", o_.model), kBadInput;
    std::vector<std::string> files;
    if (!corpus_files(o_, ".litmus", files)) return kBadInput;
    for (const std::string& path : files)
      if (!again(path)) return kBadInput;
    Cases cases(o_);
    for (std::uint64_t number = 0; cases.next(number);)
      if (const auto found = fuzz::try_case(number, models_, explorer_, judged_)) report(number, *found);
    const std::uint64_t done = cases.done();
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
    if (!found_.empty()) return kViolation;
    return judged_ > 0 || (done == 0 && corpus_ == 0) ? kHolds : kInconclusive;
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
      if (write_text(path, d.test)) one["file"] = path;
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

void add_fuzz_litmus(CLI::App& fuzz, int& status) {
  auto o = std::make_shared<Options>();
  CLI::App* c = fuzz.add_subcommand(
      "litmus", "random litmus tests, on which explorer, solver and a plain enumerator must agree");
  add_fuzz_options(*c, *o);
  c->add_option("--model", o->model, "sc, tso, lkmm, lkmm-6.1 or all (the first three)")
      ->capture_default_str();
  c->add_option("--timeout", o->timeout, "seconds a test; what takes longer is not compared")
      ->capture_default_str()
      ->check(no_time);
  c->callback([o, &status] { status = Litmus(*o).run(); });
}

}  // namespace ringtail::cli
