// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/host/facts.h"

#include <fstream>
#include <optional>
#include <sstream>

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace ringtail::host {
namespace {

std::optional<std::string> first_line(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  if (!std::getline(in, line) || line.empty()) return std::nullopt;
  return line;
}

// The first word behind `key` in a file of `key  word` lines.
std::optional<std::string> word_after(const std::string& path, const std::string& key) {
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (line.rfind(key, 0) != 0) continue;
    std::istringstream words(line.substr(key.size()));
    if (std::string word; words >> word) return word;
  }
  return std::nullopt;
}

// x86-64 numbers, as /proc/PID/syscall prints them.
constexpr int kExecve = 59;
constexpr int kExecveat = 322;

bool in_execve(int pid) {
  const auto line = first_line(fmt::format("/proc/{}/syscall", pid));
  if (!line) return false;
  const int nr = std::atoi(line->c_str());
  return nr == kExecve || nr == kExecveat;
}

}  // namespace

std::vector<std::string> host_facts() {
  std::vector<std::string> facts;
  const auto add = [&](const char* name, const std::optional<std::string>& value) {
    if (value) facts.push_back(fmt::format("{}={}", name, *value));
  };
  if (utsname u{}; uname(&u) == 0) add("kernel", u.release);
  add("nodes", first_line("/sys/devices/system/node/online"));
  add("cpus", std::to_string(sysconf(_SC_NPROCESSORS_ONLN)));
  add("page_size", std::to_string(sysconf(_SC_PAGESIZE)));
  add("swap", word_after("/proc/meminfo", "SwapTotal:"));
  add("aio_max_nr", first_line("/proc/sys/fs/aio-max-nr"));
  if (rlimit r{}; getrlimit(RLIMIT_MEMLOCK, &r) == 0)
    add("memlock", r.rlim_cur == RLIM_INFINITY ? std::string("unlimited") : std::to_string(r.rlim_cur));
  add("caps", word_after("/proc/self/status", "CapEff:"));
  return facts;
}

std::vector<std::string> map_facts_at_exec(int pid) {
  std::vector<std::string> facts{fmt::format("pid={}", pid)};
  std::ifstream in(fmt::format("/proc/{}/maps", pid));
  for (std::string line; std::getline(in, line);) facts.push_back("map=" + line);
  if (facts.size() == 1 || !in_execve(pid)) return {};
  return facts;
}

}  // namespace ringtail::host
