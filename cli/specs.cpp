// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/specs.h"

#include <algorithm>
#include <filesystem>

namespace ringtail::cli {

std::vector<std::string> spec_files(const std::vector<std::string>& paths) {
  namespace fs = std::filesystem;
  std::vector<std::string> out;
  for (const std::string& path : paths) {
    std::error_code none;
    if (!fs::is_directory(path, none)) {
      out.push_back(path);
      continue;
    }
    std::vector<std::string> inside;
    for (auto it = fs::recursive_directory_iterator(path, none); it != fs::recursive_directory_iterator();
         it.increment(none))
      if (const auto end = it->path().extension(); end == ".c" || end == ".litmus")
        inside.push_back(it->path().string());
    std::sort(inside.begin(), inside.end());
    out.insert(out.end(), inside.begin(), inside.end());
  }
  return out;
}

lang::Define define_of(const std::string& text) {
  const std::size_t equals = text.find('=');
  return {text.substr(0, equals), equals == std::string::npos ? "1" : text.substr(equals + 1)};
}

std::vector<Wanted> wanted_checks(const lang::Annotations& a) {
  std::vector<Wanted> out;
  for (const lang::Expectation& e : a.expectations) {
    if (std::any_of(out.begin(), out.end(), [&](const Wanted& w) { return w.variant == e.variant; }))
      continue;
    Wanted w{e.variant, {}};
    for (const memory::Model m : {memory::Model::sc, memory::Model::tso, memory::Model::lkmm})
      if (lang::find_expectation(a, e.variant, memory::name(m)) != nullptr) w.models.push_back(m);
    // `all` does not mean the older variants of a model: they are checked where they are named.
    for (const lang::Expectation& other : a.expectations)
      if (other.variant == e.variant)
        for (const lang::ModelVerdict& v : other.verdicts)
          if (v.model == memory::name(memory::Model::lkmm_6_1)) w.models.push_back(memory::Model::lkmm_6_1);
    out.push_back(std::move(w));
  }
  std::stable_partition(out.begin(), out.end(), [](const Wanted& w) { return w.variant.empty(); });
  return out;
}

}  // namespace ringtail::cli
