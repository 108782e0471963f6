// SPDX-License-Identifier: GPL-2.0-or-later
// Names of calls that the model has not, kept as long as their reader; a hostile capture cannot make them
// grow.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "replay/capture/signature.h"

namespace ringtail::capture {

// Calls that the model has not, but that may write to a process's memory behind its back, or make memory that
// processes share.
constexpr bool is_told_raw(std::string_view name) {
  return name == "write" || name == "pwrite64" || name == "lseek" || name == "process_vm_writev" ||
         name == "ptrace" || name == "shmget";
}

class Names {
 public:
  // Sets `sys`, and for other calls `name`.
  void name(std::string_view text, kernel::Call& call) {
    call.sys = sys_named(text);
    if (call.sys == kernel::Sys::other) call.name = kept(text);
  }
  std::string_view kept(std::string_view text) {
    constexpr std::size_t kMostNames = 4096, kLongest = 64;
    const auto it = names_.find(text);
    if (it != names_.end()) return *it;
    if (names_.size() >= kMostNames || text.size() > kLongest) return "other";
    return *names_.emplace(text).first;
  }

 private:
  std::set<std::string, std::less<>> names_;
};

}  // namespace ringtail::capture
