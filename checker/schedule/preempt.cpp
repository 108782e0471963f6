// SPDX-License-Identifier: GPL-2.0-or-later
// Depth first, a number of preemptions at a time. Two schedules that lead to the same execution graph lead to
// the same states of all threads, so that only the first is followed, unless the second had fewer preemptions
// behind it (CHESS calls it happens-before caching). The buffer of a thread is an agent like others: that a
// store stays in it until nobody else can step costs nothing, that it leaves earlier is a preemption.
#include <algorithm>
#include <chrono>
#include <optional>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include "checker/explore/judge.h"
#include "checker/explore/setting.h"
#include "checker/explore/starts.h"
#include "checker/schedule/schedule.h"
#include "checker/schedule/walk.h"

namespace ringtail::schedule {
namespace {

using explore::Result;
using memory::Model;

constexpr Agent kNobody = 0xff;
constexpr std::size_t kMostSeen = 8'000'000;

class First : public Chooser {
 public:
  std::size_t below(std::size_t) override { return 0; }
};

template <int W>
class Bounded {
 public:
  Bounded(Walk<W>& walk, explore::Judge<W>& judge, bool wider, double timeout)
      : walk_(walk),
        judge_(judge),
        wider_(wider),
        timed_(timeout > 0),
        deadline_(std::chrono::steady_clock::now() + std::chrono::duration<double>(timeout)) {}

  // All executions with no more preemptions; false when that ended early.
  bool run(unsigned most) {
    most_ = most;
    cut_ = false;
    seen_.clear();
    walk_.begin();
    visit(kNobody, 0);
    return !stop_;
  }
  bool cut() const { return cut_; }
  bool limited() const { return limited_; }
  bool late() const { return late_; }

 private:
  void visit(Agent last, unsigned used) {
    for (;;) {
      if (timed_ && (++steps_ & 255) == 0 && std::chrono::steady_clock::now() > deadline_)
        stop_ = late_ = true;
      if (stop_) return;
      const std::vector<Agent> ready = walk_.ready();
      if (ready.empty()) {
        if (walk_.settle()) continue;
        return complete();
      }
      if (ready.size() > 1 && known(last, used)) return;
      const bool may_stay = std::find(ready.begin(), ready.end(), last) != ready.end();
      const Agent first = may_stay ? last : ready.front();
      const auto price = [&](Agent a) { return used + (may_stay && a != last ? 1 : 0); };
      for (const Agent a : ready) {
        if (price(a) > most_) {
          cut_ = true;
          continue;
        }
        for (std::size_t way = walk_.ways(a); way-- > (a == first ? 1 : 0);) {
          walk_.push();
          if (walk_.step(a, way, chooser_)) visit(a, price(a));
          else cut_short();
          walk_.pop();
          if (stop_) return;
        }
      }
      if (!walk_.step(first, 0, chooser_)) {
        cut_short();
        return;
      }
      last = first;
    }
  }

  void cut_short() {
    limited_ |= walk_.at_limit();
    stop_ |= walk_.overflowed() && wider_;
  }

  bool known(Agent last, unsigned used) {
    auto [a, b] = walk_.fingerprint();
    a ^= (last + 1) * 0x9e3779b97f4a7c15ull;
    if (seen_.size() >= kMostSeen && !seen_.contains({a, b})) return false;
    const auto [it, fresh] = seen_.try_emplace({a, b}, used);
    if (!fresh && it->second <= used) return true;
    it->second = used;
    return false;
  }

  void complete() {
    if (!judged_.insert(walk_.fingerprint()).second) return;
    walk_.push();
    if (walk_.end(chooser_)) stop_ = !judge_(walk_, walk_.state());
    walk_.pop();
  }

  Walk<W>& walk_;
  explore::Judge<W>& judge_;
  bool wider_;  // another search has more room
  First chooser_;
  bool timed_;
  std::chrono::time_point<std::chrono::steady_clock, std::chrono::duration<double>> deadline_;
  unsigned most_ = 0;
  bool cut_ = false, stop_ = false, limited_ = false, late_ = false;
  std::uint64_t steps_ = 0;
  absl::flat_hash_map<Fingerprint, unsigned> seen_;
  absl::flat_hash_set<Fingerprint> judged_;
};

// None where an execution has more events than there is room for, and a wider search has it.
template <int W>
std::optional<explore::Outcome> preempted_with(const machine::Machine& machine,
                                               const explore::Initial& initial,
                                               const explore::Options& options, unsigned most) {
  const ir::Program& program = machine.program();
  const bool wider = W < 16 && has_room_for_more(machine);
  explore::Outcome out;
  if (program.litmus) out.litmus.emplace();
  explore::Judge<W> judge(program, options, out);
  const bool interleavings = options.model != Model::sc && options.model != Model::tso;
  Walk<W> walk(machine, initial, options.model,
               options.model == Model::tso ? Discipline::tso : Discipline::sc);
  Bounded<W> search(walk, judge, wider, options.timeout);
  unsigned bound = 0;
  bool whole = search.run(bound);
  while (whole && search.cut() && bound < most) whole = search.run(++bound);
  if (!out.violation && wider && walk.overflowed()) return std::nullopt;
  out.executions = walk.counts.executions;
  out.blocked = walk.counts.blocked;
  const std::string within = std::to_string(bound) + (bound == 1 ? " preemption" : " preemptions");
  if (out.violation) {
    out.bound = within;
  } else if (search.late()) {
    out.result = Result::timeout;
    out.bound = within;
  } else if (search.cut() || search.limited() || interleavings || !out.bound.empty() || walk.mixed_sizes()) {
    out.result = Result::bounded;
    out.bound = search.cut()         ? within
                : interleavings      ? "all interleavings, no reordering"
                : search.limited()   ? "some executions cut short"
                : !out.bound.empty() ? out.bound
                                     : std::string(explore::different_sizes);
  }
  return out;
}

explore::Outcome preempted_from(const ir::Program& program, const explore::Options& options, unsigned most) {
  const machine::Machine machine(program, explore::machine_options(program, options));
  explore::Ran init;
  const explore::Initial initial = explore::initial_memory(machine, init);
  if (init.failure != machine::Failure::none) return explore::failing_init(machine, init);
  if (auto out = preempted_with<8>(machine, initial, options, most)) return *std::move(out);
  return *preempted_with<16>(machine, initial, options, most);
}

}  // namespace

explore::Outcome preemption_bounded(const ir::Program& program, const explore::Options& options,
                                    unsigned most) {
  return explore::over_starts(program, options.timeout, [&](const ir::Program& start, double left) {
    explore::Options now = options;
    now.timeout = left;
    return preempted_from(start, now, most);
  });
}

}  // namespace ringtail::schedule
