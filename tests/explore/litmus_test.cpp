// SPDX-License-Identifier: GPL-2.0-or-later
// The explorer on each litmus test of tests/litmus, under every model: the observation, the number of
// executions and the flags that the judge wrote into tests/litmus/expected.
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "checker/explore/explore.h"
#include "model/lang/load.h"

namespace ringtail::explore {
namespace {

using memory::Model;

TEST(OwnLitmus, IsExploredAsTheJudgeExpects) {
  const std::string folder = RINGTAIL_SOURCE_DIR "/tests/litmus/";
  std::map<std::string, std::string> expected;  // by "name model"
  std::ifstream file(folder + "expected");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name, model;
    if (words >> name >> model && name != "#") expected[name + " " + model] = line;
  }
  std::size_t explored = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".litmus") continue;
    const auto spec = lang::load_file(entry.path().string(), {});
    ASSERT_TRUE(spec) << spec.error().text;
    for (const Model model : {Model::sc, Model::tso, Model::lkmm, Model::lkmm_6_1}) {
      const Outcome o = explore(spec->program, {.model = model});
      ASSERT_TRUE(o.litmus);
      const LitmusAnswer& a = *o.litmus;
      std::ostringstream line;
      line << entry.path().stem().string() << " " << memory::name(model) << " "
           << (a.positive == 0   ? "Never"
               : a.negative == 0 ? "Always"
                                 : "Sometimes")
           << " " << a.positive << " " << a.negative;
      for (const std::string& flag : a.flags) line << " " << flag;
      EXPECT_EQ(line.str(), expected[entry.path().stem().string() + " " + std::string(memory::name(model))]);
      ++explored;
    }
  }
  EXPECT_EQ(explored, expected.size());
}

}  // namespace
}  // namespace ringtail::explore
