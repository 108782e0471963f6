// SPDX-License-Identifier: GPL-2.0-or-later
// A kernel profile: which kernel made the capture, and what is known of its machine.
//
// Behaviour differs between kernels; each difference is a Rule (rule.h) with the versions between which it
// holds, so that 2.6.18 and 6.18 are rows of one table and not forks of the code. A capture names its kernel
// in its header facts;
// --kernel overrides; failing both, the newest kernel that the model was written for is assumed, and the
// report says so.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/result.h"

namespace ringtail::kernel {

// 2.6.18 is {2, 6, 18}; 6.1.0-13-amd64 is {6, 1, 0}.
class Version {
 public:
  constexpr Version() = default;
  constexpr Version(std::uint16_t major, std::uint16_t minor, std::uint16_t patch)
      : ordinal_(std::uint64_t{major} << 32 | std::uint64_t{minor} << 16 | patch) {}
  constexpr std::array<std::uint16_t, 3> parts() const {
    return {static_cast<std::uint16_t>(ordinal_ >> 32), static_cast<std::uint16_t>(ordinal_ >> 16),
            static_cast<std::uint16_t>(ordinal_)};
  }
  constexpr std::uint64_t series() const { return ordinal_ >> 16; }  // of which it is a stable release
  friend constexpr auto operator<=>(const Version&, const Version&) = default;

 private:
  std::uint64_t ordinal_ = 0;  // as every check of a rule compares it
};
inline constexpr Version kOldest{2, 6, 18};  // the oldest kernel with move_pages
inline constexpr Version kNewest{6, 18, 0};  // the newest whose sources the rules were read in
inline constexpr Version kForever{0xffff, 0, 0};

Result<Version> parse_version(std::string_view uname_release);
std::string to_string(Version);

// Whether the kernel was seen to migrate pages without being asked: within a node (compaction), which makes
// them absent for a moment; or from node to node (NUMA balancing).
enum class Migrates : std::uint8_t { no, within, across };

// What the capture's header says of the machine; nothing here is ever guessed.
struct Host {
  std::uint64_t page_size = 4096;
  std::optional<std::vector<int>> nodes;  // online NUMA nodes, ascending
  std::optional<int> cpus;
  std::optional<std::uint64_t> swap_kib;
  std::optional<std::uint64_t> aio_max_nr;
  std::optional<std::uint64_t> memlock;  // RLIMIT_MEMLOCK in bytes, ~0 for unlimited
  std::optional<std::uint64_t> caps;     // effective capabilities of the program
  Migrates migrates = Migrates::no;
  friend bool operator==(const Host&, const Host&) = default;
};

struct Profile {
  enum class Source : std::uint8_t { assumed, header, option };
  Version version = kNewest;
  Source source = Source::assumed;
  std::string release;  // as uname -r gave it; empty when assumed
  Host host;

  bool from(Version v) const { return version >= v; }
  friend bool operator==(const Profile&, const Profile&) = default;

  // Takes one header fact (`name=value`, see replay/capture/event.h); false when the name is not one of
  // Host's.
  bool take_fact(std::string_view name, std::string_view value);
};

inline constexpr int kCapIpcLock = 14;
inline constexpr int kCapSysAdmin = 21;
inline constexpr int kCapSysNice = 23;

}  // namespace ringtail::kernel
