// SPDX-License-Identifier: GPL-2.0-or-later
// `ringtail run` on the kernel that runs the tests: it holds, and what a gate between it and that kernel does
// wrong is found and called by its name.
#include "replay/run/run.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <nlohmann/json.hpp>

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "replay/capture/reader.h"
#include "tests/folder.h"

namespace ringtail::run {
namespace {

Options small() {
  Options o;
  o.pages = 512;
  o.rounds = 5;
  o.folder = ::testing::TempDir();
  return o;
}

Outcome run_here(const Options& o) {
  auto done = run(o, [](const std::string&) {});
  EXPECT_TRUE(done) << done.error();
  return done ? std::move(*done) : Outcome{};
}

// What a faulty kernel would do behind a move_pages that went well. `words` is one page of those that were to
// move.
using Fault = std::function<void(std::uint64_t* words, int* status)>;

// Commits the fault at three pages that hold enough for it to show (a writer may be about to write over one).
struct Faulty {
  Fault fault;
  std::mutex mutex;
  int left = 3;

  long operator()(long number, const host::Words& a) {
    const long r = host::straight(number, a);
    if (number != SYS_move_pages || r != 0 || a[3] == 0) return r;
    const std::scoped_lock lock(mutex);
    for (std::uint64_t i = 0; i < a[1] && left > 0; ++i) {
      auto* words = reinterpret_cast<std::uint64_t*>(reinterpret_cast<std::uint64_t*>(a[2])[i] & ~0xfffull);
      int* status = &reinterpret_cast<int*>(a[4])[i];
      if (*status < 0 || !written(words)) continue;
      fault(words, status);
      --left;
    }
    return r;
  }
  static bool written(const std::uint64_t* words) {
    return is_stamp(words[0]) && is_stamp(words[kWords - 1]) && stamp_of(words[0]).generation > 0 &&
           stamp_of(words[kWords - 1]).generation > 0;
  }
};

// One mover and, beside the one that must be there, no writer that could cover the traces.
Outcome run_with(Fault fault) {
  auto faulty = std::make_shared<Faulty>();
  faulty->fault = std::move(fault);
  Options o = small();
  o.threads = 1;
  o.writers = 1;
  o.disturbers = 0;
  o.rounds = 4;
  o.gate = [faulty](long number, const host::Words& a) { return (*faulty)(number, a); };
  const Outcome out = run_here(o);
  EXPECT_EQ(faulty->left, 0);
  return out;
}

bool found(const Outcome& o, const std::string& what) {
  return std::any_of(o.storm.tally.findings.begin(), o.storm.tally.findings.end(),
                     [&](const Finding& f) { return f.what == what; });
}

TEST(Run, HoldsHere) {
  const Outcome o = run_here(small());
  EXPECT_FALSE(o.violated()) << report_text(o);
  EXPECT_EQ(o.verdict(), o.lacks_node() ? "inconclusive" : "holds");
  EXPECT_EQ(o.storm.rounds, 5u);
  EXPECT_GT(o.storm.judged.total().conforms, 500u);
  EXPECT_GT(o.storm.tally.writes, 1000u);
  EXPECT_EQ(o.lacks_node(), report_text(o).find("no second node") != std::string::npos);
}

TEST(Run, SaysSoInJson) {
  const Outcome o = run_here(small());
  const auto json = nlohmann::json::parse(report_json(o));
  for (const char* name :
       {"host", "pages", "moved", "statuses", "lost_writes", "content_errors", "verdict", "copy"})
    EXPECT_TRUE(json.contains(name)) << name;
  EXPECT_EQ(json["host"]["nodes"].size(), o.host.nodes.size());
  EXPECT_EQ(json["calls"]["diverges"], 0);
  EXPECT_EQ(json["verdict"], std::string(o.verdict()));
}

TEST(Run, KeepsACaptureThatReplaysToTheSameVerdicts) {
  Options o = small();
  const tests::Folder folder;
  o.capture = folder / "run.jsonl.zst";
  const Outcome out = run_here(o);
  const auto reader = capture::Reader::open({o.capture});
  ASSERT_TRUE(reader) << reader.error();
  oracle::Oracle oracle({});
  oracle.shows_signals(true);
  for (capture::Event e; (*reader)->next(e);) oracle.take(e);
  EXPECT_EQ(oracle.summary().problems, 0u);
  EXPECT_EQ(oracle.summary().total(), out.storm.judged.total());
  EXPECT_EQ(oracle.summary().exact, out.storm.judged.exact);
}

TEST(Run, MemoryThatCannotBeHadIsLeftOutAndSaid) {
  Options o = small();
  o.folder = "/dev/null/nowhere";
  EXPECT_FALSE(run(o, [](const std::string&) {})) << "no place for files at all";
  o = small();
  o.huge = true;
  o.pages = std::size_t{1} << 22;  // 16 GiB of hugetlb is more than the pool has
  o.rounds = 0;
  const Outcome out = run_here(o);
  EXPECT_EQ(out.storm.not_run.count(Kind::hugetlb), 1u);
  EXPECT_NE(report_text(out).find("not done here:\n    hugetlb"), std::string::npos) << report_text(out);
}

TEST(Run, NothingDoneIsInconclusive) {
  Options o = small();
  o.storm = o.copy = false;
  EXPECT_EQ(run_here(o).verdict(), "inconclusive");
}

TEST(Run, NodesThatThereAreNotAreRefused) {
  Options o = small();
  o.nodes = {0, 777};
  const auto done = run(o, [](const std::string&) {});
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().find("777"), std::string::npos);
}

int status_of(const std::string& arguments) {
  const std::string command = std::string(RINGTAIL_BINARY) + " run --folder " + ::testing::TempDir() + " " +
                              arguments + " >/dev/null 2>&1";
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(RunCommand, LeavesWithTheStatusOfWhatItFound) {
  const bool one_node = host::Topology::of_this_host().usable().size() < 2;
  EXPECT_EQ(status_of("--rounds 1 --pages 64 --no-copy"), one_node ? 3 : 0);
  EXPECT_EQ(status_of("--rounds 1 --nodes 0,999"), 2);
  EXPECT_EQ(status_of("--rounds 1 --device /dev/null"), 2);
  EXPECT_EQ(status_of("--batch 65537"), 2);
}

TEST(PlantedFault, ACopyThatSkipsAPage) {
  const Outcome o = run_with([](std::uint64_t* words, int*) { std::memset(words, 0, kPageBytes); });
  EXPECT_TRUE(found(o, "content gone") || found(o, "lost write")) << report_text(o);
  EXPECT_EQ(o.verdict(), "violation");
}

TEST(PlantedFault, ACopyThatStopsHalfWay) {
  const Outcome o =
      run_with([](std::uint64_t* words, int*) { std::memset(words + kWords / 2, 0, kPageBytes / 2); });
  EXPECT_EQ(o.verdict(), "violation");
}

TEST(PlantedFault, ALostWrite) {
  const Outcome o = run_with([](std::uint64_t* words, int*) {
    Stamp s = stamp_of(words[3]);
    s.generation -= 1;
    words[3] = word_of(s);
  });
  EXPECT_TRUE(found(o, "lost write") || found(o, "content that nobody wrote")) << report_text(o);
}

TEST(PlantedFault, AStalePage) {
  const Outcome o = run_with([](std::uint64_t* words, int*) {
    for (std::size_t w = 0; w < kWords; ++w) {
      Stamp s = stamp_of(words[w]);
      s.generation -= s.generation > 0;
      words[w] = word_of(s);
    }
  });
  EXPECT_EQ(o.verdict(), "violation");
  EXPECT_TRUE(found(o, "stale page") || found(o, "lost write") || found(o, "torn copy")) << report_text(o);
}

TEST(PlantedFault, AnotherPagesContent) {
  const Outcome o = run_with([](std::uint64_t* words, int*) {
    Stamp s = stamp_of(words[9]);
    s.page += 1;
    words[9] = word_of(s);
  });
  EXPECT_TRUE(found(o, "content of another page")) << report_text(o);
}

TEST(PlantedFault, APageLeftUnderMigration) {
  Options o = small();
  o.disturbers = 0;
  o.rounds = 1;
  auto stuck = std::make_shared<std::uint64_t>(0);
  o.residence = [stuck](std::uint64_t address) {
    if (*stuck == 0) *stuck = address;
    Residence r = residence(address);
    if (address == *stuck) r = {true, false, true};  // an entry that stays
    return r;
  };
  const Outcome out = run_here(o);
  if (out.host.swap_kib != 0) GTEST_SKIP() << "with swap an entry may be one of its own";
  EXPECT_EQ(out.storm.tally.left_behind, 1u);
  EXPECT_TRUE(found(out, "migration entry left behind")) << report_text(out);
  EXPECT_EQ(out.verdict(), "violation");
}

// The process of a thread that hangs cannot go on: this one is another.
TEST(PlantedFault, AThreadThatHangsInTheKernel) {
  const pid_t child = fork();
  if (child == 0) {
    Options o = small();
    o.threads = 1;
    o.rounds = 2;
    o.patience = 2;
    auto calls = std::make_shared<std::atomic<int>>(0);
    o.gate = [calls](long number, const host::Words& a) {
      if (number == SYS_move_pages && a[3] != 0 && ++*calls == 2)
        for (;;) pause();
      return host::straight(number, a);
    };
    const auto done = run(o, [](const std::string&) {});
    const bool told = done && found(*done, "a thread hangs in the kernel") && done->verdict() == "violation";
    _exit(told ? 7 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status)) << status;
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

// A call that takes long, on a machine with too much to do.
TEST(Run, AThreadThatIsAtWorkDoesNotHang) {
  Options o = small();
  o.threads = 1;
  o.rounds = 1;
  o.patience = 0.3;
  auto calls = std::make_shared<std::atomic<int>>(0);
  o.gate = [calls](long number, const host::Words& a) {
    if (number == SYS_move_pages && a[3] != 0 && ++*calls == 2) {
      const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(1000);
      while (std::chrono::steady_clock::now() < end) continue;
    }
    return host::straight(number, a);
  };
  const Outcome out = run_here(o);
  EXPECT_GE(*calls, 2);
  EXPECT_FALSE(found(out, "a thread hangs in the kernel")) << report_text(out);
}

TEST(PlantedFault, AStatusThatIsOffByOne) {
  const Outcome o = run_with([](std::uint64_t*, int* status) { ++*status; });
  EXPECT_EQ(o.storm.tally.findings.size(), 0u);
  ASSERT_GE(o.storm.judged.divergences.size(), 1u);
  EXPECT_EQ(o.storm.judged.divergences[0].rule, "move_pages.status-moved");
  EXPECT_EQ(o.verdict(), "violation");
}

TEST(Copy, BestBatchIsTheSmallestThatComesClose) {
  const auto row = [](std::size_t batch, double rate) {
    CopyRow r;
    r.batch = batch;
    r.pages_per_s = rate;
    return r;
  };
  EXPECT_EQ(best_batch({}), 0u);
  EXPECT_EQ(best_batch({row(1, 10), row(16, 80), row(256, 97), row(4096, 100), row(65536, 99)}), 256u);
}

TEST(Copy, PlotHasALineForEachPairPageSizeAndCrew) {
  std::vector<CopyRow> rows;
  for (const unsigned threads : {1u, 2u})
    for (const std::size_t batch : {std::size_t{1}, std::size_t{4096}}) {
      CopyRow r;
      r.to = 1, r.threads = threads, r.batch = batch;
      r.gb_per_s = 0.5 * threads;
      rows.push_back(r);
    }
  const std::string svg = copy_plot(rows);
  std::size_t lines = 0;
  for (std::size_t at = 0; (at = svg.find("<polyline", at)) != std::string::npos; ++at) ++lines;
  EXPECT_EQ(lines, 2u);
  EXPECT_NE(svg.find("0 to 1, 4 KB, 2 threads"), std::string::npos);
  EXPECT_EQ(svg.rfind("</svg>\n"), svg.size() - 7);
}

}  // namespace
}  // namespace ringtail::run
