// SPDX-License-Identifier: GPL-2.0-or-later
// Wrong results that a kernel could have given, to be planted into real captures: what `script/bench
// strength` counts.
//
// A mutation takes one call that really happened and changes only what the kernel answered: its return value,
// errno, or what it wrote to user memory. It applies only where the capture itself tells that the answer is
// wrong; what nobody could know from the capture (which errno a driver gives, say) is no class. Surroundings
// keeps, from the calls seen so far, the few things that this needs; it is much simpler than the model on
// purpose, and forgets when in doubt.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <string_view>
#include <vector>

#include "model/kernel/profile.h"
#include "replay/capture/event.h"

namespace ringtail::strength {

using capture::Event;
using Rng = std::mt19937_64;

struct Area {
  std::uint64_t start = 0, end = 0;
  std::int32_t tid = 0;
  bool anonymous = false;
  bool writable = false;
  bool own = false;        // private
  std::uint64_t made = 0;  // seq of the end of the mmap
};

struct Ring {
  std::int32_t tid = 0;
  std::uint64_t nr = 0;
  std::map<std::uint64_t, std::int64_t> pending;  // aio_data -> requests not yet reported
  std::uint64_t longest = 0;                      // of its reads and writes
  std::uint64_t made = 0;                         // seq of the end of the io_setup
  bool plain = true;                              // no others; else `longest` is 0
  std::uint64_t last = 0;                         // aio_data of the last event that it gave, if `any`
  bool any = false;
};

// Facts about the calls before the one at hand, all of which ended before it began.
class Surroundings {
 public:
  void observe(const Event& e);

  // A mapping made by this thread that nothing has touched since, or null.
  const Area* area_of(std::int32_t tid, Rng& rng) const;
  bool inside_an_area(std::int32_t tid, std::uint64_t start, std::uint64_t end) const;
  bool inside_a_writable_area(std::int32_t tid, std::uint64_t start, std::uint64_t end) const;
  bool inside_private_memory(std::int32_t tid, std::uint64_t start, std::uint64_t end) const;
  const Ring* ring(std::int32_t tid, std::uint64_t ctx) const;
  bool destroyed(std::int32_t tid, std::uint64_t ctx) const;
  std::uint64_t break_of(std::int32_t tid) const;  // 0: not known
  // Where this thread unmapped what it had mapped, and nobody has mapped anything since.
  bool inside_a_hole(std::int32_t tid, std::uint64_t start, std::uint64_t end) const;
  int policy_of(std::int32_t tid) const;                   // the mode it last asked for; -1: not known
  int bound_at(std::int32_t tid, std::uint64_t at) const;  // the mode that mbind gave this address; or -1
  const std::pair<const std::uint64_t, Ring>* another_ring(std::int32_t tid, std::uint64_t ctx) const;
  // A mapping that another thread of the same memory made while `e` ran, and that nothing has touched since.
  const Area* made_beside(const Event& e) const;
  const kernel::Profile& profile() const { return profile_; }  // as the facts so far tell

 private:
  kernel::Profile profile_;
  void forget_areas(std::uint64_t start, std::uint64_t end);
  std::deque<Area> areas_, holes_;
  std::deque<std::pair<Area, int>> bound_;  // with the mode
  std::map<std::int32_t, int> policies_;
  std::map<std::uint64_t, Ring> rings_;
  std::map<std::uint64_t, std::int32_t> dead_rings_;
  std::map<std::int32_t, std::uint64_t> at_rings_;  // thread -> the context that its call, which runs, names
  bool shared(std::int32_t tid, std::uint64_t ctx) const;
  std::map<std::int32_t, std::uint64_t> breaks_;
  std::map<std::int32_t, std::int32_t> sharers_;  // thread -> one of those that share its memory
};

struct Mutation {
  std::string_view name;
  // Changes `e` in place and says so, or leaves it alone.
  bool (*apply)(Event& e, const Surroundings& around, Rng& rng);
  bool overlapped = false;  // of calls that overlap others, too
};

const std::vector<Mutation>& mutations();
std::vector<Mutation> further_mutations();    // further.cpp; mutations() has them,
std::vector<Mutation> refusals();             // these,
std::vector<Mutation> plausible_mutations();  // these,
std::vector<Mutation> knowable_mutations();   // these,
std::vector<Mutation> listed_mutations();     // these,
std::vector<Mutation> errno_mutations();      // these,
std::vector<Mutation> told_mutations();       // and these

}  // namespace ringtail::strength
