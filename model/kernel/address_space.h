// SPDX-License-Identifier: GPL-2.0-or-later
// What is known of an address space, in intervals: a sorted map from disjoint [begin, end) to PageState.
//
// Cost never depends on how long an interval is. Invariants: 1. intervals do not overlap and are not
// empty; 2. bounds are page aligned; 3. neighbours that touch differ in state; 4. what no interval covers is
// unknown. Known-unmapped is an interval like any other.
//
// The kernel's VMAs are not ours: it merges and splits by things that are not visible, and properties such as
// residency split intervals but no VMA. So each interval knows whether it may hold more than one VMA
// (`many`), its first edge whether it is one of VMAs at all (`soft` is not), and `hidden` counts VMA edges
// that were merged away here but perhaps not there. The sum bounds the map count, which decides whether a
// split can hit vm.max_map_count.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <type_traits>
#include <utility>

#include "model/base/leaf_map.h"
#include "model/kernel/page_state.h"

namespace ringtail::kernel {

using Address = std::uint64_t;

struct Range {
  Address begin = 0, end = 0;  // [begin, end)
  constexpr bool empty() const { return begin >= end; }
  constexpr Address size() const { return end - begin; }
  constexpr bool contains(Address a) const { return begin <= a && a < end; }
  constexpr bool intersects(Range o) const { return (begin < o.end) & (o.begin < end); }  // without a branch
  constexpr Range intersect(Range o) const {
    return {begin > o.begin ? begin : o.begin, end < o.end ? end : o.end};
  }
  friend constexpr bool operator==(Range, Range) = default;
};
// A few ranges, none of them empty.
struct Ranges {
  std::array<Range, 3> ranges;
  int count = 0;

  void add(Address begin, Address end) {
    if (begin < end) ranges[static_cast<std::size_t>(count++)] = {begin, end};
  }
  const Range* begin() const { return ranges.data(); }
  const Range* end() const { return ranges.data() + count; }
  bool empty() const { return count == 0; }
  bool intersect(Range r) const {
    return std::any_of(begin(), end(), [r](Range mine) { return mine.intersects(r); });
  }
};

// Where user addresses end on x86-64: below the first always valid, above the second never (five-level page
// tables).
inline constexpr Address kTaskSize = 0x7ffffffff000;
inline constexpr Address kTaskSizeLa57 = 0xfffffffffff000;
inline constexpr Range kEverywhere{0, ~Address{0} & ~Address{0xfff}};

class AddressSpace {
 public:
  // Calls f(Range, const PageState&) for the pieces of `r` in ascending order, gaps (unknown) included, until
  // f returns false (when it returns bool).
  template <class F>
  void for_each(Range r, F&& f) const;

  // Calls f(Range, PageState&) for the pieces of `r`, cut at its ends, then merges equal neighbours.
  template <class F>
  void update(Range r, F&& f);

  // f(Range, PageState&) for every interval, then merges.
  template <class F>
  void for_all(F&& f) {
    for (auto& [begin, area] : map_) f(Range{begin, area.end}, area.state);
    merge(map_.begin(), kEverywhere);
  }

  // Takes what `from` knows of `r`, of which nothing is known here: `most` intervals of it.
  void take(const AddressSpace& from, Range r, std::size_t most);

  // All of `r` becomes `s`, as one VMA.
  void assign(Range r, const PageState& s);
  void forget(Range r) { assign(r, PageState{}); }

  PageState at(Address a) const;
  // Of the page in front of `at`, and of the one that begins there.
  std::pair<PageState, PageState> edge(Address at) const;

  // Whether the kernel surely has one VMA for all of `r`.
  bool one_vma(Range r) const;

  // The kernel may have cut VMAs at the ends of `r` without any property that is known being different.
  void may_cut(Range r);

  // As many VMAs as the intervals can stand for; what is unknown is not counted. Short by a few where an
  // interval with hidden edges was cut and a half replaced: it is for comparing with limits in the ten
  // thousands.
  std::uint64_t vma_bound() const { return map_.size() + hidden_; }
  std::size_t intervals() const { return map_.size(); }
  void clear() { map_.clear(), hidden_ = 0, near_ = {}; }

  friend bool operator==(const AddressSpace& a, const AddressSpace& b);

 private:
  struct Area {
    Address end = 0;
    PageState state;
    std::uint32_t hidden = 0;
    bool many = false;
    bool soft = false;
  };
  using Map = LeafMap<Address, Area>;

