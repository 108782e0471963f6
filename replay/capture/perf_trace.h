// SPDX-License-Identifier: GPL-2.0-or-later
// Reads what `perf trace` prints:
//
//      0.281 ( 0.014 ms): fio/25264 mmap(len: 8192, prot: READ|WRITE, flags: PRIVATE|ANONYMOUS)  =
//      0x7f8d695ae000
//     16.789 (         ): fio/25264 munmap(addr: 0x7f5d2819e000, len: 4096)                      ...
//     16.789 ( 0.045 ms): fio/25264  ... [continued]: munmap())                                  = 0
//   LOST 230 events!
//
// What it leaves out: arguments that are zero, and those it thinks do not matter (kMasked), so that an
// argument which is missing is zero unless it is one of the latter. What it gets wrong: the path behind a
// descriptor is looked up when the line is printed, often after the number has been used again, and is not
// read here. Lines of several processors come out of order, so that the times order the events (order.h).
//
// What else it gets wrong: it takes the next end that it sees of a thread for that of the call it saw begin.
// The buffer that lost events is one processor's, and the lines around tell when: a thread that was there may
// have ended its call unseen, and begun another. So no result is believed of a call that ran within such a
// gap for as long as what was lost took, and within it no call tells anything about the next. The same
// mistake without a loss, where a thread changed processors and the later one's buffer was read first, shows
// in calls of one thread that overlap.
#pragma once

#include <memory>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "replay/capture/names.h"
#include "replay/capture/notes.h"
#include "replay/capture/order.h"
#include "replay/capture/reader.h"

namespace ringtail::capture {

class PerfTraceReader final : public Reader {
 public:
  explicit PerfTraceReader(LineSource lines) : lines_(std::move(lines)) {}
  bool next(Event& event) override;
  Format format() const override { return Format::perf_trace; }
  std::uint64_t lines() const override { return lines_.number(); }
  std::uint64_t bytes() const override { return lines_.bytes(); }

 private:
  struct Open {
    kernel::Call call;
    std::int64_t begin_ns = -1;
    std::uint64_t line = 0;
  };

  // Since when, and until when, one processor's events are missing.
  struct Gap {
    std::int64_t from, to;
    std::uint64_t events;  // how many
  };

  void line(std::string_view text);
  void lost(Scanner& s);
  void close_gap(std::int64_t to);
  void take_gap(Event& event);  // an event that leaves
  void check_thread(Event& event);
  void call(Scanner& s, Event event);
  void continued(Scanner& s, Event event);
  bool arguments(Scanner& s, kernel::Call& call);
  bool result(Scanner& s, kernel::Call& call, bool& nothing);
  // `blind`: as in Event.
  void problem(const Scanner& s, std::string_view expected, bool blind = true);
  void barrier(Event event);  // everything before it leaves first
  void finish();

  LineSource lines_;
  Names names_;
  TimeOrder order_;
  absl::flat_hash_map<std::int32_t, Open> open_;
  std::int64_t latest_ns_ = 0, last_ns_ = 0;               // of all lines, and of the last
  std::vector<Gap> gaps_;                                  // the last of them is open while there are
  std::vector<Event> losses_;                              // whose end no line has told yet
  absl::flat_hash_map<std::int32_t, std::int64_t> until_;  // when a thread's calls were over
  std::uint64_t doubts_ = 0;                               // how often all that wait were looked through
  bool forget_ = false;                                    // what the last event taught
  bool mixed_up_ = false;  // the line's call ends before it begins: the end is another's
  bool has_barrier_ = false;
  Event barrier_;
  bool ended_ = false;
};

}  // namespace ringtail::capture
