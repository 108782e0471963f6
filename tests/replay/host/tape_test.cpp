// SPDX-License-Identifier: GPL-2.0-or-later
// Calls that the test makes, as the tape has them.
#include "replay/host/tape.h"

#include <cerrno>
#include <thread>

#include <gtest/gtest.h>
#include <linux/aio_abi.h>
#include <sys/mman.h>
#include <unistd.h>

namespace ringtail::host {
namespace {

using capture::Event;
using kernel::Call;
using kernel::Sys;

std::uint64_t word(const void* p) { return reinterpret_cast<std::uint64_t>(p); }

class Tapes : public ::testing::Test {
 protected:
  Call one(Sys sys, const Words& args) {
    tape_.call(sys, args);
    const auto events = merged({&tape_});
    EXPECT_EQ(events.size(), 1u);
    return events.at(0).call;
  }
  Clock clock_;
  Tape tape_{clock_};
};

TEST_F(Tapes, HoldWhatThePointersOfMovePagesPointAt) {
  alignas(4096) static char page[4096];
  page[0] = 1;
  std::uint64_t pages[2] = {word(page), 0x10};
  int nodes[2] = {0, 0}, status[2] = {-77, -77};
  const Call c = one(Sys::move_pages, {0, 2, word(pages), word(nodes), word(status), 2});
  EXPECT_EQ(c.pages.items, (std::vector<std::uint64_t>{word(page), 0x10}));
  EXPECT_EQ(c.nodes.items, (std::vector<std::int32_t>{0, 0}));
  ASSERT_TRUE(c.status.complete());
  EXPECT_EQ(c.status.items, (std::vector<std::int32_t>{status[0], status[1]}));
  EXPECT_EQ(c.out.value, 0);
}

TEST_F(Tapes, NeverFollowAPointerThatLeadsNowhere) {
  const Call c = one(Sys::move_pages, {0, 2, 0x10, 0x20, 0x30, 2});
  EXPECT_EQ(c.out.value, -EFAULT);
  EXPECT_EQ(c.pages.state, kernel::List<std::uint64_t>::State::opaque);
  EXPECT_EQ(c.nodes.state, kernel::List<std::int32_t>::State::opaque);
  EXPECT_EQ(one(Sys::io_submit, {1, ~std::uint64_t{0}, 0x10}).out.value, -EINVAL);
}

TEST_F(Tapes, HoldIocbsAndTheirEvents) {
  aio_context_t context = 0;
  const Call setup = one(Sys::io_setup, {4, word(&context)});
  ASSERT_EQ(setup.out.value, 0);
  EXPECT_EQ(setup.outs.items, (std::vector<std::uint64_t>{context}));
  char text[] = "tape";
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  iocb cb{};
  cb.aio_data = 7, cb.aio_lio_opcode = IOCB_CMD_PWRITE, cb.aio_fildes = static_cast<unsigned>(ends[1]);
  cb.aio_buf = word(text), cb.aio_nbytes = 4;
  iocb* list[] = {&cb};
  const Call submit = one(Sys::io_submit, {context, 1, word(list)});
  ASSERT_EQ(submit.iocbs.items.size(), 1u);
  EXPECT_EQ(submit.iocbs.items[0].address.value, word(&cb));
  EXPECT_EQ(submit.iocbs.items[0].fildes.value, static_cast<std::uint64_t>(ends[1]));
  EXPECT_EQ(submit.iocbs.items[0].path.rfind("pipe:", 0), 0u);
  io_event done[2];
  const Call got = one(Sys::io_getevents, {context, 1, 2, word(done), 0});
  ASSERT_EQ(got.events.items.size(), 1u);
  EXPECT_EQ(got.events.items[0].data.value, 7u);
  one(Sys::io_destroy, {context});
  close(ends[0]), close(ends[1]);
}

TEST_F(Tapes, ShowTheBeginningsOfCallsThatOverlap) {
  Tape other(clock_, [&](long number, const Words& args) {
    tape_.call(Sys::munlock, {0, 0});
    return straight(number, args);
  });
  other.call(Sys::madvise, {0, 0, 4});
  tape_.call(Sys::madvise, {0, 0, 8});
  const auto events = merged({&tape_, &other});
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(events[0].kind, Event::Kind::enter);
  EXPECT_EQ(events[0].call.sys, Sys::madvise);
  EXPECT_FALSE(events[0].call.out.known());
  EXPECT_EQ(events[1].call.sys, Sys::munlock);
  EXPECT_EQ(events[2].kind, Event::Kind::call);
  EXPECT_EQ(events[3].call.arg[2].value, 8u);
  EXPECT_TRUE(merged({&tape_, &other}).empty());
}

TEST_F(Tapes, OpenWithFactsThreadsAndTheMap) {
  std::atomic<bool> stop = false;
  std::jthread another([&] {
    while (!stop) std::this_thread::yield();
  });
  bool map = false, thread = false, kernel = false;
  for (const Event& e : opening(clock_)) {
    map = map || e.text.rfind("map=", 0) == 0;
    kernel = kernel || e.text.rfind("kernel=", 0) == 0;
    thread = thread || e.call.sys == Sys::clone;
  }
  stop = true;
  EXPECT_TRUE(map && thread && kernel);
}

}  // namespace
}  // namespace ringtail::host
