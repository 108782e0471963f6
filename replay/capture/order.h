// SPDX-License-Identifier: GPL-2.0-or-later
// Puts events in order by their times, where the order of lines does not tell it: `strace -ff` writes a file
// a thread, and perf trace prints what each processor's buffer held, one buffer after the other.
//
// A call is two points in time, where it began and where it ended. Points come in any order, leave in the
// order of time, and are numbered (`seq`) as they leave. Times are as coarse as they were printed, so a call
// is stretched by `slack` at both ends: two calls may then overlap that did not, never the other way round.
// Within one thread the order of arrival holds whatever the times say. At equal times beginnings go before
// ends, for the same reason.
//
// Memory: at most kMaxPoints points wait. A point that comes later than one that has left already is dated
// forward.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <tuple>

#include <absl/container/flat_hash_map.h>

#include "replay/capture/event.h"

namespace ringtail::capture {

class TimeOrder {
 public:
  static constexpr std::size_t kMaxPoints = 8192;
  static constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();

  // A call with both times; `end_ns` < 0 when it is not known when it ended: until its thread did something
  // else.
  void call(Event event, std::int64_t slack_ns);
  // The two halves of one.
  void began(Event event, std::int64_t slack_ns);
  void ended(Event event, std::int64_t slack_ns);
  // Anything else of a thread.
  void other(Event event);

  // The thread did something else at that time: how its calls ended that wait and were under way then is not
  // known.
  void doubt(std::int32_t tid, std::int64_t at_ns);

  // The next event, if everything before `horizon_ns` has been given, or too many wait.
  bool next(Event& event, std::int64_t horizon_ns);
  std::uint64_t next_seq() { return ++seq_; }

 private:
  // Time, then the rank at equal times, then the order of arrival.
  using Key = std::tuple<std::int64_t, int, std::uint64_t>;
  enum class Point : std::uint8_t { begin, end, other };
  struct Item {
    Point point;
    Event event;
  };
  struct Thread {
    Key last{};            // its last point, and
    bool waiting = false;  // whether that has not left yet
    bool in_call = false;
    std::uint64_t begin_seq = 0, begin_line = 0;
    std::int64_t begin_ns = -1;
  };

  void put(std::int64_t time, Point point, Event event);

  std::map<Key, Item> points_;
  absl::flat_hash_map<std::int32_t, Thread> threads_;
  std::int64_t now_ = std::numeric_limits<std::int64_t>::min();  // the time of the point that left last
  std::uint64_t arrivals_ = 0;
  std::uint64_t seq_ = 0;
};

}  // namespace ringtail::capture
