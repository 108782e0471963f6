// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/address_space.h"

#include <algorithm>

namespace ringtail::kernel {

AddressSpace::Map::iterator AddressSpace::first_in(Range r) {
  if (near_.valid && near_.at->first <= r.begin && r.begin < near_.at->second.end) return near_.at;
  auto it = map_.upper_bound(r.begin);
  if (it != map_.begin()) {
    const auto before = std::prev(it);
    if (before->second.end > r.begin) {
      near_.at = before;
      near_.valid = true;
      return before;
    }
  }
  return it;
}

AddressSpace::Map::iterator AddressSpace::first_from(Map::iterator it, Address a) {
  for (int steps = 0; it != map_.end() && it->second.end <= a; ++it)
    if (++steps > kClose) return first_in({a, a + 1});
  return it;
}

std::pair<PageState, PageState> AddressSpace::edge(Address at) const {
  auto& self = const_cast<AddressSpace&>(*this);
  auto& map = self.map_;
  const bool near = near_.valid && near_.at->first <= at;
  const auto it = near ? self.first_from(near_.at, at) : self.first_in({at, at + 1});
  std::pair<PageState, PageState> states;
  if (it != map.end() && it->first <= at) states.second = it->second.state;
  if (it != map.end() && it->first < at) states.first = it->second.state;
  else if (it != map.begin() && std::prev(it)->second.end == at) states.first = std::prev(it)->second.state;
  return states;
}

PageState AddressSpace::at(Address a) const {
  const auto it = first_in({a, a + 1});
  return it != map_.end() && it->first <= a ? it->second.state : PageState{};
}

bool AddressSpace::one_vma(Range r) const {
  auto it = first_in(r);
  for (Address at = r.begin; at < r.end; at = it->second.end, ++it) {
    if (it == map_.end() || it->first > at) return false;
    if (it->second.many || it->second.state.test(kMapped) != Tri::yes) return false;
    if (at != r.begin && !it->second.soft) return false;
    if (it->second.end >= r.end) return true;
  }
  return false;
}

// The lower half keeps the count of hidden edges: where they are is not known, and the sum is what matters.
AddressSpace::Map::iterator AddressSpace::split(Map::iterator it, Address at) {
  Area upper = it->second;
  it->second.end = at;
  upper.hidden = 0;
  upper.soft = true;
  return insert(std::next(it), at, upper);
}

AddressSpace::Map::iterator AddressSpace::clear_range(Range r) {
  auto it = first_in(r);
  if (it != map_.end() && it->first < r.begin) {
    Area upper = it->second;
    it->second.end = r.begin;
    ++it;
    if (upper.end > r.end) {
      upper.hidden = 0;
      upper.soft = false;
      return insert(it, r.end, upper);
    }
  }
  while (it != map_.end() && it->first < r.end) {
    if (it->second.end > r.end) {
      Area upper = it->second;
      upper.soft = false;
      it = erase(it);
      return insert(it, r.end, upper);
    }
    hidden_ -= it->second.hidden;
    it = erase(it);
  }
  return it;
}

void AddressSpace::merge(Map::iterator it, Range r) {
  while (it != map_.begin() && (it == map_.end() || it->first >= r.begin)) --it;
  while (it != map_.end() && it->first <= r.end) {
    if (it->second.state.unknown()) {
      hidden_ -= it->second.hidden;
      it = erase(it);
      continue;
    }
    const auto next = std::next(it);
    if (next == map_.end() || next->first > r.end || next->first != it->second.end ||
        next->second.state != it->second.state) {
      it = next;
      continue;
    }
    // What is not mapped has no VMAs, merged or not.
    const Area upper = next->second;
    const bool edge = !upper.soft && upper.state.test(kMapped) != Tri::no;
    it->second.end = upper.end;
    it->second.hidden += upper.hidden + edge;
    it->second.many = it->second.many || upper.many || edge;
    hidden_ += edge;
    it = std::prev(erase(next));
  }
}

void AddressSpace::assign(Range r, const PageState& s) {
  if (r.empty()) return;
  auto it = clear_range(r);
  if (s.unknown()) return;
  Area area;
  area.end = r.end;
  area.state = s;
  it = insert(it, r.begin, area);
  if (const auto next = std::next(it); next != map_.end() && next->first == r.end) next->second.soft = false;
  merge(it, r);
}

void AddressSpace::take(const AddressSpace& from, Range r, std::size_t most) {
  for (auto it = from.first_in(r); it != from.map_.end() && it->first < r.end && most; ++it, --most) {
    Area area = it->second;
    const Address begin = std::max(it->first, r.begin);
    area.end = std::min(area.end, r.end);
    area.soft = area.soft || begin != it->first;
    hidden_ += area.hidden;
    insert(map_.lower_bound(begin), begin, area);
  }
  merge(first_in(r), r);
}

void AddressSpace::may_cut(Range r) {
  auto it = first_in(r);
  for (const Address at : {r.begin, r.end}) {
    it = first_from(it, at);
    if (it == map_.end() || it->first >= at || it->second.state.test(kMapped) == Tri::no) continue;
    it->second.many = true;
    it->second.hidden += 1;
    hidden_ += 1;
  }
}

bool operator==(const AddressSpace& a, const AddressSpace& b) {
  return std::equal(
      a.map_.begin(), a.map_.end(), b.map_.begin(), b.map_.end(), [](const auto& x, const auto& y) {
        return x.first == y.first && x.second.end == y.second.end && x.second.state == y.second.state;
      });
}

}  // namespace ringtail::kernel
