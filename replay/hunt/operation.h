// SPDX-License-Identifier: GPL-2.0-or-later
// What calls do, as far as the kernel's paths differ. madvise is an operation for each advice, but for those
// that only set a flag of the area, which are one; mmap is one where it finds a place and another where it
// replaces what is there; clone is fork where it copies the address space, and nothing here where it does
// not; shmdt, and brk when it shrinks, are munmap.
//
// Two operations are no calls. Nobody records page faults: any thread may load and store at any time where it
// has memory mapped (`user`). And a request that has been submitted completes when its device likes
// (`complete`).
#pragma once

#include <cstdint>
#include <string>

namespace ringtail::hunt {

enum class Op : std::uint8_t {
  // address spaces
  user,
  madvise,
  mmap,
  mmap_fixed,
  munmap,
  mremap,
  mprotect,
  mlock,
  munlock,
  fork,
  move_pages,
  migrate_pages,
  mbind,
  get_mempolicy,
  mem_write,  // through /proc/PID/mem, or by a debugger: whether the user may write there or not
  vm_write,   // process_vm_writev(): where the user may write
  direct_io,  // io_submit() of a request whose data go to or come from the pages
  // AIO contexts
  complete,
  io_setup,
  io_submit,
  io_getevents,
  io_cancel,
  io_destroy,
  // the end of a process: of its address space and of its AIO contexts
  exit,
  // descriptors
  submit_fd,  // io_submit() of a request on it
  map_fd,     // mmap() of it
  size_fd,    // ftruncate(), fallocate()
  close_fd,   // close(), or what dup2() closes
  dup_fd,
};
inline constexpr int kOps = static_cast<int>(Op::dup_fd) + 1;

struct Operation {
  Op op = Op::user;
  // Of madvise; kFlagAdvice for those that only set flags. Of what moves pages: kEverybodys or nothing.
  std::int16_t advice = -1;
  friend auto operator<=>(const Operation&, const Operation&) = default;
};

inline constexpr std::int16_t kFlagAdvice = 0;
inline constexpr std::int16_t kEverybodys = 1;  // MPOL_MF_MOVE_ALL

// The operation of an advice that exists.
Operation madvise_of(int advice);

// As a report names it: `madvise(MADV_DONTNEED)`, `io_submit`.
std::string name_of(Operation);

}  // namespace ringtail::hunt
