// SPDX-License-Identifier: GPL-2.0-or-later
// Calls that overlap, held against every order that their times allow, one order after the other.
//
// Blurring (overlap.h) judges each call by itself: it forgets what the others may have done. What it cannot
// see is that no single order explains all of them: two mmaps that both return one address, a hole that one
// call finds and the next no longer. So where calls are atomic (atomic.h), orders are tried as well:
//
// A group opens when atomic calls of one address space overlap and closes when none of them runs any more;
// then all results are known. Its calls are sorted into sets that have no page in common, which can be judged
// apart (linearizability is local: Herlihy and Wing, TOPLAS 1990). Every order of a set is played on what was
// known when the group opened, one call after the other, until a call does not fit. If no order gets to its
// end, the call at which the longest one got stuck diverges. Else what holds after all that do is added to
// what blurring has kept.
//
// Calls that are not atomic and change no mapping (move_pages, mbind, get_mempolicy, most advice) take part
// with what they saw at moments of their own, one after the other (Glance): a page of move_pages that has a
// status was mapped then. An order has a place for each of these moments. One that is certain where it could
// stand is put there at once, as it leaves nothing behind. A group waits for such calls, too, but not long,
// and what they saw counts only where all of it is within the group.
//
// Other calls are seen by the blurring alone. One that may change mappings all the same spoils the groups of
// the calls that it overlaps; so does one whose result is not known. Presence of pages is left out, as faults
// and reclaim come at any time. A group of more than kMostCalls, or a set whose orders take more than
// kMostPlays, is left to the blurring too.
//
// Nothing is noted, and nothing copied, before calls that have to do with the same pages do overlap; and no
// order is tried where blurring has lost nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "model/kernel/address_space.h"
#include "model/kernel/call.h"
#include "model/kernel/files.h"
#include "model/kernel/rule.h"

namespace ringtail::kernel {

class Step;
class World;
struct Mm;
struct Task;

struct When {
  std::int32_t tid = 0;
  std::int32_t pid = 0;
  std::uint64_t begin_seq = 0, end_seq = 0;
  std::int64_t end_ns = -1;  // -1 when the capture has no times
  std::uint64_t line = 0;    // of the capture: names a call that turns out later to diverge
  std::int64_t begin_ns = -1;
};

// What a call saw of mappings at one moment between its beginning and its end: all of a range mapped, or some
// page of it not. One that looks at page after page, each at a moment of its own, in ascending order, is
// `apart`.
struct Glance {
  Range range;
  bool mapped = true;
  bool apart = false;
};

// A call that fits into no order of those that it overlapped.
struct Misfit {
  When when;
  Call call;
  Verdict verdict;
};

// The groups of all address spaces.
class Orders {
 public:
  static constexpr std::size_t kMostCalls = 48, kMostMoments = 64, kMostPieces = 256;
  static constexpr std::size_t kEnoughCalls = 12;  // not to wait for those that only look
  static constexpr int kMostPlays = 2048;          // of calls, one after the other, for one set

  // A call has ended and is about to be judged: notes it, and what was known of what it touches, if others
  // that overlap it have to do with that, too. False when there is no group, and judged() need not be told.
  bool note(const Step&, const When&);
  // The blurring has judged it. Closes the group when none of its calls runs any more.
  void judged(const Step&, const Verdict&);
  // Nothing is known for sure of the calls of this address space that overlap now.
  void spoil(std::uint32_t mm);
  void clear() { groups_.clear(); }

  bool empty() const { return groups_.empty(); }
  std::vector<Misfit>& misfits() { return misfits_; }  // found so far; the caller empties it

  std::uint64_t tried = 0;  // sets whose orders were tried
  std::uint64_t left = 0;   // groups and sets left to the blurring

 private:
  struct Noted {
    When when;
    Call call;
    std::vector<Range> touched;
    std::vector<Glance> saw;           // of one that is not atomic
    std::shared_ptr<FileTable> files;  // as they were, for a call that uses one
    Address ring = 0;                  // the bytes of it, for io_destroy
    bool lost = true;                  // the blurring made something forgotten that matters to the call
  };
  struct Group {
    std::vector<std::unique_ptr<Noted>> calls;  // in the order of their ends
    AddressSpace before;                        // what was known of all that they touch...
    std::vector<Range> covered;                 // ...which is this
    std::optional<Address> brk;
    Address brk_start = 0;
    bool brk_seen = false;
    bool cut = false;  // policies may have changed, and so VMAs have been cut
    bool spoilt = false;
  };
  using Set = std::vector<const Noted*>;
  class Search;  // orders_search.cpp

  using Where = std::span<const Range>;

  Group& open(const Mm&, bool cut);
  static bool concerned(const Step&, const Group*, const Ranges& touched);
  static void cover(Group&, const AddressSpace&, Where);
  static std::vector<Set> sets_of(const Group&);
  bool note_glances(const Step&, const When&, Group*);
  void close(const Step&);
  void search_all(const Step&, Group&);
  bool search(const Step&, const Group&, const Set&);

  absl::flat_hash_map<std::uint32_t, Group> groups_;  // by Mm::id
  std::vector<Misfit> misfits_;
};

}  // namespace ringtail::kernel
