// SPDX-License-Identifier: GPL-2.0-or-later
// Every violation of the example specs, through the binary: what check told is what explain tells of the
// file.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "tests/folder.h"

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
  const tests::Folder dir_;
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

// The same of INIT and FINALLY that do not end; the macros that make them so.
class Endless : public Explain {};

TEST_P(Endless, tells_what_check_told) {
  const std::string file = (dir_ / "w.json").string();
  ASSERT_EQ(run("check --model " + GetParam().first + GetParam().second + " --witness '" + file +
                    "' '" RINGTAIL_SOURCE_DIR "/tests/data/explore/endless.c'",
                dir_ / "check"),
            0)
      << read(dir_ / "check");
  ASSERT_EQ(run("explain '" + file + "'", dir_ / "explain"), 0) << read(dir_ / "explain");
  const std::string told = read(dir_ / "check");
  EXPECT_EQ(told.substr(told.find('\n') + 1), read(dir_ / "explain"));
  EXPECT_NE(told.find("goes round its loop for ever"), std::string::npos) << told;
}

INSTANTIATE_TEST_SUITE_P(Alone, Endless,
                         testing::Values(std::pair("sc", " -D FIRST"), std::pair("lkmm", " -D FIRST"),
                                         std::pair("sc", " -D LAST"), std::pair("tso", " -D LAST -D GOES_ON"),
                                         std::pair("lkmm", " -D LAST --unroll 2")));

// The end of a litmus test's file, and whether store buffering decides that question.
class LitmusExample : public Explain {};

TEST_P(LitmusExample, shows_what_decides_the_question) {
  const fs::path test = dir_ / "SB.litmus", file = dir_ / "w.json";
  std::ofstream(test) << "C SB\n{}\nP0(int *x, int *y) { WRITE_ONCE(*x, 1); int r0 = READ_ONCE(*y); }\n"
                         "P1(int *x, int *y) { WRITE_ONCE(*y, 1); int r0 = READ_ONCE(*x); }\n"
                      << GetParam().second << "\n";
  run("check --witness '" + file.string() + "' '" + test.string() + "'", dir_ / "check");
  const bool some = GetParam().first != "none";
  ASSERT_EQ(fs::exists(file), some) << read(dir_ / "check");
  if (!some) return;
  ASSERT_EQ(run("explain '" + file.string() + "'", dir_ / "explain"), 0) << read(dir_ / "explain");
  std::string witness = read(file);
  const bool zeros = GetParam().first == "zeros";
  EXPECT_EQ(witness.find("\"text\": \"READ_ONCE(x)\", \"value\": 1") == std::string::npos, zeros) << witness;
  // A step that reads something else does not show it any more.
  const std::size_t at = witness.find("\"value\": ");
  witness[at + 9] = zeros ? '1' : '0';
  std::ofstream(file, std::ios::binary) << witness;
  EXPECT_EQ(run("explain '" + file.string() + "'", dir_ / "explain"), 2) << read(dir_ / "explain");
}

INSTANTIATE_TEST_SUITE_P(Questions, LitmusExample,
                         testing::Values(std::pair("zeros", "exists (0:r0=0 /\\ 1:r0=0)"),
                                         std::pair("zeros", "~exists (0:r0=0 /\\ 1:r0=0)"),
                                         std::pair("zeros", "forall (0:r0=1 \\/ 1:r0=1)"),
                                         std::pair("ones", "exists (0:r0=1 /\\ 1:r0=1)"),
                                         std::pair("none", "forall (x=1)"),
                                         std::pair("none", "~exists (x=2)"),
                                         std::pair("none", "exists (x=2)")));

}  // namespace
}  // namespace ringtail::witness
