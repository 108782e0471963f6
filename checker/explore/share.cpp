// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/explore/share.h"

#include <algorithm>

namespace ringtail::explore {

Share::Share() { offered_.push_back(&parts_.emplace_back()); }

void Share::count_wanted() { wanted_ = static_cast<int>(waiting_) - static_cast<int>(offered_.size()); }

Part* Share::next() {
  std::unique_lock lock(mutex_);
  ++waiting_;
  count_wanted();
  changed_.wait(lock, [&] { return !offered_.empty() || working_ == 0; });
  --waiting_;
  Part* part = nullptr;
  if (!offered_.empty()) {
    part = offered_.front();
    offered_.pop_front();
    ++working_;
  }
  count_wanted();
  return part;
}

void Share::give(const Part& own, std::vector<std::uint32_t> path, std::uint32_t from) {
  const std::lock_guard lock(mutex_);
  if (own.past) return;
  const auto at = std::find_if(parts_.begin(), parts_.end(), [&](const Part& p) { return &p == &own; });
  Part& part = *parts_.emplace(std::next(at));
  part.path = std::move(path);
  part.from = from;
  offered_.push_back(&part);
  count_wanted();
  changed_.notify_one();
}

void Share::done(Part& own, Found found, bool stops) {
  const std::lock_guard lock(mutex_);
  own.found = found;
  --working_;
  if (stops && !own.past) {
    own.stops = true;
    bool after = false;
    for (Part& p : parts_) {
      if (after) p.past = true;
      after |= &p == &own;
    }
    std::erase_if(offered_, [](const Part* p) { return p->past.load(); });
    count_wanted();
  }
  std::uint64_t order = 0;
  if (working_ == 0)
    for (Part& p : parts_) p.order = order++;
  changed_.notify_all();
}

const Part* Share::end() const {
  const auto at = std::find_if(parts_.begin(), parts_.end(), [](const Part& p) { return p.stops; });
  return at == parts_.end() ? nullptr : &*at;
}

Found Share::total() const {
  Found sum;
  for (const Part& p : parts_) {
    sum.executions += p.found.executions;
    sum.blocked += p.found.blocked;
    if (p.stops) break;
  }
  return sum;
}

}  // namespace ringtail::explore
