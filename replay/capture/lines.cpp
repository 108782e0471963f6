// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/capture/lines.h"

#include <algorithm>
#include <cstring>

namespace ringtail::capture {

LineSource::LineSource(std::unique_ptr<ByteSource> bytes, std::size_t buffer)
    : bytes_(std::move(bytes)), buffer_(buffer + kPadding) {}

bool LineSource::fill() {
  if (ahead_ != nullptr) return fill_from_ahead();
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

bool LineSource::fill_from_ahead() {
  const std::size_t begun = end_ - begin_;
  ahead_->swap(spare_);
  filled_ += spare_.size;
  if (spare_.size == 0) return false;
  ends_.clear();
  end_of_line_ = 0;
  if (begun <= Ahead::kRoom) {
    std::memcpy(spare_.buffer.data() + Ahead::kRoom - begun, buffer_.data() + begin_, begun);
    buffer_.swap(spare_.buffer);
    ends_.swap(spare_.ends);
    begin_ = Ahead::kRoom - begun;
    end_ = Ahead::kRoom + spare_.size;
    return true;
  }
  std::memmove(buffer_.data(), buffer_.data() + begin_, begun);
  begin_ = 0;
  buffer_.resize(std::max(buffer_.size(), begun + spare_.size + 1 + kPadding));
  std::memcpy(buffer_.data() + begun, spare_.buffer.data() + Ahead::kRoom, spare_.size);
  end_ = begun + spare_.size;
  return true;
}

bool LineSource::next(std::string_view& line) {
  oversized_ = false;
  if (end_of_line_ < ends_.size()) {
    const char* from = buffer_.data() + begin_;
    begin_ = ends_[end_of_line_++];
    line = {from, static_cast<std::size_t>(buffer_.data() + begin_++ - from)};
    ++number_;
    return true;
  }
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
      if (end_of_line_ < ends_.size()) ++end_of_line_;  // of the line that the chunk before began
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

std::string_view LineSource::peek() {
  while (end_ - begin_ < buffer_.size() / 4 && fill()) {
  }
  return {buffer_.data() + begin_, end_ - begin_};
}

}  // namespace ringtail::capture
