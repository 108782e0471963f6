// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/prove/executions.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "checker/explore/sequential.h"
#include "checker/explore/setting.h"
#include "checker/prove/sequential.h"
#include "checker/prove/thin_air.h"
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
      rf_initial(n),
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
    for (const std::uint32_t b : e.before)
      po.at(b, i) = int_.at(b, i) = int_.at(i, b) = e.section ? exists[b] & exists[i] : exists[i];
    int_.at(i, i) = exists[i];
    for (const std::uint32_t d : e.addr) addr.at(d, i) = exists[i];
    for (const std::uint32_t d : e.data) data.at(d, i) = exists[i];
    for (const std::uint32_t d : e.ctrl) ctrl.at(d, i) = exists[i];
  }
  const auto accesses = [&](std::size_t i) {
    const Tag t = events[i].tag;
    return events[i].kind != Kind::fence || t == Tag::sync_srcu || t == Tag::srcu_unlock;
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
    const Bit before_all = rf_initial[r] = algebra.fresh();
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
    if (const auto lock_of = (*events_)[u].section) {
      out.at(*lock_of, u) = tagged(unlock)[u];
      continue;
    }
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

Whole::Whole(z3::context& context, const ir::Program& of, Model model, const Bounds& bounds, bool prefixes)
    : c(context), program(of), run(c, program, bounds, prefixes), algebra{c, {}, 0, bounds.deadline} {
  const machine::Machine machine(program, {});
  explore::Ran init;
  initial = explore::initial_memory(machine, init);
  if (!init.choices.empty()) leave_free(bounds.unroll);
  for (const explore::Initial::Object& o : initial.objects)
    if (!o.freed) run.objects.push_back({o.address, o.size, c.bool_val(true)});
  if (model == Model::lkmm || model == Model::lkmm_6_1) run.plain = machine::plain_places(program);
  run.threads();
  if (undecided.empty()) undecided = run.given_up;
  if (init.failure != machine::Failure::none) undecided = "INIT fails";
  if (model == Model::lkmm_6_1) undecided = "not under lkmm-6.1";
  if (!undecided.empty()) return;

  algebra.constraints.insert(algebra.constraints.end(), run.definitions.begin(), run.definitions.end());
  for (const Course& course : run.courses) {
    z3::expr_vector taken(c);
    taken.push_back(!course.begun);
    for (const Way& w : course.ways) taken.push_back(w.taken);
    for (const z3::expr& e : run.bounded) taken.push_back(e);  // or it is stopped,
    if (prefixes)
      for (const Goal& g : run.goals) taken.push_back(g.broken);  // or it fails
    algebra.constraints.push_back(z3::mk_or(taken));
  }
  x.emplace(algebra, run.events, [this](const Value& address) { return before(address); });
  for (const Carried& section : run.carried)
    algebra.constraints.push_back(section.ends == (section.otherwise || comes_back(section).expr(c)));
  Require require{algebra};
  switch (model) {
    case Model::sc:
      memory::sc(*x, require);
      break;
    case Model::tso:
      memory::tso(*x, require);
      break;
    case Model::lkmm:
    case Model::lkmm_6_1: {
      memory::LkmmRelations<Executions> relations(*x, memory::Lkmm::today);
      relations.axioms(require);
      forbid_thin_air(algebra, *x, run.events, [this](const Value& address) { return before(address); });
      races = relations.data_races();
    }
  }
  use_freed();
}

// Whether the index that a section's lock gave came to one of its unlocks: stored with what has it, and read
// from there. Not by the model's closure, which may have too much: here a path must be missing for something
// to be found, and there for something to be refused.
Bit Whole::comes_back(const Carried& section) const {
  const std::vector<SymbolicEvent>& events = run.events;
  std::vector<Bit> has(events.size());
  has[section.lock] = Bit(events[section.lock].exists);
  const auto any = [&](const std::set<std::uint32_t>& reads) {
    Bit out = false;
    for (const std::uint32_t r : reads) out = out | has[r];
    return out;
  };
  const auto reached = [&] {
    return std::count_if(has.begin(), has.end(), [](const Bit& b) { return !b.is(false); });
  };
  // As often as a path that meets no read twice may need.
  for (std::ptrdiff_t round = 1, most = 2; round < most; ++round, most = reached() + 1) {
    std::vector<Bit> next = has;
    for (std::size_t w = 0; w < events.size(); ++w) {
      if (events[w].kind != Kind::write || events[w].tag == Tag::srcu_unlock) continue;
      const Bit stored = any(events[w].data);
      for (std::size_t r = 0; !stored.is(false) && r < events.size(); ++r)
        if (r != section.lock) next[r] = next[r] | (stored & x->rf.at(w, r));
    }
    has = std::move(next);
  }
  Bit out = false;
  for (const std::uint32_t u : section.unlocks)
    out = out | (any(events[u].data) & x->loc.at(section.lock, u));
  return out;
}

// INIT for all that its choose() may give, where its assumptions hold.
void Whole::leave_free(std::uint32_t unroll) {
  const explore::Initial before_all = explore::static_memory(program);
  const InitialCell cell = [&](std::uint64_t address, std::uint8_t) -> Value {
    const auto it = before_all.values.find(address);
    return it == before_all.values.end() ? 0 : it->second;
  };
  Sequential init(c, program, unroll, explore::init_thread);
  init.whose = "INIT";
  State s{{}, {}, Memory(program, &cell), {}, 0, 0, true};
  init.call(s, *program.init, {});
  undecided = init.given_up;
  if (!init.bounded.empty()) undecided = "a loop of INIT goes on; --unroll N allows more";
  for (const Goal& g : init.goals)
    if (init.can_be(g.broken)) undecided = "INIT may fail for some of its choices";
  algebra.constraints = s.path;
  init_inputs = std::move(init.inputs);
  initial = before_all;
  for (const auto& [address, now] : s.memory.cells)
    if (now.value.is_number()) initial.values[address] = now.value.number();
    else free.emplace(address, now.value);
  for (const auto& [address, object] : s.memory.objects) {
    if (!object.heap) continue;
    if (!object.size.is_number() || !object.freed.is_number())
      undecided = "what INIT allocates depends on its choices";
    else
      initial.objects.push_back(
          {address, static_cast<std::uint64_t>(object.size.number()), object.freed.number() != 0, 0});
  }
}

void Whole::use_freed() {
  const std::vector<SymbolicEvent>& events = run.events;
  uses_freed.resize(events.size());
  for (std::size_t f = 0; f < events.size(); ++f)
    for (std::size_t a = 0; events[f].freed && a < events.size(); ++a)
      if (!events[a].freed) uses_freed[a] = uses_freed[a] | x->rf.at(f, a) | x->co.at(f, a);
  for (std::size_t e = 0; e < events.size(); ++e)
    for (const std::uint32_t a : events[e].before)
      if (events[e].partner != a && !events[e].section)
        algebra.require(implies(uses_freed[a], !Bit(events[e].exists)));
}

z3::expr Whole::possible() const {
  z3::expr_vector all(c);
  for (const z3::expr& e : algebra.constraints) all.push_back(e);
  return z3::mk_and(all);
}

z3::expr Whole::through() const {
  z3::expr_vector all(c);
  for (const Course& course : run.courses) {
    z3::expr_vector done(c);
    done.push_back(!course.begun);
    for (const Way& w : course.ways)
      if (w.ends) done.push_back(w.taken);
    all.push_back(z3::mk_or(done));
  }
  return z3::mk_and(all);
}

z3::expr Whole::cut_short() const {
  z3::expr_vector any(c);
  for (const z3::expr& e : run.bounded) any.push_back(e);
  return z3::mk_or(any);
}

Value Whole::before(const Value& address) const {
  if (address.is_number()) {
    const auto chosen = free.find(static_cast<std::uint64_t>(address.number()));
    if (chosen != free.end()) return chosen->second;
    const auto it = initial.values.find(static_cast<std::uint64_t>(address.number()));
    return it == initial.values.end() ? 0 : it->second;
  }
  const std::map<std::uint64_t, std::int64_t> in_order(initial.values.begin(), initial.values.end());
  Value out = 0;
  for (const auto& [a, value] : in_order)
    if (value != 0 && !free.contains(a))
      out = either(c, equal(c, address, static_cast<std::int64_t>(a)), value, out);
  for (const auto& [a, value] : free)
    out = either(c, equal(c, address, static_cast<std::int64_t>(a)), value, out);
  return out;
}

Value Whole::after(const Value& address) const {
  algebra.deadline.look();
  Value out = before(address);
  for (std::size_t w = 0; w < run.events.size(); ++w) {
    const SymbolicEvent& e = run.events[w];
    if (e.kind != Kind::write || e.freed) continue;
    Bit last = x->W[w] & Bit(equal(c, e.address, address));
    for (std::size_t o = 0; o < run.events.size(); ++o)
      if (!run.events[o].freed) last = last & !x->co.at(w, o);
    if (last.is(false)) continue;
    const lang::Width width{static_cast<std::uint8_t>(e.size * 8), true};
    out = either(c, last.expr(c), wrap(c, e.value, width), out);
  }
  return out;
}

}  // namespace ringtail::prove
