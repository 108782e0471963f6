// SPDX-License-Identifier: GPL-2.0-or-later
// Depth first through all states. What is below a state that has been met is not looked at again: all that
// may still happen hangs on the state alone. So each state has to be judged when it is met, and not by what a
// whole execution shows: invariants are asked in every one, and whoever is about to touch what has been freed
// does so in some state.
#include <algorithm>
#include <chrono>
#include <optional>

#include <absl/container/flat_hash_set.h>

#include "checker/explore/always.h"
#include "checker/explore/judge.h"
#include "checker/explore/setting.h"
#include "checker/explore/starts.h"
#include "checker/schedule/local.h"
#include "checker/schedule/schedule.h"
#include "checker/schedule/walk.h"

namespace ringtail::schedule {
namespace {

using explore::Result;
using memory::Model;

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostStates = 50'000'000;
constexpr std::size_t kMoreToLearn = 1000;  // states, in a search that has to be made again
constexpr unsigned kMostAlone = 256;        // steps that nothing disturbs, one after the other

class First : public Chooser {
 public:
  std::size_t below(std::size_t) override { return 0; }
};

template <int W>
class StateSearch {
 public:
  StateSearch(const ir::Program& program, Walk<W>& walk, explore::Judge<W>& judge,
              std::optional<Clock::time_point> deadline, bool wider, Local* local)
      : walk_(walk), judge_(judge), deadline_(deadline), wider_(wider), local_(local) {
    for (const ir::Invariant& i : program.invariants)
      invariants_.emplace_back(walk.machine(), i, walk.initial());
  }

  void run() {
    walk_.begin();
    visit(0);
  }
  std::size_t met() const { return seen_.size(); }
  bool limited() const { return limited_; }
  bool late() const { return late_; }
  bool broken() const { return broken_; }

 private:
  // After so many steps that were followed alone.
  void visit(unsigned alone) {
    for (;;) {
      if (deadline_ && (++steps_ & 255) == 0 && Clock::now() > *deadline_) stop_ = late_ = true;
      if (stop_) return;
      const std::vector<Agent> ready = walk_.ready();
      if (ready.empty() && walk_.settle()) continue;
      if (const auto a = undisturbed(ready); a && alone < kMostAlone) {
        if (!follow(*a, ++alone)) return;
        continue;
      }
      alone = 0;
      if (!seen_.insert(walk_.state_key()).second) return;
      if (seen_.size() > kMostStates) stop_ = limited_ = true;
      if (wrong_at_ == 0 && local_ != nullptr && local_->wrong()) wrong_at_ = seen_.size();
      if (wrong_at_ != 0 && seen_.size() > 2 * wrong_at_ + kMoreToLearn) stop_ = true;
      if (!well()) stop_ = broken_ = true;
      if (stop_) return;
      if (ready.empty()) return complete();
      for (const Agent a : ready)
        if (a != ready.front() && !branch(a, 0, 0)) return;
      if (!follow(ready.front(), 0)) return;
    }
  }

  // All ways to step but those before `first`, each to its end; false when the search is over.
  bool branch(Agent a, std::size_t first, unsigned alone) {
    for (std::size_t way = walk_.ways(a); way-- > first && !stop_;) {
      walk_.push();
      if (walk_.step(a, way, chooser_)) visit(alone);
      else cut_short();
      walk_.pop();
    }
    return !stop_;
  }

  // The same, and the first way is left to be followed; false when it cannot be.
  bool follow(Agent a, unsigned alone) {
    if (!branch(a, 1, alone)) return false;
    if (walk_.step(a, 0, chooser_)) return true;
    cut_short();
    return false;
  }

  std::optional<Agent> undisturbed(const std::vector<Agent>& ready) {
    if (local_ == nullptr) return std::nullopt;
    const std::size_t threads = walk_.agents() / 2;
    for (std::uint8_t t = 0; t < threads; ++t)
      if (const machine::Snapshot* at = walk_.asking(t)) local_->note(t, *at);
    const bool buffers = walk_.model() == Model::tso;
    for (const Agent a : ready) {
      const bool leaves = walk_.is_buffer(a);
      const auto t = static_cast<std::uint8_t>(leaves ? a - threads : a);
      if (!walk_.goes_wrong(a) && local_->undisturbed(t, walk_.asked(a), buffers, leaves)) return a;
    }
    return std::nullopt;
  }

