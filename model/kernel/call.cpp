// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/call.h"

#include <absl/container/flat_hash_map.h>

namespace ringtail::kernel {
namespace {

struct Row {
  Sys sys;
  std::string_view name;
  Family family;
  int number;  // x86-64
};

constexpr Row kRows[] = {
    {Sys::mmap, "mmap", Family::memory, 9},
    {Sys::munmap, "munmap", Family::memory, 11},
    {Sys::mremap, "mremap", Family::memory, 25},
    {Sys::mprotect, "mprotect", Family::memory, 10},
    {Sys::pkey_mprotect, "pkey_mprotect", Family::memory, 329},
    {Sys::brk, "brk", Family::memory, 12},
    {Sys::shmat, "shmat", Family::memory, 30},
    {Sys::shmdt, "shmdt", Family::memory, 67},
    {Sys::mlock, "mlock", Family::memory, 149},
    {Sys::mlock2, "mlock2", Family::memory, 325},
    {Sys::munlock, "munlock", Family::memory, 150},
    {Sys::mlockall, "mlockall", Family::memory, 151},
    {Sys::munlockall, "munlockall", Family::memory, 152},
    {Sys::remap_file_pages, "remap_file_pages", Family::memory, 216},
    {Sys::fork, "fork", Family::process, 57},
    {Sys::vfork, "vfork", Family::process, 58},
    {Sys::clone, "clone", Family::process, 56},
    {Sys::clone3, "clone3", Family::process, 435},
    {Sys::execve, "execve", Family::process, 59},
    {Sys::execveat, "execveat", Family::process, 322},
    {Sys::exit, "exit", Family::process, 60},
    {Sys::exit_group, "exit_group", Family::process, 231},
    {Sys::madvise, "madvise", Family::madvise, 28},
    {Sys::process_madvise, "process_madvise", Family::madvise, 440},
    {Sys::move_pages, "move_pages", Family::migration, 279},
    {Sys::migrate_pages, "migrate_pages", Family::migration, 256},
    {Sys::mbind, "mbind", Family::migration, 237},
    {Sys::set_mempolicy, "set_mempolicy", Family::migration, 238},
    {Sys::get_mempolicy, "get_mempolicy", Family::migration, 239},
    {Sys::io_setup, "io_setup", Family::aio, 206},
    {Sys::io_submit, "io_submit", Family::aio, 209},
    {Sys::io_getevents, "io_getevents", Family::aio, 208},
    {Sys::io_pgetevents, "io_pgetevents", Family::aio, 333},
    {Sys::io_cancel, "io_cancel", Family::aio, 210},
    {Sys::io_destroy, "io_destroy", Family::aio, 207},
    {Sys::open, "open", Family::descriptor, 2},
    {Sys::openat, "openat", Family::descriptor, 257},
    {Sys::creat, "creat", Family::descriptor, 85},
    {Sys::close, "close", Family::descriptor, 3},
    {Sys::close_range, "close_range", Family::descriptor, 436},
    {Sys::dup, "dup", Family::descriptor, 32},
    {Sys::dup2, "dup2", Family::descriptor, 33},
    {Sys::dup3, "dup3", Family::descriptor, 292},
    {Sys::fcntl, "fcntl", Family::descriptor, 72},
    {Sys::eventfd, "eventfd", Family::descriptor, 284},
    {Sys::eventfd2, "eventfd2", Family::descriptor, 290},
    {Sys::memfd_create, "memfd_create", Family::descriptor, 319},
    {Sys::ftruncate, "ftruncate", Family::descriptor, 77},
    {Sys::fallocate, "fallocate", Family::descriptor, 285},
    {Sys::pipe, "pipe", Family::descriptor, 22},
    {Sys::pipe2, "pipe2", Family::descriptor, 293},
    {Sys::socket, "socket", Family::descriptor, 41},
    {Sys::socketpair, "socketpair", Family::descriptor, 53},
    {Sys::accept, "accept", Family::descriptor, 43},
    {Sys::accept4, "accept4", Family::descriptor, 288},
    {Sys::pidfd_open, "pidfd_open", Family::descriptor, 434},
    {Sys::other, "other", Family::other, -1},
};

constexpr bool in_order() {
  int i = 0;
  for (const Row& r : kRows)
    if (static_cast<int>(r.sys) != i++) return false;
  return i == kSysCount;
}
static_assert(in_order(), "kRows has a row for each Sys, in its order");

const Row& row(Sys s) { return kRows[static_cast<int>(s)]; }

}  // namespace

std::string_view name_of(Sys s) { return row(s).name; }
Family family_of(Sys s) { return row(s).family; }

std::string_view name_of(Family f) {
  switch (f) {
    case Family::memory:
      return "memory";
    case Family::process:
      return "process";
    case Family::madvise:
      return "madvise";
    case Family::migration:
      return "migration";
    case Family::aio:
      return "aio";
    case Family::descriptor:
      return "descriptor";
    case Family::other:
      return "other";
  }
  return "";
}

Sys sys_of(std::string_view name) {
  static const auto map = [] {
    absl::flat_hash_map<std::string_view, Sys> m;
    for (const Row& r : kRows) m.emplace(r.name, r.sys);
    return m;
  }();
  const auto it = map.find(name);
  return it == map.end() ? Sys::other : it->second;
}

Sys sys_of_number(std::uint64_t nr) {
  static const auto map = [] {
    absl::flat_hash_map<std::uint64_t, Sys> m;
    for (const Row& r : kRows)
      if (r.number >= 0) m.emplace(r.number, r.sys);
    return m;
  }();
  const auto it = map.find(nr);
  return it == map.end() ? Sys::other : it->second;
}

void Call::clear() {
  sys = Sys::other;
  name = {};
  arg = {};
  out = {};
  fd.clear();
  path.clear();
  out_path.clear();
  path_truncated = false;
  pages.clear();
  nodes.clear();
  status.clear();
  mask.clear();
  mask2.clear();
  outs.clear();
  iov.clear();
  iocbs.clear();
  events.clear();
  timeout_ns = {};
}

}  // namespace ringtail::kernel
