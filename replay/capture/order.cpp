// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/capture/order.h"

#include <algorithm>
#include <utility>

#include "replay/capture/registers.h"

namespace ringtail::capture {
namespace {
// Ranks at equal times. A call that its own thread began right after the one before goes behind that one's
// end.
constexpr int kBegin = 0, kEnd = 1, kBehind = 2;
}  // namespace

void TimeOrder::put(std::int64_t time, Point point, Event event) {
  Thread& thread = threads_[event.tid];
  int rank = point == Point::begin ? kBegin : kEnd;
  time = std::max(time, now_);
  if (thread.waiting) {
    auto& [last_time, last_rank, arrival] = thread.last;
    if (last_time >= time) {
      // The point before cannot be later than this one: date it back, unless it is a beginning, which holds.
      const auto before = points_.find(thread.last);
      if (before->second.point == Point::begin) {
        time = last_time;
      } else if (last_time > time) {
        auto node = points_.extract(before);
        last_time = time;
        last_rank = std::max(last_rank, kEnd);
        node.key() = thread.last;
        points_.insert(std::move(node));
      }
      rank = std::max({rank, last_rank, kBehind});
    }
  }
  thread.last = Key{time, rank, ++arrivals_};
  thread.waiting = true;
  points_.emplace(thread.last, Item{point, std::move(event)});
}

void TimeOrder::call(Event event, std::int64_t slack_ns) {
  const std::int64_t begin = event.begin_ns;
  const std::int64_t end = event.end_ns < 0 ? kForever : event.end_ns;
  Event enter;
  enter.kind = Event::Kind::enter;
  enter.tid = event.tid;
  enter.pid = event.pid;
  enter.line = enter.begin_line = event.begin_line;
  enter.begin_ns = begin;
  enter.compat = event.compat;
  enter.call = event.call;
  enter.call.out = {};
  put(begin - slack_ns, Point::begin, std::move(enter));
  put(end == kForever ? end : end + slack_ns, Point::end, std::move(event));
}

void TimeOrder::began(Event event, std::int64_t slack_ns) {
  event.kind = Event::Kind::enter;
  const std::int64_t time = event.begin_ns - slack_ns;
  put(time, Point::begin, std::move(event));
}

void TimeOrder::ended(Event event, std::int64_t slack_ns) {
  const std::int64_t time = event.end_ns < 0 ? kForever : event.end_ns + slack_ns;
  put(time, Point::end, std::move(event));
}

void TimeOrder::other(Event event) {
  const std::int64_t time = std::max(event.begin_ns, event.end_ns);
  put(time, Point::other, std::move(event));
}

void TimeOrder::doubt(std::int32_t tid, std::int64_t at_ns) {
  for (auto at = points_.lower_bound(Key{at_ns, kBegin, 0}); at != points_.end(); ++at)
    if (Event& e = at->second.event;
        at->second.point == Point::end && e.tid == tid && e.begin_ns < at_ns && e.end_ns > at_ns)
      doubt_end(e.call);
}

bool TimeOrder::next(Event& event, std::int64_t horizon_ns) {
  while (!points_.empty()) {
    const auto first = points_.begin();
    if (std::get<0>(first->first) >= horizon_ns && points_.size() <= kMaxPoints && horizon_ns != kForever)
      return false;
    const Key key = first->first;
    Item item = std::move(first->second);
    points_.erase(first);
    if (std::get<0>(key) != kForever) now_ = std::get<0>(key);
    const auto at = threads_.find(item.event.tid);
    Thread& thread = at->second;
    if (thread.last == key) thread.waiting = false;
    switch (item.point) {
      case Point::begin: {
        thread.in_call = true;
        thread.begin_seq = ++seq_;
        thread.begin_line = item.event.begin_line;
        thread.begin_ns = item.event.begin_ns;
        // Nothing came between: the call alone says it all.
        const auto next = points_.begin();
        const bool follows = next != points_.end() && next->second.event.tid == item.event.tid &&
                             next->second.point == Point::end;
        if (follows && (horizon_ns == kForever || std::get<0>(next->first) < horizon_ns)) continue;
        event = std::move(item.event);
        event.begin_seq = event.end_seq = thread.begin_seq;
        return true;
      }
      case Point::end:
        event = std::move(item.event);
        event.begin_seq = 0;
        if (thread.in_call) {
          event.begin_seq = thread.begin_seq;
          event.begin_line = thread.begin_line;
          event.begin_ns = thread.begin_ns;
        }
        thread.in_call = false;
        event.end_seq = ++seq_;
        return true;
      case Point::other:
        event = std::move(item.event);
        event.begin_seq = event.end_seq = ++seq_;
        if (event.kind == Event::Kind::exited && !thread.waiting) threads_.erase(at);
        return true;
    }
  }
  return false;
}

}  // namespace ringtail::capture
