// SPDX-License-Identifier: GPL-2.0-or-later
// What the searches of `ringtail fuzz` have in common: cases with numbers, a corpus that comes first, and a
// report of what was found.
//
// Case n of seed s is case n + 1 of seed s - 1, so that `--seed NUMBER --cases 1` runs one again.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace ringtail::cli {

struct FuzzOptions {
  std::optional<std::uint64_t> cases;
  std::uint64_t seed = 1;
  double minutes = 0;
  std::string corpus;
  bool json = false;
};
void add_fuzz_options(CLI::App& app, FuzzOptions& o);

// Hands out the numbers of the cases until they, or the time, are used up; says on a terminal how far it is.
class Cases {
 public:
  explicit Cases(const FuzzOptions& o);
  ~Cases();
  bool next(std::uint64_t& number);
  std::uint64_t done() const { return done_; }

 private:
  double minutes() const;
  const FuzzOptions& o_;
  const std::uint64_t most_;
  const std::chrono::steady_clock::time_point start_;
  const bool terminal_;
  std::uint64_t done_ = 0;
};

// The files of the corpus that end like this, sorted; false, with a message, when there is no such folder.
bool corpus_files(const FuzzOptions& o, std::string_view suffix, std::vector<std::string>& files);

void add_fuzz_litmus(CLI::App& fuzz, int& status);
void add_fuzz_calls(CLI::App& fuzz, int& status);
void add_fuzz_paths(CLI::App& fuzz, int& status);
void add_fuzz_capture(CLI::App& fuzz, int& status);

}  // namespace ringtail::cli
