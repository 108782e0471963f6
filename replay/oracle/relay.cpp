// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/oracle/relay.h"

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

namespace ringtail::oracle {
namespace {

// Large enough that what a batch takes outlasts the waking of a thread and the way of the state to the other
// processor, by far: with 512 a capture took a fifth longer.
constexpr std::size_t kBatch = 4096;       // events
constexpr std::size_t kAlone = 64;         // of one runner: nobody waits
constexpr std::uint64_t kBytes = 1 << 20;  // of text, for lines that are long

struct Relay {
  capture::Reader& reader;
  Oracle& oracle;
  const std::function<void(std::uint64_t)>& progress;
  const std::size_t batch;

  std::mutex reading;
  std::uint64_t batches = 0;  // read so far
  bool ended = false;

  std::atomic<std::uint64_t> judged = 0;  // batches

  void run() {
    std::vector<capture::Event> events(batch);
    for (;;) {
      std::size_t count = 0;
      std::uint64_t ticket = 0, lines = 0, bytes = 0;
      {
        const std::scoped_lock lock(reading);
        if (ended) return;
        ticket = batches++;
        bytes = reader.bytes();
        while (count < batch && reader.bytes() - bytes < kBytes && !(ended = !reader.next(events[count])))
          ++count;
        bytes = reader.bytes() - bytes;
        lines = reader.lines();
      }
      for (std::uint64_t now = judged; now != ticket; now = judged) judged.wait(now);
      for (std::size_t i = 0; i < count; ++i) oracle.take(events[i]);
      progress(lines);
      judged = ticket + 1;
      judged.notify_all();
      // What long lists took is given back.
      if (bytes > 2 * kBytes) events = std::vector<capture::Event>(batch);
    }
  }
};

}  // namespace

void relay(capture::Reader& reader, Oracle& oracle, bool two_runners,
           const std::function<void(std::uint64_t)>& progress) {
  Relay r{reader, oracle, progress, two_runners ? kBatch : kAlone, {}, 0, false, 0};
  std::jthread other;
  if (two_runners) other = std::jthread([&r] { r.run(); });
  r.run();
}

}  // namespace ringtail::oracle
