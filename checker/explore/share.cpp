// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/explore/share.h"

namespace ringtail::explore {

bool Share::claim(std::uint64_t index) {
  const std::lock_guard lock(mutex_);
  if (index < first_ || past(index)) return false;
  while (subtrees_.size() <= index - first_) subtrees_.emplace_back();
  Subtree& s = subtrees_[index - first_];
  if (s.claimed) return false;
  return s.claimed = true;
}

void Share::done(std::uint64_t index, Found found, bool stops) {
  const std::lock_guard lock(mutex_);
  if (past(index)) return;
  if (stops) end_ = index;
  Subtree& s = subtrees_[index - first_];
  s.found = found;
  s.done = true;
  for (; first_ < end_ && !subtrees_.empty() && subtrees_.front().done; ++first_) {
    past_.executions += subtrees_.front().found.executions;
    past_.blocked += subtrees_.front().found.blocked;
    subtrees_.pop_front();
  }
}

Share::Found Share::total() const {
  Found sum = past_;
  if (end_ != none) {
    sum.executions += subtrees_.front().found.executions;
    sum.blocked += subtrees_.front().found.blocked;
  }
  return sum;
}

}  // namespace ringtail::explore
