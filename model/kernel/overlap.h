// SPDX-License-Identifier: GPL-2.0-or-later
// Calls that overlap in time, and what that leaves of knowledge.
//
// A recorder shows a call as an interval; its effect happened at some moment inside. So a call C is judged
// not against one state but against those of every order that the intervals allow. Enumerating orders would
// be exact and exponential; instead each call has a Footprint: the ranges that it may change and the
// properties that may differ there afterwards. C sees the state blurred by the footprints of every call that
// overlaps it, whether that has ended (C may have come before it) or not (its effect may or may not have
// happened, its result is not known yet). And when C ends, what it wrote is blurred by those overlapping
// calls that ended before, as they may have come after it. Calls on disjoint ranges, or on different
// properties of one range, do not blur each other, which is why this loses little.
//
// Blurring forgets more than joining the orders one by one would (orders.h does that where it can): it is
// sound (no order is excluded) and costs the number of overlapping calls. Memory is bounded: finished calls
// are kept only while an unfinished one began before their end, and at most kMostFinished of them; the oldest
// beyond that are folded into one that may have changed everything.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "model/kernel/address_space.h"
#include "model/kernel/call.h"

namespace ringtail::kernel {

// Beside the Bits of page_state.h, what a footprint may say of its range.
inline constexpr std::uint32_t kUnmaps =
    1u << 31;  // mapped pages may be unmapped; what is known of them if not stays
inline constexpr std::uint32_t kFills = 1u
                                        << 30;  // only where nothing is known to be mapped, something may be
inline constexpr std::uint32_t kPolicy = 1u << 29;  // the VMA policy may change
inline constexpr std::uint32_t kNode = 1u << 28;    // present pages may be on another node
inline constexpr std::uint32_t kReplaces = kEverything | kPolicy | kNode;  // anything may be different

struct Footprint {
  struct Part {
    Range range;
    std::uint32_t loses = 0;
  };
  Range hull;               // of all parts, which tells most calls apart; none of no parts
  std::uint32_t loses = 0;  // any part
  int count = 0;
  bool any_mm = false;  // of a call on another process: whose is not known
  std::array<Part, 4> parts;

  void add(Range r, std::uint32_t loses) {
    if (r.empty() || !loses || count == static_cast<int>(parts.size())) return;
    hull = count ? Range{std::min(hull.begin, r.begin), std::max(hull.end, r.end)} : r;
    parts[count++] = {r, loses};
    this->loses |= loses;
  }
  void clear() { hull = {}, loses = 0, count = 0, any_mm = false; }
  const Part* begin() const { return parts.data(); }
  const Part* end() const { return parts.data() + count; }
  bool meets(Range r) const {
    if (!hull.intersects(r)) return false;
    for (const Part& part : *this)
      if (part.range.intersects(r)) return true;
    return false;
  }
};

void blur(PageState& s, std::uint32_t loses);

// Whether what may have changed is a property of VMAs, so that the kernel may have cut some.
constexpr bool cuts_vmas(std::uint32_t loses) { return (loses & ~(kPresent | kGuards | kNode)) != 0; }

// A call as those that overlap it see it.
struct Op {
  static constexpr std::uint64_t kInFlight = ~std::uint64_t{0};
  std::uint64_t begin_seq = 0, end_seq = kInFlight;
  std::int32_t tid = 0;
  std::uint32_t mm = 0;  // Mm::id of the caller
  Sys sys = Sys::other;
  Outcome out;  // Outcome::State::unknown while in flight
  Word object;  // the first argument
  Footprint footprint;
  Range looks;                                      // where it looks for mappings without changing any
  bool atomic = false;                              // as atomic.h has it
  Tri spawns_vm = Tri::no, spawns_files = Tri::no;  // of fork and its kin: what the child shares

  bool in_flight() const { return end_seq == kInFlight; }
};

// The calls at hand. Loops over all of them look at a short line of each (Seen) before the call itself.
class Overlaps {
 public:
  static constexpr std::size_t kMostFinished = 512;
  // The calls that overlap one.
  class Others {
   public:
    Others() = default;
    Others(const Others&) = delete;
    Others& operator=(const Others&) = delete;
    const Op* const* begin() const { return at_; }
    const Op* const* end() const { return at_ + count_; }
    bool empty() const { return count_ == 0; }

    // Those of `all` that may change something in `r`, or look there, and perhaps more.
    void take_around(const Others& all, Range r);

   private:
    friend Overlaps;
    static constexpr std::size_t kFew = 96;
    const Op** room_for(std::size_t most) {
      if (most > kFew) many_ = std::make_unique_for_overwrite<const Op*[]>(most);
      return at_ = most > kFew ? many_.get() : few_;
    }
    const Op** at_ = few_;
    std::size_t count_ = 0;
    const Op* few_[kFew];  // not set before it is used: one is made for every call
    std::unique_ptr<const Op*[]> many_;
  };

  Overlaps() = default;
  Overlaps(Overlaps&&) = default;
  Overlaps& operator=(Overlaps&&) = default;

  // A call that is not at hand yet, to be filled in and given to one of the next three.
  Op& fresh();
  void begin(Op& op);     // it runs
  void finished(Op& op);  // it has ended: remembered for those that run
  void release(Op& op);
  // The call that `tid` was running, which does so no longer; null when there was none.
  Op* end(std::int32_t tid);
  // Every call belongs to the mm `id` from now on.
  void clear_mms(std::uint32_t id);
  // Those of the mm `id` may have been of any.
  void of_any_mm(std::uint32_t id);
  // What ended is forgotten, and what runs may have done anything.
  void lose();

  std::size_t running() const { return running_.size(); }
  // f(const Op&) for each that runs; whether it holds for one.
  template <class F>
  void for_each_running(F&& f) const {
    for (const Seen& seen : running_) f(*seen.op);
  }
  template <class P>
  bool any_running(P&& p) const {
    for (const Seen& seen : running_)
      if (p(*seen.op)) return true;
    return false;
  }
  // Whether a call of another thread than `self`'s is at hand at all: the fast path of one-threaded captures.
  bool any(const Op& self) const {
    return running_.size() > (running_.empty() ? 0u : unsigned{running_.front().tid == self.tid}) ||
           (oldest_ < finished_.size() && finished_.back().seq >= self.begin_seq);
  }

  // Each call that overlaps `self` (not running itself any more) and whose mm may be `mm`.
  void collect(const Op& self, std::uint32_t mm, Others& others) const;
  template <class F>
  void for_each(const Op& self, std::uint32_t mm, F&& f) const {
    Others others;
    collect(self, mm, others);
    for (const Op* op : others) f(*op);
  }

 private:
  static constexpr std::uint32_t kAnyMm = ~0u;
  struct Seen {
    std::uint64_t seq = 0;  // where it began, of what runs; where it ended
    std::int32_t tid = 0;
    std::uint32_t mm = 0;
    Op* op = nullptr;
  };
  static std::uint32_t mm_of(const Op& op) { return op.footprint.any_mm ? kAnyMm : op.mm; }

  std::deque<Op> ops_;
  std::vector<Op*> free_;
  std::vector<Seen> running_;
  std::vector<Seen> finished_;  // ascending; those before `oldest_` are forgotten
  std::size_t oldest_ = 0;
};

}  // namespace ringtail::kernel
