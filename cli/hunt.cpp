// SPDX-License-Identifier: GPL-2.0-or-later
// ringtail hunt: the calls of a capture that overlap, reduced to shapes, and every interleaving of each
// shape.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/hunt_explore.h"
#include "cli/hunt_report.h"
#include "cli/output.h"
#include "replay/capture/reader.h"
#include "replay/hunt/finder.h"
#include "replay/hunt/headers.h"

namespace ringtail::cli {
namespace {

using memory::Model;
namespace fs = std::filesystem;

struct Options {
  std::vector<std::string> captures;
  std::string kernel, format = "auto", model = "all", emit;
  double timeout = 20, budget = 120;
  unsigned jobs = 1;
  unsigned calls = 2;  // of a set that is explored
  bool json = false, no_cache = false;
};

// What happens now, on stderr and only for a person who watches.
void progress(const std::string& text) {
  static const bool shown = isatty(STDERR_FILENO);
  if (shown) fmt::print(stderr, "\r\033[K{}", text);
}

Result<HuntedCapture> find_shapes(const std::vector<std::string>& paths, capture::Format format,
                                  const kernel::Profile& profile) {
  auto reader = capture::Reader::open(paths, format);
  if (!reader) return Unexpected(reader.error());
  capture::Reader& source = **reader;
  source.tell_raw_arguments();
  hunt::Finder finder(profile);
  std::uint64_t events = 0;
  for (capture::Event e; source.next(e);) {
    finder.take(e);
    if ((++events & 0xffff) == 0) progress(fmt::format("{} lines", source.lines()));
  }
  progress("");
  HuntedCapture out;
  out.file = paths.front();
  if (paths.size() > 1) out.file += fmt::format(" and {} more", paths.size() - 1);
  out.profile = finder.profile();
  out.lines = source.lines();
  out.calls = finder.calls();
  out.undecided = finder.undecided();
  out.lost = finder.lost();
  out.problems = finder.problems();
  out.unordered = finder.unordered();
  for (const hunt::Found& f : finder.found()) out.shapes.push_back({f, {}, {}});
  return out;
}

// Each shape's program, in several threads: first with a short limit, then with longer ones those that need
// it; times go to stderr.
void explore_all(HuntedCapture& capture, const std::vector<Model>& models, const Options& o,
                 Explorer& explorer) {
  using Clock = std::chrono::steady_clock;
  constexpr double kShort = 1;
  const auto deadline =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(o.budget));
  std::vector<double> seconds(capture.shapes.size());
  const auto explores = [&](const HuntedShape& s) { return !s.found.shape.third || o.calls > 2; };
  for (HuntedShape& s : capture.shapes) s.program = hunt::compose(s.found.shape, capture.profile.version);
  const auto round = [&](double limit) {
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < capture.shapes.size(); ++i)
      if (!ended(capture.shapes[i]) && explores(capture.shapes[i])) open.push_back(i);
    // Sets of three take longest.
    std::stable_partition(open.begin(), open.end(),
                          [&](std::size_t i) { return !capture.shapes[i].found.shape.third; });
    std::atomic<std::size_t> next = 0, done = 0;
    const auto work = [&] {
      for (std::size_t n; (n = next++) < open.size();) {
        HuntedShape& s = capture.shapes[open[n]];
        const auto start = Clock::now();
        s.results = explorer.explore(s.found.shape, capture.profile.version, models, limit, deadline);
        seconds[open[n]] += std::chrono::duration<double>(Clock::now() - start).count();
        progress(fmt::format("{} of {} shapes explored, {:g} s each at most", ++done, open.size(), limit));
      }
    };
    std::vector<std::jthread> threads;
    for (unsigned i = 1; i < o.jobs; ++i) threads.emplace_back(work);
    work();
  };
  for (double limit = kShort; limit < o.timeout / 2; limit *= 4) round(limit);
  round(o.timeout);
  progress("");
  for (std::size_t i = 0; i < seconds.size(); ++i)
    if (seconds[i] >= 0.1) fmt::print(stderr, "{:8.1f} s  {}\n", seconds[i], capture.shapes[i].program.name);
}

