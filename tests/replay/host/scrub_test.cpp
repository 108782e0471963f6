// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/host/scrub.h"

#include <gtest/gtest.h>

namespace ringtail::host {
namespace {

const Identity kSomebody{"/srv/jobs/run7", "/home/alice", "db-prod-3", "alice"};

TEST(Scrub, RewritesPathsThatNameAPersonOrAMachine) {
  Scrubber s(kSomebody, false);
  EXPECT_EQ(s.path("/home/alice/data/x.ibd"), "/home/user/data/x.ibd");
  EXPECT_EQ(s.path("/home/bob/x"), "/home/user/x");
  EXPECT_EQ(s.path("/root/.my.cnf"), "/home/user/.my.cnf");
  EXPECT_EQ(s.path("/srv/jobs/run7/out"), "/cwd/out");
  EXPECT_EQ(s.path("/srv/jobs/run77/out"), "/srv/jobs/run77/out");
  EXPECT_EQ(s.path("/var/log/db-prod-3.err"), "/var/log/host.err");
  EXPECT_EQ(s.path("/run/user/alice/bus"), "/run/user/user/bus");
  EXPECT_EQ(s.path("/homestead"), "/homestead");
  EXPECT_EQ(s.path("/dev/zero"), "/dev/zero");
}

TEST(Scrub, TouchesNothingOutsideQuotesAndDescriptorNotes) {
  Scrubber s(kSomebody, false);
  EXPECT_EQ(
      s.line(
          "9 openat(AT_FDCWD</home/alice>, \"/home/alice/a \\\"b\", O_RDONLY) = 3</home/alice/a> <0.000016>"),
      "9 openat(AT_FDCWD</home/user>, \"/home/user/a \\\"b\", O_RDONLY) = 3</home/user/a> <0.000016>");
  EXPECT_EQ(s.line("9 <... io_setup resumed>[0x7f10b0531000]) = 0 <0.0369>"),
            "9 <... io_setup resumed>[0x7f10b0531000]) = 0 <0.0369>");
  EXPECT_EQ(s.line("9 openat(AT_FDCWD, \"/home/alice"), "9 openat(AT_FDCWD, \"/home/user");
}

TEST(Scrub, NumbersEveryPathOnRequestButKeepsWhatADescriptorIs) {
  Scrubber s(kSomebody, true);
  EXPECT_EQ(s.line("close(3</etc/passwd>) = 0"), "close(3</path-1>) = 0");
  EXPECT_EQ(s.line("close(4</etc/group>) = 0"), "close(4</path-2>) = 0");
  EXPECT_EQ(s.line("close(3</etc/passwd>) = 0"), "close(3</path-1>) = 0");
  EXPECT_EQ(s.line("close(5<anon_inode:[eventfd]>) = 0"), "close(5<anon_inode:[eventfd]>) = 0");
  EXPECT_EQ(s.map("map=7f00-7f01 r--p 00000000 08:01 12   /usr/lib/libc.so.6"),
            "map=7f00-7f01 r--p 00000000 08:01 12   /path-3");
  EXPECT_EQ(s.map("map=7f00-7f01 rw-p 00000000 00:00 0    [heap]"),
            "map=7f00-7f01 rw-p 00000000 00:00 0    [heap]");
}

}  // namespace
}  // namespace ringtail::host
