// SPDX-License-Identifier: GPL-2.0-or-later
// process_madvise: bytes, partial success, and who may advise whom.
#include <gtest/gtest.h>

#include "tests/kernel/row.h"

namespace ringtail::kernel {
namespace {

constexpr std::uint64_t P = kPageSize;
constexpr std::uint64_t kDontneed = 4, kWillneed = 3, kCold = 20, kPageout = 21;

struct Part {
  Address base;
  std::uint64_t length;
};

// The pidfd's process is annotated when `pid` is not 0.
Call advise(std::vector<Part> parts, std::uint64_t advice, int pid = 1, std::uint64_t flags = 0) {
  Call c = call_of(Sys::process_madvise, {5, kArea, parts.size(), advice, flags}, 0);
  c.iov.state = List<Iovec>::State::complete;
  for (const Part& p : parts) c.iov.items.push_back({Word::of(p.base), Word::of(p.length)});
  c.fd.fd = Word::of(5);
  c.fd.path = pid ? "pid:" + std::to_string(pid) : "anon_inode:[pidfd]";
  return c;
}

Call of_length(Call c, std::uint64_t length) {
  c.arg[2] = Word::of(length);
  return c;
}

class ProcessMadvise : public RowTest {};

TEST_P(ProcessMadvise, AllowsJustThis) { allows_just(GetParam(), {0, 1, 4096, 4100, 8192, 16384}); }

const Prepare kOwn = area(anonymous());
const Prepare kLockedArea = [](Driver& d) {
  kOwn(d);
  d.world.find(1)->mm->space.assign({kArea + 2 * P, kArea + 4 * P}, with(anonymous(), kLocked));
};
Prepare without_caps(const Prepare& s) {
  return [=](Driver& d) { s(d), d.world.profile.host.caps = 0; };
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ProcessMadvise,
    testing::ValuesIn(std::vector<Row>{
        {"all bytes", k6_18, kOwn, advise({{kArea, 2 * P}}, kCold), "8192"},
        {"bytes as given, not rounded", k6_18, kOwn, advise({{kArea, 4100}}, kCold), "4100"},
        {"several ranges", k6_18, kOwn, advise({{kArea, P}, {kArea + P, P}}, kCold), "8192"},
        {"nothing", k6_18, kOwn, advise({}, kCold), "0"},
        {"of a length the low 32 bits", k6_18, kOwn, of_length(advise({{kArea, P}}, kCold), 1ull << 32), "0"},
        {"or as many as they say", k6_18, kOwn,
         of_length(advise({{kArea, P}, {1, P}}, kCold), 1 + (1ull << 32)), "4096"},
        {"more than UIO_MAXIOV", k6_18, kOwn, of_length(advise({{kArea, P}}, kCold), 1025), "EINVAL"},
        {"flags", k6_18, kOwn, advise({{kArea, P}}, kCold, 1, 1), "EINVAL"},
        {"before there was one", {5, 9, 0}, kOwn, advise({{kArea, P}}, kCold), "ENOSYS"},
        {"a negative length", k6_18, kOwn, advise({{kArea, ~0ull}}, kCold), "EINVAL"},
        {"an address of the kernel's", k6_18, kOwn, advise({{0xffff800000000000, P}}, kCold), "EFAULT"},
        {"unaligned", k6_18, kOwn, advise({{kArea + 1, P}}, kCold), "EINVAL"},
        {"a hole", k6_18, kOwn, advise({{kArea + 8 * P, P}}, kCold), "ENOMEM"},
        {"the second range is refused: the bytes of the first", k6_18, kLockedArea,
         advise({{kArea, P}, {kArea + 2 * P, P}}, kCold), "4096"},
        {"or the error, in kernels that did not take the change",
         {5, 17, 0},
         kLockedArea,
         advise({{kArea, P}, {kArea + 2 * P, P}}, kCold),
         "4096 EPERM EINVAL"},
        {"the first is refused", k6_18, kLockedArea, advise({{kArea + 2 * P, P}, {kArea, P}}, kCold),
         "EINVAL"},
        {"any advice to oneself", k6_18, kOwn, advise({{kArea, P}}, kDontneed), "4096"},
        {"since 6.13", {6, 12, 0}, kOwn, advise({{kArea, P}}, kDontneed), "EINVAL"},
        {"unknown advice", k6_18, kOwn, advise({{kArea, P}}, 7), "EINVAL"},
        {"DONTNEED to who knows whom", k6_18, kOwn, advise({{kArea, P}}, kDontneed, 0),
         "4096 EPERM ESRCH ENOMEM EACCES EINVAL"},
        {"another's may be refused before the capability", k6_18, without_caps(kOwn),
         advise({{kArea, P}}, kCold), "4096"},
        {"CAP_SYS_NICE even for oneself", k6_1, without_caps(kOwn), advise({{kArea, P}}, kCold), "EPERM"},
        {"WILLNEED to others came later", {5, 10, 0}, kOwn, advise({{kArea, P}}, kPageout), "4096"},
    }));

TEST(ProcessMadviseKnowledge, ItAdvises) {
  const Prepare s = [](Driver& d) {
    kOwn(d);
    d.run(Sys::madvise, {kArea, P, 23}, 0);  // present
    Call c = advise({{kArea, P}}, kPageout);
    c.out.value = 4096;
    d.run(c);
  };
  Call query = call_of(Sys::move_pages, {0, 1, kArea, 0, kArea + P, 2}, 0);
  query.pages = {{kArea}, List<std::uint64_t>::State::complete};
  query.status = {{-ENOENT}, List<std::int32_t>::State::complete};
  EXPECT_EQ(broken(k6_18, s, query, 0), "") << "paged out";
}

TEST(ProcessMadviseDescriptor, ABadOneIsTold) {
  Call c = advise({{kArea, P}}, kWillneed, 0);
  c.arg[0] = Word::of(~0ull);
  EXPECT_EQ(allowed(k6_18, kOwn, c, {4096}), "EBADF");
}

// What pidfd_open was asked for is known as long as no other pidfd can have that number.
Prepare opened(std::int32_t pid) {
  return [=](Driver& d) {
    kOwn(d);
    d.run(Sys::pidfd_open, {static_cast<std::uint64_t>(pid), 0}, 5);
  };
}
std::string bytes(const Prepare& s) {
  return allowed(k6_18, s, advise({{kArea, P}, {kArea + 8 * P, P}}, kCold, 0), {0, 1, 4096, 8192});
}
const std::string kAnybodys = "4096 8192 EPERM ESRCH ENOMEM EACCES EINVAL";

TEST(ProcessMadviseDescriptor, StandsForTheProcessThatItWasOpenedFor) {
  EXPECT_EQ(bytes(opened(1)), "4096");
  const Prepare child = [](Driver& d) {
    kOwn(d);
    d.run(Sys::fork, {}, 7);
    d.run(Sys::pidfd_open, {7, 0}, 5);
  };
  EXPECT_EQ(bytes(child), "4096 EPERM ESRCH EACCES");
}

TEST(ProcessMadviseDescriptor, MayBeOfAProcessThatIsNotRecorded) {
  EXPECT_EQ(bytes(kOwn), kAnybodys);
  EXPECT_EQ(bytes(opened(9)), kAnybodys);
  const auto then = [](const Prepare& first, const Call& call) {
    return [=](Driver& d) { first(d), d.run(call); };
  };
  EXPECT_EQ(bytes(then(opened(1), call_of(Sys::close, {5}, 0))), kAnybodys);
  constexpr std::uint64_t kPidfd = 0x1000;
  EXPECT_EQ(bytes(then(opened(1), call_of(Sys::clone, {kPidfd | 17, 0}, 7))), kAnybodys);
  const Prepare reused = [=](Driver& d) {
    opened(7)(d);
    d.run(Sys::fork, {}, 7);
  };
  EXPECT_EQ(bytes(reused), kAnybodys);
}

// Thread 2 is made with a copy of the table while thread 1 gets a pidfd: before that, perhaps.
TEST(ProcessMadviseDescriptor, MayNotBeInACopyThatWasBeingMade) {
  Driver d;
  kOwn(d);
  d.world.files.closes = true;
  d.run(Sys::clone, {0x10f00, 0, 0, 0, 0}, 3);
  const Call copies = call_of(Sys::clone, {0x10b00, 0, 0, 0, 0}, 2);
  d.begin(copies, 3);
  d.run(Sys::pidfd_open, {1, 0}, 5);
  Call c = advise({}, kCold, 0);
  c.fd.path.clear();
  c.out.value = -EBADF;
  EXPECT_EQ(text_of(d.run(c, 2)), "conforms");
  d.end(copies, 3);
  EXPECT_EQ(text_of(d.run(c, 2)), "conforms");
}

}  // namespace
}  // namespace ringtail::kernel
