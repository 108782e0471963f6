// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/capture/lines.h"

#include <algorithm>
#include <cstring>

namespace ringtail::capture {

LineSource::LineSource(std::unique_ptr<ByteSource> bytes, std::size_t buffer)
    : bytes_(std::move(bytes)), buffer_(buffer + kPadding) {}

bool LineSource::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  // One byte stays free for the sentinel of an unterminated last line.
  if (end_ + 1 + kPadding >= buffer_.size())
    buffer_.resize(std::min(buffer_.size() * 2, kMaxLine + (256u << 10)));
  const std::size_t n = bytes_->read(buffer_.data() + end_, buffer_.size() - kPadding - end_ - 1);
  end_ += n;
  filled_ += n;
  return n > 0;
}

bool LineSource::next(std::string_view& line) {
  oversized_ = false;
  std::size_t searched = 0;
  for (;;) {
    const char* from = buffer_.data() + begin_;
    const auto* newline =
        static_cast<const char*>(std::memchr(from + searched, '\n', end_ - begin_ - searched));
    if (newline != nullptr) {
      ++number_;
      if (static_cast<std::size_t>(newline - from) > kMaxLine) oversized_ = true;
      line = oversized_ ? std::string_view(newline, 0)
                        : std::string_view(from, static_cast<std::size_t>(newline - from));
      begin_ = static_cast<std::size_t>(newline - buffer_.data()) + 1;
      return true;
    }
    searched = end_ - begin_;
    if (searched > kMaxLine) {
      oversized_ = true;
      begin_ = end_;
      searched = 0;
    }
    if (!fill()) break;
  }
  if (begin_ == end_ && !oversized_) return false;
  unterminated_ = true;
  ++number_;
  buffer_[end_] = '\n';
  line = {buffer_.data() + begin_, oversized_ ? 0 : end_ - begin_};
  begin_ = end_;
  return true;
}

bool LineSource::take(Block& block) {
  block.ends.clear();
  block.oversized = block.unterminated = false;
  block.first = number_ + 1;
  block.buffer.resize(Block::kBytes + kPadding);
  char* const from = block.buffer.data();
  const std::size_t waiting = end_ - begin_, begun = std::min(waiting, Block::kBytes);
  std::memcpy(from, buffer_.data() + begin_, begun);
  const std::size_t n = begun < Block::kBytes ? bytes_->read(from + begun, Block::kBytes - begun) : 0;
  filled_ += n;
  const char* const end = from + begun + n;
  const char* p = from;
  while (block.ends.size() < Block::kMostLines) {
    const void* newline = std::memchr(p, '\n', static_cast<std::size_t>(end - p));
    if (newline == nullptr) break;
    p = static_cast<const char*>(newline);
    block.ends.push_back(static_cast<std::uint32_t>(p++ - from));
  }
  // What is left is the beginning of the next block.
  const auto left = static_cast<std::size_t>(end - p);
  if (begun < waiting) {
    begin_ += begun - left;
  } else {
    if (buffer_.size() < Block::kBytes + kPadding) buffer_.resize(Block::kBytes + kPadding);
    std::memcpy(buffer_.data(), p, left);
    begin_ = 0;
    end_ = left;
  }
  number_ += block.ends.size();
  if (!block.ends.empty()) return true;
  std::string_view line;  // a long one, or the last
  if (!next(line)) return false;
  block.buffer.resize(line.size() + 1 + kPadding);
  std::memcpy(block.buffer.data(), line.data(), line.size());
  block.buffer[line.size()] = '\n';
  block.ends.push_back(static_cast<std::uint32_t>(line.size()));
  block.oversized = oversized_;
  block.unterminated = unterminated_;
  return true;
}

std::string_view LineSource::peek() {
  while (end_ - begin_ < buffer_.size() / 4 && fill()) {
  }
  return {buffer_.data() + begin_, end_ - begin_};
}

}  // namespace ringtail::capture
