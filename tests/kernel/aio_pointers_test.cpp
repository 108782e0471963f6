// SPDX-License-Identifier: GPL-2.0-or-later
// What AIO calls read and write through pointers: x86 has no write-only pages, and execute-only ones where
// there are protection keys.
#include <gtest/gtest.h>

#include "tests/kernel/drive.h"

namespace ringtail::kernel {
namespace {

constexpr Address kAt = 0x7f0000000000;
enum Prot : std::uint64_t { kNone = 0, kReadOnly = 1, kWriteOnly = 2, kExecOnly = 4 };

std::string setup_into(Prot prot, std::int64_t result) {
  Driver d;
  d.run(Sys::execve, {}, 0);
  d.run(Sys::mmap, {0, 4096, prot, 0x22, ~0ull, 0}, kAt);
  return text_of(d.run(Sys::io_setup, {8, kAt}, result));
}

TEST(AioPointers, WhatCanBeWrittenCanBeRead) {
  EXPECT_EQ(setup_into(kWriteOnly, 0), "conforms");
  EXPECT_EQ(setup_into(kWriteOnly, -14), "diverges io_setup.result");
}

TEST(AioPointers, WhatCanOnlyBeReadIsFoundOutAtTheEnd) {
  EXPECT_EQ(setup_into(kReadOnly, 0), "diverges io_setup.fault");
  EXPECT_EQ(setup_into(kReadOnly, -22), "conforms");  // *ctxp was not 0
}

TEST(AioPointers, NoAccessIsNone) {
  EXPECT_EQ(setup_into(kNone, 0), "diverges io_setup.fault");
  EXPECT_EQ(setup_into(kNone, -22), "diverges io_setup.fault");
  EXPECT_EQ(setup_into(kExecOnly, -22), "conforms");
}

}  // namespace
}  // namespace ringtail::kernel
