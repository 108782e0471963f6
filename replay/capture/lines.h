// SPDX-License-Identifier: GPL-2.0-or-later
// A capture as lines, in a buffer that is recycled.
//
// A line is a view into the buffer, good until the next call; the byte after it is always '\n', a sentinel
// that spares the scanners their bounds checks. A line above kMaxLine (nothing that a recorder writes) is cut
// to nothing and marked `oversized`: a line of 4 GB costs the time to read it and no memory. The last line of
// a capture that was cut has no newline of its own; it is marked `unterminated`.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "replay/capture/ahead.h"
#include "replay/capture/bytes.h"

namespace ringtail::capture {

inline constexpr std::size_t kMaxLine = 8u << 20;  // bytes
// As many bytes behind a line may be read (not used): what vectorised scanners do.
inline constexpr std::size_t kPadding = 64;

class LineSource {
 public:
  static constexpr std::size_t kBuffer = 256 * 1024;
  explicit LineSource(std::unique_ptr<ByteSource> bytes, std::size_t buffer = kBuffer);

  bool next(std::string_view& line);
  // The next lines without consuming them, for telling the format: at most one buffer of them.
  std::string_view peek();
  // From now on another thread reads the bytes, a little before they are wanted.
  void read_ahead() { ahead_ = std::make_unique<Ahead>(*bytes_); }

  std::uint64_t number() const { return number_; }                   // of the line that next() gave, from 1
  std::uint64_t bytes() const { return filled_ - (end_ - begin_); }  // of the lines so far
  bool oversized() const { return oversized_; }
  bool unterminated() const { return unterminated_; }
  const std::string& error() const { return bytes_->error(); }

 private:
  bool fill();  // more bytes behind end_; false at the end of the capture
  bool fill_from_ahead();

  std::unique_ptr<ByteSource> bytes_;
  std::unique_ptr<Ahead> ahead_;
  Ahead::Chunk spare_;  // goes back to it
  std::vector<char> buffer_;
  std::vector<std::uint32_t> ends_;  // where in the buffer lines end, as far as that is known
  std::size_t end_of_line_ = 0;      // which of them comes next
  std::size_t begin_ = 0, end_ = 0;
  std::uint64_t number_ = 0;
  std::uint64_t filled_ = 0;  // bytes that were ever in the buffer
  bool oversized_ = false;
  bool unterminated_ = false;
};

}  // namespace ringtail::capture
