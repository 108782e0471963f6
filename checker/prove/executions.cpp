// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/prove/executions.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "checker/explore/setting.h"
#include "checker/prove/solver.h"
#include "model/memory/lkmm.h"
#include "model/memory/sc.h"
#include "model/memory/tso.h"

namespace ringtail::prove {

using memory::Kind;
using memory::Model;
using memory::Tag;

Executions::Executions(Algebra& algebra, const std::vector<SymbolicEvent>& events,
                       const std::function<Value(const Value& address)>& initial)
    : n(events.size()),
      R(n, &algebra),
      W(R),
      RMW(R),
      id(n, &algebra),
      po(id),
      loc(id),
      int_(id),
      rf(id),
      co(id),
      fr(id),
      rmw(id),
      addr(id),
      data(id),
      ctrl(id),
      algebra_(&algebra),
      events_(&events),
      tagged_(memory::tag_count, R) {
  z3::context& c = algebra.c;
  std::vector<Bit> exists;
  for (const SymbolicEvent& e : events) exists.emplace_back(e.exists);
  for (std::size_t i = 0; i < n; ++i) {
    const SymbolicEvent& e = events[i];
    id.at(i, i) = true;
    tagged_[static_cast<std::size_t>(e.tag)][i] = exists[i];
    if (e.kind == Kind::read) R[i] = exists[i];
    if (e.kind == Kind::write) W[i] = exists[i];
    if (e.rmw && e.tag != Tag::lock_read && e.tag != Tag::lock_write) RMW[i] = exists[i];
    if (e.partner) rmw.at(*e.partner, i) = exists[i];
    for (const std::uint32_t b : e.before) po.at(b, i) = int_.at(b, i) = int_.at(i, b) = exists[i];
    int_.at(i, i) = exists[i];
    for (const std::uint32_t d : e.addr) addr.at(d, i) = exists[i];
    for (const std::uint32_t d : e.data) data.at(d, i) = exists[i];
    for (const std::uint32_t d : e.ctrl) ctrl.at(d, i) = exists[i];
  }
  const auto accesses = [&](std::size_t i) {
    return events[i].kind != Kind::fence || events[i].tag == Tag::sync_srcu;
  };
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      if (accesses(i) && accesses(j))
        loc.at(i, j) = exists[i] & exists[j] & Bit(equal(c, events[i].address, events[j].address));

  // Coherence: a place for each write, which no two of one location share.
  const auto bits = static_cast<unsigned>(std::bit_width(n));
  const auto place = [&](std::size_t i) { return c.bv_const(fmt::format("co {}", i).c_str(), bits); };
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      if (i == j || events[i].kind != Kind::write || events[j].kind != Kind::write || loc.at(i, j).is(false))
        continue;
      co.at(i, j) = loc.at(i, j) & Bit(z3::ult(place(i), place(j)));
      if (i < j) algebra.require(implies(loc.at(i, j), Bit(place(i) != place(j))));
    }
  // Reads-from: one write, or what was there before all.
  for (std::size_t r = 0; r < n; ++r) {
    if (events[r].kind != Kind::read) continue;
    const unsigned size = events[r].size * 8u;
    const z3::expr seen = events[r].value.bits(c, size);
    std::vector<Bit> sources;
    for (std::size_t w = 0; w < n; ++w) {
      if (events[w].kind != Kind::write || loc.at(w, r).is(false)) continue;
      rf.at(w, r) = algebra.fresh();
      algebra.require(implies(rf.at(w, r), (loc.at(w, r) & Bit(events[w].value.bits(c, size) == seen))));
      sources.push_back(rf.at(w, r));
    }
    const Bit before_all = algebra.fresh();
    algebra.require(implies(before_all, (exists[r] & Bit(initial(events[r].address).bits(c, size) == seen))));
    sources.push_back(before_all);
    Bit some = false;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      some = some | sources[i];
      for (std::size_t j = 0; j < i; ++j) algebra.require(!(sources[i] & sources[j]));
    }
    algebra.require(implies(exists[r], some));
    for (std::size_t w = 0; w < n; ++w) {
      if (events[w].kind != Kind::write || loc.at(w, r).is(false)) continue;
      Bit over = before_all & loc.at(r, w);
      for (std::size_t x = 0; x < n; ++x)
        if (!rf.at(x, r).is(false)) over = over | (rf.at(x, r) & co.at(x, w));
      fr.at(r, w) = over;
    }
  }
}

Related Executions::balanced(Tag lock, Tag unlock, bool of_location) const {
  Related out = none();
  for (std::size_t u = 0; u < n; ++u) {
    if ((*events_)[u].tag != unlock) continue;
    std::vector<std::uint32_t> way = (*events_)[u].before, open;
    way.push_back(static_cast<std::uint32_t>(u));
    for (const std::uint32_t e : way) {
      if ((*events_)[e].tag == lock) open.push_back(e);
      if ((*events_)[e].tag != unlock || open.empty() || of_location) continue;
      if (e == u) out.at(open.back(), u) = tagged(unlock)[u];
      open.pop_back();
    }
  }
  return out;
}

namespace {

class Litmus {
 public:
  Litmus(const ir::Program& program, Model model, const Options& options)
      : program_(program), model_(model), options_(options) {}

