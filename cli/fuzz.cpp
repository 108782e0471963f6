// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/fuzz.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/output.h"

namespace ringtail::cli {

namespace {

constexpr std::uint64_t kCases = 1000;  // where neither a number nor a time is given

std::string no_number(const std::string& given) {  // CLI11 takes -1 for the largest there is
  return given.starts_with('-') ? given + " is below 0" : "";
}

}  // namespace

void add_fuzz_options(CLI::App& app, FuzzOptions& o) {
  app.add_option("--cases", o.cases, "how many (1000; with --minutes as many as there is time for)")
      ->check(no_number);
  app.add_option("--minutes", o.minutes, "stop after this time, if there are cases left")->check(no_time);
  app.add_option("--seed", o.seed, "of the first case; the others follow")
      ->capture_default_str()
      ->check(no_number);
  app.add_option("--corpus", o.corpus, "folder of cases to run first, and to write to what is found");
  app.add_flag("--json", o.json, "one JSON document");
}

Cases::Cases(const FuzzOptions& o)
    : o_(o),
      most_(o.cases.value_or(o.minutes > 0 ? UINT64_MAX : kCases)),
      start_(std::chrono::steady_clock::now()),
      terminal_(isatty(STDERR_FILENO) != 0) {}

Cases::~Cases() {
  if (terminal_ && done_ > 0) fmt::print(stderr, "\n");
}

double Cases::minutes() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count() / 60;
}

bool Cases::next(std::uint64_t& number) {
  if (terminal_ && done_ % 20 == 0 && done_ > 0)
    fmt::print(stderr, "\r{} cases, {:.1f} minutes", done_, minutes());
  if (done_ >= most_ || (o_.minutes > 0 && minutes() >= o_.minutes)) return false;
  number = o_.seed + done_++;
  return true;
}

bool corpus_files(const FuzzOptions& o, std::string_view suffix, std::vector<std::string>& files) {
  namespace fs = std::filesystem;
  if (o.corpus.empty()) return true;
  std::error_code error;
  if (!fs::is_directory(o.corpus, error))
    return fmt::print(stderr, "{}: error: there is no such folder\n", o.corpus), false;
  for (const auto& entry : fs::directory_iterator(o.corpus, error))
    if (entry.path().string().ends_with(suffix)) files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return true;
}

void add_fuzz(CLI::App& app, int& status) {
  CLI::App* c = app.add_subcommand("fuzz", "search at random for what must not be, and shrink it");
  c->require_subcommand(1);
  add_fuzz_litmus(*c, status);
  add_fuzz_calls(*c, status);
  add_fuzz_paths(*c, status);
  add_fuzz_capture(*c, status);
}

}  // namespace ringtail::cli
