// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/judge/judge.h"

#include <algorithm>
#include <functional>
#include <map>

#include "checker/judge/trace.h"
#include "model/lang/stored.h"
#include "model/memory/candidate.h"

namespace ringtail::judge {
namespace {

using memory::Event;
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
    for (std::size_t t = 0; t < threads_.size(); ++t)
      for (const Trace& trace : threads_[t])
        for (const TraceEvent& e : trace.events)
          if (e.event.kind == Kind::write) last_writer_[e.event.address] = t;
    add_thread({}, 0);
    return out_;
  }

 private:
  std::int64_t initial(std::uint64_t address) const {
    const auto it = initial_.find(address);
    return it == initial_.end() ? 0 : it->second;
  }

  static void offer(const std::set<std::int64_t>& constants, Values& everywhere) {
    for (auto& [address, known] : everywhere) known.insert(constants.begin(), constants.end());
  }

  // A value that is really written is computed by a chain of writes that read from each other without a
  // circle, so as many rounds as an execution has writes find them all. But LKMM does not forbid that a store
  // is reached by a value that is there because of that store: the constants of stores that were not reached
  // are values for any location then.
  bool find_traces() {
    const bool lkmm = model_ == memory::Model::lkmm || model_ == memory::Model::lkmm_6_1;
    Values values;
    std::set<std::int64_t> constants;
    for (const auto& [address, value] : initial_) values[address].insert(value);
    for (std::size_t round = 0;; ++round) {
      Values next = values;
      std::size_t most_writes = 0;
      std::set<const ir::Instr*> reached;
      threads_.clear();
      for (std::size_t t = 0; t < program_.threads.size(); ++t) {
        Traces found = traces(program_, t, values, trace_options_);
        if (!found.unsupported.empty()) return out_.unsupported = found.unsupported, false;
        most_writes += found.most_writes;
        for (const auto& [address, written] : found.written) {
          next[address].insert(initial(address));
          next[address].insert(written.begin(), written.end());
        }
        threads_.push_back(std::move(found.traces));
        reached.merge(found.reached);
      }
      offer(constants, next);
      if (next == values || round > most_writes) {
        if (!lkmm || !constants.empty()) return true;
        constants = ir::stored_elsewhere(program_, reached);
        if (constants.empty()) return true;
        offer(constants, next);
        round = 0;
      }
      values = std::move(next);
    }
  }

  bool stopped() const { return !out_.unsupported.empty(); }

  // Thread by thread: each of its paths, and each place of its writes among those that are there already.
  // Writes of one thread keep their order, since coherence would refuse any other.
  void add_thread(const Graph& g, std::size_t t) {
    if (t == threads_.size()) {
      count(g);
      return;
    }
    for (const Trace& trace : threads_[t]) {
      Graph h = g;
      std::vector<EventId> writes;
      for (const TraceEvent& e : trace.events) {
        const std::vector<std::uint16_t> addr(e.addr.begin(), e.addr.end()),
            data(e.data.begin(), e.data.end()), ctrl(e.ctrl.begin(), e.ctrl.end());
        const EventId id = h.add(e.event, {addr, data, ctrl});
        if (e.event.kind == Kind::write) writes.push_back(id);
      }
      chosen_.push_back(&trace);
      place_writes(h, writes, 0, t);
      chosen_.pop_back();
    }
  }

  void place_writes(const Graph& g, const std::vector<EventId>& writes, std::size_t k, std::size_t t) {
    if (stopped()) return;
    if (k == writes.size()) {
      choose_rf(g, 0, t);
      return;
    }
    const EventId w = writes[k];
    std::size_t at = 0;
    for (std::size_t before = 0; before < k; ++before)
      if (g[writes[before]].address == g[w].address) at = g.co_index(writes[before]) + 1;
    for (const std::size_t last = g.co_index(w); at <= last; ++at) {
      Graph h = g;
      h.place(w, at);
      place_writes(h, writes, k + 1, t);
    }
  }

  // A read's rf is chosen once every thread that may write its location is there. The axioms are monotone:
  // what they refuse now they would refuse with more threads.
  void choose_rf(const Graph& g, EventId r, std::size_t t) {
    const auto open = [&](const Event& e) {
      return e.kind == Kind::read && e.rf == memory::no_event && last_writer_[e.address] <= t;
    };
    while (r < g.size() && !open(g[r])) ++r;
    if (!allowed(g)) return;
    if (r == g.size()) {
      add_thread(g, t + 1);
      return;
    }
    const auto from = [&](EventId w) {
      Graph h = g;
      h.read_from(r, w);
      choose_rf(h, r + 1, t);
    };
    if (g[r].value == initial(g[r].address)) from(memory::initial);
    for (EventId w = 0; w < g.size(); ++w)
      if (g[w].kind == Kind::write && g[w].address == g[r].address && g[w].value == g[r].value) from(w);
  }

  bool allowed(const Graph& g) {
    if (++asked_ > options_.max_candidates) out_.unsupported = "too many candidate executions";
    return !stopped() && consistent(g, model_);
  }

  static bool thin_air(const Graph& g) {
    const memory::Candidate<0> x(g);
    return !memory::acyclic(x.addr | x.data | x.ctrl | x.rf | x.rmw);
  }

  void count(const Graph& g) {
    const bool circular = thin_air(g);
    Final f;
    f.threads = chosen_;
    f.memory = initial_;
    for (std::size_t l = 0; l < g.location_count(); ++l)
      if (const memory::Location here = g.location(l); !here.co.empty())
        f.memory[here.address] = g[here.co.back()].value;

    if (program_.litmus) {
      const ir::Litmus& test = *program_.litmus;
      if (test.filter && !satisfies(f, *test.filter)) return;
      out_.thin_air += circular;
      out_.states.insert(text(f));
      ++(!test.has_condition || satisfies(f, test.condition) ? out_.positive : out_.negative);
    }
    for (const std::string_view flag : verdict(g, model_).flags) out_.flags.emplace(flag);
    for (const Trace* t : chosen_) out_.failed.insert(t->failed.begin(), t->failed.end());
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
  std::map<std::uint64_t, std::size_t> last_writer_;  // by address; a location that nobody writes has 0
  std::vector<const Trace*> chosen_;                  // one of each thread so far
  std::uint64_t asked_ = 0;
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
