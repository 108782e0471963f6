// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/oracle/relay.h"

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace ringtail::oracle {
namespace {

// What the oracle looks at first of an event, on its way into the nearest cache.
void fetch(const capture::Event& event) {
  constexpr std::size_t kLine = 64, kLooked = 4 * kLine;
  static_assert(sizeof event >= kLooked);
  const char* const from = reinterpret_cast<const char*>(&event);
  for (std::size_t at = 0; at < kLooked; at += kLine) __builtin_prefetch(from + at);
}

class Relay {
 public:
  Relay(capture::Reader& reader, Oracle& oracle, const std::function<void(std::uint64_t)>& progress)
      : reader_(reader), oracle_(oracle), progress_(progress) {
    for (auto& stretch : made_) free_.push_back((stretch = reader.stretch()).get());
  }

  // Until all is judged. One runner is at home at the judging.
  void run(bool at_home) {
    std::unique_lock lock(mutex_);
    while (!ended_ || judged_ != taken_) {
      if (!ready_.empty() && !judging_ && (at_home || away_)) {
        judge(lock);
      } else if (!ended_ && !taking_ && !free_.empty()) {
        if (at_home) away_ = true;
        read(lock);
        if (at_home) away_ = false;
      } else {
        changed_.wait(lock);
      }
    }
  }

 private:
  static constexpr std::size_t kStretches = 4;
  using Lock = std::unique_lock<std::mutex>;

  // f() with the lock open.
  template <class F>
  void outside(Lock& lock, F f) {
    lock.unlock();
    f();
    lock.lock();
    changed_.notify_all();
  }

  // The next stretch, up to where it can be judged.
  void read(Lock& lock) {
    capture::Stretch* const s = free_.back();
    free_.pop_back();
    const std::uint64_t n = taken_;
    bool more = false;
    taking_ = true;
    outside(lock, [&] { more = reader_.take(*s); });
    taking_ = false;
    ++taken_;
    ended_ = !more;
    outside(lock, [&] { reader_.draft(*s); });
    changed_.wait(lock, [&] { return joined_ == n; });
    outside(lock, [&] { reader_.join(*s); });
    ++joined_;
    ready_.push_back(s);
  }

  void judge(Lock& lock) {
    capture::Stretch* const s = ready_.front();
    ready_.pop_front();
    judging_ = true;
    outside(lock, [&] {
      const auto& events = s->events;
      for (std::size_t i = 0; i < events.size(); ++i) {
        constexpr std::size_t kAhead = 3;
        if (i + kAhead < events.size()) fetch(*events[i + kAhead]);
        oracle_.take(*events[i]);
      }
      progress_(s->lines);
    });
    judging_ = false;
    ++judged_;
    free_.push_back(s);
  }

  capture::Reader& reader_;
  Oracle& oracle_;
  const std::function<void(std::uint64_t)>& progress_;
  std::array<std::unique_ptr<capture::Stretch>, kStretches> made_;

  std::mutex mutex_;                     // of all that follows
  std::vector<capture::Stretch*> free_;  // the last to become so is in a cache, and the first to be taken
  std::deque<capture::Stretch*> ready_;  // joined
  std::condition_variable changed_;
  std::uint64_t taken_ = 0, joined_ = 0, judged_ = 0;  // stretches that are through that step
  bool taking_ = false, judging_ = false;
  bool away_ = false;   // who is at home at the judging reads
  bool ended_ = false;  // nothing is left to take
};

}  // namespace

void relay(capture::Reader& reader, Oracle& oracle, bool two_runners,
           const std::function<void(std::uint64_t)>& progress) {
  Relay r(reader, oracle, progress);
  std::jthread other;
  if (two_runners) other = std::jthread([&r] { r.run(false); });
  r.run(true);
}

}  // namespace ringtail::oracle
