// SPDX-License-Identifier: GPL-2.0-or-later
// Stores to the pages that others are moving, and reads back what it stored before.
#include <algorithm>
#include <ctime>
#include <optional>

#include "replay/run/crew.h"

namespace ringtail::run {
namespace {

constexpr std::size_t kLeast = 256;  // steps of a round, however soon the movers are done

// A store that the compiler neither drops nor joins with others.
void store(std::uint64_t* to, std::uint64_t word) {
  reinterpret_cast<std::atomic<std::uint64_t>*>(to)->store(word, std::memory_order_relaxed);
}
std::uint64_t load(const std::uint64_t* from) {
  return reinterpret_cast<const std::atomic<std::uint64_t>*>(from)->load(std::memory_order_relaxed);
}

class Writer final : public Actor {
 public:
  Writer(host::Clock& clock, std::uint64_t seed, unsigned index, unsigned of)
      : Actor(clock, host::straight, seed), index_(index), of_(of) {}

  void work(Scene& s) override {
    const unsigned crew = s.options.threads + s.options.writers + s.options.disturbers;
    crowded_ = crew > std::thread::hardware_concurrency();
    for (std::size_t i = 0; i < kLeast || s.moving > 0; ++i) {
      step(s);
      if (i % 64 != 0) continue;
      if (crowded_) pause();
    }
  }

 private:
  // Where threads share processors, those who move pages come first.
  static void pause() {
    const timespec t{0, 200'000};
    nanosleep(&t, nullptr);
  }

  void step(Scene& s) {
    const std::size_t page = random_.below(s.ledger.pages());
    if (s.ledger.accepted(page)) return;
    if (!s.ledger.try_share(page)) return;
    const bool marked = s.ledger.marked(page);
    if (!marked) write(s, page);
    s.ledger.unshare(page);
    if (!marked || !s.ledger.try_own(page)) return;
    settle(s, page);
    s.ledger.disown(page);
  }

  // One of its own slices: those whose number, counted over the arena, leaves its index.
  void write(Scene& s, std::size_t page) {
    const std::size_t slice = random_.below(kSlices);
    if ((page * kSlices + slice) % of_ != index_) return;
    std::uint64_t* words = s.arena.words(page) + slice * kSliceWords;
    std::array<std::uint64_t, kSliceWords> seen;
    for (std::size_t w = 0; w < kSliceWords; ++w) seen[w] = load(words + w);
    if (const auto flaw = s.ledger.examine_slice(page, slice, seen.data())) {
      tally_.flaw(*flaw, s.arena, page);
      return s.ledger.accept(page);
    }
    Slice& log = s.ledger.slice(page, slice);
    for (std::uint64_t left = random_.size_to(kSliceWords); left > 0; --left) {
      store(words + log.cursor, s.ledger.stamped(page, slice * kSliceWords + log.cursor, log.generation + 1));
      ++tally_.writes;
      if (++log.cursor == kSliceWords) ++log.generation, log.cursor = 0;
    }
  }

  // The kernel may have taken this page back. A page that was written to it may not take any more, so that
  // after a store of what is there its content is what it will stay.
  void settle(Scene& s, std::size_t page) {
    if (!s.ledger.marked(page)) return;
    auto* words = reinterpret_cast<std::atomic<std::uint64_t>*>(s.arena.words(page));
    words[0].fetch_add(0);
    Content content;
    for (std::size_t w = 0; w < kWords; ++w) content[w] = words[w].load(std::memory_order_relaxed);
    const auto flaw = s.ledger.examine(page, content);
    if (flaw) {
      tally_.flaw(*flaw, s.arena, page);
      s.ledger.accept(page);
    } else if (s.ledger.is_original(page, content)) {
      s.ledger.restart(page);
    }
    s.ledger.unmark(page);
  }

  const unsigned index_, of_;
  bool crowded_ = false;
};

}  // namespace

std::unique_ptr<Actor> make_writer(host::Clock& clock, std::uint64_t seed, unsigned index, unsigned of) {
  return std::make_unique<Writer>(clock, seed, index, of);
}

}  // namespace ringtail::run
