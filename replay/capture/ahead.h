// SPDX-License-Identifier: GPL-2.0-or-later
// The bytes of a capture a little before they are wanted: another thread reads, decompresses and finds where
// lines end, so that who reads the lines only reads the lines.
//
// What goes between the two threads is buffers, by swapping, so that no byte is copied for it. In front of
// the bytes of a chunk there is room for the line that the chunk before it began.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "replay/capture/bytes.h"

namespace ringtail::capture {

class Ahead {
 public:
  static constexpr std::size_t kRoom = 16 * 1024;    // bytes in front
  static constexpr std::size_t kBytes = 240 * 1024;  // the most in a chunk
  struct Chunk {
    std::vector<char> buffer;         // kRoom, the bytes, and some behind them (kPadding and a sentinel)
    std::size_t size = 0;             // bytes; 0 at the end
    std::vector<std::uint32_t> ends;  // where in `buffer` each '\n' stands
  };

  // `bytes` is the thread's alone from here on, until a chunk of size 0 was taken.
  explicit Ahead(ByteSource& bytes);
  ~Ahead();

  // The next chunk, in exchange for one that is no longer needed.
  void swap(Chunk& chunk);

 private:
  static constexpr std::size_t kChunks = 4;
  void run();

  ByteSource& bytes_;
  std::mutex mutex_;
  std::condition_variable filled_, freed_;
  std::deque<Chunk> ready_;
  std::vector<Chunk> free_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace ringtail::capture
