// SPDX-License-Identifier: GPL-2.0-or-later
// What a capture has shown so far, and so what its recorder may have been told to leave out.
//
// A recorder does not say what it was told. `strace -e trace=mmap,munmap,madvise` shows no mremap, so that
// mappings move unseen; `-e trace=%desc` shows mmap, but not munmap. `-z` shows successes only, and of those
// not all: a call that another thread's line interrupts is dropped, and the others are whole lines in the
// order of their ends. What one of them contradicts may be over by then.
//
// Every program begins with brk, mmap and mprotect, and who shows these and anything besides memory, AIO and
// NUMA shows all of what matters. Who shows an error, or a call in two halves, was not told -z.
#pragma once

#include <cstdint>

#include "model/kernel/rule.h"
#include "replay/capture/event.h"

namespace ringtail::oracle {

class Shown {
 public:
  void take(const capture::Event& e);

  // What the rule says may be contradicted by a call that the capture leaves out. `all`: it has shown calls
  // that every program makes, and nobody asks for by name.
  bool may_lack(const kernel::Rule& rule, bool all) const {
    return calls_ > kFew && (only_successes() || (!whole_ && !all && lacks_what_changes(rule)));
  }

 private:
  static constexpr std::uint64_t kFew = 8;

  bool only_successes() const { return several_ && !fails_ && !splits_; }
  bool lacks_what_changes(const kernel::Rule& rule) const;
  bool seen(std::uint64_t any_of) const { return (seen_ & any_of) != 0; }

  std::uint64_t calls_ = 0;
  // A map was read: `ringtail record` filters nothing that matters. Or it begins with its program's execve,
  // which nobody asks for who asks for some calls on memory by name.
  bool whole_ = false;
  std::uint64_t seen_ = 0;  // calls, a bit for each Sys
  bool fails_ = false, splits_ = false;
  std::int32_t first_ = -1;  // the first thread, and
  bool several_ = false;     // whether there is another
};

}  // namespace ringtail::oracle
