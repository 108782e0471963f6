// SPDX-License-Identifier: GPL-2.0-or-later
// Generators of steps: arguments that are mostly sensible, often at edges, and sometimes absurd. One family
// a file; each mixes in enough of the others to have something to act on.
#pragma once

#include <rapidcheck.h>

#include "tests/replay/oracle/live.h"

namespace ringtail::live {

rc::Gen<Step> memory_step();      // mmap, munmap, mremap, mprotect, brk, shmat, shmdt, the mlock family
rc::Gen<Step> fault_step();       // not recorded: a page fault
rc::Gen<Step> madvise_step();     // every advice; process_madvise
rc::Gen<Step> numa_step();        // move_pages, migrate_pages, mbind, set_mempolicy, get_mempolicy
rc::Gen<Step> aio_step();         // io_*
rc::Gen<Step> descriptor_step();  // dup, close, memfd_create, ftruncate, fallocate, ...
rc::Gen<Step> clone_step();       // a child process that runs the next few steps

// A program whose every step is `step`.
inline rc::Gen<Thread> thread_of(rc::Gen<Step> step) { return rc::gen::container<Thread>(std::move(step)); }

}  // namespace ringtail::live
