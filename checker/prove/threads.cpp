// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/prove/threads.h"

#include <algorithm>

#include <fmt/format.h>

#include "checker/prove/afterwards.h"
#include "checker/prove/atomic.h"
#include "checker/prove/retrace.h"
#include "checker/witness/walk.h"

namespace ringtail::prove {
namespace {

using memory::Kind;
using memory::Tag;

// What the solver can do something with: of lkmm there is far more to say.
std::size_t most_events(memory::Model model) { return model == memory::Model::lkmm ? 96 : 192; }

// Something that must not be, as a condition on executions.
struct Claim {
  z3::expr broken;
  std::vector<std::string> kinds;  // one of them
  std::string message;
};

class Threads {
 public:
  Threads(z3::context& context, const lang::Spec& spec, memory::Model model, const Bounds& bounds)
      : c(context),
        spec_(spec),
        model_(model),
        bounds_(bounds),
        whole_(c, spec.program, model, bounds, true) {
    out_.name = memory::name(model);
  }

  // A bound that stopped a loop is worth another try with more.
  bool loops_on = false;

  Outcome run() {
    out_.goals = whole_.run.demands;
    if (!whole_.undecided.empty()) return undecided(whole_.undecided);
    const z3::expr possible = whole_.possible();
    threads_fail();
    memory_is_misused();
    const z3::expr sound = !any_of(c, dangling_);
    wait_for_ever(sound);
    memory_is_left(sound);
    std::vector<z3::expr> broken;
    for (const Claim& claim : claims_) broken.push_back(claim.broken);
    Solver solver(c, bounds_.deadline.seconds_left());
    const z3::check_result r = solver.ask(possible && any_of(c, broken));
    if (r == z3::unknown) {
      out_.result = explore::Result::timeout;
      return std::move(out_);
    }
    if (r == z3::sat) return violated(solver);
    if (!not_asked_.empty()) return undecided(not_asked_);
    if (!whole_.run.bounded.empty()) {
      const z3::check_result on = solver.ask(possible && whole_.cut_short());
      loops_on = on != z3::unsat;
      if (loops_on) return undecided("a loop goes on; --unroll N allows more");
    }
    return std::move(out_);
  }

 private:
  Outcome undecided(std::string why) {
    out_.result = explore::Result::bounded;
    out_.bound = std::move(why);
    return std::move(out_);
  }

  static std::vector<std::string> kinds_of(machine::Failure f) {
    using machine::Failure;
    const std::string usual(machine::name(f));
    if (f == Failure::out_of_bounds || f == Failure::bad_free)  // or an object that is gone for sure
      return {usual, "use after free", "double free", "out of bounds"};
    return {usual};
  }

  void threads_fail() {
    for (const Goal& g : whole_.run.goals) claims_.push_back({g.broken, kinds_of(g.failure), text_of(g)});
  }

  // Freed twice, used afterwards, or (under lkmm) at the same time; or accesses that race.
  void memory_is_misused() {
    using machine::Failure;
    const std::vector<SymbolicEvent>& events = whole_.run.events;
    std::vector<z3::expr> twice;
    Bit race = false, race_of_free = false;
    for (std::size_t i = 0; i < events.size(); ++i) {
      for (std::size_t j = 0; j < i && events[i].freed; ++j)
        if (events[j].freed)
          twice.push_back(events[i].exists && events[j].exists &&
                          equal(c, *events[i].freed, *events[j].freed));
      for (std::size_t j = 0; whole_.races && j < events.size(); ++j) {
        const bool free = events[i].freed || events[j].freed;
        if (!free && (events[i].tag == Tag::data_race || events[j].tag == Tag::data_race)) continue;
        Bit& which = free ? race_of_free : race;
        which = which | whole_.races->at(i, j);
      }
      if (!whole_.uses_freed[i].is(false)) dangling_.push_back(whole_.uses_freed[i].expr(c));
    }
    claims_.push_back({race.expr(c), {"data race"}, "two accesses race"});
    claims_.push_back(
        {any_of(c, twice), {"double free"}, std::string(machine::explain(Failure::double_free))});
    std::vector<z3::expr> uses = dangling_;
    uses.push_back(race_of_free.expr(c));
    claims_.push_back(
        {any_of(c, uses), {"use after free"}, std::string(machine::explain(Failure::use_after_free))});
  }

  // Every thread is at its end, or waits for what the last write does not give or for a grace period that a
  // section holds up; one of them waits.
  void wait_for_ever(const z3::expr& sound) {
    const std::vector<Stuck>& stuck = whole_.run.stuck;
    for (const Stuck& w : stuck) {
      z3::expr_vector stays(c);
      stays.push_back(w.taken);
      for (const Stuck::Look& look : w.looks)
        stays.push_back(
            !prove::holds(c, look.guard, wrap(c, whole_.after(look.address), look.width), look.wanted));
      waits_.push_back(z3::mk_and(stays));
    }
    for (std::size_t i = 0; i < stuck.size(); ++i) {  // of those who do not wait for grace periods themselves
      if (stuck[i].grace == Tag::plain) continue;
      z3::expr_vector held_up(c);
      for (std::size_t j = 0; j < stuck.size(); ++j) {
        if (stuck[j].grace != Tag::plain || stuck[j].thread == stuck[i].thread) continue;
        if (stuck[i].grace == Tag::sync_rcu && stuck[j].in_rcu) held_up.push_back(waits_[j]);
        for (const Stuck::InSrcu& in : stuck[j].in_srcu)
          if (stuck[i].grace == Tag::sync_srcu)
            held_up.push_back(waits_[j] && equal(c, in.domain, stuck[i].domain) &&
                              whole_.run.stays_open(in.section));
      }
      waits_[i] = waits_[i] && z3::mk_or(held_up);
    }
    z3::expr_vector all(c), any(c);
    for (const Course& course : whole_.run.courses) {
      z3::expr_vector done(c);
      done.push_back(!course.begun);
      for (const Way& w : course.ways)
        if (w.ends) done.push_back(w.taken);
      for (std::size_t i = 0; i < waits_.size(); ++i)
        if (stuck[i].thread == course.thread) done.push_back(waits_[i]);
      all.push_back(z3::mk_or(done));
    }
    for (const z3::expr& w : waits_) any.push_back(w);
    waiting_ = claims_.size();
    claims_.push_back({sound && z3::mk_and(all) && z3::mk_or(any), {"deadlock"}, ""});
  }

