// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/explore/explore.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "checker/explore/judge.h"
#include "checker/explore/question.h"
#include "checker/explore/setting.h"
#include "checker/explore/starts.h"
#include "checker/explore/symmetry.h"
#include "model/lang/stored.h"
#include "model/machine/text.h"

namespace ringtail::explore {
namespace {

using Clock = std::chrono::steady_clock;

// Rounds of guesses (search.h). Programs have few; a copy of a copy that is added to may ask for ever more.
constexpr unsigned most_rounds = 12;

struct Setting {
  const machine::Machine& machine;
  const Initial& initial;
  const Options& options;
  std::optional<Clock::time_point> deadline;
  bool merge_twins = false;
  bool leave_out_retries = false;
};

// What a round came to.
struct Round {
  Outcome out;
  Guesses evidence;
  std::set<const ir::Instr*> written;
  bool stopped = false, overflowed = false;
  bool retries_matter = false;  // and were left out: the round says nothing
};

template <int W>
struct Worker {
  Worker(const Setting& s, Share& share)
      : judge(s.machine.program(), s.options, out),
        search(
            s.machine, s.initial, s.options.model,
            [this](State<W>& graph) {
              if (search.part() != part) keep_example();
              return judge(search, graph);
            },
            &share) {
    const ir::Program& program = s.machine.program();
    if (program.litmus) out.litmus.emplace();
    if (s.options.commute.value_or(!program.litmus)) search.commute();
    if (s.merge_twins) search.merge_twins();
    if (s.leave_out_retries) search.leave_out_retries();
    search.give_up = [this, &s] {
      if (now_and_then) now_and_then();
      asked_after += Search<W>::steps_between;
      return late = late || (s.deadline && Clock::now() > *s.deadline) ||
                    (s.options.steps != 0 && asked_after > s.options.steps);
    };
  }

  void run(const Guesses& guesses) {
    search.run(guesses);
    keep_example();
  }

  // Puts the example of a part aside when the next one begins: parts come in any order.
  void keep_example() {
    if (out.example) examples.emplace_back(part, std::move(*out.example));
    out.example.reset();
    part = search.part();
  }

