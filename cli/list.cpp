// SPDX-License-Identifier: GPL-2.0-or-later
// ringtail list: the specs, the upstream bugs that they find, the memory models, the kernels and the system
// calls that the model knows.
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include <fmt/format.h>

#include "cli/bugs.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/specs.h"
#include "model/kernel/call.h"
#include "model/kernel/profile.h"
#include "model/lang/load.h"

namespace ringtail::cli {
namespace {

using nlohmann::ordered_json;

struct Options {
  std::string what = "specs";
  std::vector<std::string> paths;
  double timeout = 60;
  unsigned jobs = 1;
  bool quick = false, json = false;
};

// A table whose columns are as wide as their widest cell; the last one ends where it ends.
void print_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> width;
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i == width.size()) width.push_back(0);
      width[i] = std::max(width[i], row[i].size());
    }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += i + 1 == row.size() ? row[i] : fmt::format("{:<{}}  ", row[i], width[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    fmt::print("{}\n", line);
  }
}

std::string variant_name(const std::vector<std::string>& variant) {
  return fmt::format("{}", fmt::join(variant, ","));
}

// The project's specs: of the current folder, or of the checkout that this binary was built in.
std::string own_specs() {
  namespace fs = std::filesystem;
  const std::string here = "specs";
  std::error_code none;
  if (fs::exists(here, none)) return here;
  for (fs::path at = fs::read_symlink("/proc/self/exe", none); at.has_relative_path(); at = at.parent_path())
    if (fs::exists(at / here / "include" / "ringtail.h", none)) return (at / here).string();
  return here;
}

class List {
 public:
  explicit List(const Options& o) : o_(o) {}

  int run() {
    if (o_.what == "models") return models();
    if (o_.what == "kernels") return kernels();
    if (o_.what == "calls") return calls();
    if (!load()) return status_;
    return o_.what == "bugs" ? bugs() : specs();
  }

 private:
  struct Loaded {
    std::string path;
    lang::Annotations annotations;
  };

  bool load() {
    const std::vector<std::string> paths = o_.paths.empty() ? std::vector{own_specs()} : o_.paths;
    const std::vector<std::string> files = spec_files(paths);
    for (const std::string& path : files) {
      if (std::filesystem::path(path).extension() != ".c") continue;
      auto spec = lang::load_file(path, {});
      if (spec) loaded_.push_back({path, std::move(spec->annotations)});
      else fmt::print(stderr, "{}", spec.error().text), status_ = kBadInput;
    }
    if (!loaded_.empty()) return true;
    fmt::print(stderr, "ringtail list: no specs in {}\n", fmt::join(paths, ", "));
    status_ = kBadInput;
    return false;
  }

  int bugs() {
    std::vector<BugRow> rows;
    for (const Loaded& l : loaded_) {
      // The examples and the proofs show some of the bugs again.
      const auto in = [&](const char* folder) { return l.path.find(folder) != std::string::npos; };
      if (o_.paths.empty() && (in("/examples/") || in("/proofs/"))) continue;
      for (BugRow& row : bugs_of(l.path, l.annotations)) rows.push_back(std::move(row));
    }
    const auto key = [](const BugRow& r) {  // AIO-9 before AIO-10
      const std::size_t dash = r.bug.id.find('-');
      return std::tuple(r.bug.id.substr(0, dash), r.bug.id.size(), r.bug.id, r.spec, r.bug.variant);
    };
    std::stable_sort(rows.begin(), rows.end(),
                     [&](const BugRow& a, const BugRow& b) { return key(a) < key(b); });
    if (!o_.quick) explore_all(rows);
    for (BugRow& row : rows) {
      if (o_.quick) continue;
      for (const BugCheck& c : row.checks)
        if (!c.as_expected && status_ != kBadInput)
          status_ = c.verdict == "timeout" || c.verdict == "bounded" ? std::max<int>(status_, kInconclusive)
                                                                     : kViolation;
    }
    if (o_.json) {
      ordered_json all = ordered_json::array();
      for (const BugRow& row : rows) all.push_back(json(row));
      fmt::print("{}\n", ordered_json{{"bugs", all}}.dump(2));
      return status_;
    }
    std::vector<std::vector<std::string>> table = {{"id", "commit", "kernel", "class", "shown by", "sc",
                                                    "tso", "lkmm", "executions", "seed", "subject"}};
    for (const BugRow& row : rows) {
      std::vector<std::string> line = {row.bug.id, dash(row.bug.commit.substr(0, 12)), dash(row.bug.kernel),
                                       dash(class_of(row)), shown_by(row)};
      for (const memory::Model m : {memory::Model::sc, memory::Model::tso, memory::Model::lkmm})
        line.push_back(cell(row, m));
      line.push_back(o_.quick ? "-" : std::to_string(row.executions()));
      line.push_back(dash(row.seed.substr(0, row.seed.find_first_of(" ;:,"))));
      line.push_back(row.bug.text);
      table.push_back(std::move(line));
    }
    print_table(table);
    fmt::print(
        "\n{} {}. A cell is the verdict with the bug / without it; a bug is shown by the strongest model "
        "under which it is found.\n",
        rows.size(), rows.size() == 1 ? "bug" : "bugs");
    return status_;
  }

