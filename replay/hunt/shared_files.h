// SPDX-License-Identifier: GPL-2.0-or-later
// What processes share without sharing an address space: pages of a file that several map shared (a file,
// memfd, shared anonymous memory from before a fork, a System V segment), and open files that a fork left
// several descriptors of. The syscall model follows what is mapped, and not which file that is of; here it is
// followed.
//
// Which file it is: the recorder's annotation says (`3</var/lib/db>`), where the name is one that only one
// file can have; else descent does, from the call that opened or mapped it through dup and fork. Where
// neither tells, a mapping is nobody else's: what is found here is shared, and what is shared may not be
// found. A path that comes to be another file's is taken for the same.
//
// Private mappings are left out: what is done to one shows in no other process.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <absl/container/flat_hash_map.h>

#include "model/kernel/world.h"
#include "replay/hunt/touch.h"

namespace ringtail::hunt {

class SharedFiles {
 public:
  // A thread is seen for the first time, or has another address space than before: what it has from its
  // parent.
  void lives(const kernel::Task&);
  void dies(std::int32_t tid);

  // What a call that has ended did to mappings and descriptors. The world has seen it.
  void take(const kernel::Call&, const kernel::Task&);
  // shmget(), of which the model knows nothing: its arguments as printed, and the segment's id.
  void take_segment(std::string_view arguments, std::int64_t id);
  // A line of /proc/PID/maps, of that address space.
  void take_map(std::uint32_t mm, std::string_view line);

  // Adds, to what a call touches, pages of files and open files that others may have, too.
  void add_shared(Touches&) const;
  // ftruncate() and fallocate(FALLOC_FL_PUNCH_HOLE): what becomes of the file's pages, whoever maps them.
  void add_sizing(const kernel::Call&, const kernel::Task&, Touches&);
  // Whether another process maps what this is about.
  bool mapped_elsewhere(const Touch&) const;

 private:
  using File = std::uint64_t;   // 0: none, or not known
  using Table = std::uint64_t;  // of descriptors
  struct Part {
    kernel::Address end = 0;
    File file = 0;
    std::uint64_t first = 0;  // where in the file it begins
    PageKind kind = PageKind::shared_file;
  };
  using Maps = std::map<kernel::Address, Part>;
  struct Descriptor {
    File file = 0;
    std::uint64_t opened = 0;  // which open() it comes from
    PageKind kind = PageKind::shared_file;
  };
  using Descriptors = std::map<std::int32_t, Descriptor>;
  struct Thread {
    std::uint32_t mm = 0;
    Table files = 0;
  };

  void drop(Thread gone);  // what no thread has any more
  File named(std::string_view name);
  Descriptor of(Table files, const kernel::FdNote& note);
  void opens(Table files, const kernel::Call&);
  void map(const kernel::Call&, std::uint32_t mm, Table files);
  void remap(const kernel::Call&, std::uint32_t mm);
  void attach(const kernel::Call&, std::uint32_t mm);
  void put(std::uint32_t mm, kernel::Range, Part);
  void cut(std::uint32_t mm, kernel::Range);

  absl::flat_hash_map<std::int32_t, Thread> threads_;
  std::map<std::uint32_t, Maps> maps_;  // by address space
  std::map<Table, Descriptors> descriptors_;
  std::map<std::string, File, std::less<>> names_;
  std::map<std::uint64_t, std::uint64_t> segment_bytes_;  // System V, by id
  std::uint64_t next_ = 1;                                // file, or open()
};

}  // namespace ringtail::hunt
