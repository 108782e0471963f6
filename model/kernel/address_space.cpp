// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/address_space.h"

#include <algorithm>
#include <iterator>

namespace ringtail::kernel {

AddressSpace::Map::const_iterator AddressSpace::first_in(Range r) const {
  auto it = map_.upper_bound(r.begin);
  if (it != map_.begin()) {
    const auto before = std::prev(it);
    if (before->second.end > r.begin) return before;
  }
  return it;
}

PageState AddressSpace::at(Address a) const {
  const auto it = first_in({a, a + 1});
  return it != map_.end() && it->first <= a ? it->second.state : PageState{};
}

bool AddressSpace::one_vma(Range r) const {
  const auto it = first_in(r);
  return it != map_.end() && it->first <= r.begin && r.end <= it->second.end && it->second.vmas == 1 &&
         it->second.state.test(kMapped) == Tri::yes;
}

void AddressSpace::split(Address at) {
  auto it = map_.lower_bound(at);
  if (it == map_.begin()) return;
  --it;
  if (it->second.end <= at) return;
  Area upper = it->second;
  it->second.end = at;
  map_.emplace(at, upper);
  vmas_ += upper.vmas;
}

void AddressSpace::merge(Range r) {
  auto it = map_.lower_bound(r.begin);
  if (it != map_.begin()) --it;
  while (it != map_.end() && it->first <= r.end) {
    if (it->second.state.unknown()) {
      vmas_ -= it->second.vmas;
      it = map_.erase(it);
      continue;
    }
    auto next = std::next(it);
    if (next != map_.end() && next->first <= r.end && next->first == it->second.end &&
        next->second.state == it->second.state) {
      const Area tail = next->second;
      const Address begin = it->first;
      map_.erase(next);
      it = map_.find(begin);
      it->second.end = tail.end;
      it->second.vmas =
          std::min<std::uint64_t>(it->second.vmas + std::uint64_t{tail.vmas}, ~std::uint32_t{0});
      continue;
    }
    it = next;
  }
}

void AddressSpace::assign(Range r, const PageState& s) {
  if (r.empty()) return;
  split(r.begin);
  split(r.end);
  auto first = map_.lower_bound(r.begin);
  auto last = first;
  for (; last != map_.end() && last->first < r.end; ++last) vmas_ -= last->second.vmas;
  map_.erase(first, last);
  if (!s.unknown()) {
    const std::uint32_t vmas = s.test(kMapped) != Tri::no;
    map_.emplace(r.begin, Area{r.end, s, vmas});
    vmas_ += vmas;
  }
  merge(r);
}

bool operator==(const AddressSpace& a, const AddressSpace& b) {
  return std::equal(
      a.map_.begin(), a.map_.end(), b.map_.begin(), b.map_.end(), [](const auto& x, const auto& y) {
        return x.first == y.first && x.second.end == y.second.end && x.second.state == y.second.state;
      });
}

}  // namespace ringtail::kernel
