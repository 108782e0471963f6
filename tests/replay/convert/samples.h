// SPDX-License-Identifier: GPL-2.0-or-later
// The captures of tests/data/convert: one program's calls, recorded once with each combination of a
// recorder's flags.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace ringtail {

inline const std::filesystem::path kSamples =
    std::filesystem::path(RINGTAIL_SOURCE_DIR) / "tests/data/convert";

inline std::string text_of(const std::filesystem::path& p) {
  std::ifstream in(p, std::ios::binary);
  std::stringstream s;
  s << in.rdbuf();
  return s.str();
}

// The names of the files; those of one `strace -ff` are one capture.
inline std::vector<std::vector<std::string>> samples() {
  std::vector<std::vector<std::string>> found;
  std::vector<std::string> threads;
  for (const auto& e : std::filesystem::directory_iterator(kSamples)) {
    const std::string name = e.path().filename().string();
    if (e.path().extension() == ".golden" || e.path().extension() == ".md") continue;
    if (name.starts_with("per-thread.")) threads.push_back(name);
    else found.push_back({name});
  }
  std::sort(threads.begin(), threads.end());
  found.push_back(threads);
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace ringtail
