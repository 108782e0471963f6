// SPDX-License-Identifier: GPL-2.0-or-later
// A search divided among threads says what one alone says, to the last count and the same witness.
#include <atomic>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "checker/explore/explore.h"
#include "model/lang/load.h"

namespace ringtail::explore {
namespace {

using memory::Model;

TEST(Share, GivesEachPartToOne) {
  Share share;
  Part* const all = share.next();
  ASSERT_NE(all, nullptr);
  EXPECT_TRUE(all->path.empty());
  EXPECT_FALSE(share.wanted());
  Part* taken = nullptr;
  std::atomic<bool> looked = false;
  std::thread other([&] {
    while (Part* const part = share.next()) {
      taken = part;
      while (!looked) std::this_thread::yield();
      share.done(*part, {20, 2}, false);
    }
  });
  while (!share.wanted()) std::this_thread::yield();
  share.give(*all, {1, 0}, 3);
  EXPECT_FALSE(share.wanted()) << "while one part is there for the one who waits";
  looked = true;
  share.done(*all, {5, 0}, false);
  other.join();
  EXPECT_EQ(share.next(), nullptr);
  ASSERT_NE(taken, nullptr);
  EXPECT_EQ(taken->path, (std::vector<std::uint32_t>{1, 0}));
  EXPECT_EQ(taken->from, 3u);
  EXPECT_LT(all->order, taken->order);
  EXPECT_EQ(share.end(), nullptr);
  EXPECT_EQ(share.total().executions, 25u);
  EXPECT_EQ(share.total().blocked, 2u);
}

TEST(Share, WhatComesAfterTheEndDoesNotCount) {
  Share share;
  Part* const first = share.next();
  share.give(*first, {}, 7);
  Part* const third = share.next();
  share.give(*first, {2}, 5);
  Part* const second = share.next();
  share.done(*third, {1000, 0}, true);
  EXPECT_EQ(share.end(), third);
  EXPECT_FALSE(first->past || second->past);
  share.give(*second, {2, 8}, 1);
  share.done(*first, {10, 0}, true);
  EXPECT_EQ(share.end(), first) << "an earlier end outdoes a later one";
  EXPECT_TRUE(second->past);
  share.give(*second, {2, 6}, 1);
  share.done(*second, {500, 0}, true);
  EXPECT_EQ(share.next(), nullptr) << "what was given away after the end is nobody's";
  EXPECT_EQ(share.end(), first);
  EXPECT_EQ(share.total().executions, 10u);
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
