// SPDX-License-Identifier: GPL-2.0-or-later
// `ringtail convert` of every sample, against the file NAME.golden beside it, and what replay says of both.
// RINGTAIL_BLESS=1 writes the goldens anew.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/folder.h"
#include "tests/replay/convert/samples.h"

namespace ringtail {
namespace {

std::string output_of(const std::string& arguments) {
  const std::string command = "cd '" + kSamples.string() + "' && '" RINGTAIL_BINARY "' " + arguments;
  std::FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) return "cannot run";
  std::string out;
  std::array<char, 4096> buffer;
  for (std::size_t n; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) out.append(buffer.data(), n);
  return pclose(pipe) < 0 ? "cannot run" : out;
}

std::string joined(const std::vector<std::string>& files) {
  std::string all;
  for (const std::string& f : files) all += f + " ";
  return all;
}

// What replay says, but for the names and the number of lines of the file.
nlohmann::json report_of(const std::string& files) {
  auto report = nlohmann::json::parse(output_of("replay --json " + files + " 2>&1"), nullptr, false);
  if (!report.is_object() || report["captures"].size() != 1) return "no report";
  for (const char* key : {"file", "format", "lines"}) report["captures"][0].erase(key);
  return report;
}

class Convert : public testing::TestWithParam<std::vector<std::string>> {
 protected:
  const std::string files_ = joined(GetParam());
};

TEST_P(Convert, IsTheGolden) {
  const auto golden = kSamples / (GetParam().front() + ".golden");
  const std::string now = output_of("convert " + files_ + "-o - 2>&1");
  EXPECT_EQ(now, output_of("convert " + files_ + "-o - 2>&1")) << "twice the same";
  if (std::getenv("RINGTAIL_BLESS")) std::ofstream(golden) << now;
  else EXPECT_EQ(now, text_of(golden)) << golden;
}

TEST_P(Convert, LeavesTheVerdictAsItIs) {
  const tests::Folder folder;
  const std::string path = folder / "capture.jsonl";
  output_of("convert " + files_ + "-o '" + path + "' 2>&1");
  const auto report = report_of(files_);
  EXPECT_EQ(report, report_of("'" + path + "'"));
  ASSERT_TRUE(report.is_object()) << report;
  const auto& capture = report["captures"][0];
  EXPECT_EQ(capture["diverges"], 0) << capture["divergences"];
  EXPECT_GT(capture["conforms"], 0);
}

TEST_P(Convert, OfWhatItWroteWritesTheSame) {
  const tests::Folder folder;
  const std::string path = folder / "capture.jsonl";
  output_of("convert " + files_ + "-o '" + path + "' 2>&1");
  EXPECT_EQ(output_of("convert '" + path + "' -o - 2>/dev/null"), text_of(path));
}

std::string test_name(const testing::TestParamInfo<std::vector<std::string>>& info) {
  std::string name = info.param.front();
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Samples, Convert, testing::ValuesIn(samples()), test_name);

}  // namespace
}  // namespace ringtail
