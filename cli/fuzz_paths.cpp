// SPDX-License-Identifier: GPL-2.0-or-later
// ringtail fuzz paths: random compositions of the path model's operations, in which no interleaving may break
// an invariant.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "checker/fuzz/paths.h"
#include "cli/commands.h"
#include "cli/fuzz.h"
#include "cli/output.h"
#include "replay/hunt/headers.h"
#include "replay/hunt/path_bugs.h"

namespace ringtail::cli {
namespace {

using nlohmann::ordered_json;

struct Options : FuzzOptions {
  double timeout = 5;
  std::string model = "tso";
  std::vector<std::string> bugs;
};

std::optional<lang::Include> find_header(const std::string& wanted, bool, const std::string& from) {
  const std::string name = (std::filesystem::path(from).parent_path() / wanted).lexically_normal().string();
  for (const hunt::Header& h : hunt::headers())
    if (h.name == name) return lang::Include{name, std::string(h.text)};
  return std::nullopt;
}

class Paths {
 public:
  explicit Paths(const Options& o) : o_(o) {}

  int run() {
    search_.find = find_header;
    search_.explorer = fuzz::explorer(o_.timeout);
    if (o_.model == "all") search_.models = {memory::Model::sc, memory::Model::tso, memory::Model::lkmm};
    else if (const auto m = memory::model_named(o_.model)) search_.models = {*m};
    else return fmt::print(stderr, "ringtail fuzz: there is no memory model '{}'\n", o_.model), kBadInput;
    if (!define()) return kBadInput;
    std::vector<std::string> files;
    if (!corpus_files(o_, ".c", files)) return kBadInput;
    for (const std::string& path : files)
      if (!again(path)) return kBadInput;
    Cases cases(o_);
    for (std::uint64_t number = 0; cases.next(number);) {
      asked_ += search_.models.size();
      if (const auto found = fuzz::try_paths(number, search_, finished_)) report(number, *found);
    }
    return say(cases.done());
  }

 private:
  // The kernel of today, but for what was asked for.
  bool define() {
    for (const std::string& bug : o_.bugs) {
      const auto is = [&](const hunt::PathBug& b) { return !b.id.empty() && b.id == bug; };
      if (std::none_of(hunt::path_bugs().begin(), hunt::path_bugs().end(), is))
        return fmt::print(stderr, "ringtail fuzz: no path has the bug '{}'\n", bug), false;
    }
    for (const hunt::PathBug& b : hunt::path_bugs())
      if (b.defines(!b.id.empty() && std::find(o_.bugs.begin(), o_.bugs.end(), b.id) != o_.bugs.end()))
        search_.defines += fmt::format("#define {}\n", b.macro);
    return true;
  }

  // As it was written down: a file that the front end does not take is no finding.
  bool again(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    ++corpus_;
    asked_ += search_.models.size();
    const auto found = fuzz::look(std::string(std::istreambuf_iterator<char>(in), {}), search_, finished_);
    if (!found) return true;
    if (found->kind == "error") return fmt::print(stderr, "{}: {}", path, found->message), false;
    found_.push_back({{"file", path},
                      {"model", memory::name(found->model)},
                      {"class", found->kind},
                      {"message", found->message}});
    if (!o_.json)
      fmt::print("{} under {}: {}: {}\n", path, memory::name(found->model), found->kind, found->message);
    return true;
  }

  void report(std::uint64_t number, const fuzz::PathViolation& v) {
    ordered_json one = {{"seed", number},       {"model", memory::name(v.model)}, {"class", v.kind},
                        {"message", v.message}, {"operations", v.steps},          {"spec", v.spec}};
    if (!o_.corpus.empty()) {
      const std::string path = fmt::format("{}/paths-{}-{}.c", o_.corpus, memory::name(v.model), number);
      if (write_text(path, v.spec)) one["file"] = path;
    }
    found_.push_back(std::move(one));
    if (o_.json) return;
    fmt::print(
        "seed {} under {}: {}: {}\n\n{}\nagain: ringtail fuzz paths --seed {} --cases 1 --model {}{}\n\n",
        number, memory::name(v.model), v.kind, v.message, v.spec, number, memory::name(v.model),
        o_.bugs.empty() ? "" : fmt::format(" --bug {}", fmt::join(o_.bugs, " --bug ")));
  }

  int say(std::uint64_t done) const {
    if (o_.json)
      fmt::print("{}\n", ordered_json{{"fuzz", "paths"},
                                      {"seed", o_.seed},
                                      {"cases", done},
                                      {"corpus", corpus_},
                                      {"explored", finished_},
                                      {"unfinished", asked_ - std::min(asked_, finished_)},
                                      {"violations", found_},
                                      {"verdict", found_.empty() ? "safe" : "violation"}}
                             .dump(2));
    else
      fmt::print(
          "{} compositions from seed {} and {} of the corpus under {}: {} explored to the end, {} "
          "violations\n",
          done, o_.seed, corpus_, o_.model, finished_, found_.size());
    if (!found_.empty()) return kViolation;
    return finished_ > 0 || asked_ == 0 ? kHolds : kInconclusive;
  }

  const Options& o_;
  fuzz::PathSearch search_;
  std::uint64_t corpus_ = 0, asked_ = 0, finished_ = 0;
  ordered_json found_ = ordered_json::array();
};

}  // namespace

void add_fuzz_paths(CLI::App& fuzz, int& status) {
  auto o = std::make_shared<Options>();
  CLI::App* c = fuzz.add_subcommand(
      "paths", "random compositions of the path model's operations, in which nothing may go wrong");
  add_fuzz_options(*c, *o);
  c->add_option("--model", o->model, "sc, tso, lkmm or all")->capture_default_str();
  c->add_option("--timeout", o->timeout,
                "seconds a composition; what takes longer is not counted as explored")
      ->capture_default_str()
      ->check(no_time);
  c->add_option("--bug", o->bugs, "of `ringtail list bugs`, that the paths shall have")
      ->allow_extra_args(false);
  c->callback([o, &status] { status = Paths(*o).run(); });
}

}  // namespace ringtail::cli
