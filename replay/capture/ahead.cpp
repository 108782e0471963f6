// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/capture/ahead.h"

#include <cstring>
#include <utility>

#include "replay/capture/lines.h"

namespace ringtail::capture {

Ahead::Ahead(ByteSource& bytes) : bytes_(bytes), free_(kChunks), thread_([this] { run(); }) {}

Ahead::~Ahead() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  freed_.notify_one();
  thread_.join();
}

void Ahead::swap(Chunk& chunk) {
  std::unique_lock lock(mutex_);
  filled_.wait(lock, [this] { return !ready_.empty(); });
  std::swap(chunk, ready_.front());
  const bool end = chunk.size == 0;
  if (!end) free_.push_back(std::move(ready_.front()));
  ready_.pop_front();
  if (end) ready_.emplace_back();  // whoever asks again
  lock.unlock();
  freed_.notify_one();
}

void Ahead::run() {
  for (;;) {
    Chunk chunk;
    {
      std::unique_lock lock(mutex_);
      freed_.wait(lock, [this] { return stop_ || !free_.empty(); });
      if (stop_) return;
      chunk = std::move(free_.back());
      free_.pop_back();
    }
    chunk.buffer.resize(kRoom + kBytes + kPadding + 1);
    char* const from = chunk.buffer.data() + kRoom;
    chunk.size = bytes_.read(from, kBytes);
    chunk.ends.clear();
    const char* const end = from + chunk.size;
    for (const char* p = from; p < end; ++p) {
      p = static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(end - p)));
      if (p == nullptr) break;
      chunk.ends.push_back(static_cast<std::uint32_t>(p - chunk.buffer.data()));
    }
    const bool ended = chunk.size == 0;
    {
      const std::scoped_lock lock(mutex_);
      ready_.push_back(std::move(chunk));
    }
    filled_.notify_one();
    if (ended) return;
  }
}

}  // namespace ringtail::capture