  LitmusVerdict run() {
    if (model_ == Model::lkmm_6_1) return undecided("not under lkmm-6.1");
    const machine::Machine machine(program_, {});
    explore::Ran init;
    initial_ = explore::initial_memory(machine, init);
    try {
      return solve();
    } catch (const z3::exception& e) {
      return undecided(fmt::format("the solver gave up: {}", e.msg()));
    }
  }

 private:
  static LitmusVerdict undecided(std::string why) {
    return {explore::Result::bounded, std::move(why), false, false};
  }

  Value initial(z3::context& c, const Value& address) const {
    const auto at = [&](std::uint64_t a) -> Value {
      const auto it = initial_.values.find(a);
      return it == initial_.values.end() ? 0 : it->second;
    };
    if (address.is_number()) return at(static_cast<std::uint64_t>(address.number()));
    Value out = 0;
    for (const ir::Global& g : program_.globals)
      for (const ir::Cell& cell : g.cells)
        out = either(c, equal(c, address, static_cast<std::int64_t>(g.address + cell.offset)),
                     at(g.address + cell.offset), out);
    return out;
  }

  LitmusVerdict solve() {
    z3::context c;
    const InitialCell nothing = [](std::uint64_t, std::uint8_t) -> Value { return 0; };
    EventRun run(c, program_, options_.unroll);
    for (std::size_t t = 0; t < program_.threads.size(); ++t)
      run.thread(t, program_.threads[t].function, nothing);
    if (!run.given_up.empty()) return undecided(run.given_up);
    if (!run.bounded.empty()) return undecided("a loop goes on");
    if (run.events.size() > 64) return undecided("more than 64 events");

    Algebra algebra{c, {}, 0};
    for (const auto& ways : run.ways) {
      z3::expr_vector taken(c);
      for (const Way& w : ways) taken.push_back(w.taken);
      algebra.constraints.push_back(z3::mk_or(taken));
    }
    const Executions x(algebra, run.events, [&](const Value& address) { return initial(c, address); });
    Require require{algebra};
    switch (model_) {
      case Model::sc:
        memory::sc(x, require);
        break;
      case Model::tso:
        memory::tso(x, require);
        break;
      case Model::lkmm:
      case Model::lkmm_6_1:
        memory::LkmmRelations<Executions>(x, memory::Lkmm::today).axioms(require);
        break;
    }
    z3::expr possible = c.bool_val(true);
    {
      z3::expr_vector all(c);
      for (const z3::expr& e : algebra.constraints) all.push_back(e);
      if (program_.litmus->filter) all.push_back(holds(c, *program_.litmus->filter, run, x));
      possible = z3::mk_and(all);
    }
    const z3::expr condition =
        program_.litmus->has_condition ? holds(c, program_.litmus->condition, run, x) : c.bool_val(true);
    LitmusVerdict out;
    Solver solver(c, options_.timeout);
    const z3::check_result yes = solver.ask(possible && condition), no = solver.ask(possible && !condition);
    if (yes == z3::unknown || no == z3::unknown) out.result = explore::Result::timeout;
    out.positive = yes == z3::sat;
    out.negative = no == z3::sat;
    return out;
  }

  Value value(z3::context& c, const ir::Place& p, const EventRun& run, const Executions& x) const {
    if (p.thread) {
      Value out = 0;
      for (const Way& w : run.ways[*p.thread])
        if (p.reg != ir::no_reg) out = either(c, w.taken, w.registers[p.reg], out);
      return out;
    }
    const Value address = static_cast<std::int64_t>(p.address);
    Value out = initial(c, address);
    for (std::size_t w = 0; w < run.events.size(); ++w) {
      const SymbolicEvent& e = run.events[w];
      if (e.kind != Kind::write) continue;
      Bit last = x.W[w] & Bit(equal(c, e.address, address));
      for (std::size_t o = 0; o < run.events.size(); ++o) last = last & !x.co.at(w, o);
      if (last.is(false)) continue;
      const lang::Width width{static_cast<std::uint8_t>(e.size * 8), true};
      out = either(c, last.expr(c), wrap(c, e.value, width), out);
    }
    return out;
  }

  z3::expr holds(z3::context& c, const ir::Condition& condition, const EventRun& run,
                 const Executions& x) const {
    const auto parts = [&](const std::vector<ir::Condition>& of) {
      z3::expr_vector out(c);
      for (const ir::Condition& p : of) out.push_back(holds(c, p, run, x));
      return out;
    };
    return std::visit(overloaded{
                          [&](const ir::ConditionAtom& a) {
                            const Value left = value(c, a.left, run, x);
                            const auto* number = std::get_if<std::int64_t>(&a.right);
                            const Value right = number != nullptr
                                                    ? Value(*number)
                                                    : value(c, std::get<ir::Place>(a.right), run, x);
                            const z3::expr same = equal(c, left, right);
                            return a.equal ? same : !same;
                          },
                          [&](const ir::ConditionAll& a) { return z3::mk_and(parts(a.parts)); },
                          [&](const ir::ConditionAny& a) { return z3::mk_or(parts(a.parts)); },
                          [&](const ir::ConditionNot& a) { return !holds(c, a.parts.front(), run, x); },
                      },
                      condition.node);
  }

  const ir::Program& program_;
  const Model model_;
  const Options& options_;
  explore::Initial initial_;
};

}  // namespace

LitmusVerdict solve_litmus(const ir::Program& program, Model model, const Options& options) {
  return Litmus(program, model, options).run();
}

}  // namespace ringtail::prove
