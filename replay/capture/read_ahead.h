// SPDX-License-Identifier: GPL-2.0-or-later
// Reads a capture in a thread of its own while the caller works on what was read before.
//
//   ReadAhead ahead(std::move(reader));
//   while (const Event* e = ahead.next()) oracle.take(*e);
//
// Events are handed over in batches of kBatch, at most kBatches of them, and recycled as the reader wants it,
// so that memory stays bounded and steady-state reading allocates nothing. The order is the reader's own.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "replay/capture/reader.h"

namespace ringtail::capture {

class ReadAhead {
 public:
  explicit ReadAhead(std::unique_ptr<Reader> reader);
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  // Null at the end of the capture; else valid until the next call.
  const Event* next();
  Format format() const { return format_; }
  std::uint64_t lines() const { return lines_; }  // read up to the end of the batch at hand

 private:
  static constexpr std::size_t kBatch = 128;
  static constexpr std::size_t kBatches = 8;
  struct Batch {
    std::vector<Event> events = std::vector<Event>(kBatch);
    std::size_t count = 0;
    std::uint64_t lines = 0;
    bool last = false;
  };
  using BatchPtr = std::unique_ptr<Batch>;

  void read();

  std::unique_ptr<Reader> reader_;
  const Format format_;
  std::uint64_t lines_ = 0;
  BatchPtr current_;
  std::size_t at_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<BatchPtr> full_, empty_;  // guarded by mutex_
  bool stopping_ = false;              // likewise
  std::thread thread_;                 // last: it uses all of the above
};

}  // namespace ringtail::capture