  void memory_is_left(const z3::expr& sound) {
    const auto note = [&](const Afterwards& a, const char* of) {
      if (!a.given_up.empty() && not_asked_.empty()) not_asked_ = fmt::format("{}: {}", of, a.given_up);
    };
    if (spec_.program.finally) {
      const Afterwards a = run_finally(whole_, bounds_.unroll);
      const z3::expr through = whole_.through();
      for (const Goal& g : a.goals) {
        const auto& code = spec_.program.functions[*spec_.program.finally].code;
        const auto& at = g.at == the_end ? code.back() : spec_.program.functions[g.at.function].code[g.at.pc];
        claims_.push_back({sound && through && g.broken, kinds_of(g.failure),
                           fmt::format("FINALLY, line {}: {}", at.at.span.line, text_of(g))});
      }
      note(a, "FINALLY");
    }
    std::optional<Cut> cut;
    z3::expr when = sound;
    if (model_ != memory::Model::sc && !spec_.program.invariants.empty()) {
      cut.emplace(whole_);
      when = sound && whole_.through() && all_of(c, cut->constraints());
    }
    for (const ir::Invariant& i : spec_.program.invariants) {
      const Afterwards a = run_invariant(whole_, i, bounds_.unroll, cut ? &*cut : nullptr);
      z3::expr broken = when && a.says_no;
      if (i.lock) {
        const Value lock = static_cast<std::int64_t>(*i.lock);
        broken = broken && equal(c, cut ? cut->at(lock) : whole_.after(lock), 0);
      }
      claims_.push_back({broken, {"invariant"}, i.name});
      note(a, "an invariant");
    }
  }

  Outcome violated(const Solver& solver) {
    std::string what;
    for (std::size_t i = 0; i < claims_.size(); ++i) {
      const Claim& claim = claims_[i];
      if (!solver.holds(claim.broken)) continue;
      for (std::string kind : claim.kinds) {
        const std::string message = i == waiting_ ? who_waits(solver, kind) : claim.message;
        if (what.empty()) what = message;
        auto done = retrace(spec_, model_, whole_, solver, kind, message);
        if (!done) continue;
        out_.result = explore::Result::violation;
        out_.kind = kind;
        out_.message = message;
        out_.inputs = std::move(done->inputs);
        out_.execution = std::move(done->execution);
        return std::move(out_);
      }
    }
    return undecided(fmt::format("the machine does not confirm '{}' with the solver's execution", what));
  }

  std::string who_waits(const Solver& solver, std::string& kind) const {
    const witness::Walker walker(spec_, {});
    std::string who;
    bool sleeps = false;
    for (std::size_t i = 0; i < waits_.size(); ++i) {
      if (!solver.holds(waits_[i])) continue;
      who += (who.empty() ? "" : ", ") + walker.name(whole_.run.stuck[i].thread);
      sleeps |= whole_.run.stuck[i].sleeps;
    }
    if (sleeps) kind = "lost wakeup";
    return who + (sleeps ? ": sleeps and nothing will wake it" : ": waits for what will never come");
  }

  z3::context& c;
  const lang::Spec& spec_;
  const memory::Model model_;
  const Bounds bounds_;
  Whole whole_;
  std::vector<Claim> claims_;
  std::vector<z3::expr> dangling_, waits_;
  std::size_t waiting_ = 0;  // which claim it is
  std::string not_asked_;
  Outcome out_;
};

}  // namespace

Outcome prove_threads(const lang::Spec& spec, memory::Model model, const Options& options) {
  Outcome out;
  out.name = memory::name(model);
  out.result = explore::Result::bounded;
  const Deadline deadline(options.timeout);
  try {
    for (const std::uint32_t open : kOpenLoops) {
      deadline.look();
      z3::context c;
      Threads threads(c, spec, model, {options.unroll, open, most_events(model), deadline});
      Outcome now = threads.run();
      if (now.result != explore::Result::timeout || out.bound.empty()) out = std::move(now);
      if (!threads.loops_on || options.unroll != 0) break;
    }
  } catch (const OutOfTime&) {  // what a try with fewer rounds of loops has said stands
    if (out.bound.empty()) out.result = explore::Result::timeout;
  } catch (const z3::exception& e) {
    out.result = explore::Result::bounded;
    out.bound = fmt::format("the solver gave up: {}", e.msg());
  }
  return out;
}

}  // namespace ringtail::prove
