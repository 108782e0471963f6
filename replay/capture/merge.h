// SPDX-License-Identifier: GPL-2.0-or-later
// The files FILE.PID of one `strace -ff` as one capture.
//
// With times (-t in any precision below a second, -r aside, which counts in each file by itself) the files
// are merged by them; with -T a call ends when it ended, without it when its thread did something else.
//
// Without such times nothing is known of the order between threads, and the capture says so in its first
// event, the fact `order=thread`: the files then follow each other, each in its own order, `seq` orders calls
// of the same thread only, and any call of one thread may have overlapped any of another.
#pragma once

#include <memory>
#include <vector>

#include "replay/capture/order.h"
#include "replay/capture/strace.h"

namespace ringtail::capture {

class MergedReader final : public Reader {
 public:
  static constexpr std::size_t kMaxFiles = 512;      // they are all open at once,
  static constexpr std::size_t kBuffer = 16 * 1024;  // with little memory each

  // In the order of the process ids, so that the order of names on a command line is nothing.
  explicit MergedReader(std::vector<std::unique_ptr<StraceReader>> files);
  bool next(Event& event) override;
  Format format() const override { return Format::strace; }
  std::uint64_t lines() const override;
  std::uint64_t bytes() const override;
  void tell_raw_arguments() override;

 private:
  struct File {
    std::unique_ptr<StraceReader> reader;
    Event ahead;  // read, not yet given
    bool done = false;
    std::int64_t begin_ns = -1;  // of `ahead`, or of the event before where it has no time
  };
  void advance(File& file);
  bool next_by_time(Event& event);
  bool next_by_file(Event& event);

  std::vector<File> files_;
  bool by_time_ = true;
  bool said_ = false;
  std::size_t at_ = 0;
  TimeOrder order_;
};

}  // namespace ringtail::capture
