// SPDX-License-Identifier: GPL-2.0-or-later
// What a capture has shown so far, and so what its recorder may have been told to leave out.
//
// A recorder does not say what it was told. `strace -e trace=mmap,munmap,madvise` shows no mremap, so that
// mappings move unseen; `-e trace=%desc` shows mmap, but not munmap. `-z` shows successes only, and of those
// not all: a call that another thread's line interrupts is dropped, and the others are whole lines in the
// order of their ends. What one of them contradicts may be over by then.
//
// Every program begins with brk, mmap and mprotect, and who shows these and anything besides memory, AIO and
// NUMA shows all of what matters. Who shows an error, or a call in two halves, was not told -z. Where live
// contexts share a ring, twice, and no io_destroy was ever shown, it was left out by name (-e
// trace=!io_destroy).
#pragma once

#include <cstdint>
#include <string_view>

#include "model/kernel/rule.h"
#include "replay/capture/event.h"

namespace ringtail::oracle {

class Shown {
 public:
  void take(const capture::Event& e);

  // What the rule says may be contradicted by a call that the capture leaves out. `all`: it has shown calls
  // that every program makes, and nobody asks for by name.
  bool may_lack(const kernel::Rule& rule, bool all) const {
    if (told_ || calls_ <= kFew) return false;
    return only_successes() || (shared_rings_ > 1 && is_of_contexts(rule.name)) ||
           (!begins_ && !all && lacks_what_changes(rule));
  }

  // A call contradicts the rule. True when that shows, for the first time, that io_destroy is left out: so
  // may what contradicted rules of contexts before.
  bool shows_no_destroys(const kernel::Rule& rule);
  static bool is_of_contexts(std::string_view rule) {
    return rule.starts_with("io_") || rule.starts_with("aio.");
  }

 private:
  static constexpr std::uint64_t kFew = 8;

  bool only_successes() const { return several_ && !fails_ && !splits_; }
  bool lacks_what_changes(const kernel::Rule& rule) const;
  bool seen(std::uint64_t any_of) const { return (seen_ & any_of) != 0; }

  std::uint64_t calls_ = 0;
  bool told_ = false;  // the recorder says that it leaves out nothing
  // It begins with its program's execve, which nobody asks for who asks for some calls on memory by name.
  bool begins_ = false;
  int shared_rings_ = 0;    // contexts set up where one was alive, before any io_destroy was shown
  std::uint64_t seen_ = 0;  // calls, a bit for each Sys
  bool fails_ = false, splits_ = false;
  std::int32_t first_ = -1;  // the first thread, and
  bool several_ = false;     // whether there is another
};

}  // namespace ringtail::oracle