bool write(const fs::path& path, std::string_view text) {
  std::error_code bad;
  fs::create_directories(path.parent_path(), bad);
  return write_text(path.string(), std::string(text));
}

// The programs and the headers that they include: a folder that `ringtail check` takes as it is.
bool emit(const std::string& folder, const std::vector<HuntedCapture>& captures) {
  for (const hunt::Header& h : hunt::headers())
    if (!write(fs::path(folder) / h.name, h.text)) return false;
  for (const HuntedCapture& c : captures)
    for (const HuntedShape& s : c.shapes)
      if (!write(fs::path(folder) / (s.program.name + ".c"), s.program.text())) return false;
  return true;
}

int hunt(const Options& o) {
  kernel::Profile profile;
  if (!o.kernel.empty()) {
    const auto version = kernel::parse_version(o.kernel);
    if (!version) return fmt::print(stderr, "--kernel: {}\n", version.error()), kBadInput;
    profile.version = *version;
    profile.source = kernel::Profile::Source::option;
  }
  const auto format = capture::format_of(o.format);
  if (!format) return fmt::print(stderr, "--format: there is no '{}'\n", o.format), kBadInput;
  std::vector<Model> models{Model::sc, Model::tso, Model::lkmm};
  if (o.model != "all") {
    const auto model = memory::model_named(o.model);
    if (!model) return fmt::print(stderr, "--model: there is no '{}'\n", o.model), kBadInput;
    models = {*model};
  }

  Explorer explorer(!o.no_cache);
  std::vector<HuntedCapture> captures;
  bool bad = false;
  const auto start = std::chrono::steady_clock::now();
  for (const auto& paths : capture::captures_of(o.captures)) {
    auto found = find_shapes(paths, *format, profile);
    if (!found) {
      fmt::print(stderr, "error: {}\n", found.error());
      bad = true;
      continue;
    }
    explore_all(*found, models, o, explorer);
    captures.push_back(std::move(*found));
  }
  fmt::print(stderr, "{:8.1f} s in all; programs explored: {}, known from before: {}\n",
             std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
             explorer.explored(), explorer.cached());
  if (!o.emit.empty()) bad |= !emit(o.emit, captures);
  if (o.json) fmt::print("{}", hunt_json(captures));
  else fmt::print("{}", hunt_text(captures));
  const std::string_view verdict = verdict_of(captures);
  if (bad) return kBadInput;
  return verdict == "violation" ? kViolation : verdict == "safe" ? kHolds : kInconclusive;
}

}  // namespace

void add_hunt(CLI::App& app, int& status) {
  auto* command =
      app.add_subcommand("hunt", "explore every interleaving of the calls of a capture that overlap");
  auto o = std::make_shared<Options>();
  command
      ->add_option("CAPTURE", o->captures,
                   "strace, perf or JSONL text, plain, .gz or .zst; - is standard input")
      ->required();
  command->add_option("--kernel", o->kernel,
                      "explore the paths of this version, not of the one that made the capture");
  command
      ->add_option("--calls", o->calls,
                   "calls that are explored together at most: 2, or 3; sets of three are named all the same")
      ->check(CLI::Range(2u, 3u))
      ->capture_default_str();
  command->add_option("--model", o->model, "sc, tso, lkmm or all")->capture_default_str();
  command->add_option("--emit", o->emit,
                      "write the programs to this folder, for ringtail check -f plain=once");
  command->add_option("--format", o->format, "auto, strace, perf-trace, perf-script or jsonl");
  command->add_option("--timeout", o->timeout, "seconds a program and model")
      ->capture_default_str()
      ->check(no_time);
  command->add_option("--budget", o->budget, "seconds a capture; what has not ended by then is inconclusive")
      ->capture_default_str()
      ->check(no_time);
  command->add_option("--jobs", o->jobs, "programs explored at a time")->check(CLI::Range(1u, 256u));
  command->add_flag("--no-cache", o->no_cache, "neither use nor keep results of other runs");
  command->add_flag("--json", o->json, "print one JSON document");
  command->callback([o, &status] { status = hunt(*o); });
}

}  // namespace ringtail::cli
