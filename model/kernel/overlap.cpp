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
  for (Op& o : running_)
    if (o.tid == tid) {
      op = o;
      o = running_.back();
      running_.pop_back();
      return true;
    }
  return false;
}

void Overlaps::clear_mms(std::uint32_t id) {
  for (Op& o : running_) o.mm = id;
  for (Op& o : finished_) o.mm = id;
}

void Overlaps::lose() {
  finished_.clear();
  for (Op& o : running_) {
    o.footprint.clear();
    o.footprint.add(kEverywhere, kReplaces);
  }
}

void Overlaps::finished(const Op& op) {
  if (running_.empty()) {
    finished_.clear();
    return;
  }
  std::uint64_t oldest = op.end_seq;
  for (const Op& o : running_) oldest = std::min(oldest, o.begin_seq);
  while (!finished_.empty() && finished_.front().end_seq < oldest) finished_.pop_front();
  finished_.push_back(op);
  if (finished_.size() > kMostFinished) {
    const std::uint64_t end = finished_[1].end_seq;
    finished_.pop_front();
    Op everything;
    everything.end_seq = end;
    everything.footprint.any_mm = true;
    everything.footprint.add(kEverywhere, kReplaces);
    finished_.front() = everything;
  }
}

}  // namespace ringtail::kernel
