// SPDX-License-Identifier: GPL-2.0-or-later
// Specs under tests/data/explore and specs/examples: each variant that a spec expects something of, under
// every model.
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "checker/explore/explore.h"
#include "model/lang/load.h"

namespace ringtail::explore {
namespace {

TEST(Specs, ComeOutAsTheyExpect) {
  std::size_t checks = 0;
  std::vector<std::string> paths;
  for (const char* folder : {"/tests/data/explore", "/specs/examples"})
    for (const auto& file : std::filesystem::directory_iterator(std::string(RINGTAIL_SOURCE_DIR) + folder))
      paths.push_back(file.path().string());
  for (const std::string& path : paths) {
    const auto plain = lang::load_file(path, {});
    ASSERT_TRUE(plain) << plain.error().text;
    for (const lang::Expectation& e : plain->annotations.expectations) {
      std::vector<lang::Define> defines;
      std::string variant;
      for (const std::string& name : e.variant) defines.push_back({name, "1"}), variant += " " + name;
      const auto spec = lang::load_file(path, defines);
      ASSERT_TRUE(spec) << spec.error().text;
      for (const memory::Model model : {memory::Model::sc, memory::Model::tso, memory::Model::lkmm}) {
        const lang::ModelVerdict* want =
            lang::find_expectation(spec->annotations, e.variant, memory::name(model));
        if (want == nullptr) continue;
        const Outcome o = explore(spec->program, {.model = model});
        EXPECT_EQ(o.result == Result::violation, want->verdict == lang::Verdict::violation)
            << path << variant << " " << memory::name(model);
        if (o.violation && !want->violation.empty()) {
          EXPECT_EQ(o.violation->kind, want->violation) << path << variant << " " << memory::name(model);
        }
        EXPECT_EQ(explore(spec->program, {.model = model}), o) << "twice the same";
        ++checks;
      }
    }
  }
  EXPECT_GE(checks, 30u);
}

}  // namespace
}  // namespace ringtail::explore
