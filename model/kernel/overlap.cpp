// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/overlap.h"

#include <algorithm>

namespace ringtail::kernel {

void blur(PageState& s, std::uint32_t loses) {
  if (loses & kFills) {
    if (s.test(kMapped) != Tri::yes) s = {};
    loses &= ~kFills;
  }
  if ((loses & kReplaces) == kReplaces) {
    s = {};
    return;
  }
  if (loses & kUnmaps) {
    if (s.test(kMapped) == Tri::yes) s.forget(kMapped);
  }
  s.forget(loses & kEverything);
  if (loses & kPolicy) s.policy = 0;
  if (loses & kNode) s.node = -1;
}

Op& Overlaps::fresh() {
  if (free_.empty()) return ops_.emplace_back();
  Op& op = *free_.back();
  free_.pop_back();
  return op;
}

void Overlaps::release(Op& op) { free_.push_back(&op); }

void Overlaps::begin(Op& op) { running_.push_back({op.begin_seq, op.tid, mm_of(op), &op}); }

Op* Overlaps::end(std::int32_t tid) {
  for (Seen& seen : running_) {
    if (seen.tid != tid) continue;
    Op* const op = seen.op;
    seen = running_.back();
    running_.pop_back();
    return op;
  }
  return nullptr;
}

void Overlaps::clear_mms(std::uint32_t id) {
  for (std::vector<Seen>* list : {&running_, &finished_})
    for (Seen& seen : *list) {
      seen.op->mm = id;
      seen.mm = mm_of(*seen.op);
    }
}

void Overlaps::of_any_mm(std::uint32_t id) {
  for (std::vector<Seen>* list : {&running_, &finished_})
    for (Seen& seen : *list) {
      if (seen.op->mm != id) continue;
      seen.op->footprint.any_mm = true;
      seen.mm = mm_of(*seen.op);
    }
}

void Overlaps::lose() {
  for (; oldest_ < finished_.size(); ++oldest_) release(*finished_[oldest_].op);
  finished_.clear();
  oldest_ = 0;
  for (Seen& seen : running_) {
    seen.op->footprint.clear();
    seen.op->footprint.add(kEverywhere, kReplaces);
    seen.mm = mm_of(*seen.op);
  }
}

void Overlaps::finished(Op& op) {
  std::uint64_t begin = op.end_seq;  // of the first that runs
  for (const Seen& seen : running_) begin = std::min(begin, seen.seq);
  while (oldest_ < finished_.size() && finished_[oldest_].seq < begin) release(*finished_[oldest_++].op);
  if (oldest_ * 2 >= finished_.size()) {
    finished_.erase(finished_.begin(), finished_.begin() + static_cast<std::ptrdiff_t>(oldest_));
    oldest_ = 0;
  }
  if (running_.empty()) return release(op);
  finished_.push_back({op.end_seq, op.tid, mm_of(op), &op});
  if (finished_.size() - oldest_ > kMostFinished) {
    release(*finished_[oldest_].op);
    Seen& oldest = finished_[++oldest_];
    Op& everything = *oldest.op;
    everything = {};
    everything.end_seq = oldest.seq;
    everything.footprint.any_mm = true;
    everything.footprint.add(kEverywhere, kReplaces);
    oldest.mm = kAnyMm;
  }
}

void Overlaps::collect(const Op& self, std::uint32_t mm, Others& others) const {
  // Which of them match is anybody's guess: nothing here branches on it.
  std::size_t first = oldest_;
  if (finished_.size() - first + running_.size() > Others::kFew)
    first = static_cast<std::size_t>(
        std::partition_point(finished_.begin() + static_cast<std::ptrdiff_t>(oldest_), finished_.end(),
                             [&](const Seen& seen) { return seen.seq < self.begin_seq; }) -
        finished_.begin());
  const Op** to = others.room_for(finished_.size() - first + running_.size());
  const auto add = [&to](const Seen& seen, unsigned matches) {
    *to = seen.op;
    to += matches;
  };
  const auto may_be = [mm](const Seen& seen) {
    return unsigned{seen.mm == mm} | unsigned{seen.mm == kAnyMm};
  };
  for (std::size_t i = finished_.size(); i-- > first && finished_[i].seq >= self.begin_seq;)
    add(finished_[i], may_be(finished_[i]));
  for (const Seen& seen : running_) add(seen, unsigned{seen.tid != self.tid} & may_be(seen));
  others.count_ = static_cast<std::size_t>(to - others.at_);
}

void Overlaps::Others::take_around(const Others& all, Range r) {
  const Op** to = room_for(all.count_);
  for (const Op* op : all) {
    *to = op;
    to += unsigned{op->footprint.hull.intersects(r)} | unsigned{op->looks.intersects(r)};
  }
  count_ = static_cast<std::size_t>(to - at_);
}

}  // namespace ringtail::kernel
