// SPDX-License-Identifier: GPL-2.0-or-later
// A search divided among threads says what one alone says, to the last count and the same witness.
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "checker/explore/explore.h"
#include "model/lang/load.h"

namespace ringtail::explore {
namespace {

using memory::Model;

TEST(Share, HandsOutEachSubtreeOnce) {
  Share share;
  EXPECT_TRUE(share.claim(0));
  EXPECT_TRUE(share.claim(2));
  EXPECT_FALSE(share.claim(0));
  share.done(2, {20, 2}, false);
  EXPECT_TRUE(share.claim(1));
  share.done(0, {1, 0}, false);
  EXPECT_FALSE(share.claim(0));
  share.done(1, {5, 0}, false);
  EXPECT_EQ(share.end(), Share::none);
  EXPECT_EQ(share.total().executions, 26u);
  EXPECT_EQ(share.total().blocked, 2u);
}

TEST(Share, WhatComesAfterTheEndDoesNotCount) {
  Share share;
  for (std::uint64_t i = 0; i < 4; ++i) EXPECT_TRUE(share.claim(i));
  share.done(3, {1000, 0}, true);
  EXPECT_EQ(share.end(), 3u);
  share.done(1, {10, 0}, true);
  EXPECT_EQ(share.end(), 1u) << "an earlier end outdoes a later one";
  EXPECT_TRUE(share.past(2));
  EXPECT_FALSE(share.claim(7));
  share.done(2, {500, 0}, false);
  share.done(0, {1, 0}, false);
  EXPECT_EQ(share.total().executions, 11u);
}

// The outcome of a search alone, and with three helpers at once.
void same(const std::string& path, const std::vector<lang::Define>& defines, Model model) {
  const auto spec = lang::load_file(path, defines);
  ASSERT_TRUE(spec) << spec.error().text;
  const Outcome alone = explore(spec->program, {.model = model});
  Spare spare(3);
  EXPECT_EQ(explore(spec->program, {.model = model, .spare = &spare}), alone) << path << memory::name(model);
  EXPECT_TRUE(spare.take() && spare.take() && spare.take()) << "helpers are given back";
}

TEST(Share, ChangesNothing) {
  const std::string bench = RINGTAIL_SOURCE_DIR "/tests/bench/explore/";
  for (const Model model : {Model::sc, Model::tso, Model::lkmm}) {
    same(bench + "sb_ring.c", {{"N", "14"}}, model);
    same(bench + "fib_bench.c", {{"N", "3"}}, model);
    same(bench + "ttaslock.c", {{"N", "3"}}, model);
    same(bench + "ms_queue.c", {{"N", "2"}}, model);
    for (const char* folder : {"/tests/data/explore", "/specs/examples"})
      for (const auto& file : std::filesystem::directory_iterator(std::string(RINGTAIL_SOURCE_DIR) + folder))
        same(file.path().string(), {}, model);
  }
}

}  // namespace
}  // namespace ringtail::explore
