// SPDX-License-Identifier: GPL-2.0-or-later
// The number of executions of the field's usual programs: what optimal stateless model checkers explore, none
// of them twice and none blocked.
#include <gtest/gtest.h>

#include "checker/explore/explore.h"
#include "model/lang/load.h"

namespace ringtail::explore {
namespace {

struct Row {
  const char* program;
  const char* n;
  std::uint64_t sc, tso, lkmm;
};

TEST(Counts, AreThoseOfOptimalPeers) {
  const Row rows[] = {
      {"lastzero", "12", 15360, 15360, 15360}, {"readers", "13", 8192, 8192, 8192},
      {"fib_bench", "4", 19605, 34205, 34205}, {"ainc", "8", 1, 1, 40320},
      {"sb_ring", "14", 16383, 16384, 16384},  {"lb_ring", "14", 16383, 16383, 16384},
  };
  for (const Row& r : rows) {
    const auto spec = lang::load_file(
        std::string(RINGTAIL_SOURCE_DIR "/tests/bench/explore/") + r.program + ".c", {{"N", r.n}});
    ASSERT_TRUE(spec) << spec.error().text;
    const auto count = [&](memory::Model m) {
      const Outcome o = explore(spec->program, {.model = m, .merge_twins = false});
      EXPECT_EQ(o.result, Result::safe) << r.program;
      EXPECT_EQ(o.blocked, 0u) << r.program;
      return o.executions;
    };
    EXPECT_EQ(count(memory::Model::sc), r.sc) << r.program;
    EXPECT_EQ(count(memory::Model::tso), r.tso) << r.program;
    EXPECT_EQ(count(memory::Model::lkmm), r.lkmm) << r.program;
  }
}

// The others, with the lowest figure of any peer at that size and model; blocked executions are not in it.
TEST(Counts, AreNotAboveAnyPeers) {
  struct Figure {
    const char* program;
    const char* n;
    memory::Model model;
    std::uint64_t ours, peer;
  };
  using memory::Model;
  const Figure figures[] = {
      {"indexer", "16", Model::sc, 32768, 32768}, {"indexer", "16", Model::tso, 32768, 32768},
      {"indexer", "15", Model::lkmm, 4096, 4096}, {"szymanski", "4", Model::sc, 15126, 15126},
      {"treiber", "3", Model::sc, 46824, 46824},  {"treiber", "3", Model::tso, 46824, 46824},
      {"ms_queue", "2", Model::sc, 26, 50},       {"ms_queue", "2", Model::tso, 26, 50},
      {"ttaslock", "5", Model::sc, 14400, 14400}, {"ttaslock", "5", Model::tso, 14400, 14400},
      {"linuxrwlocks", "3", Model::sc, 690, 690}, {"linuxrwlocks", "3", Model::tso, 690, 690},
  };
  for (const Figure& f : figures) {
    const auto spec = lang::load_file(
        std::string(RINGTAIL_SOURCE_DIR "/tests/bench/explore/") + f.program + ".c", {{"N", f.n}});
    ASSERT_TRUE(spec) << spec.error().text;
    const Outcome o = explore(spec->program, {.model = f.model, .merge_twins = false});
    EXPECT_EQ(o.result, Result::safe) << f.program;
    EXPECT_EQ(o.executions, f.ours) << f.program;
    EXPECT_LE(o.executions, f.peer) << f.program;
  }
}

// A thread that waits may have to be in the graph, but not once for each write that does not let it go.
TEST(Counts, BlockedAreNoMore) {
  struct Figure {
    const char* program;
    std::vector<lang::Define> defines;
    std::uint64_t executions, blocked;
  };
  const Figure figures[] = {
      {"bench/explore/ttaslock.c", {{"N", "4"}}, 576, 636},
      {"bench/explore/ms_queue.c", {{"N", "2"}}, 26, 72},
      {"bench/explore/szymanski.c", {{"N", "3"}}, 1068, 6987},
      {"bench/explore/treiber.c", {{"W", "2"}, {"R", "2"}}, 42, 30},
      {"bench/explore/linuxrwlocks.c", {{"N", "3"}}, 690, 1047},
      {"data/explore/reopened.c", {}, 273, 22},
  };
  for (const Figure& f : figures)
    for (const memory::Model model : {memory::Model::sc, memory::Model::tso}) {
      const auto spec = lang::load_file(std::string(RINGTAIL_SOURCE_DIR "/tests/") + f.program, f.defines);
      ASSERT_TRUE(spec) << spec.error().text;
      const Outcome o = explore(spec->program, {.model = model});
      EXPECT_EQ(o.executions, f.executions) << f.program;
      EXPECT_LE(o.blocked, f.blocked) << f.program;
    }
}

}  // namespace
}  // namespace ringtail::explore
