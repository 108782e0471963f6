// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/hunt/operation.h"

#include <fmt/format.h>

#include "model/kernel/advice.h"

namespace ringtail::hunt {
namespace {

constexpr std::string_view plain_name(Op op) {
  switch (op) {
    case Op::user:
      return "a load or store by another thread";
    case Op::madvise:
      return "madvise";
    case Op::mmap:
      return "mmap";
    case Op::mmap_fixed:
      return "mmap(MAP_FIXED)";
    case Op::munmap:
      return "munmap";
    case Op::mremap:
      return "mremap";
    case Op::mprotect:
      return "mprotect";
    case Op::mlock:
      return "mlock";
    case Op::munlock:
      return "munlock";
    case Op::fork:
      return "fork";
    case Op::move_pages:
      return "move_pages";
    case Op::migrate_pages:
      return "migrate_pages";
    case Op::mbind:
      return "mbind";
    case Op::get_mempolicy:
      return "get_mempolicy(MPOL_F_ADDR)";
    case Op::mem_write:
      return "a write through /proc/PID/mem";
    case Op::vm_write:
      return "process_vm_writev";
    case Op::direct_io:
      return "io_submit to or from the pages";
    case Op::complete:
      return "the completion of a request";
    case Op::io_setup:
      return "io_setup";
    case Op::io_submit:
      return "io_submit";
    case Op::io_getevents:
      return "io_getevents";
    case Op::io_cancel:
      return "io_cancel";
    case Op::io_destroy:
      return "io_destroy";
    case Op::exit:
      return "exit";
    case Op::submit_fd:
      return "io_submit";
    case Op::map_fd:
      return "mmap";
    case Op::size_fd:
      return "ftruncate or fallocate";
    case Op::close_fd:
      return "close";
    case Op::dup_fd:
      return "dup";
  }
  return "";
}

}  // namespace

Operation madvise_of(int advice) {
  constexpr int kDontneed = 4;
  using Id = kernel::Advice::Id;
  const kernel::Advice* a = kernel::advice_of(advice);
  if (a != nullptr && a->flags_only) advice = kFlagAdvice;
  if (a != nullptr && a->id == Id::dontneed_locked) advice = kDontneed;
  return {Op::madvise, static_cast<std::int16_t>(advice)};
}

std::string name_of(Operation o) {
  if (o.op != Op::madvise)
    return fmt::format("{}{}", plain_name(o.op), o.advice == kEverybodys ? "(MPOL_MF_MOVE_ALL)" : "");
  if (o.advice == kFlagAdvice) return "madvise(a flag)";
  const kernel::Advice* advice = kernel::advice_of(o.advice);
  return fmt::format("madvise({})", advice ? advice->name : "?");
}

}  // namespace ringtail::hunt
