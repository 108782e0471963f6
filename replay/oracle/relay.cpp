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
      for (const capture::Event* event : stretch->events) oracle.take(*event);
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
