// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/explore/always.h"

#include <algorithm>
#include <cstdint>

#include "checker/explore/sequential.h"

namespace ringtail::explore {

std::int64_t Cut::at(std::uint64_t address) const {
  const auto w = std::lower_bound(written.begin(), written.end(), address,
                                  [](const auto& x, std::uint64_t a) { return x.first < a; });
  if (w != written.end() && w->first == address) return w->second;
  const auto it = initial->values.find(address);
  return it == initial->values.end() ? 0 : it->second;
}

Remembered::Node* Remembered::child(Node& n, std::int64_t value) {
  for (const auto& [seen, node] : n.next)
    if (seen == value) return node;
  return nullptr;
}

bool Remembered::run(const Cut& cut, std::vector<std::uint64_t>& reads) {
  for (const auto& [address, value] : cut.written) memory_.values[address] = value;
  memory_.changed = false;
  const bool holds = run_alone(machine_, invariant_.function, finally_thread, memory_, &reads).returned != 0;
  if (memory_.changed) {
    writes_ = true;
    memory_.values = cut.initial->values;
    memory_.objects = cut.initial->objects;
    return holds;
  }
  for (const auto& [address, value] : cut.written) {
    const auto was = cut.initial->values.find(address);
    memory_.values[address] = was == cut.initial->values.end() ? 0 : was->second;
  }
  return holds;
}

bool Remembered::holds(const Cut& cut, std::vector<std::uint64_t>& reads) {
  if (invariant_.lock && cut.at(*invariant_.lock) != 0) return true;
  if (writes_) return run(cut, reads);
  Node* at = &nodes_.front();
  const std::size_t first = reads.size();
  while (at->says == Node::Says::not_yet && !at->next.empty()) {
    Node* next = child(*at, cut.at(at->address));
    if (next == nullptr) break;
    reads.push_back(at->address);
    at = next;
  }
  if (at->says != Node::Says::not_yet) return at->says == Node::Says::holds;
  const std::size_t known = reads.size() - first;
  reads.resize(first);
  const bool holds = run(cut, reads);
  if (writes_ || nodes_.size() + (reads.size() - first) > most_nodes) return holds;
  for (std::size_t r = first + known; r < reads.size(); ++r) {
    at->address = reads[r];
    at->next.emplace_back(cut.at(reads[r]), &nodes_.emplace_back());
    at = at->next.back().second;
  }
  at->says = holds ? Node::Says::holds : Node::Says::broken;
  return holds;
}

namespace {

void sort_and_unique(std::vector<std::uint64_t>& v) {
  std::sort(v.begin(), v.end());
  v.erase(std::unique(v.begin(), v.end()), v.end());
}

// The writes of an execution to what an invariant is known to read, in an order in which each comes after
// those that must be in a cut before it. A write that would be before itself is in no cut, and left out.
template <int W>
class Cuts {
 public:
  Cuts(const Writes<W>& writes, const std::vector<std::uint64_t>& asked, Remembered& i, Cut& cut)
      : asked_(asked), invariant_(i), cut_(cut) {
    std::vector<typename Writes<W>::Write> some;
    for (const auto& w : writes.all)
      if (std::binary_search(asked.begin(), asked.end(), w.address) || w.address == i.invariant().lock)
        some.push_back(w);
    std::vector<Bits<W>> before;
    for (const auto& w : some) before.push_back(writes.before(w.slot));
    std::vector<Bits<W>> after(some.size());
    for (std::size_t x = 0; x < some.size(); ++x)
      for (std::size_t y = 0; y < some.size(); ++y)
        if (x != y && before[x].has(some[y].slot) && (writes.acyclic || !before[y].has(some[x].slot)))
          after[x].add(some[y].slot);

    Bits<W> done;
    for (std::size_t known = some.size() + 1; known != writes_.size();) {
      known = writes_.size();
      for (std::size_t x = 0; x < some.size(); ++x) {
        const auto& [slot, address, value] = some[x];
        if (done.has(slot) || !(after[x] - done).empty()) continue;
        done.add(slot);
        writes_.push_back({slot, after[x], place_of(address), value, writes.rank(slot)});
      }
    }
    rank_.assign(cut.written.size(), 0);
  }

