// SPDX-License-Identifier: GPL-2.0-or-later
// Steps that nothing disturbs: whatever the other threads do before the thread's own next step, they do the
// same after it. A search that follows such a step alone misses no end of the program (a persistent set of
// one step: Godefroid, LNCS 1032, 1996).
//
// A step is undisturbed where what it goes to
//   - is the thread's own so far: nobody else writes what it reads, nobody else looks at what it writes,
//   - or is looked at under a lock by all who do (Eraser: Savage et al., TOCS 1997), which the thread holds,
//   - or is that lock, about to be left by who holds it, which nobody looks at but to take and leave it;
// and a store that goes into a buffer, a fence and a choice are.
//
// "So far" is what has been met in this search. A search in which more turns up, of a place where a step was
// taken for undisturbed, has to be made again, with what is known then. It does turn up: the steps up to the
// first that does not keep to what was known commute as was thought, so that some execution that is followed
// has it. Only what had not been met before can show that a step was wrongly taken for undisturbed, and there
// is only so much of that: so searches come to an end, and begin() aborts where one is made again in vain.
#pragma once

#include <cstdint>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "model/machine/snapshot.h"

namespace ringtail::schedule {

class Local {
 public:
  static constexpr std::size_t most_threads = 64;

  // A thread is where it asks for this, ready or not.
  void note(std::uint8_t thread, const machine::Snapshot& at);
  // Whoever looks at memory as a whole looks at this.
  void watch(std::uint64_t address);
  // Whether the step is undisturbed: of a thread, into its buffer where `buffers`; or, `leaves`, of the store
  // that it asked for there out of its buffer.
  bool undisturbed(std::uint8_t thread, const machine::Snapshot& at, bool buffers, bool leaves);

  // Another search, with what is known by now.
  void begin();
  // Whether it was taken for undisturbed what was not.
  bool wrong() const { return wrong_; }

 private:
  using Threads = std::uint64_t;
  struct Place {
    Threads readers = 0, writers = 0;
    std::vector<std::uint64_t> locks;  // held by all who came here
    bool met = false;
    bool open = false;     // not only taken and left as a lock
    bool foreign = false;  // written as no lock is
    bool watched = false;
    // What has been relied on in this search.
    Threads reads = 0, writes = 0;  // of threads that nobody disturbs
    std::uint64_t lock = 0;         // that everyone holds
    bool leaves = false;            // nobody looks but to take and leave it
    bool excludes = false;          // it is a lock
  };
  void come(Place& p, std::uint8_t thread, const machine::Snapshot& at, bool writes, bool as_lock,
            bool foreign);
  bool own(Place& p, std::uint8_t thread, bool writes);
  bool guarded(Place& p, const machine::Snapshot& at);

  absl::flat_hash_map<std::uint64_t, Place> places_;   // by address
  absl::flat_hash_map<std::uint64_t, Place> objects_;  // in the heap; written by who frees them
  Place sections_;                                     // RCU's, written by who waits for them
  bool wrong_ = false;
  bool learnt_ = false;  // in this search
};

}  // namespace ringtail::schedule
