// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/profile.h"

#include <charconv>

#include <fmt/format.h>

namespace ringtail::kernel {
namespace {

std::optional<std::uint64_t> number(std::string_view s, int base = 10) {
  std::uint64_t v = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), v, base);
  if (error != std::errc{} || end != s.data() + s.size() || s.empty()) return std::nullopt;
  return v;
}

// A kernel list, as /sys/devices/system/node/online has it: "0-3,8".
std::optional<std::vector<int>> list(std::string_view s) {
  std::vector<int> out;
  while (!s.empty()) {
    const auto comma = s.find(',');
    const auto item = s.substr(0, comma);
    s = comma == s.npos ? std::string_view{} : s.substr(comma + 1);
    const auto dash = item.find('-');
    const auto lo = number(item.substr(0, dash));
    const auto hi = dash == item.npos ? lo : number(item.substr(dash + 1));
    if (!lo || !hi || *lo > *hi || *hi > 4095) return std::nullopt;
    for (auto n = *lo; n <= *hi; ++n) out.push_back(static_cast<int>(n));
  }
  if (out.empty()) return std::nullopt;
  return out;
}

}  // namespace

Result<Version> parse_version(std::string_view s) {
  std::uint16_t part[3] = {};
  const char* at = s.data();
  const char* const end = s.data() + s.size();
  int n = 0;
  for (; n < 3; ++n) {
    const auto [next, error] = std::from_chars(at, end, part[n]);
    if (error != std::errc{}) break;
    at = next;
    if (at == end || *at != '.') {
      ++n;
      break;
    }
    ++at;
  }
  if (n == 0 || part[0] == 0)
    return Unexpected(fmt::format("'{}' is no kernel version; expected one like 6.1 or 2.6.18", s));
  return Version{part[0], part[1], part[2]};
}

std::string to_string(Version v) {
  const auto [major, minor, patch] = v.parts();
  return patch || major < 3 ? fmt::format("{}.{}.{}", major, minor, patch)
                            : fmt::format("{}.{}", major, minor);
}

bool Profile::take_fact(std::string_view name, std::string_view value) {
  if (name == "kernel") {
    if (source == Source::option) return true;
    if (const auto v = parse_version(value)) {
      version = *v;
      source = Source::header;
      release = std::string(value);
    }
  } else if (name == "page_size") {
    const auto v = number(value);
    if (v && *v >= 4096 && (*v & (*v - 1)) == 0) host.page_size = *v;
  } else if (name == "nodes") {
    if (const auto v = list(value)) host.nodes = v;
  } else if (name == "cpus") {
    if (const auto v = number(value); v && *v < 100000) host.cpus = static_cast<int>(*v);
  } else if (name == "swap") {
    if (const auto v = number(value)) host.swap_kib = v;
  } else if (name == "aio_max_nr") {
    if (const auto v = number(value)) host.aio_max_nr = v;
  } else if (name == "memlock") {
    if (value == "unlimited") host.memlock = ~std::uint64_t{0};
    else if (const auto v = number(value)) host.memlock = v;
  } else if (name == "caps") {
    if (const auto v = number(value, 16)) host.caps = v;
  } else if (name == "migrates") {
    host.migrates = value == "across"   ? Migrates::across
                    : value == "within" ? Migrates::within
                                        : Migrates::no;
  } else {
    return false;
  }
  return true;
}

}  // namespace ringtail::kernel