  // The area that was found last, which is mostly asked for again; void when the map changes, and of copies.
  struct Near {
    Map::iterator at;
    bool valid = false;
    Near() = default;
    Near(const Near&) {}
    Near& operator=(const Near&) { return valid = false, *this; }
  };

  Map::iterator first_in(Range r);  // the first area that ends after r.begin
  Map::const_iterator first_in(Range r) const { return const_cast<AddressSpace*>(this)->first_in(r); }
  // The first area that ends after `a`, from one that is not behind it; mostly it is close by.
  Map::iterator first_from(Map::iterator it, Address a);
  static constexpr int kClose = 4;
  Map::iterator insert(Map::iterator before, Address begin, const Area& area) {
    near_ = {};
    return map_.insert(before, begin, area);
  }
  Map::iterator erase(Map::iterator it) {
    near_ = {};
    return map_.erase(it);
  }
  static bool changed(Area& area, Address begin, const PageState& before);
  Map::iterator split(Map::iterator it, Address at);  // `it` holds `at`; the upper half
  Map::iterator clear_range(Range r);                 // the first area at or after r.end
  // Merges from the neighbour before r.begin, from which `it` is not far, to the one after r.end.
  void merge(Map::iterator it, Range r);

  Map map_;
  Near near_;
  std::uint64_t hidden_ = 0;
};

// What is a property of a VMA and not of its pages.
constexpr bool same_vma(const PageState& a, const PageState& b) {
  constexpr std::uint32_t kOfPages = kPresent | kGuards;
  return ((a.known ^ b.known) & ~kOfPages) == 0 && ((a.bits ^ b.bits) & ~kOfPages) == 0 &&
         a.policy == b.policy;
}

// Whether an area from `begin` was made another VMA by its new state.
inline bool AddressSpace::changed(Area& area, Address begin, const PageState& before) {
  // What is seen to be mapped where nothing was known may be any number of VMAs.
  constexpr Address kOnePage = 4096;
  if (before.test(kMapped) != Tri::yes && area.state.test(kMapped) == Tri::yes && area.end - begin > kOnePage)
    area.many = true;
  return !same_vma(before, area.state);
}

template <class F>
void AddressSpace::for_each(Range r, F&& f) const {
  const auto visit = [&f](Range piece, const PageState& s) {
    if constexpr (std::is_void_v<decltype(f(piece, s))>) return f(piece, s), true;
    else return f(piece, s);
  };
  static constexpr PageState kUnknown{};
  Address at = r.begin;
  for (auto it = first_in(r); at < r.end && it != map_.end() && it->first < r.end; ++it) {
    if (at < it->first) {
      if (!visit(Range{at, it->first}, kUnknown)) return;
      at = it->first;
    }
    const Range piece{at, it->second.end < r.end ? it->second.end : r.end};
    if (!visit(piece, it->second.state)) return;
    at = piece.end;
  }
  if (at < r.end) visit(Range{at, r.end}, kUnknown);
}

template <class F>
void AddressSpace::update(Range r, F&& f) {
  if (r.empty()) return;
  auto it = first_in(r);
  if (it != map_.end() && it->first <= r.begin && it->second.end >= r.end) {
    // One area holds all of it, which is the usual case: it is cut only if something changes.
    PageState now = it->second.state;
    f(r, now);
    if (now == it->second.state) return;
    if (it->first < r.begin) it = split(it, r.begin);
    if (it->second.end > r.end) it = std::prev(split(it, r.end));
    const PageState before = std::exchange(it->second.state, now);
    if (changed(it->second, r.begin, before)) {
      it->second.soft = false;
      if (const auto next = std::next(it); next != map_.end() && next->first == r.end)
        next->second.soft = false;
    }
    return merge(it, r);
  }
  if (it != map_.end() && it->first < r.begin) it = split(it, r.begin);
  Address at = r.begin;
  bool hard = false;  // the piece before was made another VMA
  while (at < r.end) {
    if (it == map_.end() || it->first > at) {  // a gap: give it an area of its own
      Area gap;
      gap.end = it == map_.end() || it->first > r.end ? r.end : it->first;
      it = insert(it, at, gap);
    } else if (it->second.end > r.end) {
      split(it, r.end);
      it = first_in({at, r.end});
    }
    Area& area = it->second;
    const PageState before = area.state;
    f(Range{at, area.end}, area.state);
    const bool now = changed(area, at, before);
    if (now || hard) area.soft = false;
    hard = now;
    at = area.end;
    ++it;
  }
  if (hard && it != map_.end() && it->first == r.end) it->second.soft = false;
  merge(it, r);
}

}  // namespace ringtail::kernel