  void cut_short() {
    limited_ |= walk_.at_limit();
    stop_ |= walk_.overflowed() && wider_;
  }

  bool well() {
    if (walk_.touches_freed()) return false;
    if (invariants_.empty()) return true;
    explore::Cut cut{&walk_.initial(), walk_.in_memory()};
    return std::all_of(invariants_.begin(), invariants_.end(), [&](explore::Remembered& i) {
      std::vector<std::uint64_t> reads;
      const bool holds = i.holds(cut, reads);
      if (local_ != nullptr)
        for (const std::uint64_t address : reads) local_->watch(address);
      return holds;
    });
  }

  void complete() {
    walk_.push();
    if (walk_.end(chooser_)) stop_ = !judge_(walk_, walk_.state());
    walk_.pop();
  }

  Walk<W>& walk_;
  explore::Judge<W>& judge_;
  First chooser_;
  std::vector<explore::Remembered> invariants_;
  std::optional<Clock::time_point> deadline_;
  bool wider_;    // another search has more room
  Local* local_;  // where only what matters of the order of steps is tried
  bool stop_ = false, limited_ = false, late_ = false, broken_ = false;
  std::uint64_t steps_ = 0;
  std::size_t wrong_at_ = 0;  // after so many states
  absl::flat_hash_set<Fingerprint> seen_;
};

struct Setting {
  const machine::Machine& machine;
  const explore::Initial& initial;
  const explore::Options& options;
  bool may_be_long;  // there may be more room for those that need it
  std::optional<Clock::time_point> deadline;
};

// None where an execution has more events than there is room for, and a wider search has it, or where what
// was known of the threads did not suffice.
template <int W>
std::optional<explore::Outcome> search_once(const Setting& setting, Local* local) {
  const auto& [machine, initial, options, may_be_long, deadline] = setting;
  const bool wider = W < 16 && may_be_long;
  const ir::Program& program = machine.program();
  explore::Outcome out;
  if (program.litmus) out.litmus.emplace();
  explore::Judge<W> judge(program, options, out);
  Walk<W> walk(machine, initial, options.model,
               options.model == Model::tso ? Discipline::tso : Discipline::sc);
  StateSearch<W> search(program, walk, judge, deadline, wider, local);
  search.run();
  out.executions = walk.counts.executions;
  out.blocked = walk.counts.blocked;
  out.states = search.met();
  if (out.violation) return out;
  if (wider && walk.overflowed()) return std::nullopt;
  if (search.late()) {
    out.result = Result::timeout;
    return out;
  }
  if (local != nullptr && local->wrong() && !search.broken()) return std::nullopt;
  if (search.broken() || search.limited() || !out.bound.empty() || walk.mixed_sizes()) {
    out.result = Result::bounded;
    out.bound = search.broken()      ? "a state that must not be"
                : search.limited()   ? "some executions cut short"
                : !out.bound.empty() ? out.bound
                                     : std::string(explore::different_sizes);
  }
  return out;
}

template <int W>
std::optional<explore::Outcome> search(const Setting& setting, Local* local) {
  for (;;) {
    if (local != nullptr) local->begin();
    auto out = search_once<W>(setting, local);
    if (out || local == nullptr || !local->wrong()) return out;
  }
}

explore::Outcome states_from(const ir::Program& program, const explore::Options& options, const States& how) {
  const machine::Machine machine(program, explore::machine_options(program, options));
  explore::Ran init;
  const explore::Initial initial = explore::initial_memory(machine, init);
  if (init.failure != machine::Failure::none) return explore::failing_init(machine, init);
  Setting setting{machine, initial, options, has_room_for_more(machine), {}};
  if (options.timeout > 0)
    setting.deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                          std::chrono::duration<double>(options.timeout));
  Local known;
  const bool whole = how.every_order || explore::threads_of(machine) > Local::most_threads;
  Local* const local = whole ? nullptr : &known;
  if (how.narrowest <= 8 || !setting.may_be_long)
    if (auto out = search<8>(setting, local)) return *std::move(out);
  return *search<16>(setting, local);
}

}  // namespace

explore::Outcome all_states(const ir::Program& program, const explore::Options& options, const States& how) {
  return explore::over_starts(program, options.timeout, [&](const ir::Program& start, double left) {
    explore::Options now = options;
    now.timeout = left;
    return states_from(start, now, how);
  });
}

}  // namespace ringtail::schedule
