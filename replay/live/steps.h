// SPDX-License-Identifier: GPL-2.0-or-later
// Generators of steps: arguments that are mostly sensible, often at edges, and sometimes absurd. One family
// a file; each mixes in enough of the others to have something to act on. `ringtail fuzz calls` and the tests
// draw their programs from here.
#pragma once

#include <optional>
#include <string_view>

#include <rapidcheck.h>

#include "replay/live/program.h"

namespace ringtail::live {

rc::Gen<Step> memory_step();      // mmap, munmap, mremap, mprotect, brk, shmat, shmdt, the mlock family
rc::Gen<Step> fault_step();       // not recorded: a page fault
rc::Gen<Step> madvise_step();     // every advice; process_madvise
rc::Gen<Step> numa_step();        // move_pages, migrate_pages, mbind, set_mempolicy, get_mempolicy
rc::Gen<Step> aio_step();         // io_*
rc::Gen<Step> descriptor_step();  // dup, close, memfd_create, ftruncate, fallocate, ...
rc::Gen<Step> clone_step();       // a child process that runs the next few steps

enum class Family : std::uint8_t { memory, madvise, numa, aio, descriptors, mixed };
inline constexpr int kFamilies = 6;
std::string_view name_of(Family);
std::optional<Family> family_named(std::string_view name);

// Threads of steps of one family, with child processes in between, seen by any recorder.
rc::Gen<Program> programs(Family family, int threads);

}  // namespace ringtail::live
