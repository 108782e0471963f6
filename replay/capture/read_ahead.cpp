// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/capture/read_ahead.h"

namespace ringtail::capture {

ReadAhead::ReadAhead(std::unique_ptr<Reader> reader)
    : reader_(std::move(reader)), format_(reader_->format()) {
  for (std::size_t i = 0; i < kBatches; ++i) empty_.push_back(std::make_unique<Batch>());
  thread_ = std::thread([this] { read(); });
}

ReadAhead::~ReadAhead() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ReadAhead::read() {
  for (bool more = true; more;) {
    BatchPtr b;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !empty_.empty(); });
      if (stopping_) return;
      b = std::move(empty_.front());
      empty_.pop_front();
    }
    for (b->count = 0; b->count < kBatch && (more = reader_->next(b->events[b->count]));) ++b->count;
    b->lines = reader_->lines();
    b->last = !more;
    {
      const std::scoped_lock lock(mutex_);
      full_.push_back(std::move(b));
    }
    changed_.notify_all();
  }
}

const Event* ReadAhead::next() {
  while (current_ == nullptr || at_ == current_->count) {
    if (current_ != nullptr && current_->last) return nullptr;
    std::unique_lock lock(mutex_);
    if (current_ != nullptr) {
      empty_.push_back(std::move(current_));
      changed_.notify_all();
    }
    changed_.wait(lock, [this] { return !full_.empty(); });
    current_ = std::move(full_.front());
    full_.pop_front();
    lines_ = current_->lines;
    at_ = 0;
  }
  return &current_->events[at_++];
}

}  // namespace ringtail::capture