  // All cuts: writes are added in their order, so that each cut is met once. What is read for the first time
  // is added to `reads`.
  bool hold(std::vector<std::uint64_t>& reads) { return hold_from({}, 0, reads); }
  Slot broken = no_slot;

 private:
  struct Write {
    Slot slot;
    Bits<W> after;
    std::size_t place;
    std::int64_t value;
    std::size_t rank;  // in coherence
  };

  std::size_t place_of(std::uint64_t address) {
    const auto at = std::lower_bound(cut_.written.begin(), cut_.written.end(),
                                     std::pair<std::uint64_t, std::int64_t>{address, INT64_MIN});
    const auto place = static_cast<std::size_t>(at - cut_.written.begin());
    if (at != cut_.written.end() && at->first == address) return place;
    cut_.written.insert(at, {address, Cut{cut_.initial, {}}.at(address)});
    for (Write& w : writes_) w.place += w.place >= place;
    return place;
  }

  bool holds(std::vector<std::uint64_t>& reads) {
    now_.clear();
    const bool good = invariant_.holds(cut_, now_);
    bool all_asked = true;
    for (const std::uint64_t a : now_)
      if (!std::binary_search(asked_.begin(), asked_.end(), a)) all_asked = false, reads.push_back(a);
    // Of a place that is read for the first time the writes are not among these yet: the next round knows.
    return good || !all_asked;
  }

  bool hold_from(const Bits<W>& in, std::size_t first, std::vector<std::uint64_t>& reads) {
    for (std::size_t x = first; x < writes_.size(); ++x) {
      const Write& w = writes_[x];
      if (!(w.after - in).empty()) continue;
      Bits<W> with = in;
      with.add(w.slot);
      std::int64_t& value = cut_.written[w.place].second;
      const std::int64_t was = value;
      const std::size_t rank = rank_[w.place];
      if (w.rank >= rank) value = w.value, rank_[w.place] = w.rank;
      if (value != was && !holds(reads)) return broken = w.slot, false;
      if (!hold_from(with, x + 1, reads)) return false;
      value = was;
      rank_[w.place] = rank;
    }
    return true;
  }

  const std::vector<std::uint64_t>& asked_;
  Remembered& invariant_;
  Cut& cut_;
  std::vector<Write> writes_;
  std::vector<std::size_t> rank_;  // of the last write that is in the cut, by place
  std::vector<std::uint64_t> now_;
};

}  // namespace

template <int W>
bool always(const Writes<W>& writes, const Initial& initial, Remembered& i, Slot* broken) {
  Cut cut{&initial, {}};
  std::vector<std::uint64_t> reads;
  if (!i.holds(cut, reads)) return false;
  // what is read may depend on what was read before
  for (std::size_t known = 0; known != reads.size();) {
    sort_and_unique(reads);
    known = reads.size();
    const std::vector<std::uint64_t> asked = reads;
    cut.written.clear();
    Cuts<W> cuts(writes, asked, i, cut);
    if (!cuts.hold(reads)) {
      if (broken != nullptr) *broken = cuts.broken;
      return false;
    }
    sort_and_unique(reads);
  }
  return true;
}

template <int W>
bool always(Search<W>& search, State<W>& s, Remembered& i) {
  search.in_sequence(s);
  Writes<W> writes;
  s.used.each([&](Slot e) {
    if (s.events[e].what == What::write) writes.all.push_back({e, s.events[e].address, s.events[e].value});
  });
  writes.before = [&](Slot e) { return search.ordered_before(s, e); };
  writes.rank = [&](Slot e) {
    std::size_t rank = 0;
    for (Slot w = s.events[e].co_prev; w != no_slot; w = s.events[w].co_prev) ++rank;
    return rank;
  };
  writes.acyclic = s.sc;
  return always(writes, search.initial(), i);
}

template bool always(const Writes<16>&, const Initial&, Remembered&, Slot*);

template bool always(Search<1>&, State<1>&, Remembered&);
template bool always(Search<2>&, State<2>&, Remembered&);
template bool always(Search<4>&, State<4>&, Remembered&);
template bool always(Search<8>&, State<8>&, Remembered&);
template bool always(Search<16>&, State<16>&, Remembered&);

}  // namespace ringtail::explore
