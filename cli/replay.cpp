// SPDX-License-Identifier: GPL-2.0-or-later
// ringtail replay: captures against the syscall model.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/commands.h"
#include "replay/capture/reader.h"
#include "replay/oracle/oracle.h"
#include "replay/oracle/relay.h"
#include "replay/oracle/report.h"

namespace ringtail::cli {
namespace {

struct Options {
  std::vector<std::string> captures;
  std::string kernel, format = "auto";
  unsigned jobs = 1;
  bool json = false;
};

// How far all jobs have come, on stderr and only for a person who watches.
class Progress {
 public:
  Progress() : shown_(isatty(STDERR_FILENO)) {}
  ~Progress() {
    if (drawn_) fmt::print(stderr, "\r\033[K");
  }
  void add(std::uint64_t lines) {
    const std::uint64_t all = lines_ += lines;
    if (!shown_) return;
    const std::scoped_lock lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < std::chrono::milliseconds(200)) return;
    last_ = now;
    const double seconds = std::chrono::duration<double>(now - start_).count();
    fmt::print(stderr, "\r\033[K{} lines, {:.1f} million a second", all,
               static_cast<double>(all) / 1e6 / seconds);
    drawn_ = true;
  }

 private:
  const bool shown_;
  bool drawn_ = false;
  std::atomic<std::uint64_t> lines_ = 0;
  std::mutex mutex_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point last_ = start_;
};

Result<oracle::Summary> replay_one(const std::vector<std::string>& paths, capture::Format format,
                                   const kernel::Profile& profile, bool two_runners, Progress& progress) {
  auto reader = capture::Reader::open(paths, format);
  if (!reader) return Unexpected(reader.error());
  capture::Reader& source = **reader;
  oracle::Oracle oracle(profile);
  oracle.may_be_filtered(true);
  oracle.shows_signals(source.format() == capture::Format::strace ||
                       source.format() == capture::Format::jsonl);
  std::uint64_t reported = 0;
  oracle::relay(source, oracle, two_runners, [&](std::uint64_t lines) {
    progress.add(lines - reported);
    reported = lines;
  });
  oracle::Summary summary = std::move(oracle.summary());
  summary.file = paths.front();
  if (paths.size() > 1) summary.file += fmt::format(" and {} more", paths.size() - 1);
  summary.format = capture::name_of(source.format());
  summary.lines = source.lines();
  return summary;
}

int replay(const Options& o) {
  kernel::Profile profile;
  if (!o.kernel.empty()) {
    const auto version = kernel::parse_version(o.kernel);
    if (!version) {
      fmt::print(stderr, "--kernel: {}\n", version.error());
      return kBadInput;
    }
    profile.version = *version;
    profile.source = kernel::Profile::Source::option;
  }
  const auto format = capture::format_of(o.format);
  if (!format) {
    fmt::print(stderr, "--format: '{}' is none of auto, strace, perf-trace, perf-script, jsonl\n", o.format);
    return kBadInput;
  }

  const auto captures = capture::captures_of(o.captures);
  std::vector<std::optional<Result<oracle::Summary>>> results(captures.size());
  {
    Progress progress;
    std::atomic<std::size_t> next = 0;
    // With several captures there is one to a thread.
    const bool lone = captures.size() == 1 && std::thread::hardware_concurrency() > 1;
    const auto work = [&] {
      for (std::size_t i; (i = next++) < captures.size();)
        results[i] = replay_one(captures[i], *format, profile, lone, progress);
    };
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < std::min<std::size_t>(std::max(1u, o.jobs), captures.size()); ++i)
      threads.emplace_back(work);
    work();
  }

  std::vector<oracle::Summary> summaries;
  bool bad = false;
  for (auto& r : results) {
    if (*r) {
      summaries.push_back(std::move(**r));
    } else {
      fmt::print(stderr, "error: {}\n", r->error());
      bad = true;
    }
  }
  if (o.json) {
    fmt::print("{}", oracle::report_json(summaries));
  } else {
    for (std::size_t i = 0; i < summaries.size(); ++i)
      fmt::print("{}{}", i ? "\n" : "", oracle::report_text(summaries[i]));
  }
  const auto verdict = oracle::verdict_of(summaries);
  if (verdict == "diverges") return kViolation;
  if (bad) return kBadInput;
  return verdict == "conforms" ? kHolds : kInconclusive;
}

}  // namespace

void add_replay(CLI::App& app, int& status) {
  auto* command =
      app.add_subcommand("replay", "hold what strace or perf recorded against the kernel's state machines");
  auto o = std::make_shared<Options>();
  command
      ->add_option("CAPTURE", o->captures,
                   "strace, perf or JSONL text, plain, .gz or .zst; - is standard input")
      ->required();
  command->add_option("--kernel", o->kernel,
                      "the version that made the capture, when it does not say itself");
  command->add_option("--format", o->format, "auto, strace, perf-trace, perf-script or jsonl");
  command->add_option("--jobs", o->jobs, "captures replayed at a time")->check(CLI::Range(1u, 256u));
  command->add_flag("--json", o->json, "print one JSON document");
  command->callback([o, &status] { status = replay(*o); });
}

}  // namespace ringtail::cli
