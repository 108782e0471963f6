// SPDX-License-Identifier: GPL-2.0-or-later
// Reads what `perf script` prints of raw_syscalls:* and syscalls:sys_*:
//
//   fio 25345 [001]  1775.507109: raw_syscalls:sys_enter: NR 12 (0, 7ffccdd72bec, 0, 37f, 0, 0)
//   fio 25345 [001]  1775.507111:  raw_syscalls:sys_exit: NR 12 = 94553239781376
//   env 25424/25424  1781.519220: syscalls:sys_enter_brk: brk: 0x00000000
//   brk 26054 [000]  1829.617242: PERF_RECORD_LOST lost 24
//
// Registers are all that it tells: strings and arrays are opaque. Lines are in the order of time, perf sorts
// them. When both kinds of tracepoint were recorded each call comes twice, and the raw ones are believed.
// Other events are passed over; stacks (-g), which are indented or blank, too.
#pragma once

#include <deque>
#include <memory>

#include <absl/container/flat_hash_map.h>

#include "replay/capture/names.h"
#include "replay/capture/notes.h"
#include "replay/capture/reader.h"

namespace ringtail::capture {

class PerfScriptReader final : public Reader {
 public:
  explicit PerfScriptReader(LineSource lines) : lines_(std::move(lines)) {}
  bool next(Event& event) override;
  Format format() const override { return Format::perf_script; }
  std::uint64_t lines() const override { return lines_.number(); }
  std::uint64_t bytes() const override { return lines_.bytes(); }

 private:
  struct Open {
    kernel::Call call;
    std::uint64_t line = 0;
    std::uint64_t seq = 0;
    std::int64_t ns = -1;
    bool doubted = false;  // events were lost since: the end that follows may be another call's
  };
  enum class Read : std::uint8_t { event, nothing };

  Read line(std::string_view text, Event& event);
  bool leader(std::string_view text, Event& event);
  Read enter(Event& event);
  Read exit(Event& event, std::int64_t value);
  bool raw_arguments(Scanner& s, kernel::Call& call);
  bool named_arguments(Scanner& s, kernel::Call& call);
  Read problem(Event& event, const Scanner& s, std::string_view expected);
  void lose(std::int32_t tid);

  LineSource lines_;
  Names names_;
  absl::flat_hash_map<std::int32_t, Open> open_;
  std::deque<Event> queue_;
  std::uint64_t seq_ = 0;
  bool raw_ = false;  // raw_syscalls:* were recorded, and tell every call
  bool ended_ = false;
};

}  // namespace ringtail::capture
