// SPDX-License-Identifier: GPL-2.0-or-later
// What the model learns of descriptors, and when it believes it.
#include <gtest/gtest.h>

#include "tests/kernel/aio_calls.h"

namespace ringtail::kernel {
namespace {

using aio_tests::Aio;
using aio_tests::call;

constexpr std::uint64_t kRdonly = 0, kWronly = 1, kCloexec = 02000000;

Call open_call(std::string path, std::uint64_t flags, std::int64_t fd) {
  Call c = call(Sys::openat, {static_cast<std::uint64_t>(-100), 0x1000, flags, 0}, fd);
  c.path = std::move(path);
  return c;
}
Call close_call(std::uint64_t fd) { return call(Sys::close, {fd}, 0); }

class Files : public testing::Test {
 protected:
  OpenFile find(std::int32_t fd, std::string_view annotation = {}, std::int32_t tid = 1) {
    return a.world.find(tid)->files->find(fd, annotation, a.world.files);
  }
  Aio a;
};

TEST_F(Files, OpenGivesTheAccessMode) {
  a.run(open_call("/srv/file", kWronly, 3));
  EXPECT_EQ(find(3, "/srv/file").writable, Tri::yes);
  EXPECT_EQ(find(3, "/srv/file").readable, Tri::no);
  a.run(open_call("file", kRdonly, 3));  // by a relative path
  EXPECT_EQ(find(3, "/srv/file").writable, Tri::no);
}

TEST_F(Files, NumbersAreNotNegative) {
  EXPECT_EQ(a.run(open_call("/srv/file", kRdonly, -70000)), "diverges descriptor.number");
  EXPECT_EQ(a.run(call(Sys::fcntl, {3, 1}, -70000)), "diverges descriptor.number");
}

TEST_F(Files, AnAnnotationThatNamesAnotherFileIsBelievedFirst) {
  a.run(open_call("/srv/file", kRdonly, 3));
  EXPECT_EQ(find(3, "/srv/other").writable, Tri::maybe);
  EXPECT_EQ(find(3, "/srv/other").open, Tri::yes);
  EXPECT_EQ(find(3, "pipe:[7]").kind, FileKind::pipe);
}

TEST_F(Files, WithoutAnnotationsOnlyACaptureWithCloseIsBelieved) {
  a.run(open_call("/srv/file", kRdonly, 3));
  EXPECT_EQ(find(3).writable, Tri::maybe);
  a.run(close_call(9));
  EXPECT_EQ(find(3).writable, Tri::no);
  a.run(close_call(3));
  EXPECT_EQ(find(3), OpenFile{});  // what is not recorded may have taken the number
}

TEST_F(Files, WhereDescriptorsAreAnnotatedOneWithoutIsNotOpen) {
  Call c = close_call(3);
  c.fd = {Word::of(3), "/srv/file"};
  a.run(c);
  EXPECT_EQ(find(4).open, Tri::no);
  EXPECT_EQ(find(-1).open, Tri::no);
}

TEST_F(Files, PipesHaveTwoEnds) {
  a.run(close_call(9));
  Call c = call(Sys::pipe2, {0x1000, 0}, 0);
  c.outs = {{3, 4}, List<std::uint64_t>::State::complete};
  EXPECT_EQ(a.run(c), "exactly");
  EXPECT_EQ(find(3).writable, Tri::no);
  EXPECT_EQ(find(4).readable, Tri::no);
  EXPECT_EQ(find(4, "pipe:[7]").readable, Tri::no);
  c.outs.items = {3, 3};
  EXPECT_EQ(a.run(c), "diverges descriptor.pair");
}

TEST_F(Files, DupCopies) {
  a.run(close_call(9));
  a.run(open_call("/srv/file", kRdonly, 3));
  EXPECT_EQ(a.run(call(Sys::dup2, {3, 5}, 5)), "exactly");
  EXPECT_EQ(find(5).writable, Tri::no);
  EXPECT_EQ(find(5, "/srv/file").writable, Tri::no);
  EXPECT_EQ(a.run(call(Sys::dup2, {3, 5}, 6)), "diverges dup.target");
  EXPECT_EQ(a.run(call(Sys::dup3, {3, 3, 0}, 3)), "diverges dup3.same");
  EXPECT_EQ(a.run(call(Sys::dup3, {3, 4, 1}, 4)), "diverges dup3.flags");
  EXPECT_EQ(a.run(call(Sys::fcntl, {3, 0, 10}, 9)), "diverges fcntl.least");
  EXPECT_EQ(a.run(call(Sys::fcntl, {3, 0, 10}, 10)), "conforms");
  EXPECT_EQ(find(10).writable, Tri::no);
  EXPECT_EQ(a.run(call(Sys::dup, {~0ull}, 4)), "diverges descriptor.bad");
}

TEST_F(Files, ExecveClosesWhatIsMarked) {
  a.run(close_call(9));
  a.run(open_call("/srv/a", kRdonly, 3));
  a.run(open_call("/srv/b", kRdonly | kCloexec, 4));
  a.run(open_call("/srv/c", kRdonly, 5));
  a.run(call(Sys::fcntl, {5, 2, 1}, 0));
  a.world.exec(*a.world.find(1));
  EXPECT_EQ(find(3).writable, Tri::no);
  EXPECT_EQ(find(4).writable, Tri::maybe);
  EXPECT_EQ(find(5).writable, Tri::maybe);
}

TEST_F(Files, ThreadsShareATableAndChildrenCopyIt) {
  a.run(close_call(9));
  a.run(open_call("/srv/a", kRdonly, 3), 2);
  EXPECT_EQ(find(3).writable, Tri::no);
  Op op;
  op.tid = 1;
  op.mm = a.world.find(1)->mm->id;
  op.spawns_vm = op.spawns_files = Tri::no;
  a.world.spawn(*a.world.find(1), 7, op);
  a.run(open_call("/srv/b", kWronly, 3), 7);
  EXPECT_EQ(find(3).writable, Tri::no);
  EXPECT_EQ(find(3, {}, 7).writable, Tri::yes);
}

TEST_F(Files, CloseRangeForgets) {
  a.run(close_call(9));
  for (int fd = 3; fd < 8; ++fd) a.run(open_call("/srv/a", kRdonly, fd));
  EXPECT_EQ(a.run(call(Sys::close_range, {4, 6, 0}, 0)), "exactly");
  EXPECT_EQ(find(3).writable, Tri::no);
  EXPECT_EQ(find(5).writable, Tri::maybe);
  EXPECT_EQ(find(7).writable, Tri::no);
}

// The access mode is what io_submit answers with -EBADF.
TEST_F(Files, IoSubmitLooksAtTheAccessMode) {
  a.run(open_call("/srv/file", kRdonly, 3));
  a.setup(8, aio_tests::kRing);
  EXPECT_EQ(a.submit({aio_tests::read_of(1, 8)}, 1), "conforms");
  EXPECT_EQ(a.submit({aio_tests::write_of(1, 8)}, 1), "diverges iocb.mode");
  EXPECT_EQ(a.submit({aio_tests::write_of(1, 8)}, -9), "conforms");
}

// A memfd of huge pages has a name like any other.
TEST_F(Files, WhatMemfdCreateWasAskedForIsKnownBesideTheName) {
  a.run(close_call(9));
  for (const bool huge : {false, true}) {
    Call c = call(Sys::memfd_create, {0x1000, huge ? 4u : 0u}, 3);
    c.out_path = "/memfd:x (deleted)";
    a.run(c);
    EXPECT_EQ(find(3, c.out_path).kind, huge ? FileKind::hugetlb : FileKind::shmem);
    EXPECT_EQ(find(3, "/memfd:other (deleted)").kind, FileKind::memfd);
    EXPECT_EQ(find(4, c.out_path).kind, FileKind::memfd);
  }
}

struct KindRow {
  std::string_view annotation;
  FileKind kind;
};
TEST(FileKinds, AreReadFromAnnotations) {
  const KindRow rows[] = {
      {"pipe:[7]", FileKind::pipe},
      {"socket:[7]", FileKind::socket},
      {"TCP:[127.0.0.1:80->127.0.0.1:9]", FileKind::socket},
      {"UNIX-STREAM:[1->2]", FileKind::socket},
      {"anon_inode:[eventfd]", FileKind::eventfd},
      {"anon_inode:[eventpoll]", FileKind::anon_inode},
      {"anon_inode:[pidfd]", FileKind::pidfd},
      {"/memfd:x (deleted)", FileKind::memfd},
      {"/dev/null<char 1:3>", FileKind::device},
      {"/srv/file", FileKind::unknown},
      {"/TCP[x]", FileKind::unknown},
  };
  for (const KindRow& row : rows) EXPECT_EQ(kind_of(row.annotation), row.kind) << row.annotation;
}

}  // namespace
}  // namespace ringtail::kernel
