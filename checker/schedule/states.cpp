// SPDX-License-Identifier: GPL-2.0-or-later
// Depth first through all states. What is below a state that has been met is not looked at again: all that
// may still happen hangs on the state alone. So each state has to be judged when it is met, and not by what a
// whole execution shows: invariants are asked in every one, and whoever is about to touch what has been freed
// does so in some state.
#include <algorithm>
#include <chrono>

#include <absl/container/flat_hash_set.h>

#include "checker/explore/always.h"
#include "checker/explore/judge.h"
#include "checker/explore/setting.h"
#include "checker/explore/starts.h"
#include "checker/schedule/schedule.h"
#include "checker/schedule/walk.h"

namespace ringtail::schedule {
namespace {

using explore::Result;
using memory::Model;

constexpr std::size_t kMostStates = 50'000'000;

class First : public Chooser {
 public:
  std::size_t below(std::size_t) override { return 0; }
};

class States {
 public:
  States(const ir::Program& program, Walk& walk, explore::Judge<8>& judge, double timeout)
      : walk_(walk),
        judge_(judge),
        timed_(timeout > 0),
        deadline_(std::chrono::steady_clock::now() + std::chrono::duration<double>(timeout)) {
    for (const ir::Invariant& i : program.invariants)
      invariants_.emplace_back(walk.machine(), i, walk.initial());
  }

  void run() {
    walk_.begin();
    visit();
  }
  std::size_t met() const { return seen_.size(); }
  bool limited() const { return limited_; }
  bool late() const { return late_; }
  bool broken() const { return broken_; }

 private:
  void visit() {
    for (;;) {
      if (timed_ && (++steps_ & 255) == 0 && std::chrono::steady_clock::now() > deadline_)
        stop_ = late_ = true;
      if (stop_) return;
      const std::vector<Agent> ready = walk_.ready();
      if (ready.empty() && walk_.settle()) continue;
      if (!seen_.insert(walk_.state_key()).second) return;
      if (seen_.size() > kMostStates) stop_ = limited_ = true;
      if (!well()) stop_ = broken_ = true;
      if (stop_) return;
      if (ready.empty()) return complete();
      for (const Agent a : ready)
        for (std::size_t way = walk_.ways(a); way-- > (a == ready.front() ? 1 : 0);) {
          walk_.push();
          if (walk_.step(a, way, chooser_)) visit();
          else limited_ |= walk_.at_limit();
          walk_.pop();
          if (stop_) return;
        }
      if (!walk_.step(ready.front(), 0, chooser_)) {
        limited_ |= walk_.at_limit();
        return;
      }
    }
  }

  bool well() {
    if (walk_.touches_freed()) return false;
    if (invariants_.empty()) return true;
    explore::Cut cut{&walk_.initial(), walk_.in_memory()};
    return std::all_of(invariants_.begin(), invariants_.end(), [&](explore::Remembered& i) {
      std::vector<std::uint64_t> reads;
      return i.holds(cut, reads);
    });
  }

  void complete() {
    walk_.push();
    if (walk_.end(chooser_)) stop_ = !judge_(walk_, walk_.state());
    walk_.pop();
  }

  Walk& walk_;
  explore::Judge<8>& judge_;
  First chooser_;
  std::vector<explore::Remembered> invariants_;
  bool timed_;
  std::chrono::time_point<std::chrono::steady_clock, std::chrono::duration<double>> deadline_;
  bool stop_ = false, limited_ = false, late_ = false, broken_ = false;
  std::uint64_t steps_ = 0;
  absl::flat_hash_set<Walk::Fingerprint> seen_;
};

explore::Outcome states_from(const ir::Program& program, const explore::Options& options) {
  const machine::Machine machine(program, explore::machine_options(program, options));
  explore::Ran init;
  const explore::Initial initial = explore::initial_memory(machine, init);
  if (init.failure != machine::Failure::none) return explore::failing_init(machine, init);
  explore::Outcome out;
  if (program.litmus) out.litmus.emplace();
  explore::Judge<8> judge(program, options, out);
  Walk walk(machine, initial, options.model, options.model == Model::tso ? Discipline::tso : Discipline::sc);
  States search(program, walk, judge, options.timeout);
  search.run();
  out.executions = walk.counts.executions;
  out.blocked = walk.counts.blocked;
  out.states = search.met();
  if (out.violation) return out;
  if (search.late()) {
    out.result = Result::timeout;
  } else if (search.broken() || search.limited() || !out.bound.empty() || walk.mixed_sizes()) {
    out.result = Result::bounded;
    out.bound = search.broken()      ? "a state that must not be"
                : search.limited()   ? "some executions cut short"
                : !out.bound.empty() ? out.bound
                                     : std::string(explore::different_sizes);
  }
  return out;
}

}  // namespace

explore::Outcome all_states(const ir::Program& program, const explore::Options& options) {
  return explore::over_starts(program, options.timeout, [&](const ir::Program& start, double left) {
    explore::Options now = options;
    now.timeout = left;
    return states_from(start, now);
  });
}

}  // namespace ringtail::schedule
