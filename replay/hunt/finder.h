// SPDX-License-Identifier: GPL-2.0-or-later
// Calls of a capture that overlap in time and have to do with the same thing, counted by shape.
//
//   Finder finder(profile);
//   for (Event e; reader->next(e);) finder.take(e);
//   for (const Found& f : finder.found()) ...
//
// A pair is counted once, when the later of its calls ends. Beside what is recorded there is what nobody
// records: for a call on pages of an address space that has other threads, their loads and stores (page
// faults); for a call on a context that has requests in flight, their completion.
//
// Sets of three are counted, too: each two of them overlap, and all three have a page, a context
// or a descriptor in common. Of those that a call overlapped the last kMostBeside are looked at; a larger set
// is its sets of three.
//
// Memory is that of the live state: ended calls are kept while a call runs that began before their end, at
// most kMostEnded of them. When there are more (a thread that sleeps in io_getevents while others go on), the
// older half is held against the calls that run by what is known of those, and dropped: that loses only pairs
// with a call of which nobody knows yet which pages or context it will be about, and `undecided` counts them.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "replay/capture/event.h"
#include "replay/hunt/shape.h"
#include "replay/hunt/shared_files.h"
#include "replay/hunt/toucher.h"
#include "replay/oracle/oracle.h"

namespace ringtail::hunt {

struct Found {
  Shape shape;
  std::uint64_t count = 0;
  std::uint64_t line = 0;  // where the first of the two calls of the first such pair began
};

class Finder {
 public:
  static constexpr std::size_t kMostEnded = 1024;

  static constexpr std::size_t kMostBeside = 16;

  explicit Finder(kernel::Profile profile, std::size_t most_ended = kMostEnded,
                  std::size_t most_beside = kMostBeside)
      : oracle_(std::move(profile)), most_ended_(most_ended), most_beside_(most_beside) {}

  void take(const capture::Event& e);

  std::vector<Found> found() const;               // by shape
  std::uint64_t calls() const { return calls_; }  // that touch something
  std::uint64_t undecided() const { return undecided_; }
  std::uint64_t lost() const { return lost_; }          // gaps that the recorder reports
  std::uint64_t problems() const { return problems_; }  // lines that could not be read
  // Nothing is known of the order between threads, and so of what overlapped.
  bool unordered() const { return unordered_; }
  const kernel::Profile& profile() { return oracle_.world().profile; }

 private:
  struct Interval {
    std::int32_t tid = 0;
    std::uint64_t begin_seq = 0, end_seq = 0, begin_line = 0;
    std::uint64_t settled = 0;  // pairs with calls that ended up to then are counted
    Touches touches;
  };

  void ended(Interval call);
  void pair(const Interval& a, const Interval& b);
  void three(const Interval& call);
  void settle();
  void map_fact(std::string_view text);
  void prune();
  void count(const Shape&, std::uint64_t line);
  void unseen(const Interval&, const capture::Event&);
  Touches touches_of(const capture::Event&);
  void lives(std::int32_t tid);
  void dies(std::int32_t tid);

  oracle::Oracle oracle_;
  Toucher toucher_;
  SharedFiles shared_;
  std::uint32_t mapped_ = 0;  // whose memory map is being read
  const std::size_t most_ended_, most_beside_;
  std::vector<Interval> running_;
  std::vector<Interval> ended_;                                      // ascending end_seq
  std::map<Shape, std::pair<std::uint64_t, std::uint64_t>> shapes_;  // how often, the first line
  std::uint64_t calls_ = 0, undecided_ = 0, lost_ = 0, problems_ = 0;
  bool unordered_ = false;

  // Threads by address space.
  absl::flat_hash_map<std::int32_t, std::uint32_t> space_of_;
  absl::flat_hash_map<std::uint32_t, std::uint32_t> threads_in_;
};

}  // namespace ringtail::hunt
