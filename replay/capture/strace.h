// SPDX-License-Identifier: GPL-2.0-or-later
// Reads what strace writes: one file, whatever the flags were.
//
// A line is a leader (process, times), and then a call, half a call, a signal, an exit, or a word of strace's
// own:
//
//   [pid   31] 12:00:00.5 madvise(0x7f0000000000, 4096, MADV_DONTNEED <unfinished ...>
//   31  1795249940.088829740 <... madvise resumed>) = 0 <0.000012>
//   31 +++ exited with 0 +++
//
// Each line is read by itself: a leader is told by its looks, so that flags need not be known and files may
// be joined. A number in front is a process id when it is below 2^22 or so (kMaxTid) and a time otherwise.
//
// The two halves of a split call are joined as text and read as one line, because strace splits between any
// two tokens. When nothing but the result follows the split, which is the usual case, the first half is not
// read again.
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
#include "replay/capture/strace_call.h"

namespace ringtail::capture {

class StraceReader final : public Reader {
 public:
  explicit StraceReader(LineSource lines, std::int32_t tid = 0);
  bool next(Event& event) override;
  Format format() const override { return Format::strace; }
  std::uint64_t lines() const override { return lines_.number(); }
  std::uint64_t bytes() const override { return lines_.bytes(); }
  void tell_raw_arguments() override { raw_ = true; }

  // How fine the times of the lines read so far are, in nanoseconds; 0 when there are none.
  std::int64_t resolution_ns() const { return resolution_ns_; }
  // The times count from the line before (-r).
  bool relative() const { return relative_; }

 private:
  // A call that has begun: "name(" and what was printed of its arguments, and what was understood of that.
  struct Open {
    std::string text;
    kernel::Call call;
    bool active = false;  // it has begun and not ended; the others wait for their thread's next call
    bool read = false;    // `call` has what `text` says
    std::uint64_t line = 0;
    std::uint64_t seq = 0;
    std::int64_t ns = -1;
  };
  struct Leader {
    std::int32_t tid = 0;
    std::int64_t ns = -1;
    bool named = false;      // the line says the thread,
    bool bracketed = false;  // as `[pid N]`
  };
  enum class Read : std::uint8_t { event, nothing };
  static constexpr std::uint64_t kMaxTid = 1u << 24;  // PID_MAX_LIMIT is 2^22

  bool interrupted();
  Read line(std::string_view text, Event& event);
  bool leader(Scanner& s, Leader& leader);
  bool time(Scanner& s, std::uint64_t first, Leader& leader);
  Read call_line(Scanner& s, const Leader& leader, Event& event);
  Read unfinished(std::string_view body, kernel::Sys sys, const Leader& leader, Event& event);
  Read resumed(Scanner& s, const Leader& leader, Event& event);
  Read ended(Scanner& s, const Leader& leader, const Open* open, Event& event);
  Read thread_gone(Scanner& s, const Leader& leader, Event& event);
  bool own_words(Scanner& s);
  Read problem(Event& event, const Scanner& s, std::string_view expected);

  Open* find(std::int32_t tid);
  Open* slot(std::int32_t tid);    // made when there is none
  Open* active(std::int32_t tid);  // the open call of a thread
  void close(Open& open);
  void forget(std::int32_t tid);
  void lose(std::int32_t tid);  // its open call will not be resumed
  std::int32_t unnamed() const;
  std::int32_t named(std::int32_t tid, bool resumes);

  LineSource lines_;
  std::string_view text_;  // the line being read
  Spare spare_;
  std::string joined_;       // the two halves of a call
  std::string carried_;      // a line that strace's own words interrupted, so far
  std::string joined_line_;  // and put together again
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
  bool summary_ = false;                          // in the table of -C
  bool ended_ = false;
  bool raw_ = false;  // Event::text has the arguments of some calls
};

}  // namespace ringtail::capture
