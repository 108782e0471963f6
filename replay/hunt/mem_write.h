// SPDX-License-Identifier: GPL-2.0-or-later
// Writes into a process's memory that are no calls of the model: pwrite64() or write() to /proc/PID/mem,
// process_vm_writev(), ptrace(PTRACE_POKEDATA). Read from their arguments as strace prints them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "model/kernel/call.h"
#include "replay/hunt/touch.h"

namespace ringtail::hunt {

struct MemWrite {
  Op by = Op::mem_write;
  std::int32_t pid = 0;  // 0: the caller
  std::vector<kernel::Range> bytes;
};

// Keeps in mind which descriptors are of /proc/PID/mem, and where their next write() goes.
class MemFiles {
 public:
  // A descriptor that a call of the model made or closed; `files` names the table.
  void take(const kernel::Call& call, std::uint64_t files);
  // What a call that the model has not (Sys::other) writes, given its arguments as printed.
  std::optional<MemWrite> write_of(std::string_view name, std::string_view arguments, std::uint64_t files,
                                   std::optional<std::int64_t> result);

 private:
  struct File {
    std::uint64_t files = 0;
    std::int32_t fd = 0;
    std::int32_t pid = 0;
    std::uint64_t position = 0;
  };
  static constexpr std::size_t kMost = 256;
  File* find(std::uint64_t files, std::int32_t fd);
  File* find(std::string_view fd_argument, std::uint64_t files);

  std::vector<File> known_;
};

// `/proc/self/mem`, `/proc/31/mem`, `/proc/31/task/32/mem`: the process; 0 for one's own.
std::optional<std::int32_t> mem_file_of(std::string_view path);

}  // namespace ringtail::hunt
