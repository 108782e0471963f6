// SPDX-License-Identifier: GPL-2.0-or-later
// Every file tests/data/lang/bad-* is refused, with exactly the messages in the file of its name that ends in
// .err; and what is not called bad- is accepted. RINGTAIL_BLESS=1 writes the messages anew.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "model/lang/load.h"

namespace ringtail::lang {
namespace {

const std::string kFolder = RINGTAIL_SOURCE_DIR "/tests/data/lang/";

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> inputs() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder))
    if (entry.path().extension() == ".c" || entry.path().extension() == ".litmus")
      out.push_back(entry.path().filename().string());
  std::sort(out.begin(), out.end());
  return out;
}

// Loaded under its bare name, so that messages do not depend on where the sources lie.
Result<Spec, Rejected> load(const std::string& name) {
  if (name.ends_with(".litmus")) return load_litmus(name, read(kFolder + name));
  return load_spec(name, read(kFolder + name), {}, [](const std::string& path, bool, const std::string&) {
    const std::string found = kFolder + path;
    return std::filesystem::exists(found) ? std::optional<Include>({path, read(found)}) : std::nullopt;
  });
}

TEST(Goldens, AreWhatComesOut) {
  const bool bless = std::getenv("RINGTAIL_BLESS") != nullptr;
  for (const std::string& name : inputs()) {
    const auto spec = load(name);
    const bool good = !name.starts_with("bad-");
    EXPECT_EQ(spec.has_value(), good) << name << (spec ? " is accepted" : ":\n" + spec.error().text);
    if (spec.has_value() != good) continue;
    const std::string golden = kFolder + name + (good ? ".ir" : ".err");
    const std::string text = good ? ir::print(spec->program) : spec.error().text;
    if (bless) std::ofstream(golden, std::ios::binary) << text;
    EXPECT_EQ(text, read(golden)) << name;
  }
}

TEST(Errors, HaveAPlaceInTheirFile) {
  for (const std::string& name : inputs()) {
    const auto spec = load(name);
    if (spec) continue;
    EXPECT_FALSE(spec.error().diagnostics.empty()) << name;
    for (const Diagnostic& d : spec.error().diagnostics) {
      EXPECT_FALSE(d.file.empty()) << name;
      EXPECT_FALSE(d.file.starts_with('<')) << name << ": a message points into the prelude: " << d.what;
      EXPECT_FALSE(d.what.empty()) << name;
    }
  }
}

}  // namespace
}  // namespace ringtail::lang
