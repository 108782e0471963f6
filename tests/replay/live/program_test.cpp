// SPDX-License-Identifier: GPL-2.0-or-later
// Programs on paper: what is printed reads back as it was, whatever a generator makes; what cannot be read
// has a line and a reason.
#include "replay/live/program.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "replay/live/field.h"
#include "replay/live/scene.h"
#include "replay/live/search.h"

namespace ringtail::live {
namespace {

RC_GTEST_PROP(Program, IsReadAsItWasPrinted, ()) {
  const auto number = *rc::gen::inRange<std::uint64_t>(0, 1u << 30);
  const Program p = program_of(number, kind_of(number));
  const auto again = parse(print(p));
  RC_ASSERT(again.has_value());
  RC_ASSERT(print(*again) == print(p));
  RC_ASSERT(*again == p);
}

TEST(Program, ANumberIsAlwaysTheSame) {
  for (std::uint64_t n = 0; n < 40; ++n) EXPECT_EQ(program_of(n, kind_of(n)), program_of(n, kind_of(n)));
}

TEST(Program, EveryFamilyIsDrawnFrom) {
  std::array<int, kFamilies> one{}, two{};
  int three = 0;
  for (std::uint64_t n = 1; n <= 13; ++n) {
    const Kind k = kind_of(n);
    const auto f = static_cast<std::size_t>(k.family);
    one[f] += k.threads == 1, two[f] += k.threads == 2, three += k.threads == 3;
  }
  for (std::size_t f = 0; f < kFamilies; ++f) EXPECT_EQ(std::pair(one[f], two[f]), std::pair(1, 1));
  EXPECT_EQ(three, 1);
}

TEST(Program, PlacesHaveTheNamesOfTheScratch) {
  EXPECT_EQ(field_at(offsetof(Scratch, iocbs) + 64 + offsetof(RawIocb, fildes), 4), "iocbs[1].fildes");
  EXPECT_EQ(field_at(offsetof(Scratch, iov) + 24, 8), "iov[1][1]");
  EXPECT_EQ(field_at(offsetof(Scratch, pages), 4), "");
  EXPECT_EQ(object_at(offsetof(Scratch, iocbs) + 64), "iocbs[1]");
  EXPECT_EQ(object_named("context"), offsetof(Scratch, context));
}

TEST(Program, SaysWhatItCannotRead) {
  const auto error = [](const char* text) {
    const auto p = parse(text);
    return p ? std::string("read") : p.error();
  };
  EXPECT_EQ(error(""), "1: a program has a thread");
  EXPECT_EQ(error("recorder\nmunmap(0, 1)\n"), "2: expected 'thread' before its first call");
  EXPECT_EQ(error("thread\nmunmap 1\n"), "2: expected NAME(ARGUMENTS)");
  EXPECT_EQ(error("thread\nnosuch(1)\n"), "2: there is no call 'nosuch'");
  EXPECT_EQ(error("thread\nmunmap(moon+1)\n"), "2: 'moon+1' is no argument");
  EXPECT_EQ(error("thread\nclose(fd[16])\n"), "2: 'fd[16]' is no argument");
  EXPECT_EQ(error("thread\nclose(fd[-1])\n"), "2: 'fd[-1]' is no argument");
  EXPECT_EQ(error("thread\nmunmap(1, 2, 3, 4, 5, 6, 7)\n"), "2: too many arguments");
  EXPECT_EQ(error("thread\ndup(fd[0]) keep=16\n"), "2: 'keep=16' is no PLACE=VALUE");
  EXPECT_EQ(error("thread\ndup(fd[0]) pages[16]=1\n"), "2: 'pages[16]=1' is no PLACE=VALUE");
  EXPECT_EQ(error("thread\nhidden(1)\n"), "2: hidden calls have a number, others none");
}

}  // namespace
}  // namespace ringtail::live
