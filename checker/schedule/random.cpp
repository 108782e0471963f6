// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <chrono>
#include <numeric>

#include "checker/explore/judge.h"
#include "checker/explore/setting.h"
#include "checker/explore/starts.h"
#include "checker/schedule/schedule.h"
#include "checker/schedule/walk.h"

namespace ringtail::schedule {
namespace {

using explore::Result;
using memory::Model;

// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): alike on every machine, and cheap to start anew for each run.
class Dice : public Chooser {
 public:
  Dice(std::uint64_t seed, std::uint64_t run) : state_(seed) { state_ = next() + run * 0xd1b54a32d192ed03; }
  std::size_t below(std::size_t n) override { return n < 2 ? 0 : static_cast<std::size_t>(next() % n); }

 private:
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  std::uint64_t state_;
};

// PCT's order of the agents in one run.
class Priorities {
 public:
  // `steps` is how many there may be.
  Priorities(std::size_t agents, std::size_t steps, Dice& dice) : priority_(agents) {
    std::iota(priority_.begin(), priority_.end(), 0);
    for (std::size_t i = agents; i > 1; --i) std::swap(priority_[i - 1], priority_[dice.below(i)]);
    while (changes_.size() < steps && dice.below(3) != 0) changes_.push_back(dice.below(steps));
    std::sort(changes_.begin(), changes_.end());
  }

  Agent pick(const std::vector<Agent>& ready) {
    const auto highest = [&] {
      return *std::max_element(ready.begin(), ready.end(),
                               [&](Agent a, Agent b) { return priority_[a] < priority_[b]; });
    };
    for (; next_ < changes_.size() && changes_[next_] == steps_; ++next_) priority_[highest()] = --lowest_;
    ++steps_;
    return highest();
  }
  std::size_t steps() const { return steps_; }

 private:
  std::vector<int> priority_;
  std::vector<std::size_t> changes_;
  std::size_t next_ = 0, steps_ = 0;
  int lowest_ = 0;
};

// One in four, so that one does not always come at once.
std::size_t way_of(const Walk<8>& walk, Agent a, Dice& dice) {
  const std::size_t n = walk.ways(a);
  if (!walk.asks_for_interrupt(a)) return dice.below(n);
  return dice.below(4) != 0 ? 0 : dice.below(n);
}

explore::Outcome random_from(const ir::Program& program, const explore::Options& options,
                             const Random& random) {
  const machine::Machine machine(program, explore::machine_options(program, options));
  explore::Ran init;
  const explore::Initial initial = explore::initial_memory(machine, init);
  if (init.failure != machine::Failure::none) return explore::failing_init(machine, init);
  explore::Outcome out;
  if (program.litmus) out.litmus.emplace();
  explore::Judge<8> judge(program, options, out);
  Walk<8> walk(machine, initial, options.model,
               options.model == Model::sc    ? Discipline::sc
               : options.model == Model::tso ? Discipline::tso
                                             : Discipline::lkmm);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(options.timeout);
  std::size_t most_steps = 0;
  std::uint64_t run = 0;
  bool late = false, limited = false, going = true;
  for (; going && !late && run < random.runs; ++run) {
    Dice dice(random.seed, run);
    walk.begin(run % 3 == 2);  // guesses often come to nothing
    Priorities order(walk.agents(), most_steps, dice);
    bool possible = true;
    while (possible) {
      const std::vector<Agent>& ready = walk.ready();
      if (ready.empty()) {
        if (walk.settle()) continue;
        break;
      }
      const Agent a = order.pick(ready);
      possible = walk.step(a, way_of(walk, a, dice), dice);
    }
    most_steps = std::max(most_steps, order.steps());
    limited |= walk.at_limit();
    if ((possible || (walk.at_limit() && walk.failed())) && walk.end(dice)) going = judge(walk, walk.state());
    else ++walk.counts.blocked;
    late = options.timeout > 0 && std::chrono::steady_clock::now() > deadline;
  }
  out.executions = walk.counts.executions;
  out.blocked = walk.counts.blocked;
  if (out.result == Result::safe) {
    out.result = late && run < random.runs ? Result::timeout : Result::bounded;
    out.bound = std::to_string(run) + " random executions, seed " + std::to_string(random.seed);
    if (limited) out.bound += ", some of them cut short";
  } else if (out.violation) {
    out.bound = "random execution " + std::to_string(run) + ", seed " + std::to_string(random.seed);
  }
  return out;
}

}  // namespace

explore::Outcome random_executions(const ir::Program& program, const explore::Options& options,
                                   const Random& random) {
  return explore::over_starts(program, options.timeout, [&](const ir::Program& start, double left) {
    explore::Options now = options;
    now.timeout = left;
    return random_from(start, now, random);
  });
}

}  // namespace ringtail::schedule