  void explore_all(std::vector<BugRow>& rows) {
    std::atomic<std::size_t> next = 0;
    std::atomic<bool> bad = false;
    std::vector<std::jthread> threads;
    for (unsigned t = 0; t < o_.jobs; ++t)
      threads.emplace_back([&] {
        for (std::size_t i; (i = next++) < rows.size();)
          if (!explore_bug(rows[i], o_.timeout)) bad = true;
      });
    threads.clear();
    if (bad) status_ = kBadInput;
  }

  static std::string dash(const std::string& s) { return s.empty() ? "-" : s; }
  static std::string class_of(const BugRow& row) {
    const BugCheck* c = row.shown();
    return c == nullptr ? "" : c->violation;
  }
  static std::string shown_by(const BugRow& row) {
    const BugCheck* c = row.shown();
    return c == nullptr ? "-" : std::string(memory::name(c->model));
  }
  static std::string cell(const BugRow& row, memory::Model m) {
    std::string with = "-", without = "-";
    for (const BugCheck& c : row.checks)
      if (c.model == m) (c.buggy ? with : without) = c.verdict + (c.as_expected ? "" : "!");
    return with + " / " + without;
  }

  static ordered_json json(const BugRow& row) {
    ordered_json checks = ordered_json::array();
    for (const BugCheck& c : row.checks)
      checks.push_back({{"variant", variant_name(c.buggy ? row.bug.variant : row.fixed)},
                        {"buggy", c.buggy},
                        {"model", memory::name(c.model)},
                        {"verdict", c.verdict},
                        {"class", c.violation.empty() ? ordered_json() : ordered_json(c.violation)},
                        {"expected", c.expected},
                        {"as_expected", c.as_expected},
                        {"executions", c.executions},
                        {"blocked", c.blocked}});
    const auto text = [](const std::string& s) { return s.empty() ? ordered_json() : ordered_json(s); };
    return {{"id", row.bug.id},
            {"subject", row.bug.text},
            {"commit", text(row.bug.commit)},
            {"kernel", text(row.bug.kernel)},
            {"class", text(class_of(row))},
            {"model", row.shown() == nullptr ? ordered_json() : ordered_json(shown_by(row))},
            {"seed", text(row.seed)},
            {"spec", row.spec},
            {"variant", variant_name(row.bug.variant)},
            {"fixed_variant", row.has_fixed ? ordered_json(variant_name(row.fixed)) : ordered_json()},
            {"executions", row.executions()},
            {"checks", checks}};
  }

