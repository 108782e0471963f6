// SPDX-License-Identifier: GPL-2.0-or-later
// A capture as lines, in a buffer that is recycled.
//
// A line is a view into the buffer, good until the next call; the byte after it is always '\n', a sentinel
// that spares the scanners their bounds checks. A line above kMaxLine (nothing that a recorder writes) is cut
// to nothing and marked `oversized`: a line of 4 GB costs the time to read it and no memory. The last line of
// a capture that was cut has no newline of its own; it is marked `unterminated`.
//
// Who wants many lines takes a block of them, which is the caller's own.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "replay/capture/bytes.h"

namespace ringtail::capture {

inline constexpr std::size_t kMaxLine = 8u << 20;  // bytes
// As many bytes behind a line may be read (not used): what vectorised scanners do.
inline constexpr std::size_t kPadding = 64;

class LineSource {
 public:
  static constexpr std::size_t kBuffer = 256 * 1024;
  struct Block {
    // So many that what is made of them stays in the cache of the processor that made it until it is judged.
    static constexpr std::size_t kBytes = 32 * 1024;
    static constexpr std::size_t kMostLines = 4096;
    std::vector<char> buffer;
    std::vector<std::uint32_t> ends;  // where in `buffer` each line ends; the first begins at 0
    std::uint64_t first = 0;          // the number of the first line
    bool oversized = false;           // the only line is
    bool unterminated = false;        // the last line is

    std::string_view line(std::size_t i) const {
      const std::size_t begin = i == 0 ? 0 : ends[i - 1] + 1;
      return {buffer.data() + begin, ends[i] - begin};
    }
  };
  explicit LineSource(std::unique_ptr<ByteSource> bytes, std::size_t buffer = kBuffer);

  bool next(std::string_view& line);
  // The next lines without consuming them, for telling the format: at most one buffer of them.
  std::string_view peek();
  // As many lines as there are in the next kBytes bytes, at least one and at most kMostLines; none at the
  // end of the capture, and false.
  bool take(Block& block);

  std::uint64_t number() const { return number_; }                   // of the last line given, from 1
  std::uint64_t bytes() const { return filled_ - (end_ - begin_); }  // of the lines so far
  bool oversized() const { return oversized_; }
  bool unterminated() const { return unterminated_; }
  const std::string& error() const { return bytes_->error(); }

 private:
  bool fill();  // more bytes behind end_; false at the end of the capture

  std::unique_ptr<ByteSource> bytes_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  std::uint64_t number_ = 0;
  std::uint64_t filled_ = 0;  // bytes that were ever in the buffer
  bool oversized_ = false;
  bool unterminated_ = false;
};

}  // namespace ringtail::capture
