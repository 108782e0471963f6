// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/oracle/relay.h"

#include <atomic>
#include <mutex>
#include <thread>

namespace ringtail::oracle {
namespace {

// A step that stretches go through in their order.
class Turn {
 public:
  void wait(std::uint64_t ticket) const {
    for (std::uint64_t now = next_; now != ticket; now = next_) next_.wait(now);
  }
  void pass() {
    ++next_;
    next_.notify_all();
  }

 private:
  std::atomic<std::uint64_t> next_ = 0;
};

// What the oracle looks at first of an event, on its way into the nearest cache.
void fetch(const capture::Event& event) {
  constexpr std::size_t kLine = 64, kLooked = 4 * kLine;
  static_assert(sizeof event >= kLooked);
  const char* const from = reinterpret_cast<const char*>(&event);
  for (std::size_t at = 0; at < kLooked; at += kLine) __builtin_prefetch(from + at);
}

struct Relay {
  capture::Reader& reader;
  Oracle& oracle;
  const std::function<void(std::uint64_t)>& progress;

  std::mutex taking;
  std::uint64_t tickets = 0;  // taken so far
  bool ended = false;
  Turn joining, judging;

  void run() {
    const std::unique_ptr<capture::Stretch> stretch = reader.stretch();
    for (;;) {
      std::uint64_t ticket = 0;
      {
        const std::scoped_lock lock(taking);
        if (ended) return;
        ticket = tickets++;
        ended = !reader.take(*stretch);
      }
      reader.draft(*stretch);
      joining.wait(ticket);
      reader.join(*stretch);
      joining.pass();
      judging.wait(ticket);
      const auto& events = stretch->events;
      for (std::size_t i = 0; i < events.size(); ++i) {
        constexpr std::size_t kAhead = 3;
        if (i + kAhead < events.size()) fetch(*events[i + kAhead]);
        oracle.take(*events[i]);
      }
      progress(stretch->lines);
      judging.pass();
    }
  }
};

}  // namespace

void relay(capture::Reader& reader, Oracle& oracle, bool two_runners,
           const std::function<void(std::uint64_t)>& progress) {
  Relay r{reader, oracle, progress, {}, 0, false, {}, {}};
  std::jthread other;
  if (two_runners) other = std::jthread([&r] { r.run(); });
  r.run();
}

}  // namespace ringtail::oracle
