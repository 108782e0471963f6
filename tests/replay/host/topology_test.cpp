// SPDX-License-Identifier: GPL-2.0-or-later
// The topology of the machine that runs the tests, against what the kernel itself says of it.
#include "replay/host/topology.h"

#include <algorithm>
#include <cstring>
#include <filesystem>

#include <gtest/gtest.h>
#include <numaif.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace ringtail::host {
namespace {

TEST(Topologies, HaveEveryNodeWithItsDistances) {
  const Topology t = Topology::of_this_host();
  ASSERT_FALSE(t.nodes.empty());
  EXPECT_TRUE(std::is_sorted(t.nodes.begin(), t.nodes.end(),
                             [](const Node& a, const Node& b) { return a.id < b.id; }));
  for (std::size_t i = 0; i < t.nodes.size(); ++i) {
    const Node& n = t.nodes[i];
    EXPECT_GT(n.total_kib, n.free_kib);
    ASSERT_EQ(n.distances.size(), t.nodes.size());
    EXPECT_EQ(n.distances[i], 10) << "to itself";
    EXPECT_EQ(t.find(n.id), &n);
    EXPECT_TRUE(t.nodes.size() == 1 ||
                std::filesystem::exists("/sys/devices/system/node/node" + std::to_string(n.id)));
  }
  EXPECT_EQ(t.find(100000), nullptr);
}

TEST(Topologies, MayUseWhatTheCpusetAllows) {
  unsigned long mask[16] = {};
  if (syscall(SYS_get_mempolicy, nullptr, mask, 1024, nullptr, MPOL_F_MEMS_ALLOWED) != 0)
    GTEST_SKIP() << "a kernel without NUMA: " << std::strerror(errno);
  const Topology t = Topology::of_this_host();
  for (const Node& n : t.nodes) EXPECT_EQ(n.allowed, (mask[n.id / 64] >> (n.id % 64) & 1) != 0) << n.id;
  EXPECT_FALSE(t.usable().empty());
}

TEST(Topologies, NameTheKernel) {
  utsname u{};
  ASSERT_EQ(uname(&u), 0);
  EXPECT_EQ(Topology::of_this_host().kernel, u.release);
  EXPECT_EQ(Topology::of_this_host().root, geteuid() == 0);
}

}  // namespace
}  // namespace ringtail::host
