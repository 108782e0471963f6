// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/policy.h"

#include <algorithm>

#include <fmt/format.h>

namespace ringtail::kernel {
namespace {

std::string mode_name(int mode) {
  static constexpr std::string_view kNames[] = {
      "MPOL_DEFAULT",        "MPOL_PREFERRED",          "MPOL_BIND", "MPOL_INTERLEAVE", "MPOL_LOCAL",
      "MPOL_PREFERRED_MANY", "MPOL_WEIGHTED_INTERLEAVE"};
  static constexpr struct {
    int bit;
    std::string_view name;
  } kFlags[] = {{MPOL_F_STATIC_NODES, "|MPOL_F_STATIC_NODES"},
                {MPOL_F_RELATIVE_NODES, "|MPOL_F_RELATIVE_NODES"},
                {MPOL_F_NUMA_BALANCING, "|MPOL_F_NUMA_BALANCING"}};
  int rest = mode;
  for (const auto& f : kFlags) rest &= ~f.bit;
  std::string text = rest >= 0 && rest < static_cast<int>(std::size(kNames)) ? std::string(kNames[rest])
                                                                             : fmt::format("{:#x}", rest);
  for (const auto& f : kFlags)
    if (mode & f.bit) text += f.name;
  return text;
}

}  // namespace

std::string to_string(const Policy& p) {
  if (p.nodes.empty()) return mode_name(p.mode);
  return fmt::format("{} {}{}", mode_name(p.mode), p.exact ? "" : "of ", to_string(p.nodes));
}

std::uint16_t VmaPolicies::id_of(const Policy& p) {
  auto it = std::find(policies_.begin(), policies_.end(), p);
  if (it == policies_.end()) {
    if (policies_.size() == kMost) return kUnknown;
    it = policies_.insert(it, p);
  }
  return static_cast<std::uint16_t>(it - policies_.begin() + 1);
}

}  // namespace ringtail::kernel
