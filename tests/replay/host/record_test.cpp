// SPDX-License-Identifier: GPL-2.0-or-later
// Records real programs on the machine that runs the tests.
#include "replay/host/record.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/folder.h"

namespace ringtail::host {
namespace {

class Record : public ::testing::Test {
 protected:
  std::vector<std::string> lines_of(const std::string& path) {
    std::ifstream in(path);
    std::vector<std::string> lines;
    for (std::string l; std::getline(in, l);) lines.push_back(l);
    return lines;
  }
  static bool any(const std::vector<std::string>& lines, const std::string& what) {
    return std::any_of(lines.begin(), lines.end(),
                       [&](const std::string& l) { return l.find(what) != std::string::npos; });
  }
  const tests::Folder folder_;
};

TEST_F(Record, WritesFactsThenTheMapThatExecveMadeThenCalls) {
  const std::string out = folder_ / "a.strace";
  setenv("RINGTAIL_TEST_SECRET", "hush-hush", 1);
  const auto done = record({out, {"sh", "-c", "exec true hush-hush"}, Recorder::strace, false});
  ASSERT_TRUE(done) << done.error();
  EXPECT_EQ(done->status, 0);
  EXPECT_EQ(done->maps, 2u);
  const auto lines = lines_of(out);
  EXPECT_EQ(lines.size(), done->lines);
  ASSERT_GT(lines.size(), 20u);
  EXPECT_EQ(lines[0].rfind("# ringtail kernel=", 0), 0u);
  const auto exec = std::find_if(lines.begin(), lines.end(), [](const auto& l) { return l[0] != '#'; });
  EXPECT_NE(exec->find(" execve(\""), std::string::npos) << *exec;
  EXPECT_EQ((exec + 1)->rfind("# ringtail pid=" + std::to_string(std::atoi(exec->c_str())), 0), 0u)
      << *(exec + 1);
  EXPECT_EQ((exec + 2)->rfind("# ringtail map=", 0), 0u) << *(exec + 2);
  EXPECT_TRUE(any(lines, "[stack]"));
  EXPECT_TRUE(any(lines, "exit_group(0)"));
  EXPECT_FALSE(any(lines, "hush-hush")) << "an argument or the environment got into the capture";
  EXPECT_FALSE(any(lines, "DELAYED"));
}

TEST_F(Record, HasTheWritesThatMayBeToMemory) {
  const std::string out = folder_ / "w.strace";
  const std::string write = "import os; f = os.open('" + (folder_ / "file").string() +
                            "', os.O_RDWR | os.O_CREAT); os.pwrite(f, b'x', 8)";
  const auto done = record({out, {"python3", "-c", write}, Recorder::strace, false});
  ASSERT_TRUE(done) << done.error();
  EXPECT_EQ(done->status, 0);
  EXPECT_TRUE(any(lines_of(out), " pwrite64(")) << "hunt looks for those to /proc/PID/mem";
}

TEST_F(Record, PassesTheCommandsStatusOn) {
  const auto done = record({folder_ / "b.strace.zst", {"sh", "-c", "exit 7"}, Recorder::strace, false});
  ASSERT_TRUE(done) << done.error();
  EXPECT_EQ(done->status, 7);
}

TEST_F(Record, SaysWhatCannotBeStarted) {
  const auto done = record({folder_ / "c.strace", {"no-such-program"}, Recorder::strace, false});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(), "cannot run 'no-such-program' under 'strace': one of the two is not there");
  const auto nowhere = record({"/no/such/folder/c.strace", {"true"}, Recorder::strace, false});
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error(), "/no/such/folder/c.strace: No such file or directory");
}

}  // namespace
}  // namespace ringtail::host
