// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/judge/judge.h"

#include <algorithm>
#include <functional>
#include <map>

#include "tests/judge/trace.h"

namespace ringtail::judge {
namespace {

using memory::EventId;
using memory::Graph;
using memory::Kind;

// A final state: the value of each register of each thread, and of each location.
struct Final {
  std::vector<const Trace*> threads;
  std::map<std::uint64_t, std::int64_t> memory;
};

class Judge {
 public:
  Judge(const ir::Program& program, memory::Model model, const Options& options)
      : program_(program), model_(model), options_(options) {
    trace_options_.srcu_as_fences = model == memory::Model::lkmm_6_1;
    for (const ir::Global& g : program.globals)
      for (const ir::Cell& c : g.cells) initial_[g.address + c.offset] = c.value;
  }

  Judgement run() {
    if (program_.init || program_.finally || !program_.invariants.empty()) {
      out_.unsupported = "the judge knows neither INIT, FINALLY nor INVARIANT";
      return out_;
    }
    if (!find_traces()) return out_;
    std::vector<const Trace*> chosen;
    choose_traces(chosen);
    return out_;
  }

 private:
  std::int64_t initial(std::uint64_t address) const {
    const auto it = initial_.find(address);
    return it == initial_.end() ? 0 : it->second;
  }

  // A value that is really written is computed by a chain of writes that read from each other without a
  // circle, so as many rounds as an execution has writes find them all.
  bool find_traces() {
    Values values;
    for (const auto& [address, value] : initial_) values[address].insert(value);
    for (std::size_t round = 0;; ++round) {
      Values next = values;
      std::size_t most_writes = 0;
      threads_.clear();
      for (std::size_t t = 0; t < program_.threads.size(); ++t) {
        Traces found = traces(program_, t, values, trace_options_);
        if (!found.unsupported.empty()) return out_.unsupported = found.unsupported, false;
        std::size_t most = 0;
        for (const Trace& trace : found.traces) {
          std::size_t writes = 0;
          for (const TraceEvent& e : trace.events) {
            if (e.event.kind == Kind::fence) continue;
            next[e.event.address].insert(initial(e.event.address));
            if (e.event.kind != Kind::write) continue;
            next[e.event.address].insert(e.event.value);
            ++writes;
          }
          most = std::max(most, writes);
        }
        most_writes += most;
        threads_.push_back(std::move(found.traces));
      }
      if (next == values || round > most_writes) return true;
      values = std::move(next);
    }
  }

  bool stopped() const { return !out_.unsupported.empty(); }

  void choose_traces(std::vector<const Trace*>& chosen) {
    if (chosen.size() < threads_.size()) {
      for (const Trace& t : threads_[chosen.size()]) {
        if (stopped()) return;
        chosen.push_back(&t);
        choose_traces(chosen);
        chosen.pop_back();
      }
      return;
    }
    Graph g;
    for (std::size_t t = 0; t < chosen.size(); ++t)
      for (const TraceEvent& e : chosen[t]->events) {
        const std::vector<std::uint16_t> addr(e.addr.begin(), e.addr.end()),
            data(e.data.begin(), e.data.end()), ctrl(e.ctrl.begin(), e.ctrl.end());
        memory::Event event = e.event;
        event.thread = static_cast<std::uint8_t>(t);
        g.add(event, {addr, data, ctrl});
      }
    choose_rf(g, 0, chosen);
  }

  void choose_rf(Graph& g, EventId r, const std::vector<const Trace*>& chosen) {
    while (r < g.size() && g[r].kind != Kind::read) ++r;
    if (r == g.size()) {
      choose_co(g, 0, 0, chosen);
      return;
    }
    if (g[r].value == initial(g[r].address)) {
      g.read_from(r, memory::initial);
      choose_rf(g, r + 1, chosen);
    }
    for (EventId w = 0; w < g.size() && !stopped(); ++w) {
      if (g[w].kind != Kind::write || g[w].address != g[r].address || g[w].value != g[r].value) continue;
      g.read_from(r, w);
      choose_rf(g, r + 1, chosen);
    }
  }

