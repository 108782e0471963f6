// SPDX-License-Identifier: GPL-2.0-or-later
// ringtail hunt, from a capture to a named bug: Dirty COW, and two bugs of AIO, on kernels that had them and
// on kernels that had them fixed; that it says the same with the cache and without; that what it emits can be
// checked alone.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "tests/folder.h"

namespace ringtail {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const std::string kTraces = RINGTAIL_SOURCE_DIR "/traces/";

class Hunt : public ::testing::Test {
 protected:
  int run(const std::string& args) {
    const std::string out = (dir_ / "out").string(), err = (dir_ / "err").string();
    const int status = std::system(("XDG_CACHE_HOME=" + (dir_ / "cache").string() + " " + RINGTAIL_BINARY +
                                    " " + args + " >" + out + " 2>" + err)
                                       .c_str());
    out_ = content(out);
    err_ = content(err);
    return WEXITSTATUS(status);
  }
  static std::string content(const fs::path& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  std::string file(const std::string& name, const std::string& text) {
    std::ofstream(dir_ / name) << text;
    return (dir_ / name).string();
  }
  // The result of the first shape whose name begins so, under a model.
  static json result(const json& report, const std::string& shape, const std::string& model) {
    for (const json& s : report["captures"][0]["shapes"])
      if (s["shape"].get<std::string>().starts_with(shape))
        for (const json& r : s["results"])
          if (r["model"] == model) return r;
    return nullptr;
  }
  // Ids of the known bugs of all violations under a model.
  static std::vector<std::string> bugs(const json& report, const std::string& model) {
    std::vector<std::string> out;
    for (const json& s : report["captures"][0]["shapes"])
      for (const json& r : s["results"])
        if (r["model"] == model)
          for (const json& b : r["bugs"]) out.push_back(b["id"]);
    return out;
  }

  const tests::Folder dir_;
  std::string out_, err_;
};

constexpr const char* kDirtyCow =
    "madvise(MADV_DONTNEED) beside a write through /proc/PID/mem: the same pages, private, of a file";

TEST_F(Hunt, DirtyCowIsNamedWhereTheKernelHadIt) {
  const std::string capture = kTraces + "dirty-cow.strace.zst";
  EXPECT_EQ(run("hunt --kernel 4.4 --json " + capture), 1);
  const json old = json::parse(out_);
  for (const char* model : {"sc", "tso", "lkmm"}) {
    const json r = result(old, kDirtyCow, model);
    ASSERT_TRUE(r.is_object());
    EXPECT_EQ(r["verdict"], "violation");
    EXPECT_EQ(r["class"], "invariant");
    EXPECT_TRUE(r["known"]);
    EXPECT_EQ(r["bugs"][0]["id"], "MADV-01");
    EXPECT_EQ(r["bugs"][0]["commit"], "19be0eaffa3a");
    EXPECT_FALSE(r["witness"].is_null());
    EXPECT_EQ(bugs(old, model), std::vector<std::string>{"MADV-01"}) << "and nothing else";
  }
  EXPECT_EQ(run("hunt --kernel 4.9 --json " + capture), 0);
  EXPECT_EQ(json::parse(out_)["verdict"], "safe");
}

TEST_F(Hunt, DirtyCowsWitnessIsItsStory) {
  EXPECT_EQ(run("hunt --kernel 4.4 --model sc " + kTraces + "dirty-cow.strace.zst"), 1);
  // The write breaks the COW and forgets that it writes; the page goes; the page cache's page is written to.
  std::size_t at = 0;
  for (const char* step : {"private_writes_leave_the_file_alone", "faultin_page()", "WRITE_ONCE(flags, 22)",
                           "zap_pte_range()", "follow_page_pte()", "op_mem_write()"}) {
    at = out_.find(step, at);
    EXPECT_NE(at, std::string::npos) << step;
  }
  EXPECT_NE(out_.find("known bug under sc: MADV-01 19be0eaffa3a (v4.9)"), std::string::npos);
}

TEST_F(Hunt, DestroyAgainstSubmitIsABugOfOldKernels) {
  const std::string capture = kTraces + "libaio-harness-concurrent.strace.zst";
  EXPECT_EQ(run("hunt --kernel 2.6.28 --model sc --json " + capture), 1);
  const json old = json::parse(out_);
  const json r = result(old, "io_submit beside io_destroy", "sc");
  EXPECT_EQ(r["verdict"], "violation");
  EXPECT_EQ(r["bugs"][0]["id"], "AIO-05");
  EXPECT_EQ(run("hunt --model sc --json " + capture), 3) << "sets of three are not explored";
  for (const json& s : json::parse(out_)["captures"][0]["shapes"])
    EXPECT_EQ(s["verdict"], s["operations"].size() == 3 ? "not explored" : "safe") << s["shape"];
}

TEST_F(Hunt, TheLostWakeupOfAioCompleteTakesAStoreBuffer) {
  const std::string capture = kTraces + "fio-depth1.strace.zst";
  EXPECT_EQ(run("hunt --kernel 2.6.24 --json " + capture), 1);
  const json old = json::parse(out_);
  const char* shape = "the completion of a request beside io_getevents";
  EXPECT_EQ(result(old, shape, "sc")["verdict"], "safe");
  const json r = result(old, shape, "tso");
  EXPECT_EQ(r["class"], "lost wakeup");
  EXPECT_EQ(bugs(old, "tso"), std::vector<std::string>{"AIO-03"});
  EXPECT_EQ(bugs(old, "lkmm"), (std::vector<std::string>{"AIO-01", "AIO-03"}));
  EXPECT_EQ(run("hunt --kernel 6.1 " + capture), 0);
}

TEST_F(Hunt, SaysTheSameWithTheCacheAndWithManyJobs) {
  const std::string args = "hunt --kernel 4.4 " + kTraces + "dirty-cow.strace.zst";
  EXPECT_EQ(run(args + " --no-cache"), 1);
  const std::string told = out_;
  EXPECT_FALSE(fs::exists(dir_ / "cache")) << "--no-cache leaves nothing behind";
  EXPECT_EQ(run(args), 1);
  EXPECT_EQ(out_, told);
  EXPECT_TRUE(fs::exists(dir_ / "cache"));
  EXPECT_EQ(run(args), 1);
  EXPECT_EQ(out_, told);
  EXPECT_NE(err_.find("programs explored: 0"), std::string::npos) << err_;
  EXPECT_EQ(run(args + " --jobs 3 --no-cache"), 1);
  EXPECT_EQ(out_, told);
  // A damaged entry is explored again.
  for (const auto& entry : fs::directory_iterator(dir_ / "cache" / "ringtail"))
    std::ofstream(entry.path()) << "{}";
  EXPECT_EQ(run(args), 1);
  EXPECT_EQ(out_, told);
}

TEST_F(Hunt, WhatItEmitsCanBeCheckedAloneAndIsC) {
  const std::string folder = (dir_ / "emitted").string();
  EXPECT_EQ(run("hunt --kernel 4.4 --emit " + folder + " " + kTraces + "dirty-cow.strace.zst"), 1);
  const std::string name = "dontneed-mem_write-private_file-read_only.c", program = folder + "/" + name;
  EXPECT_EQ(run("check -f plain=once --model sc " + program), 1);
  EXPECT_NE(out_.find("violation (invariant)"), std::string::npos) << out_;
  EXPECT_EQ(run("check -f plain=once --model sc -D FIX_MADV_01 " + program), 0);
  EXPECT_EQ(
      std::system(
          ("cc -std=gnu11 -Wall -Werror -fsyntax-only -I" RINGTAIL_SOURCE_DIR "/specs/include " + program)
              .c_str()),
      0);
  // Its text is the golden of what a program looks like.
  EXPECT_EQ(content(program), content(RINGTAIL_SOURCE_DIR "/tests/data/hunt/" + name));
}

TEST_F(Hunt, TheReport) {
  EXPECT_EQ(run("hunt --kernel 4.9 " + kTraces + "dirty-cow.strace.zst"), 0);
  out_.replace(0, kTraces.size(), "");
  EXPECT_EQ(out_, content(RINGTAIL_SOURCE_DIR "/tests/data/hunt/dirty-cow-4.9.txt"));
}

TEST_F(Hunt, FilesWithoutTimesDoNotTellWhatOverlapped) {
  const std::string one = file("x.strace.7", "munmap(0x10000, 4096) = 0\n");
  const std::string two = file("x.strace.8", "munmap(0x10000, 4096) = 0\n");
  EXPECT_EQ(run("hunt " + one + " " + two), 3);
  EXPECT_NE(out_.find("which calls overlapped is not known"), std::string::npos) << out_;
}

TEST_F(Hunt, SetsOfThreeAreNamedAndExploredWhenAsked) {
  std::string text =
      "7 execve(\"/bin/x\", [\"x\"], 0x7ffc0 /* 0 vars */) = 0\n"
      "7 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000010000\n";
  for (const char* thread : {"8", "9"})
    text += std::string("7 clone(child_stack=0x7f1000, flags=CLONE_VM|CLONE_FILES|CLONE_THREAD) = ") +
            thread + "\n";
  text +=
      "7 munmap(0x7f0000010000, 4096 <unfinished ...>\n8 mlock(0x7f0000010000, 8192 <unfinished ...>\n"
      "9 madvise(0x7f0000010000, 4096, MADV_DONTNEED) = 0\n8 <... mlock resumed>) = 0\n"
      "7 <... munmap resumed>) = 0\n";
  const std::string capture = file("three.strace", text);
  const std::string name = "madvise(MADV_DONTNEED) beside munmap beside mlock: the same pages";
  EXPECT_EQ(run("hunt --model sc " + capture), 3) << "it has a set that nobody looked into";
  EXPECT_NE(out_.find(name), std::string::npos) << out_;
  EXPECT_NE(out_.find("not explored: --calls 3 asks for that"), std::string::npos) << out_;
  EXPECT_NE(out_.find(", not explored: 1\n"), std::string::npos) << out_;
  EXPECT_EQ(run("hunt --model sc --json " + capture), 3);
  EXPECT_EQ(json::parse(out_)["verdict"], "inconclusive");
  EXPECT_EQ(run("hunt --model sc --calls 3 --json " + capture), 0);
  const json r = result(json::parse(out_), name, "sc");
  EXPECT_EQ(r["verdict"], "safe");
  EXPECT_GT(r["executions"], 3);
  EXPECT_EQ(run("hunt --calls 4 " + capture), 2);
}

// Two processes at the memory that they share, and at a file that both have open.
TEST_F(Hunt, ProcessesThatShareAFileAreExploredEachWithItsOwnPageTable) {
  const std::string capture =
      file("two.strace",
           "7 execve(\"/bin/x\", [\"x\"], 0x7ffc0 /* 0 vars */) = 0\n"
           "7 mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_ANONYMOUS, -1, 0) = 0x7f0000010000\n"
           "7 openat(AT_FDCWD, \"/tmp/data\", O_RDWR) = 3\n"
           "7 fork() = 8\n"
           "7 madvise(0x7f0000010000, 4096, MADV_REMOVE <unfinished ...>\n8 madvise(0x7f0000010000, 4096, "
           "MADV_DONTNEED) = 0\n"
           "7 <... madvise resumed>) = 0\n"
           "7 close(3 <unfinished ...>\n8 close(3) = 0\n7 <... close resumed>) = 0\n");
  const std::string folder = (dir_ / "emitted").string();
  EXPECT_EQ(run("hunt --kernel 6.1 --json --emit " + folder + " " + capture), 0);
  const json report = json::parse(out_);
  const json user = result(report, "a load or store by another thread beside madvise(MADV_REMOVE)", "lkmm");
  EXPECT_EQ(user["verdict"], "safe");
  EXPECT_GT(user["executions"], 10) << "the page goes while the other process stores";
  EXPECT_EQ(result(report, "madvise(MADV_DONTNEED) beside madvise(MADV_REMOVE)", "lkmm")["verdict"], "safe");
  const json close = result(report, "close beside close: an open file that two processes have", "lkmm");
  EXPECT_EQ(close["verdict"], "safe");
  for (const json& s : report["captures"][0]["shapes"]) EXPECT_TRUE(s["of_two_processes"]);

  // It can fail, too.
  const std::string name = folder + "/user-remove-shared_file-processes.c";
  std::string text = content(name);
  EXPECT_EQ(run("check -f plain=once --model sc " + name), 0);
  text.insert(text.find("PROCESSES_INVARIANTS"),
              "FINALLY { assert(contents[0] == contents[PTRS_PER_PTE]); }\n");
  std::ofstream(name) << text;
  EXPECT_EQ(run("check -f plain=once --model sc " + name), 0) << "both see the same";
  text.insert(text.find("FINALLY"), "FINALLY { assert(contents[0] != 0UL); }\n");
  std::ofstream(name) << text;
  EXPECT_EQ(run("check -f plain=once --model sc " + name), 1) << "what was written may be gone with the page";
}

// Two moves of the same pages have too many executions, and few states.
TEST_F(Hunt, WhatHasTooManyExecutionsEndsByItsStates) {
  const std::string capture =
      file("moves.strace",
           "7 execve(\"/bin/x\", [\"x\"], 0x7ffc0 /* 0 vars */) = 0\n"
           "7 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000010000\n"
           "7 fork() = 8\n"
           "7 move_pages(0, 2, [0x7f0000010000, 0x7f0000011000], [1, 1], [1, 1], MPOL_MF_MOVE <unfinished "
           "...>\n"
           "8 move_pages(7, 2, [0x7f0000010000, 0x7f0000011000], [0, 0], [0, 0], MPOL_MF_MOVE) = 0\n"
           "7 <... move_pages resumed>) = 0\n");
  for (const char* model : {"sc", "tso"}) {
    EXPECT_EQ(run(std::string("hunt --timeout 60 --json --model ") + model + " " + capture), 0);
    const json report = json::parse(out_);
    const json moves = result(report, "move_pages beside move_pages", model);
    EXPECT_EQ(moves["verdict"], "safe") << moves["message"];
    EXPECT_GT(moves["states_met"], 1000);
    EXPECT_EQ(result(report, "a load or store by another thread", model)["states_met"], 0)
        << "few executions stay with the explorer";
  }
  EXPECT_EQ(run("hunt --timeout 60 --model sc " + capture), 0);
  EXPECT_NE(out_.find(" states; move_pages-move_pages"), std::string::npos) << out_;
}

TEST_F(Hunt, BadInputIsToldFromWhatCannotBeDecided) {
  EXPECT_EQ(run("hunt /nonexistent"), 2);
  EXPECT_EQ(run("hunt --kernel x " + kTraces + "dirty-cow.strace.zst"), 2);
  EXPECT_EQ(run("hunt --model x " + kTraces + "dirty-cow.strace.zst"), 2);
  const std::string alone = file("alone.strace", "7 munmap(0x10000, 4096) = 0\n");
  EXPECT_EQ(run("hunt " + alone), 0) << "nothing overlaps";
  for (const std::string& nothing : {file("nothing.strace", "7 getpid() = 7\n"), std::string("/dev/null")}) {
    EXPECT_EQ(run("hunt " + nothing), 3) << "nothing was looked at";
    EXPECT_NE(out_.find("inconclusive: there is no call in it that could be looked at"), std::string::npos)
        << out_;
    EXPECT_EQ(run("hunt --json " + nothing), 3);
    EXPECT_EQ(json::parse(out_)["verdict"], "inconclusive");
  }
  const std::string damaged = file("damaged.strace", "7 munmap(0x10000, 4096) = 0\n7 munmap(0x1000\n");
  EXPECT_EQ(run("hunt " + damaged), 0);
  EXPECT_NE(out_.find("1 line could not be read"), std::string::npos) << out_;
}

TEST_F(Hunt, WhatDoesNotEndInItsTimeIsToldWithTheTime) {
  const std::string capture = kTraces + "fio-depth1.strace.zst";
  EXPECT_EQ(run("hunt --timeout 0.0001 --model lkmm " + capture), 3);
  EXPECT_NE(out_.find("lkmm: timeout (no end in 0.0001 s)"), std::string::npos) << out_;
  // The same limit again is answered by the cache; a longer one is not.
  EXPECT_EQ(run("hunt --timeout 0.0001 --model lkmm " + capture), 3);
  EXPECT_NE(err_.find("programs explored: 0,"), std::string::npos) << err_;
  EXPECT_EQ(run("hunt --timeout 20 --model lkmm " + capture), 0);
  EXPECT_EQ(out_.find("timeout"), std::string::npos) << out_;

  // Where SC does not end, models that allow more are not asked.
  EXPECT_EQ(run("hunt --timeout 0.0001 --no-cache " + capture), 3);
  EXPECT_NE(out_.find("sc: timeout (no end in 0.0001 s)"), std::string::npos) << out_;
  EXPECT_NE(out_.find("lkmm: timeout (tso has not ended), 0 executions"), std::string::npos) << out_;
  EXPECT_EQ(run("hunt --budget 0 --no-cache " + capture), 3);
  EXPECT_NE(out_.find("sc: timeout (the budget is spent), 0 executions"), std::string::npos) << out_;
}

}  // namespace
}  // namespace ringtail
