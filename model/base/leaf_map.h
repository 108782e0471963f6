// SPDX-License-Identifier: GPL-2.0-or-later
// A sorted map in two levels: leaves of up to kMost slots, each sorted, and the first key of every leaf.
//
// For maps of some dozen entries that are searched and changed at random millions of times, and that now and
// then have ten thousands. A search is two binary searches without a branch to mispredict; a neighbour is
// mostly the next slot; an insertion moves half a leaf. (A B-tree of 256-byte nodes, of which six of our
// slots fill one, took twice the time.) Keys and values are trivially copyable.
//
// Invariants: 1. no leaf is empty; 2. slots ascend within a leaf and from leaf to leaf; 3. firsts_[i] is the
// first key of leaf i. Iterators are void when the map changes, but for those that insert() and erase() give.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <type_traits>
#include <vector>

namespace ringtail {

template <class Key, class Value>
class LeafMap {
 public:
  static constexpr std::size_t kMost = 64;
  struct Slot {
    Key first;
    Value second;
  };
  static_assert(std::is_trivially_copyable_v<Slot>);

  template <bool kConst>
  class Iterator {
   public:
    using Map = std::conditional_t<kConst, const LeafMap, LeafMap>;
    using iterator_category = std::bidirectional_iterator_tag;
    using value_type = Slot;
    using difference_type = std::ptrdiff_t;
    using reference = std::conditional_t<kConst, const Slot&, Slot&>;
    using pointer = std::conditional_t<kConst, const Slot*, Slot*>;

    Iterator() = default;
    operator Iterator<true>() const { return {map_, leaf_, slot_}; }
    reference operator*() const { return map_->leaves_[leaf_][slot_]; }
    pointer operator->() const { return &**this; }
    Iterator& operator++() {
      if (++slot_ == map_->leaves_[leaf_].size()) ++leaf_, slot_ = 0;
      return *this;
    }
    Iterator& operator--() {
      if (slot_ == 0) slot_ = static_cast<std::uint32_t>(map_->leaves_[--leaf_].size());
      --slot_;
      return *this;
    }
    Iterator operator++(int) {
      const Iterator before = *this;
      return ++*this, before;
    }
    Iterator operator--(int) {
      const Iterator before = *this;
      return --*this, before;
    }
    // Of iterators of one map.
    friend bool operator==(const Iterator& a, const Iterator& b) {
      return a.leaf_ == b.leaf_ && a.slot_ == b.slot_;
    }

   private:
    friend LeafMap;
    friend Iterator<false>;
    Iterator(Map* map, std::size_t leaf, std::size_t slot)
        : map_(map), leaf_(static_cast<std::uint32_t>(leaf)), slot_(static_cast<std::uint32_t>(slot)) {}
    Map* map_ = nullptr;
    std::uint32_t leaf_ = 0, slot_ = 0;  // the end is behind the last leaf
  };
  using iterator = Iterator<false>;
  using const_iterator = Iterator<true>;

  iterator begin() { return {this, 0, 0}; }
  iterator end() { return {this, leaves_.size(), 0}; }
  const_iterator begin() const { return {this, 0, 0}; }
  const_iterator end() const { return {this, leaves_.size(), 0}; }
  std::size_t size() const { return size_; }
  void clear() { leaves_.clear(), firsts_.clear(), size_ = 0; }

  // The first slot whose key is above `key`; not below it.
  iterator upper_bound(const Key& key) {
    const std::size_t leaves = not_above(firsts_.data(), firsts_.size(), key);
    if (leaves == 0) return begin();
    const Leaf& leaf = leaves_[leaves - 1];
    const std::size_t slot = not_above(leaf.data(), leaf.size(), key);
    return slot == leaf.size() ? iterator{this, leaves, 0} : iterator{this, leaves - 1, slot};
  }
  iterator lower_bound(const Key& key) {
    const iterator above = upper_bound(key);
    if (above == begin()) return above;
    const iterator before = std::prev(above);
    return before->first < key ? above : before;
  }

  // In front of `at`, which is the first slot with a greater key.
  iterator insert(iterator at, const Key& key, const Value& value) {
    ++size_;
    std::size_t leaf = at.leaf_, slot = at.slot_;
    if (leaf == leaves_.size()) {
      if (leaf == 0) {
        leaves_.emplace_back(1, Slot{key, value});
        firsts_.push_back(key);
        return begin();
      }
      slot = leaves_[--leaf].size();
    }
    if (leaves_[leaf].size() == kMost) {
      // Keys mostly come in ascending order, or anywhere.
      const std::size_t half = slot == kMost ? kMost - 1 : kMost / 2;
      Leaf upper;
      upper.reserve(kMost);
      upper.assign(leaves_[leaf].begin() + static_cast<std::ptrdiff_t>(half), leaves_[leaf].end());
      leaves_[leaf].resize(half);
      firsts_.insert(firsts_.begin() + static_cast<std::ptrdiff_t>(leaf) + 1, upper.front().first);
      leaves_.insert(leaves_.begin() + static_cast<std::ptrdiff_t>(leaf) + 1, std::move(upper));
      if (slot > half) ++leaf, slot -= half;
    }
    leaves_[leaf].insert(leaves_[leaf].begin() + static_cast<std::ptrdiff_t>(slot), Slot{key, value});
    if (slot == 0) firsts_[leaf] = key;
    return {this, leaf, slot};
  }

  // The slot behind it.
  iterator erase(iterator at) {
    --size_;
    Leaf& leaf = leaves_[at.leaf_];
    leaf.erase(leaf.begin() + at.slot_);
    if (leaf.empty()) {
      leaves_.erase(leaves_.begin() + at.leaf_);
      firsts_.erase(firsts_.begin() + at.leaf_);
      return {this, at.leaf_, 0};
    }
    if (at.slot_ == 0) firsts_[at.leaf_] = leaf.front().first;
    return at.slot_ == leaf.size() ? iterator{this, at.leaf_ + std::size_t{1}, 0} : at;
  }

 private:
  using Leaf = std::vector<Slot>;

  static const Key& key_of(const Key& key) { return key; }
  static const Key& key_of(const Slot& slot) { return slot.first; }
  // How many of the `n` keys, which ascend, are not above `key`.
  template <class T>
  static std::size_t not_above(const T* from, std::size_t n, const Key& key) {
    const T* at = from;
    while (n > 1) {
      const std::size_t half = n / 2;
      const T* const upper = at + half;
      at = __builtin_expect_with_probability(key < key_of(upper[-1]), 1, 0.5) ? at : upper;  // by cmov
      n -= half;
    }
    return static_cast<std::size_t>(at - from) + (n == 1 && !(key < key_of(*at)));
  }

  std::vector<Leaf> leaves_;
  std::vector<Key> firsts_;
  std::size_t size_ = 0;
};

}  // namespace ringtail
