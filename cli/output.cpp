// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/output.h"

#include <CLI/CLI.hpp>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

namespace ringtail::cli {
namespace {

std::atomic<bool> failed = false;

}  // namespace

std::string no_file(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path folder = fs::path(path).parent_path();
  if (fs::is_directory(path, error)) return path + " is a folder";
  return folder.empty() || fs::is_directory(folder, error) ? "" : "there is no folder " + folder.string();
}

std::string no_time(const std::string& given) {
  double value = 0;
  if (!CLI::detail::lexical_cast(given, value)) return "";  // which is told anyway
  return std::isfinite(value) && value >= 0 ? "" : given + " is no time";
}

bool write_text(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (out) return true;
  fmt::print(stderr, "{}: error: cannot be written\n", path);
  failed = true;
  return false;
}

bool all_written() { return !failed; }

}  // namespace ringtail::cli
