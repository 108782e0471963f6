// SPDX-License-Identifier: GPL-2.0-or-later
// Reads what strace writes: one file, whatever the flags were.
//
//   [pid   31] 12:00:00.5 madvise(0x7f0000000000, 4096, MADV_DONTNEED <unfinished ...>
//   31  1795249940.088829740 <... madvise resumed>) = 0 <0.000012>
//   31 +++ exited with 0 +++
//
// Each line is read by itself (strace_draft.h): it is told by its looks, so that flags need not be known and
// files may be joined. What is between lines is added here, in their order.
//
// The two halves of a split call are joined, as arguments where that can be and else as text, because strace
// splits between any two tokens.
//
// Order: lines come in the order of the events, so `seq` counts them. A call on one line had no other event
// between its start and its end.
//
// A capture on a terminal has no process ids while there is one process only: such a line belongs to the
// process that is left; the first one is thread 0 for good, also where later lines tell its number.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <string>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include "replay/capture/names.h"
#include "replay/capture/reader.h"
#include "replay/capture/strace_draft.h"

namespace ringtail::capture {

class StraceReader final : public Reader {
 public:
  explicit StraceReader(LineSource lines, std::int32_t tid = 0);
  bool next(Event& event) override;
  Format format() const override { return Format::strace; }
  std::uint64_t lines() const override { return lines_.number(); }
  std::uint64_t bytes() const override { return lines_.bytes(); }
  void tell_raw_arguments() override { raw_ = true; }

  std::unique_ptr<Stretch> stretch() const override;
  bool take(Stretch& stretch) override;
  void draft(Stretch& stretch) const override;
  void join(Stretch& stretch) override;

  // How fine the times of the lines read so far are, in nanoseconds; 0 when there are none.
  std::int64_t resolution_ns() const { return resolution_ns_; }
  // The times count from the line before (-r).
  bool relative() const { return relative_; }

 private:
  struct Drafts;  // what a Stretch is here

  // A call that has begun: "name(" and what was printed of its arguments, and what was understood of that.
  struct Open {
    std::string text;
    kernel::Call call;
    bool active = false;    // it has begun and not ended; the others wait for their thread's next call
    bool readable = false;  // `call` has what `text` says, and
    int position = Draft::kUnread;  // so many arguments, whole ones
    bool took_over = false;         // an execve that goes on under the id of the thread group's leader
    std::uint64_t line = 0;
    std::uint64_t seq = 0;
    std::int64_t ns = -1;
  };

  // Each is true when `event` is one. Those that come before it go to `queue_`.
  bool join(Draft& draft, Event& event);
  bool begun(Draft& draft, Event& event);
  bool resumed(Draft& draft, Event& event);
  bool resumed_alone(Draft& draft, Event& event);
  bool ended(const Draft& draft, const Open* open, Event& event);
  bool gone(const Draft& draft, Event& event);
  bool problem(const Draft& draft, Event& event, std::string_view expected);
  bool problem(const Draft& draft, Event& event) { return problem(draft, event, draft.expected); }
  void finish();  // the capture has ended: what was going on
  Event& note();  // a problem, of no line

  void take_words(const Words& words);
  void settle_time(Leader& by);
  std::int32_t unnamed() const;
  std::int32_t named(std::int32_t tid, bool resumes);

  Open* find(std::int32_t tid);
  Open* slot(std::int32_t tid);    // made when there is none
  Open* active(std::int32_t tid);  // the open call of a thread
  void close(Open& open);
  void forget(std::int32_t tid);
  // Its open call will not be resumed: that is lost, or never returned.
  void lose(std::int32_t tid, kernel::Outcome::State how = kernel::Outcome::State::unknown);

  LineSource lines_;
  Draft draft_;  // of next()
  Spare spare_;
  std::uint64_t number_ = 0;  // of the line in hand
  std::string joined_;        // the two halves of a call
  std::string carried_;       // a line that strace's own words interrupted, so far
  std::string joined_line_;   // and put together again
  absl::flat_hash_map<std::int32_t, std::unique_ptr<Open>> open_;
  std::size_t open_bytes_ = 0;
  std::size_t active_ = 0;
  std::int32_t last_tid_ = 0;  // whom `last_` belongs to
  Open* last_ = nullptr;
  std::deque<Event> queue_;  // events of the current line that come before the one in hand
  Names names_;

  // Who a line without a process id belongs to.
  std::int32_t file_tid_ = 0;   // a file FILE.PID: always PID
  std::int32_t first_tid_ = 0;  // the N of `[pid N]` that is the first process; 0 until known
  bool saw_unnamed_ = false, first_gone_ = false;
  std::set<std::int32_t> live_;  // the others

  absl::flat_hash_set<std::int32_t> compat_;  // threads that run 32-bit code
  std::uint64_t seq_ = 0;
  std::int64_t resolution_ns_ = 0;
  bool relative_ = false;
  std::int64_t relative_ns_ = 0;                  // -r: the sum so far
  std::int64_t day_ns_ = 0, last_clock_ns_ = -1;  // -t: midnights that have passed
  bool table_ = false;                            // in the table of -C
  bool ended_ = false;
  bool raw_ = false;  // Event::text has the arguments of some calls
};

}  // namespace ringtail::capture
