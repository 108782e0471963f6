// SPDX-License-Identifier: GPL-2.0-or-later
// What is known of a process's file descriptors.
#pragma once

#include <cstdint>

#include "model/kernel/call.h"
#include "model/kernel/tri.h"

namespace ringtail::kernel {

// What a descriptor stands for, as far as the model's calls behave differently.
enum class FileKind : std::uint8_t {
  unknown,
  regular,
  shmem,
  hugetlb,
  device,
  directory,
  pipe,
  socket,
  eventfd,
  pidfd,
  anon_inode,
};

struct OpenFile {
  Tri open = Tri::maybe;  // the number is in use
  Tri readable = Tri::maybe, writable = Tri::maybe;
  FileKind kind = FileKind::unknown;
  friend bool operator==(const OpenFile&, const OpenFile&) = default;
};

class FileTable {
 public:
  // What is known of descriptor `fd`, the recorder's annotation of it included.
  OpenFile find(std::int32_t fd, const FdNote& note) const;
  void clear() {}
};

}  // namespace ringtail::kernel
