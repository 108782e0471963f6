// SPDX-License-Identifier: GPL-2.0-or-later
// What program order leaves loose between two threads: stores that LKMM does not order after an earlier read
// of their thread, whatever it read, and reads that it does not order before a later store.
//
//   atomic_fetch_inc_relaxed(&count); spin_unlock(&lock); smp_mb(); WRITE_ONCE(x, 1);
//
// Nothing here is loose after the read of count: its own store comes after it, the unlock is a release, and
// all else is behind a full barrier. Two threads that read from one another before these have stored (load
// buffering) need a loose store after the one's read or a loose read before the other's store.
//
// Read off the program's text, with the calls that the thread is in: a branch may go either way, a call
// through a pointer may do anything. Dependencies are not looked at.
#pragma once

#include <cstdint>
#include <vector>

#include "model/machine/machine.h"

namespace ringtail::explore {

class Loose {
 public:
  explicit Loose(const machine::Machine& m);

  // Whether a thread that stands there may come to a loose store before its next full barrier.
  bool stores_after(const machine::Snapshot& s) const;
  // Whether it may have made a loose read since its last.
  bool reads_before(const machine::Snapshot& s) const;

 private:
  // What may happen from an instruction on, or up to it from the beginning of its function, without a full
  // barrier in between.
  struct Way {
    bool loose = false;    // a loose access
    bool through = false;  // all of it: to the function's end, or from its beginning
    friend bool operator==(const Way&, const Way&) = default;
  };

  void find_stores();
  void find_reads();

  const machine::Machine& m_;
  std::vector<Way> after_, before_;  // of each instruction and each function's end, by their numbers
};

}  // namespace ringtail::explore
