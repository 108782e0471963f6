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

bool Overlaps::take(std::int32_t tid, Op& op) {
  for (const Op& o : running_)
    if (o.tid == tid) {
      op = o;
      remove(tid);
      return true;
    }
  return false;
}

void Overlaps::remove(std::int32_t tid) {
  for (Op& o : running_)
    if (o.tid == tid) {
      if (&o != &running_.back()) o = running_.back();
      return running_.pop_back();
    }
}

void Overlaps::clear_mms(std::uint32_t id) {
  for (Op& o : running_) o.mm = id;
  for (Op& o : finished_) o.mm = id;
}

void Overlaps::lose() {
  finished_.clear();
  oldest_ = 0;
  for (Op& o : running_) {
    o.footprint.clear();
    o.footprint.add(kEverywhere, kReplaces);
  }
}

void Overlaps::finished(const Op& op) {
  std::uint64_t begin = op.end_seq;  // of the first that runs
  for (const Op& o : running_) begin = std::min(begin, o.begin_seq);
  while (oldest_ < finished_.size() && finished_[oldest_].end_seq < begin) ++oldest_;
  if (oldest_ * 2 >= finished_.size()) {
    finished_.erase(finished_.begin(), finished_.begin() + static_cast<std::ptrdiff_t>(oldest_));
    oldest_ = 0;
  }
  if (running_.empty()) return;
  finished_.push_back(op);
  if (finished_.size() - oldest_ > kMostFinished) {
    Op& everything = finished_[++oldest_];
    const std::uint64_t end = everything.end_seq;
    everything = {};
    everything.end_seq = end;
    everything.footprint.any_mm = true;
    everything.footprint.add(kEverywhere, kReplaces);
  }
}

}  // namespace ringtail::kernel