  // Every order of the writes of location l from place `at` on, then the next location. Writes of one thread
  // keep their order, since coherence would refuse any other.
  void choose_co(Graph& g, std::size_t l, std::size_t at, const std::vector<const Trace*>& chosen) {
    if (stopped()) return;
    if (l == g.location_count()) {
      count(g, chosen);
      return;
    }
    const std::span<const EventId> co = g.location(l).co;
    const std::vector<EventId> order(co.begin(), co.end());
    if (at >= order.size()) {
      choose_co(g, l + 1, 0, chosen);
      return;
    }
    for (std::size_t k = at; k < order.size(); ++k) {
      bool first = true;
      for (std::size_t m = at; m < order.size(); ++m)
        first &= g[order[m]].thread != g[order[k]].thread || g[order[m]].po >= g[order[k]].po;
      if (!first) continue;
      Graph next = g;
      next.place(order[k], at);
      choose_co(next, l, at + 1, chosen);
    }
  }

  void count(const Graph& g, const std::vector<const Trace*>& chosen) {
    if (++candidates_ > options_.max_candidates) {
      out_.unsupported = "too many candidate executions";
      return;
    }
    if (!consistent(g, model_)) return;
    Final f;
    f.threads = chosen;
    f.memory = initial_;
    for (std::size_t l = 0; l < g.location_count(); ++l)
      if (const memory::Location here = g.location(l); !here.co.empty())
        f.memory[here.address] = g[here.co.back()].value;

    if (program_.litmus) {
      const ir::Litmus& test = *program_.litmus;
      if (test.filter && !satisfies(f, *test.filter)) return;
      out_.states.insert(text(f));
      ++(!test.has_condition || satisfies(f, test.condition) ? out_.positive : out_.negative);
    }
    for (const std::string_view flag : verdict(g, model_).flags) out_.flags.emplace(flag);
    for (const Trace* t : chosen) out_.failed.insert(t->failed.begin(), t->failed.end());
  }

  std::int64_t value(const Final& f, const ir::Place& p) const {
    if (!p.thread) {
      const auto it = f.memory.find(p.address);
      return it == f.memory.end() ? 0 : it->second;
    }
    return p.reg == ir::no_reg ? 0 : f.threads[*p.thread]->registers[p.reg];
  }

  bool satisfies(const Final& f, const ir::Condition& c) const {
    const auto any = [&](const std::vector<ir::Condition>& parts, bool wanted) {
      return std::any_of(parts.begin(), parts.end(),
                         [&](const ir::Condition& p) { return satisfies(f, p) == wanted; });
    };
    if (const auto* atom = std::get_if<ir::ConditionAtom>(&c.node)) {
      const auto* number = std::get_if<std::int64_t>(&atom->right);
      const std::int64_t right = number ? *number : value(f, std::get<ir::Place>(atom->right));
      return (value(f, atom->left) == right) == atom->equal;
    }
    if (const auto* all = std::get_if<ir::ConditionAll>(&c.node)) return !any(all->parts, false);
    if (const auto* some = std::get_if<ir::ConditionAny>(&c.node)) return any(some->parts, true);
    return any(std::get<ir::ConditionNot>(c.node).parts, false);
  }

  std::string print(std::int64_t v) const {
    for (const ir::Global& g : program_.globals) {
      const auto offset = static_cast<std::uint64_t>(v) - g.address;
      if (offset == 0 || offset >= g.size) {
        if (offset == 0) return g.name;
        continue;
      }
      for (const ir::Cell& c : g.cells)
        if (c.offset == offset) return g.name + c.name;
    }
    return std::to_string(v);
  }

  std::string text(const Final& f) const {
    std::string out;
    for (const ir::Place& p : program_.litmus->shown)
      out += (out.empty() ? "" : " ") + p.name + "=" + print(value(f, p)) + ";";
    return out;
  }

  const ir::Program& program_;
  const memory::Model model_;
  const Options& options_;
  TraceOptions trace_options_;
  std::map<std::uint64_t, std::int64_t> initial_;
  std::vector<std::vector<Trace>> threads_;
  std::uint64_t candidates_ = 0;
  Judgement out_;
};

}  // namespace

std::string Judgement::observation() const {
  return positive == 0 ? "Never" : negative == 0 ? "Always" : "Sometimes";
}

Judgement judge(const ir::Program& program, memory::Model model, const Options& options) {
  return Judge(program, model, options).run();
}

}  // namespace ringtail::judge
