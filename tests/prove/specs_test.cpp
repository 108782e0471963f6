// SPDX-License-Identifier: GPL-2.0-or-later
// The solver and the explorer on the specs: wherever the solver answers, it answers what the explorer does.
// What it does not answer (`bounded`: too many events, or something that it does not ask) is counted.
#include <algorithm>
#include <filesystem>
#include <iostream>

#include <gtest/gtest.h>

#include "checker/explore/explore.h"
#include "checker/prove/threads.h"

namespace ringtail::prove {
namespace {

namespace fs = std::filesystem;
using memory::Model;

struct Tally {
  int answered = 0, bounded = 0, late = 0;
};

void compare(const lang::Spec& spec, const std::string& name, Tally& tally) {
  for (const Model model : {Model::sc, Model::tso, Model::lkmm}) {
    const Outcome solved = prove_threads(spec, model, {.timeout = 0.5});
    if (solved.result == explore::Result::timeout) ++tally.late;
    if (solved.result == explore::Result::bounded) ++tally.bounded;
    if (solved.result != explore::Result::safe && solved.result != explore::Result::violation)
      return;  // nor does it answer under the other models
    const explore::Outcome explored = explore::explore(spec.program, {.model = model, .timeout = 2});
    if (explored.result == explore::Result::timeout) {
      ++tally.late;
      return;
    }
    ++tally.answered;
    EXPECT_EQ(solved.result, explored.result) << name << " under " << memory::name(model);
  }
}

TEST(ProveSpecs, AgreesWithTheExplorerWhereItAnswers) {
  Tally tally;
  std::vector<fs::path> files;
  for (const auto& e : fs::directory_iterator(RINGTAIL_SOURCE_DIR "/specs/examples"))
    files.push_back(e.path());
  std::sort(files.begin(), files.end());
  for (const fs::path& path : files) {
    const auto plain = lang::load_file(path.string(), {});
    ASSERT_TRUE(plain) << plain.error().text;
    std::vector<std::vector<std::string>> variants;
    for (const lang::Expectation& e : plain->annotations.expectations)
      if (std::find(variants.begin(), variants.end(), e.variant) == variants.end())
        variants.push_back(e.variant);
    for (const auto& variant : variants) {
      std::vector<lang::Define> defines;
      std::string name = path.filename().string();
      for (const std::string& d : variant) defines.push_back({d, "1"}), name += " " + d;
      const auto spec = lang::load_file(path.string(), defines);
      ASSERT_TRUE(spec) << spec.error().text;
      compare(*spec, name, tally);
    }
  }
  std::cout << tally.answered << " answered, " << tally.bounded << " bounded, " << tally.late
            << " not in time\n";
  EXPECT_GE(tally.answered, 50);  // of 97 on an idle machine
}

}  // namespace
}  // namespace ringtail::prove
