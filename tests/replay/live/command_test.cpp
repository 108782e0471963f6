// SPDX-License-Identifier: GPL-2.0-or-later
// `ringtail fuzz calls` as a command: what is in the corpus comes first, programs on the kernel and captures
// as they are, and a file that cannot be read is no silence.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "tests/folder.h"

namespace ringtail {
namespace {

namespace fs = std::filesystem;

class FuzzCalls : public testing::Test {
 protected:
  void write(const char* name, const std::string& text) { std::ofstream(corpus_ / name) << text; }

  std::string run(const std::string& rest, int status) {
    const fs::path out = corpus_ / "out";
    const int got =
        WEXITSTATUS(std::system(("'" RINGTAIL_BINARY "' fuzz calls --corpus '" + corpus_.string() + "' " +
                                 rest + " > '" + out.string() + "' 2>&1")
                                    .c_str()));
    std::ifstream in(out, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(in), {});
    EXPECT_EQ(got, status) << text;
    return text;
  }

  const tests::Folder corpus_;
};

TEST_F(FuzzCalls, RunsTheCorpusAndThenItsCases) {
  write("one.calls", "recorder facts\nthread\nmadvise(arena+1, 0x1000, 4)\nmunmap(arena, 0)\n");
  EXPECT_EQ(run("--cases 0", 0),
            "0 random programs from seed 1 and 1 of the corpus: 2 calls, 2 judged, 0 divergences\n");
  EXPECT_NE(run("--cases 3 --seed 5 --family memory --threads 1", 0)
                .find("3 random programs from seed 5 and 1 of the corpus: "),
            std::string::npos);
  EXPECT_NE(run("--cases 1 --json", 0).find("\"verdict\": \"conforms\""), std::string::npos);
}

TEST_F(FuzzCalls, ACaptureThatDivergesIsAViolation) {
  write("wrong.jsonl",
        "{\"ringtail\":\"capture\",\"version\":1}\n"
        "{\"e\":\"call\",\"tid\":1,\"line\":[1,1],\"seq\":[1,2],\"name\":\"madvise\",\"args\":[4097,4096,4],"
        "\"ret\":0}\n");
  const std::string text = run("--cases 0", 1);
  EXPECT_NE(text.find("madvise(0x1001, 0x1000, 4)"), std::string::npos) << text;
  EXPECT_NE(text.find("allowed   -EINVAL"), std::string::npos) << text;
  EXPECT_NE(text.find("1 divergences"), std::string::npos) << text;
}

TEST_F(FuzzCalls, SaysWhatItCannotRead) {
  write("torn.calls", "thread\nmunmap(arena");
  EXPECT_NE(run("--cases 0", 2).find("torn.calls:2: expected NAME(ARGUMENTS)"), std::string::npos);
  fs::remove(corpus_ / "torn.calls");
  write("torn.jsonl", "{\"ringtail\":\"capture\",\"version\":1}\n{\"e\":");
  EXPECT_NE(run("--cases 0", 2).find("torn.jsonl: line 2:"), std::string::npos);
  fs::remove(corpus_ / "torn.jsonl");
  run("--cases 0 --family moon", 2);
}

}  // namespace
}  // namespace ringtail
