// SPDX-License-Identifier: GPL-2.0-or-later
// Descriptors that other threads close, open and dup meanwhile, or that threads of unknown descent may share.
#include <gtest/gtest.h>

#include "replay/capture/reader.h"
#include "replay/oracle/oracle.h"

namespace ringtail::oracle {
namespace {

// The rules that calls of the capture break.
std::string broken(const std::string& text) {
  const auto reader = capture::Reader::over(text, capture::Format::strace);
  Oracle oracle({});
  std::string rules;
  for (capture::Event e; reader->next(e);) oracle.take(e);
  for (const Divergence& d : oracle.summary().divergences) rules += std::string(d.rule) + ' ';
  return rules;
}

const std::string kThreads =
    "1 clone(child_stack=0x7f0000000, flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD) = 2\n"
    "1 io_setup(8, [0x7f0000001000]) = 0\n"
    "1 close(9) = 0\n";

// A write to descriptor 6, annotated or not.
std::string submit(const std::string& note) {
  return "1 io_submit(0x7f0000001000, 1, [{aio_data=0, aio_lio_opcode=IOCB_CMD_PWRITE, aio_fildes=6" + note +
         ", aio_buf=0x7f0000002000, aio_nbytes=4096, aio_offset=0}]";
}
const std::string kReadOnly = "1 openat(AT_FDCWD, \"/x\", O_RDONLY) = 6\n";
const std::string kReadOnlyNoted = "1 openat(AT_FDCWD, \"/x\", O_RDONLY) = 6</x>\n";

TEST(Descriptors, OfOneThreadAreKnown) {
  EXPECT_EQ(broken(kThreads + kReadOnly + submit("") + ") = 1\n"), "iocb.mode ");
  EXPECT_EQ(broken(kThreads + kReadOnlyNoted + submit("</x>") + ") = -1 EBADF (Bad file)\n"), "");
  EXPECT_EQ(broken(kThreads + kReadOnlyNoted + submit("</x>") + ") = 1\n"), "iocb.mode ");
  EXPECT_EQ(broken(kThreads + kReadOnlyNoted + submit("") + ") = 1\n"), "iocb.descriptor ");
}

TEST(Descriptors, OfNobodysOpeningMayBeOfAPathOnly) {
  const auto poll = [](const std::string& note) {
    return kThreads +
           "1 io_submit(0x7f0000001000, 1, [{aio_data=0, aio_lio_opcode=IOCB_CMD_POLL, aio_fildes=6" + note +
           ", aio_buf=POLLIN}]) = -1 EBADF (Bad file)\n";
  };
  EXPECT_EQ(broken(poll("</x>")), "");
  EXPECT_EQ(broken(poll("<pipe:[7]>")), "io_submit.result ");
}

TEST(Descriptors, MayBeReplacedByACallThatRuns) {
  const std::string resumed = "2 <... dup2 resumed>) = 6\n";
  EXPECT_EQ(
      broken(kThreads + kReadOnly + "2 dup2(5, 6 <unfinished ...>\n" + submit("") + ") = 1\n" + resumed), "");
}

TEST(Descriptors, MayBeThoseFromBeforeACallThatOverlapped) {
  EXPECT_EQ(broken(kThreads + submit("") +
                   " <unfinished ...>\n2 close(6) = 0\n2 openat(AT_FDCWD, \"/x\", O_RDONLY) = 6\n"
                   "1 <... io_submit resumed>) = 1\n"),
            "");
  // Another's close changes nothing.
  EXPECT_EQ(broken(kThreads + kReadOnly + submit("") +
                   " <unfinished ...>\n2 close(7) = 0\n1 <... io_submit resumed>) = 1\n"),
            "iocb.mode ");
}

TEST(Descriptors, MayBeOpenedWhileTheCallRuns) {
  EXPECT_EQ(
      broken(
          kThreads + kReadOnlyNoted + "1 close(6</x>) = 0\n" + submit("") +
          " <unfinished ...>\n2 openat(AT_FDCWD, \"/x\", O_RDWR) = 6</x>\n1 <... io_submit resumed>) = 1\n"),
      "");
}

TEST(Descriptors, OfThreadsOfUnknownDescentMayBeShared) {
  const std::string attached = "1 io_setup(8, [0x7f0000001000]) = 0\n" + kReadOnly +
                               "2 close(6) = 0\n2 openat(AT_FDCWD, \"/x\", O_RDWR) = 6\n" + submit("") +
                               ") = 1\n";
  EXPECT_EQ(broken(attached), "");
}

}  // namespace
}  // namespace ringtail::oracle
