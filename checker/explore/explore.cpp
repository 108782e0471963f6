// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/explore/explore.h"

#include <algorithm>
#include <chrono>

#include "checker/explore/question.h"
#include "checker/explore/search.h"

namespace ringtail::explore {
namespace {

using memory::Model;
using memory::Tag;

machine::Options machine_options(const ir::Program& program, const Options& o) {
  machine::Options m;
  m.plain_is_once = o.plain_is_once;
  m.unroll = o.unroll;
  bool srcu = false;
  for (const ir::Function& f : program.functions)
    for (const ir::Instr& i : f.code) srcu |= std::holds_alternative<ir::SrcuLock>(i.node);
  const bool lkmm = o.model == Model::lkmm || o.model == Model::lkmm_6_1;
  m.dependencies = lkmm || srcu;
  m.fences = lkmm;
  m.srcu_fences = o.model == Model::lkmm_6_1;
  m.only_rcu_fences = o.model == Model::sc;
  return m;
}

Initial initial_memory(const ir::Program& program) {
  Initial initial;
  for (const ir::Global& g : program.globals)
    for (const ir::Cell& c : g.cells)
      if (c.value != 0) initial.values[g.address + c.offset] = c.value;
  return initial;
}

// Judges complete graphs and gathers what they say.
template <int W>
class Judge {
 public:
  Judge(const ir::Program& program, const Options& options, Outcome& out)
      : program_(program), options_(options), out_(out) {}

  bool operator()(Search<W>& search, State<W>& s) {
    if (search.loose_ends(s) || !ended(s)) {
      ++search.counts.blocked;
      return true;
    }
    ++search.counts.executions;
    if (program_.litmus) {
      const bool counted = answer(
          *program_.litmus,
          [&](const ir::Place& p) -> std::int64_t {
            if (!p.thread) return search.final_value(s, p.address);
            return p.reg == ir::no_reg ? 0 : search.machine().reg(*s.threads[*p.thread].next, p.reg);
          },
          *out_.litmus);
      if (counted) flag(search, s);
    }
    return true;
  }

 private:
  static bool ended(const State<W>& s) {
    return std::all_of(s.threads.begin(), s.threads.end(), [](const auto& t) {
      return t.next != nullptr && t.next->header.status == machine::Status::finished;
    });
  }

  // Only some events can be misused or race.
  static bool may_flag(const State<W>& s) {
    bool plain = false;
    s.used.each([&](Slot e) {
      const Tag t = s.events[e].tag;
      const bool memory = s.events[e].what == What::read || s.events[e].what == What::write;
      plain |= (memory && t == Tag::plain) || (t >= Tag::lock_read && t <= Tag::srcu_unlock) ||
               t == Tag::rcu_lock || t == Tag::rcu_unlock || t == Tag::sync_srcu;
    });
    return plain;
  }

  void flag(Search<W>& search, State<W>& s) {
    if (!may_flag(s)) return;
    LitmusAnswer more;
    for (const std::string_view f : memory::verdict(search.graph_of(s), options_.model).flags)
      more.flags.emplace_back(f);
    merge(more, *out_.litmus);
  }

  const ir::Program& program_;
  const Options& options_;
  Outcome& out_;
};

template <int W>
bool explore_with(const machine::Machine& machine, const Initial& initial, const Options& options,
                  Outcome& out) {
  Judge<W> judge(machine.program(), options, out);
  Search<W>* self = nullptr;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(options.timeout);
  bool late = false;
  std::uint64_t seen = 0;
  Search<W> search(machine, initial, options.model, [&](State<W>& s) {
    if (options.timeout > 0 && (++seen & 63) == 0 && std::chrono::steady_clock::now() > deadline) {
      late = true;
      return false;
    }
    return judge(*self, s);
  });
  self = &search;
  search.run();
  out.executions = search.counts.executions;
  out.blocked = search.counts.blocked;
  out.model_checks = search.counts.checks;
  if (late) out.result = Result::timeout;
  return !search.overflowed();
}

}  // namespace

Outcome explore(const ir::Program& program, const Options& options) {
  const machine::Machine machine(program, machine_options(program, options));
  const Initial initial = initial_memory(program);
  const auto attempt = [&](auto width, Outcome& out) {
    out = {};
    if (program.litmus) out.litmus.emplace();
    return explore_with<width()>(machine, initial, options, out);
  };
  Outcome out;
  if (attempt(std::integral_constant<int, 1>(), out)) return out;
  if (attempt(std::integral_constant<int, 2>(), out)) return out;
  if (attempt(std::integral_constant<int, 4>(), out)) return out;
  if (attempt(std::integral_constant<int, 8>(), out)) return out;
  out.result = Result::bounded;
  out.bound = "an execution of more than 500 events";
  return out;
}

}  // namespace ringtail::explore
