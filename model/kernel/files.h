// SPDX-License-Identifier: GPL-2.0-or-later
// What is known of a process's file descriptors.
//
// A descriptor is learnt from the call that made it (open, pipe, eventfd, dup, ...) and from the recorder's
// annotation
// (`3</etc/passwd>`, `4<pipe:[7]>`), which shows at each use what the number stood for then. Many calls that
// make descriptors are not among the recorded ones, and a filter may leave out more. So what a call taught
// about a number is believed only as long as nothing contradicts it: not when an annotation names another
// file, and, without annotations, only in a capture that records close at all. That a number is not in use is
// known only for what no descriptor can be (-1), and, with annotations, where one is missing.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "model/kernel/call.h"
#include "model/kernel/tri.h"

namespace ringtail::kernel {

// What a descriptor stands for, as far as the model's calls behave differently.
enum class FileKind : std::uint8_t {
  unknown,
  regular,
  shmem,
  hugetlb,
  memfd,  // one of these two: the name does not say which
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

// What a capture shows of descriptors as a whole.
struct FileSystem {
  bool closes = false;     // close is among the recorded calls
  bool annotated = false;  // descriptors are annotated
};

// The kind of file that a recorder's annotation names; unknown for a plain path, which may be anything.
FileKind kind_of(std::string_view annotation);

// Whether a file of this name may be a device's, or one that the kernel makes up: then its mappings may be
// like no others (VM_IO, VM_PFNMAP, VM_MIXEDMAP, VM_DONTEXPAND). Names in /dev, /proc and /sys, and those
// without a folder (/secretmem); of no name nothing is known.
bool may_be_special(std::string_view name);

// The process that a pidfd stands for.
struct Opened {
  std::int32_t pid = 0;     // 0: not known
  std::uint64_t since = 0;  // seq of the call: who is born later has the number after that process
};

class Step;
struct Op;

class FileTable {
 public:
  // What is known of descriptor `fd`, the recorder's annotation of it included.
  OpenFile find(std::int32_t fd, std::string_view annotation, const FileSystem& system) const;
  OpenFile find(std::int32_t fd, const FdNote& note) const { return find(fd, note.path, {}); }
  // What pidfd_open was asked for when it made this pidfd.
  Opened opened(std::int32_t fd, std::string_view annotation, const FileSystem& system) const;

  // `path` may be empty: not known.
  void set(std::int32_t fd, OpenFile file, std::string_view path, bool close_on_exec);
  // Of a descriptor that set() was just told of.
  void opened(std::int32_t fd, Opened pidfd) {
    if (fd >= 0 && fd < kMost) slots_[static_cast<std::size_t>(fd)].opened = pidfd;
  }
  // A pidfd came whose number is not known.
  void forget_pidfds();
  void duplicate(std::int32_t from, std::int32_t to, bool close_on_exec);
  void close_on_exec(std::int32_t fd, Tri on);
  void close(std::int32_t fd) { forget(fd); }
  // The call may have come before this copy of the table was made, or after: what it changed is not known.
  void blur(const Op& beside);
  void close_range(std::uint32_t first, std::uint32_t last);
  void clear() { slots_.clear(); }

  // execve: descriptors that close then are forgotten.
  void exec();

 private:
  struct Slot {
    OpenFile file;
    bool known = false;
    Tri close_on_exec = Tri::no;
    std::uint32_t path = 0;  // a hash of the file's name; 0: not known
    Opened opened;           // of a pidfd
  };
  static constexpr std::int32_t kMost = 1 << 16;  // higher numbers stay unknown
  void forget(std::int32_t fd);

  std::vector<Slot> slots_;
};

// What a call finds behind descriptor `fd`. Calls of other threads that overlap it may be changing that; and
// threads of unknown descent may share descriptors, of which then only the annotation is believed.
OpenFile file_at(const Step& s, std::int32_t fd, std::string_view annotation, const FileSystem& system = {});
Opened pidfd_at(const Step& s, std::int32_t fd, std::string_view annotation);

}  // namespace ringtail::kernel