  Outcome out;
  bool late = false;
  std::uint64_t asked_after = 0;  // steps
  std::function<void()> now_and_then;
  const Part* part = nullptr;
  std::vector<std::pair<const Part*, Violation>> examples;
  Judge<W> judge;
  Search<W> search;
};

template <int W>
Round explore_round(const Setting& setting, const Guesses& guesses) {
  Share share;
  std::vector<std::unique_ptr<Worker<W>>> workers;
  std::vector<std::thread> threads;
  workers.push_back(std::make_unique<Worker<W>>(setting, share));
  Worker<W>& first = *workers.front();
  Spare* spare = setting.options.spare;
  if (spare != nullptr)
    first.now_and_then = [&] {
      if (!spare->take()) return;
      workers.push_back(std::make_unique<Worker<W>>(setting, share));
      threads.emplace_back([spare, &guesses, w = workers.back().get()] {
        w->run(guesses);
        spare->give();
      });
    };
  first.run(guesses);
  for (std::thread& t : threads) t.join();

  Round round;
  Outcome& out = round.out;
  RetriedCounters retried;
  const Part* const end = share.end();
  const Part* shown = nullptr;
  bool late = false;
  for (auto& w : workers) {
    if (end != nullptr && w->search.stopped_in() == end) {
      round.overflowed = w->search.overflowed();
      out.violation = std::move(w->out.violation);
    }
    late |= w->late;
    if (!w->out.bound.empty()) out.bound = w->out.bound;
    round.evidence.add(w->search.evidence());
    for (const auto& [address, counter] : w->search.retried())
      retried[address].add(counter), retried[address].exact = counter.exact;
    round.written.insert(w->search.written().begin(), w->search.written().end());
    out.observed.merge(w->out.observed);
    if (!w->out.litmus) continue;
    if (!out.litmus) out.litmus.emplace();
    merge(*w->out.litmus, *out.litmus);
    for (auto& [part, example] : w->examples)
      if (shown == nullptr || part->order < shown->order) {
        shown = part;
        out.example = std::move(example);
      }
  }
  round.retries_matter =
      std::any_of(retried.begin(), retried.end(), [](const auto& of) { return of.second.matters(); });
  for (auto& w : workers)
    if (w->search.mixed_sizes() && !setting.machine.program().litmus) out.bound = different_sizes;
  for (auto& w : workers)
    if (w->search.counts.bounded) out.bound = "callbacks of one thread";
  round.stopped = late || end != nullptr;
  out.result = out.violation ? Result::violation : late ? Result::timeout : Result::safe;
  if (out.violation) out.bound.clear();  // what others had met by then is chance
  const Found found = share.total();
  out.executions = found.executions;
  out.blocked = found.blocked;
  return round;
}

// What a litmus test's stores would store that nothing found so far has come to.
std::set<std::int64_t> out_of_reach(const Setting& setting, const std::set<const ir::Instr*>& written) {
  const ir::Program& program = setting.machine.program();
  const memory::Model m = setting.options.model;
  if (!program.litmus || (m != memory::Model::lkmm && m != memory::Model::lkmm_6_1)) return {};
  if (const auto plain = machine::plain_places(program); !plain.anywhere && plain.addresses.empty())
    return {};
  return ir::stored_elsewhere(program, written);
}

// False where graphs of this size do not suffice.
template <int W>
bool explore_with(const Setting& asked, Outcome& out) {
  Setting setting = asked;
  setting.leave_out_retries = !asked.options.each_violation;
  Round first = explore_round<W>(setting, {});
  if (first.retries_matter) {
    setting.leave_out_retries = false;
    first = explore_round<W>(setting, {});
  }
  if (setting.merge_twins) in_every_place(setting.machine, twins(setting.machine), first.evidence);
  Guesses evidence = first.evidence, guesses;
  Round last;  // of the rounds with guesses: each finds what those before it had found
  unsigned rounds = 0;
  const auto more_to_guess = [&] {
    if (evidence.worth_a_round() == guesses && evidence.anywhere.empty())
      evidence.anywhere = out_of_reach(setting, first.written);
    return evidence.worth_a_round() != guesses;
  };
  for (last.stopped = first.stopped; !last.stopped && more_to_guess(); ++rounds) {
    if (rounds == most_rounds) {  // values that grow from round to round, each out of the last
      first.out.bound = "values out of thin air";
      break;
    }
    guesses = evidence.worth_a_round();
    last = explore_round<W>(setting, guesses);
    evidence.add(last.evidence);
    first.written.merge(last.written);
  }
  out = std::move(first.out);
  out.executions += last.out.executions;
  out.blocked += last.out.blocked;
  out.observed.merge(last.out.observed);
  if (last.out.litmus) merge(*last.out.litmus, *out.litmus);
  if (!out.example) out.example = std::move(last.out.example);
  if (last.out.violation) out.violation = std::move(last.out.violation);
  if (last.out.result != Result::safe) out.result = last.out.result;
  if (!last.out.bound.empty() || out.result == Result::violation) out.bound = last.out.bound;
  if (out.result == Result::safe && !out.bound.empty()) out.result = Result::bounded;
  return !first.overflowed && !last.overflowed;
}

Outcome explore_from(const ir::Program& program, const Options& options) {
  const machine::Machine machine(program, machine_options(program, options));
  Ran init;
  const Initial initial = initial_memory(machine, init);
  if (init.failure != machine::Failure::none) return failing_init(machine, init);
  Setting setting{machine, initial, options, {}};
  setting.merge_twins = options.merge_twins.value_or(!program.litmus && options.observe.empty());
  if (options.timeout > 0)
    setting.deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                          std::chrono::duration<double>(options.timeout));
  Outcome out;
  if (explore_with<1>(setting, out)) return out;
  if (explore_with<2>(setting, out)) return out;
  if (explore_with<4>(setting, out)) return out;
  if (explore_with<8>(setting, out)) return out;
  out = {};
  out.result = Result::bounded;
  out.bound = "an execution of more than 500 events";
  return out;
}

}  // namespace

Outcome explore(const ir::Program& program, const Options& options) {
  if (options.each_violation) return explore_from(program, options);
  return over_starts(program, options.timeout, [&](const ir::Program& start, double left) {
    Options now = options;
    now.timeout = left;
    return explore_from(start, now);
  });
}

}  // namespace ringtail::explore
