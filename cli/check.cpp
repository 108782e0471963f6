// SPDX-License-Identifier: GPL-2.0-or-later
// ringtail check: specs in kernel C and litmus tests, explored under a memory model.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "checker/schedule/schedule.h"
#include "cli/check_print.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/specs.h"

namespace ringtail::cli {
namespace {

// What came of one file: its checks, or why it cannot be read.
struct FileChecks {
  std::vector<std::unique_ptr<lang::Spec>> specs;
  std::vector<Checked> checks;
  std::string error;
};

std::vector<memory::Model> models_of(const CheckOptions& o, const lang::Annotations& a) {
  if (o.model.empty() && a.expectations.empty()) return {memory::Model::lkmm};
  if (o.model.empty() || o.model == "all")
    return {memory::Model::sc, memory::Model::tso, memory::Model::lkmm};
  return {*memory::model_named(o.model)};
}

// The variants to check: the one asked for, or all that the spec expects something of. A file for the witness
// holds one execution: the plain spec's.
std::vector<std::vector<std::string>> variants_of(const CheckOptions& o, const lang::Annotations& a) {
  const bool file = !o.witness.empty() || !o.dot.empty() || !o.html.empty();
  if (!o.defines.empty() || a.expectations.empty() || file) return {o.defines};
  std::vector<std::vector<std::string>> out;
  for (const lang::Expectation& e : a.expectations)
    if (std::find(out.begin(), out.end(), e.variant) == out.end()) out.push_back(e.variant);
  return out;
}

FileChecks check_file(const std::string& path, const CheckOptions& o, explore::Spare& spare) {
  FileChecks out;
  const auto load_with = [&](const std::vector<std::string>& names, const std::vector<std::string>& more) {
    std::vector<lang::Define> defines;
    for (const std::string& d : names) defines.push_back(define_of(d));
    for (const std::string& d : more) defines.push_back(define_of(d));
    return lang::load_file(path, defines);
  };
  const auto load = [&](const std::vector<std::string>& names) -> const lang::Spec* {
    auto spec = load_with(names, {});
    if (!spec) return out.error = spec.error().text, nullptr;
    return out.specs.emplace_back(std::make_unique<lang::Spec>(std::move(*spec))).get();
  };
  const lang::Spec* spec = load(o.defines);
  if (spec == nullptr) return out;
  if (spec->program.threads.empty() && !spec->program.litmus) {  // a folder may hold such specs too
    if (std::find(o.specs.begin(), o.specs.end(), path) != o.specs.end())
      out.error = path + ": error: there is no THREAD in it; ringtail prove takes its PROOFs\n";
    return out;
  }
  const bool all = o.defines.empty() && o.model.empty();
  std::vector<std::string> loaded = o.defines;
  for (const std::vector<std::string>& defines : variants_of(o, spec->annotations)) {
    if (defines != loaded) spec = load(loaded = defines);
    if (spec == nullptr) return out;
    Checked c{path, defines, {}, spec, {}, {}, 0};
    for (const std::string& d : defines) c.variant.push_back(d.substr(0, d.find('=')));
    std::sort(c.variant.begin(), c.variant.end());
    for (const memory::Model model : models_of(o, spec->annotations)) {
      c.model = model;
      if (all && !spec->annotations.expectations.empty() && c.expected() == nullptr) continue;
      explore::Options options = o.explore;
      options.model = model;
      options.plain_is_once = o.plain == "once";
      options.spare = &spare;
      const auto start = std::chrono::steady_clock::now();
      if (o.refines) {
        c.refines = refines(
            *spec, [&](const auto& macros) { return load_with(loaded, macros); }, options);
        if (!c.refines->error.empty()) {
          out.error = fmt::format("{}: error: {}\n", path, c.refines->error);
          return out;
        }
        c.outcome = std::move(c.refines->outcome);
      } else {
        c.outcome = o.random > 0    ? schedule::random_executions(spec->program, options, {o.random, o.seed})
                    : o.preemptions ? schedule::preemption_bounded(spec->program, options, *o.preemptions)
                                    : explore::explore(spec->program, options);
      }
      c.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      out.checks.push_back(c);
    }
  }
  return out;
}

// Calls check(i) for all i in several threads and print(result) in order, as results come.
void in_order(std::size_t n, unsigned jobs, explore::Spare& spare,
              const std::function<FileChecks(std::size_t)>& check,
              const std::function<void(const FileChecks&)>& print) {
  if (jobs == 1) {
    for (std::size_t i = 0; i < n; ++i) print(check(i));
    return;
  }
  std::mutex mutex;
  std::condition_variable more;
  std::vector<std::optional<FileChecks>> results(n);
  std::atomic<std::size_t> next = 0;
  std::vector<std::jthread> threads;
  for (std::size_t t = 0; t < std::min<std::size_t>(jobs, n); ++t)
    threads.emplace_back([&] {
      for (std::size_t i; (i = next++) < n;) {
        FileChecks result = check(i);
        const std::lock_guard lock(mutex);
        results[i] = std::move(result);
        more.notify_one();
      }
      spare.give();  // to the searches that still go on
    });
  for (std::size_t i = 0; i < n; ++i) {
    std::unique_lock lock(mutex);
    more.wait(lock, [&] { return results[i].has_value(); });
    const FileChecks result = std::move(*results[i]);
    results[i].emplace();
    lock.unlock();
    print(result);
  }
}

int run(const CheckOptions& o) {
  if (!o.model.empty() && o.model != "all" && !memory::model_named(o.model))
    return fmt::print(stderr, "ringtail check: there is no memory model '{}'\n", o.model), kBadInput;
  const std::vector<std::string> files = spec_files(o.specs);
  if (files.empty()) return fmt::print(stderr, "ringtail check: no specs there\n"), kBadInput;
  nlohmann::ordered_json checks = nlohmann::ordered_json::array();
  int status = kHolds;
  // bad input outweighs a violation, a violation what could not be decided
  const auto worse = [&](int s) {
    const auto rank = [](int x) {
      return x == kHolds ? 0 : x == kInconclusive ? 1 : x == kViolation ? 2 : 3;
    };
    if (rank(s) > rank(status)) status = s;
  };
  const unsigned runners = static_cast<unsigned>(std::min<std::size_t>(o.jobs, files.size()));
  explore::Spare spare(static_cast<int>(o.jobs - runners));
  in_order(
      files.size(), runners, spare, [&](std::size_t i) { return check_file(files[i], o, spare); },
      [&](const FileChecks& file) {
        for (const Checked& c : file.checks) {
          print(c, o, files.size() > 1, checks);
          worse(c.status());
        }
        if (file.error.empty()) return;
        fmt::print(stderr, "{}", file.error);
        worse(kBadInput);
      });
  if (o.json) fmt::print("{}\n", nlohmann::ordered_json{{"checks", checks}}.dump(2));
  return status;
}

}  // namespace

void add_check(CLI::App& app, int& status) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* c = app.add_subcommand("check", "explore every execution of a spec or litmus test");
  c->add_option("SPEC", options->specs, "kernel C, litmus tests, or folders of them")->required();
  c->add_option("--model", options->model, "sc, tso, lkmm (the default), lkmm-6.1 or all");
  c->add_option("-D", options->defines,
                "define a macro, NAME or NAME=VALUE; names the variant; if not given, all that "
                "the spec expects something of")
      ->allow_extra_args(false);  // what follows is a spec
  c->add_option("--unroll", options->explore.unroll, "iterations of a loop; the verdict is then bounded");
  auto* random = c->add_option("--random", options->random, "look at this many random executions only")
                     ->check(CLI::PositiveNumber);
  c->add_option("--seed", options->seed, "of --random")->capture_default_str()->needs(random);
  c->add_option("--preemptions", options->preemptions,
                "look only at executions that take a CPU from a thread which could go on this many times")
      ->excludes(random);
  c->add_flag(
       "--refines", options->refines,
       "also compare how executions end with how the threads end one after the other (specs/README.md)")
      ->excludes(random);
  c->add_option("--timeout", options->explore.timeout, "seconds a check")->check(no_time);
  c->add_option("--jobs", options->jobs, "threads to search in; what comes out does not depend on it")
      ->check(CLI::Range(1u, 256u));
  c->add_option("-f", options->plain, "plain=once: take plain accesses as marked")
      ->transform(CLI::CheckedTransformer(std::map<std::string, std::string>{{"plain=once", "once"}}));
  c->add_flag("--leaks", options->explore.leaks,
              "memory that is lost, neither freed nor pointed to, is a violation");
  c->add_option("--witness", options->witness,
                "write the violating execution to this file, for ringtail explain")
      ->check(no_file);
  c->add_option("--dot", options->dot,
                "the same as a graph for dot(1); of a litmus test, an execution that satisfies its "
                "condition, or breaks a forall")
      ->check(no_file);
  c->add_option("--html", options->html, "the same as a page to step through")->check(no_file);
  c->add_flag("--json", options->json, "one JSON document");
  c->callback([options, &status] { status = run(*options); });
}

}  // namespace ringtail::cli