  int specs() {
    ordered_json all = ordered_json::array();
    std::vector<std::vector<std::string>> table = {{"spec", "variant", "expected", "title"}};
    for (const Loaded& l : loaded_) {
      ordered_json expects = ordered_json::array();
      bool first = true;
      for (const Wanted& w : wanted_checks(l.annotations)) {
        ordered_json verdicts = ordered_json::object();
        std::vector<std::string> words;
        for (const memory::Model m : w.models) {
          const lang::ModelVerdict* v = lang::find_expectation(l.annotations, w.variant, memory::name(m));
          const std::string word =
              std::string(lang::name(v->verdict)) + (v->violation.empty() ? "" : " (" + v->violation + ")");
          verdicts[std::string(memory::name(m))] = word;
          words.push_back(fmt::format("{}: {}", memory::name(m), word));
        }
        expects.push_back({{"variant", variant_name(w.variant)}, {"verdicts", verdicts}});
        table.push_back({first ? l.path : "", dash(variant_name(w.variant)),
                         fmt::format("{}", fmt::join(words, ", ")), first ? l.annotations.title : ""});
        first = false;
      }
      ordered_json ids = ordered_json::array();
      for (const lang::Bug& b : l.annotations.bugs)
        if (!b.id.empty()) ids.push_back(b.id);
      all.push_back({{"spec", l.path},
                     {"title", l.annotations.title},
                     {"sources", l.annotations.sources},
                     {"bugs", ids},
                     {"seed", l.annotations.seed},
                     {"expects", expects}});
    }
    if (o_.json) fmt::print("{}\n", ordered_json{{"specs", all}}.dump(2));
    else print_table(table);
    return status_;
  }

  int models() const {
    const std::pair<memory::Model, const char*> rows[] = {
        {memory::Model::sc, "one step after the other"},
        {memory::Model::tso, "x86: stores wait in a buffer, later loads overtake them"},
        {memory::Model::lkmm, "what the kernel promises on every architecture, as it is today"},
        {memory::Model::lkmm_6_1, "the same as Linux 6.1 had it"}};
    ordered_json all = ordered_json::array();
    std::vector<std::vector<std::string>> table = {{"model", "what it is"}};
    for (const auto& [m, text] : rows) {
      all.push_back({{"model", memory::name(m)}, {"text", text}});
      table.push_back({std::string(memory::name(m)), text});
    }
    if (o_.json) fmt::print("{}\n", ordered_json{{"models", all}}.dump(2));
    else print_table(table);
    return kHolds;
  }

  int kernels() const {
    const std::string oldest = kernel::to_string(kernel::kOldest),
                      newest = kernel::to_string(kernel::kNewest);
    if (o_.json)
      fmt::print("{}\n", ordered_json{{"kernels", {{"oldest", oldest}, {"newest", newest}}}}.dump(2));
    else
      fmt::print(
          "every Linux from {} (move_pages) to {} (the newest whose sources were read); a rule of the model "
          "says\nbetween which of them it holds. --kernel names one, else the capture does.\n",
          oldest, newest);
    return kHolds;
  }

  int calls() const {
    ordered_json all = ordered_json::array();
    std::vector<std::vector<std::string>> table = {{"call", "family"}};
    for (int i = 0; i < static_cast<int>(kernel::Sys::other); ++i) {
      const auto sys = static_cast<kernel::Sys>(i);
      const std::string name(kernel::name_of(sys)), family(kernel::name_of(kernel::family_of(sys)));
      all.push_back({{"call", name}, {"family", family}});
      table.push_back({name, family});
    }
    if (o_.json) fmt::print("{}\n", ordered_json{{"calls", all}}.dump(2));
    else print_table(table);
    return kHolds;
  }

  const Options& o_;
  std::vector<Loaded> loaded_;
  int status_ = kHolds;
};

}  // namespace

void add_list(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  CLI::App* c = app.add_subcommand("list", "what there is: specs, bugs, kernels, models, calls");
  c->add_option("WHAT", options->what, "specs, bugs, kernels, models or calls")
      ->check(CLI::IsMember({"specs", "bugs", "kernels", "models", "calls"}))
      ->capture_default_str();
  c->add_option("SPEC", options->paths, "of specs and bugs: where they are; the project's unless given");
  c->add_option("--timeout", options->timeout, "of bugs: seconds a check")
      ->capture_default_str()
      ->check(no_time);
  c->add_option("--jobs", options->jobs, "of bugs: as many of them side by side")
      ->check(CLI::Range(1u, 256u));
  c->add_flag("--quick", options->quick, "of bugs: what the specs expect; nothing is explored");
  c->add_flag("--json", options->json, "one JSON document");
  c->callback([options, &status] { status = List(*options).run(); });
}

}  // namespace ringtail::cli
