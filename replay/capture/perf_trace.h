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
#pragma once

#include <memory>

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

  void line(std::string_view text);
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
  std::int64_t latest_ns_ = 0;
  bool has_barrier_ = false;
  Event barrier_;
  bool ended_ = false;
};

}  // namespace ringtail::capture
