// SPDX-License-Identifier: GPL-2.0-or-later
// Every violation of the example specs, through the binary: what check told is what explain tells of the
// file.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace ringtail::witness {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& p) {
  std::ifstream in(p, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

int run(const std::string& args, const fs::path& out) {
  const std::string command = "'" RINGTAIL_BINARY "' " + args + " > '" + out.string() + "' 2>&1";
  return WEXITSTATUS(std::system(command.c_str()));
}

class Explain : public testing::TestWithParam<std::pair<std::string, std::string>> {
 protected:
  void SetUp() override {
    dir_ = fs::path(testing::TempDir()) /
           ("ringtail-explain-" + GetParam().first.substr(0, GetParam().first.find('.')) + GetParam().second);
    fs::create_directories(dir_);
  }
  void TearDown() override { fs::remove_all(dir_); }
  fs::path dir_;
};

TEST_P(Explain, tells_what_check_told) {
  const std::string spec = RINGTAIL_SOURCE_DIR "/specs/examples/" + GetParam().first;
  const std::string file = (dir_ / "w.json").string();
  ASSERT_EQ(
      run("check --model " + GetParam().second + " --witness '" + file + "' '" + spec + "'", dir_ / "check"),
      0)
      << read(dir_ / "check");
  ASSERT_EQ(run("explain '" + file + "'", dir_ / "explain"), 0) << read(dir_ / "explain");
  const std::string told = read(dir_ / "check");
  EXPECT_EQ(told.substr(told.find('\n') + 1), read(dir_ / "explain"));
  // Another class is not what it shows.
  std::string witness = read(file);
  const std::size_t at = witness.find("\"class\": \"") + 10;
  witness.replace(at, witness.find('"', at) - at, "out of bounds");
  std::ofstream(file, std::ios::binary) << witness;
  EXPECT_EQ(run("explain '" + file + "'", dir_ / "explain"), 2);
  EXPECT_EQ(read(dir_ / "explain"),
            file + ": error: the execution is possible, but shows no out of bounds\n");
}

INSTANTIATE_TEST_SUITE_P(
    Examples, Explain,
    testing::Values(std::pair("aio_ring.c", "lkmm"), std::pair("deadlock_abba.c", "sc"),
                    std::pair("deadlock_abba.c", "lkmm"), std::pair("double_free.c", "tso"),
                    std::pair("irq_deadlock.c", "sc"), std::pair("lost_wakeup.c", "tso"),
                    std::pair("lost_wakeup.c", "lkmm"), std::pair("message_passing.c", "lkmm"),
                    std::pair("store_buffering.c", "tso"), std::pair("use_after_free.c", "lkmm")));

}  // namespace
}  // namespace ringtail::witness
