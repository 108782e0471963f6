// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/host/topology.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <numa.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace ringtail::host {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

std::uint64_t number_in(const std::string& path) {
  std::istringstream in(text_of(path));
  std::uint64_t n = 0;
  return in >> n ? n : 0;
}

// The word in brackets: `always [madvise] never`.
std::string chosen(const std::string& line, std::string otherwise) {
  const auto from = line.find('['), to = line.find(']');
  if (from == line.npos || to == line.npos || to < from) return otherwise;
  return line.substr(from + 1, to - from - 1);
}

std::uint64_t swap_total() {
  std::ifstream in("/proc/meminfo");
  for (std::string line; std::getline(in, line);)
    if (line.rfind("SwapTotal:", 0) == 0) return std::strtoull(line.c_str() + 10, nullptr, 10);
  return 0;
}

bool has_cpus(int node) {
  return !text_of(fmt::format("/sys/devices/system/node/node{}/cpulist", node)).empty();
}

std::vector<Node> nodes_of_this_host() {
  std::vector<Node> nodes;
  if (numa_available() < 0) {  // a kernel without NUMA: all memory is node 0's
    const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) / 1024;
    Node n;
    n.total_kib = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * page;
    n.free_kib = static_cast<std::uint64_t>(sysconf(_SC_AVPHYS_PAGES)) * page;
    n.cpus = n.allowed = true;
    n.huge_pages = number_in("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages");
    n.distances = {10};
    return {n};
  }
  bitmask* allowed = numa_get_mems_allowed();
  for (int id = 0; id <= numa_max_node(); ++id) {
    long long free = 0;
    const long long total = numa_node_size64(id, &free);
    if (total <= 0) continue;
    Node n;
    n.id = id;
    n.total_kib = static_cast<std::uint64_t>(total) / 1024;
    n.free_kib = static_cast<std::uint64_t>(free) / 1024;
    n.cpus = has_cpus(id);
    n.allowed = numa_bitmask_isbitset(allowed, static_cast<unsigned>(id));
    n.huge_pages = number_in(
        fmt::format("/sys/devices/system/node/node{}/hugepages/hugepages-2048kB/free_hugepages", id));
    nodes.push_back(std::move(n));
  }
  numa_free_nodemask(allowed);
  for (Node& from : nodes)
    for (const Node& to : nodes) from.distances.push_back(numa_distance(from.id, to.id));
  return nodes;
}

}  // namespace

std::vector<int> Topology::usable() const {
  std::vector<int> ids;
  for (const Node& n : nodes)
    if (n.allowed) ids.push_back(n.id);
  return ids;
}

std::uint64_t Topology::huge_pages() const {
  std::uint64_t sum = 0;
  for (const Node& n : nodes) sum += n.huge_pages;
  return sum;
}

const Node* Topology::find(int id) const {
  const auto it = std::find_if(nodes.begin(), nodes.end(), [id](const Node& n) { return n.id == id; });
  return it == nodes.end() ? nullptr : &*it;
}

Topology Topology::of_this_host() {
  Topology t;
  if (utsname u{}; uname(&u) == 0) t.kernel = u.release;
  t.nodes = nodes_of_this_host();
  t.swap_kib = swap_total();
  t.thp = chosen(text_of("/sys/kernel/mm/transparent_hugepage/enabled"), t.thp);
  t.numa_balancing = number_in("/proc/sys/kernel/numa_balancing") != 0;
  t.ksm = number_in("/sys/kernel/mm/ksm/run") == 1;
  t.root = geteuid() == 0;
  return t;
}

}  // namespace ringtail::host
