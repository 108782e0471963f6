// SPDX-License-Identifier: GPL-2.0-or-later
// The threads of a round, and what they share.
//
// Movers move pages, writers store to them, disturbers do everything else that programs do to memory. Each is
// a thread with a tape, random numbers and a tally of its own; the threads stay from round to round, so that
// the head of the capture names them all. A round ends when the movers have done their share.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "replay/host/tape.h"
#include "replay/run/arena.h"
#include "replay/run/ledger.h"
#include "replay/run/options.h"
#include "replay/run/random.h"

namespace ringtail::run {

// Content that is not as logged, or an entry that no page came back for.
struct Finding {
  std::string what;  // "lost write"
  std::string where;
  friend bool operator==(const Finding&, const Finding&) = default;
};

struct Tally {
  static constexpr std::size_t kMostFindings = 100;
  static constexpr int kUnwritten = -9999;  // what a status holds before the call

  std::uint64_t moved = 0;    // pages that a query had seen elsewhere just before
  std::uint64_t asked = 0;    // entries of move_pages calls that move
  std::uint64_t partial = 0;  // calls that said how many pages they did not move
  std::uint64_t writes = 0;   // words
  std::uint64_t forks = 0, ios = 0, advices = 0;
  std::map<int, std::uint64_t> statuses;
  std::uint64_t lost_writes = 0, content_errors = 0, left_behind = 0;
  std::vector<Finding> findings;

  void add(const Tally&);
  void flaw(Flaw, const Arena&, std::size_t page);
  void find(std::string what, std::string where);
};

// What a round is about.
struct Scene {
  const Options& options;
  const std::vector<int>& nodes;  // between which to move; one, where there is no second
  Arena& arena;
  Ledger& ledger;
  int io_fd;  // -1: none
  std::uint64_t io_bytes;
  bool io_direct;
  std::atomic<unsigned> moving;         // movers that are not done
  std::atomic<std::uint64_t> steps{0};  // of the movers: the others go on as long as one of these is at work
};

class Actor {
 public:
  Actor(host::Clock& clock, const host::Gate& gate, std::uint64_t seed) : tape_(clock, gate), random_(seed) {}
  virtual ~Actor() = default;
  virtual void work(Scene&) = 0;  // its part of one round
  host::Tape& tape() { return tape_; }
  Tally& tally() { return tally_; }

 protected:
  host::Tape tape_;
  Random random_;
  Tally tally_;
};

std::unique_ptr<Actor> make_mover(host::Clock&, const host::Gate&, std::uint64_t seed);
std::unique_ptr<Actor> make_writer(host::Clock&, std::uint64_t seed, unsigned index, unsigned of);
std::unique_ptr<Actor> make_disturber(host::Clock&, std::uint64_t seed);

class Crew {
 public:
  Crew(const Options&, host::Clock&);
  ~Crew();
  // False when no mover took a step for Options::patience, nobody who is to take the next has used a
  // processor, and somebody is not done: he hangs in the kernel and the process has to end. Whoever does use
  // one, on a machine that has too much to do or going around in the kernel, is waited for ten times as long.
  [[nodiscard]] bool work(Scene&);
  std::vector<host::Tape*> tapes();
  Tally tally() const;

 private:
  static constexpr int kSlow = 10;

  const std::chrono::duration<double> patience_;
  const std::size_t movers_;
  void live(Actor&);
  std::int64_t used(const Scene&);  // nanoseconds of processors

  std::vector<std::unique_ptr<Actor>> actors_;  // movers first
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  Scene* scene_ = nullptr;
  std::uint64_t round_ = 0;
  std::size_t busy_ = 0;
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace ringtail::run
