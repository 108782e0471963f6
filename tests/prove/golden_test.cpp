// SPDX-License-Identifier: GPL-2.0-or-later
// What `ringtail prove` prints for the specs under tests/data/prove, in words and as JSON. RINGTAIL_BLESS=1
// writes it anew.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "tests/folder.h"

namespace ringtail {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& p) {
  std::ifstream in(p, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Golden : public testing::TestWithParam<std::pair<std::string, std::string>> {};

TEST_P(Golden, Prove) {
  const auto& [spec, options] = GetParam();
  const std::string ending = options == "--json" ? ".json.golden" : ".golden";
  const fs::path golden = RINGTAIL_SOURCE_DIR "/tests/data/prove/" + spec + ending;
  const tests::Folder folder;
  const fs::path out = folder / "out";
  const std::string command = "cd '" RINGTAIL_SOURCE_DIR "' && '" RINGTAIL_BINARY "' prove " + options +
                              " tests/data/prove/" + spec + ".c > '" + out.string() +
                              "' 2>/dev/null; echo status $? >> '" + out.string() + "'";
  ASSERT_EQ(std::system(command.c_str()), 0);
  const std::string text = read(out);
  if (std::getenv("RINGTAIL_BLESS") != nullptr) std::ofstream(golden, std::ios::binary) << text;
  EXPECT_EQ(text, read(golden));
}

INSTANTIATE_TEST_SUITE_P(Specs, Golden,
                         testing::Values(std::pair("violations", ""), std::pair("violations", "--json"),
                                         std::pair("induction", ""), std::pair("induction", "--json"),
                                         std::pair("threads", "--model all")),
                         [](const auto& info) {
                           return info.param.first + (info.param.second == "--json" ? "_json" : "");
                         });

// So is that of an execution under lkmm, whatever number it is about.
TEST(Witness, OfThreadsIsExplained) {
  const tests::Folder folder;
  const fs::path file = folder / "witness.json";
  const std::string spec = RINGTAIL_SOURCE_DIR "/tests/data/prove/threads.c";
  for (const std::string& variant : {std::string(" -D ANY=1"), std::string(" -D PLAIN")}) {
    const auto run = [](const std::string& args) {
      return WEXITSTATUS(std::system(("'" RINGTAIL_BINARY "' " + args + " >/dev/null 2>&1").c_str()));
    };
    fs::remove(file);
    EXPECT_LE(run("prove" + variant + " --witness '" + file.string() + "' '" + spec + "'"), 1);
    EXPECT_EQ(run("explain '" + file.string() + "'"), 0) << variant;
  }
}

// The file that --witness writes is replayed, and confirmed, by explain.
TEST(Witness, OfAProofIsExplained) {
  const tests::Folder folder;
  const fs::path file = folder / "witness.json";
  const std::string spec = RINGTAIL_SOURCE_DIR "/specs/proofs/aio_ring.c";
  const auto run = [](const std::string& args) {
    return WEXITSTATUS(std::system(("'" RINGTAIL_BINARY "' " + args + " >/dev/null 2>&1").c_str()));
  };
  EXPECT_EQ(run("prove -D NO_OFFSET --witness '" + file.string() + "' '" + spec + "'"), 0);
  EXPECT_EQ(run("explain '" + file.string() + "'"), 0);
  std::string text = read(file);
  const std::size_t kind = text.find("\"assertion\"");
  ASSERT_NE(kind, std::string::npos);
  text.replace(kind, 11, "\"out of bounds\"");  // which it is not
  std::ofstream(file, std::ios::binary) << text;
  EXPECT_EQ(run("explain '" + file.string() + "'"), 2);
}

}  // namespace
}  // namespace ringtail
