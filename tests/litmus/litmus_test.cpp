// SPDX-License-Identifier: GPL-2.0-or-later
// Judge and explorer on every litmus test of this folder under every model, against the table `expected`:
// observation, the number of executions that satisfy the condition and that do not, and the flags. With
// RINGTAIL_BLESS=1 the table is written anew from what the judge says; look at the difference before you
// believe it.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "checker/explore/explore.h"
#include "checker/judge/judge.h"
#include "model/lang/load.h"

namespace ringtail {
namespace {

using memory::Model;
const std::string folder = std::string(RINGTAIL_SOURCE_DIR) + "/tests/litmus";
constexpr Model models[] = {Model::sc, Model::tso, Model::lkmm, Model::lkmm_6_1};

std::vector<std::string> test_names() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".litmus") out.push_back(entry.path().stem());
  std::sort(out.begin(), out.end());
  return out;
}

ir::Program load(const std::string& name) {
  std::ifstream file(folder + "/" + name + ".litmus");
  std::stringstream text;
  text << file.rdbuf();
  auto loaded = lang::load_litmus(name, text.str());
  EXPECT_TRUE(loaded.has_value()) << loaded.error().text;
  return loaded ? loaded->program : ir::Program();
}

template <class Flags>
std::string line_of(const std::string& name, Model model, std::uint64_t positive, std::uint64_t negative,
                    const Flags& flags) {
  std::ostringstream line;
  line << name << " " << memory::name(model) << " "
       << (positive == 0   ? "Never"
           : negative == 0 ? "Always"
                           : "Sometimes")
       << " " << positive << " " << negative;
  for (const std::string& flag : flags) line << " " << flag;
  return line.str();
}

std::string judged(const std::string& name, Model model) {
  const judge::Judgement j = judge::judge(load(name), model);
  EXPECT_EQ(j.unsupported, "") << name;
  return line_of(name, model, j.positive, j.negative, j.flags);
}

std::string explored(const std::string& name, Model model) {
  const explore::Outcome o = explore::explore(load(name), {.model = model});
  return line_of(name, model, o.litmus->positive, o.litmus->negative, o.litmus->flags);
}

// Lines by "name model".
std::map<std::string, std::string> expected() {
  std::map<std::string, std::string> out;
  std::ifstream file(folder + "/expected");
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string name, model;
    if (words >> name >> model && name != "#") out[name + " " + model] = line;
  }
  return out;
}

class OwnLitmus : public testing::TestWithParam<std::string> {};

TEST_P(OwnLitmus, IsJudgedAndExploredAsExpected) {
  const auto table = expected();
  for (const Model model : models) {
    const auto line = table.find(GetParam() + " " + std::string(memory::name(model)));
    ASSERT_NE(line, table.end()) << "not in tests/litmus/expected; script/test --bless writes it";
    EXPECT_EQ(judged(GetParam(), model), line->second);
    EXPECT_EQ(explored(GetParam(), model), line->second);
  }
}
INSTANTIATE_TEST_SUITE_P(Litmus, OwnLitmus, testing::ValuesIn(test_names()), [](const auto& info) {
  std::string out = info.param;
  for (char& c : out)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return out;
});

TEST(OwnLitmus, TableHasNoLinesWithoutATest) {
  const std::vector<std::string> names = test_names();
  for (const auto& [key, line] : expected())
    EXPECT_TRUE(std::binary_search(names.begin(), names.end(), key.substr(0, key.find(' ')))) << line;
}

TEST(Bless, OwnLitmus) {
  if (std::getenv("RINGTAIL_BLESS") == nullptr) GTEST_SKIP() << "only with script/test --bless";
  std::ofstream out(folder + "/expected");
  out << "# test, model, observation, executions that satisfy the condition, that do not, flags\n";
  for (const std::string& name : test_names())
    for (const Model model : models) out << judged(name, model) << "\n";
}

}  // namespace
}  // namespace ringtail
