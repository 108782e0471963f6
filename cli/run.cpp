// SPDX-License-Identifier: GPL-2.0-or-later
// ringtail run: the copy path of the kernel that runs here.
#include "replay/run/run.h"

#include <chrono>
#include <memory>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/output.h"

namespace ringtail::cli {
namespace {

struct RunOptions {
  run::Options run;
  std::string plot;
  bool no_copy = false, only_copy = false, json = false;
};

int run_here(const RunOptions& o) {
  const bool shown = isatty(STDERR_FILENO);
  const auto done = run::run(o.run, [&](const std::string& what) {
    if (shown) fmt::print(stderr, "\r\033[K{}", what);
  });
  if (shown) fmt::print(stderr, "\r\033[K");
  if (!done) {
    fmt::print(stderr, "ringtail: {}\n", done.error());
    return kBadInput;
  }
  fmt::print("{}", o.json ? report_json(*done) : report_text(*done));
  std::fflush(stdout);
  if (done->storm.hangs) _exit(kViolation);  // a thread that will never come back
  if (!o.plot.empty()) write_text(o.plot, run::copy_plot(done->copy));
  if (done->violated()) return kViolation;
  return done->verdict() == "holds" ? kHolds : kInconclusive;
}

}  // namespace

void add_run(CLI::App& app, int& status) {
  auto o = std::make_shared<RunOptions>();
  run::Options& r = o->run;
  CLI::App* cmd =
      app.add_subcommand("run", "move pages on this host while others use them, and check everything");
  cmd->add_option("--nodes", r.nodes, "A,B: the nodes to move between; else all that have memory")
      ->delimiter(',');
  cmd->add_option("--pages", r.pages, "pages of 4 KB in the memory that is moved")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 22))
      ->capture_default_str();
  cmd->add_option("--batch", r.batch, "pages in a call of move_pages; else any number to 65536")
      ->check(CLI::Range(std::size_t{1}, run::kMostBatch));
  cmd->add_option("--threads", r.threads, "threads that move pages")
      ->check(CLI::Range(1u, 64u))
      ->capture_default_str();
  cmd->add_option("--writers", r.writers, "threads that store to them meanwhile")
      ->check(CLI::Range(1u, 64u))
      ->capture_default_str();
  cmd->add_option("--disturbers", r.disturbers,
                  "threads that advise, lock, fork and do AIO on them meanwhile")
      ->check(CLI::Range(0u, 64u))
      ->capture_default_str();
  cmd->add_flag("--huge", r.huge, "only huge pages, transparent and hugetlb");
  cmd->add_option("--rounds", r.rounds, "rounds, each on another kind of memory")
      ->check(CLI::Range(1u, 1000000000u))
      ->capture_default_str();
  cmd->add_option("--minutes", r.minutes, "as many rounds as this takes")->check(no_time);
  cmd->add_option("--seed", r.seed, "what the threads do is random; the same seed has them do the same")
      ->capture_default_str();
  cmd->add_option("--folder", r.folder, "where files are made; else that for temporary files");
  cmd->add_option("--device", r.device, "a block device for direct I/O; ITS FIRST MEGABYTE IS OVERWRITTEN");
  cmd->add_flag("--compact", r.compact, "have the kernel compact all memory now and then (root)");
  cmd->add_option("--capture", r.capture,
                  "write what was recorded, for ringtail replay; .gz and .zst compress it");
  cmd->add_option("--plot", o->plot, "draw the copy report as an SVG")->check(no_file);
  auto* no_copy = cmd->add_flag("--no-copy", o->no_copy, "without the copy report");
  cmd->add_flag("--only-copy", o->only_copy, "only the copy report")->excludes(no_copy);
  cmd->add_flag("--json", o->json, "print one JSON document");
  cmd->callback([o, &status] {
    o->run.copy = !o->no_copy;
    o->run.storm = !o->only_copy;
    status = run_here(*o);
  });
}

}  // namespace ringtail::cli
