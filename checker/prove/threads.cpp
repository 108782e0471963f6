// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/prove/threads.h"

#include <algorithm>

#include <fmt/format.h>

#include "checker/explore/setting.h"
#include "checker/prove/atomic.h"
#include "checker/prove/executions.h"
#include "checker/prove/solver.h"
#include "checker/witness/walk.h"

namespace ringtail::prove {
namespace {

using memory::EventId;
using memory::Kind;

class Threads {
 public:
  Threads(z3::context& context, const lang::Spec& spec, memory::Model model, const Options& options)
      : c(context),
        spec_(spec),
        model_(model),
        options_(options),
        whole_(c, spec.program, model, options.unroll, true) {
    out_.name = memory::name(model);
  }

  Outcome run() {
    out_.goals = whole_.run.demands;
    if (!whole_.undecided.empty()) return undecided(whole_.undecided);
    const z3::expr possible = whole_.possible();
    std::vector<z3::expr> broken;
    for (const Goal& g : whole_.run.goals) broken.push_back(g.broken);
    const z3::expr fails = any_of(c, broken);
    races_ = any_race();
    waits_ = wait_for_ever();
    Solver solver(c, options_.timeout);
    const z3::check_result r = solver.ask(possible && (fails || races_ || waits_));
    if (r == z3::unknown) {
      out_.result = explore::Result::timeout;
      return std::move(out_);
    }
    if (r == z3::sat) return violated(solver);
    if (!whole_.run.elsewhere.empty() && solver.ask(possible && any_of(c, whole_.run.elsewhere)) != z3::unsat)
      return undecided("a thread looks at another's stack; whether that is still there is not asked");
    if (has_srcu())
      return undecided("no assertion or access fails and nothing races; SRCU's sections are not asked");
    if (!whole_.run.stuck.empty() && has_grace_periods())
      return undecided(
          "nothing fails, races or waits for ever by itself; what holds up a grace period is not asked");
    if (spec_.program.finally || !spec_.program.invariants.empty())
      return undecided(
          "no assertion or access of a thread fails and nothing races; FINALLY and invariants are not asked");
    return std::move(out_);
  }

 private:
  Outcome undecided(std::string why) {
    out_.result = explore::Result::bounded;
    out_.bound = std::move(why);
    return std::move(out_);
  }

  z3::expr any_race() const {
    Bit any = false;
    for (std::size_t i = 0; whole_.races && i < whole_.run.events.size(); ++i)
      for (std::size_t j = 0; j < whole_.run.events.size(); ++j) any = any | whole_.races->at(i, j);
    return any.expr(c);
  }

  template <class Wanted>
  bool has() const {
    for (const ir::Function& f : spec_.program.functions)
      for (const ir::Instr& i : f.code)
        if (std::holds_alternative<Wanted>(i.node)) return true;
    return false;
  }
  bool has_srcu() const { return has<ir::SrcuLock>() || has<ir::SrcuUnlock>(); }
  bool has_grace_periods() const {
    return std::any_of(whole_.run.events.begin(), whole_.run.events.end(),
                       [](const SymbolicEvent& e) { return e.tag == memory::Tag::sync_rcu; });
  }

  // Every thread is at its end, or waits for what the last write does not give; one of them waits.
  z3::expr wait_for_ever() const {
    z3::expr_vector all(c), any(c);
    std::vector<z3::expr> waits;
    for (const Stuck& w : whole_.run.stuck) {
      const Value last = wrap(c, whole_.after(w.address), w.width);
      waits.push_back(w.taken && !prove::holds(c, w.guard, last, w.wanted));
      any.push_back(waits.back());
    }
    for (std::size_t t = 0; t < whole_.run.ways.size(); ++t) {
      z3::expr_vector done(c);
      for (const Way& w : whole_.run.ways[t])
        if (w.ends) done.push_back(w.taken);
      for (std::size_t i = 0; i < waits.size(); ++i)
        if (whole_.run.stuck[i].thread == t) done.push_back(waits[i]);
      all.push_back(z3::mk_or(done));
    }
    return z3::mk_and(all) && z3::mk_or(any);
  }

  // The machine runs each thread with what its reads see and its choices give in the solver's execution; the
  // graph is what the machine did, and the model is asked about it once more.
  Outcome violated(Solver& solver) {
    const Goal* goal = nullptr;
    for (const Goal& g : whole_.run.goals)
      if (goal == nullptr && solver.holds(g.broken)) goal = &g;
    const bool races = goal == nullptr && solver.holds(races_), waits = goal == nullptr && !races;
    out_.kind = goal != nullptr ? std::string(machine::name(goal->failure))
                : races         ? "data race"
                                : "deadlock";
    out_.message = goal == nullptr      ? "two accesses race"
                   : goal->what.empty() ? std::string(machine::explain(goal->failure))
                                        : goal->what;
    explore::Options o;
    o.model = model_;
    witness::Walker walker(spec_, explore::machine_options(spec_.program, o));
    witness::Execution e;
    e.spec = spec_.program.name;
    e.model = model_;
    const std::vector<SymbolicEvent>& events = whole_.run.events;
    std::vector<EventId> id(events.size(), memory::no_event);
    std::vector<const machine::Snapshot*> ends;
    bool agrees = true, failed = false;
    for (std::size_t t = 0; t < spec_.program.threads.size(); ++t) {
      std::vector<std::uint32_t> accesses;
      for (std::uint32_t i = 0; i < events.size(); ++i)
        if (events[i].thread == t && events[i].kind != Kind::fence && solver.holds(events[i].exists))
          accesses.push_back(i);
      std::vector<const Input*> choices;
      for (const Input& i : whole_.run.inputs)
        if (i.thread == t && solver.holds(i.when)) choices.push_back(&i);
      std::size_t next = 0, choice = 0;
      const witness::Path path =
          walker.walk(t, [&](const witness::Question& q) -> std::optional<std::int64_t> {
            using machine::Act;
            const Act act = q.request.act;
            if (q.step.fails) return 0;
            if (act == Act::choose) {
              if (choice == choices.size()) return std::nullopt;
              const Input& i = *choices[choice++];
              const std::int64_t n = solver.number(i.symbol, i.is_signed);
              out_.inputs.push_back({"", q.step.at, n, i.is_signed});
              return n;
            }
            if (act != Act::read && act != Act::write && act != Act::rmw) return 0;
            if (next == accesses.size()) return std::nullopt;
            const SymbolicEvent& first = events[accesses[next++]];
            if (next < accesses.size() && events[accesses[next]].partner == accesses[next - 1]) ++next;
            return first.kind == Kind::read ? solver.number(first.value.bits(c, first.size * 8u), true) : 0;
          });
      ends.push_back(path.end);
      failed |= path.end->header.status == machine::Status::failed && goal != nullptr &&
                path.end->header.failure == goal->failure;
      const bool may_be_wrong = goal != nullptr && goal->failure == machine::Failure::out_of_bounds;
      const machine::Failure wrong = may_be_wrong ? next_is_wrong(walker, path) : machine::Failure::none;
      witness::Thread thread{walker.name(t), {}, "", {}, false, true};
      std::size_t k = 0;
      for (const witness::Move& m : path.moves) {
        witness::Step step = m.step;
        for (std::size_t i = 0; i < m.events.size(); ++i) {
          const auto& d = m.dependencies[i];
          const EventId added = e.graph.add(m.events[i], {d[0], d[1], d[2]});
          step.events.push_back(added);
          if (m.events[i].kind == Kind::fence) continue;
          if (k == accesses.size()) agrees = false;
          else {
            const SymbolicEvent& want = events[accesses[k]];
            const unsigned bits = want.size * 8u;
            agrees &= solver.number(want.value.bits(c, bits), true) ==
                      lang::wrap(m.events[i].value, {static_cast<std::uint8_t>(bits), true});
            id[accesses[k++]] = added;
          }
        }
        thread.steps.push_back(std::move(step));
      }
      agrees &= k == accesses.size();
      if (wrong != machine::Failure::none) {
        failed = true;
        out_.kind = machine::name(wrong);
        out_.message = machine::explain(wrong);
        witness::Step step = walker.step(*path.end);
        step.outcome = "fails: " + out_.message;
        step.fails = step.stops = true;
        thread.steps.push_back(std::move(step));
      }
      e.threads.push_back(std::move(thread));
    }
    if (!agrees || (goal != nullptr && !failed)) return unconfirmed();
    for (std::size_t r = 0; r < events.size(); ++r) {
      if (id[r] == memory::no_event || events[r].kind != Kind::read) continue;
      e.graph.read_from(id[r], memory::initial);
      for (std::size_t w = 0; w < events.size(); ++w)
        if (id[w] != memory::no_event && solver.holds(whole_.x->rf.at(w, r).expr(c)))
          e.graph.read_from(id[r], id[w]);
    }
    for (std::size_t l = 0; l < e.graph.location_count(); ++l) {
      std::vector<std::size_t> writes;
      for (std::size_t w = 0; w < events.size(); ++w)
        if (id[w] != memory::no_event && events[w].kind == Kind::write && e.graph[id[w]].location == l)
          writes.push_back(w);
      std::sort(writes.begin(), writes.end(), [&](std::size_t a, std::size_t b) {
        return a != b && solver.holds(whole_.x->co.at(a, b).expr(c));
      });
      for (std::size_t k = 0; k < writes.size(); ++k) e.graph.place(id[writes[k]], k);
    }
    if (!memory::consistent(e.graph, model_)) return unconfirmed();
    if (waits && !stand_still(walker, ends, e)) return unconfirmed();
    if (races) {
      const memory::Verdict v = memory::verdict(e.graph, model_);
      if (v.races.empty()) return unconfirmed();
      e.culprits = {v.races.front().first, v.races.front().second};
      for (const EventId a : e.culprits)
        for (witness::Step& s : e.threads[e.graph[a].thread].steps)
          s.fails |= std::find(s.events.begin(), s.events.end(), a) != s.events.end();
    }
    for (std::uint32_t f = 0; f < spec_.sources->size(); ++f) {
      const std::string& file = spec_.sources->name(f);
      if (std::any_of(e.threads.begin(), e.threads.end(), [&](const witness::Thread& t) {
            return std::any_of(t.steps.begin(), t.steps.end(),
                               [&](const witness::Step& s) { return s.at.file == file; });
          }))
        e.sources.push_back({file, std::string(spec_.sources->text(f))});
    }
    e.kind = out_.kind;
    e.message = out_.message;
    out_.execution = std::move(e);
    out_.result = explore::Result::violation;
    return std::move(out_);
  }

  // Whether each thread that has not ended waits for what the last write to a place does not give.
  bool stand_still(const witness::Walker& walker, const std::vector<const machine::Snapshot*>& ends,
                   witness::Execution& e) {
    std::string who;
    bool sleeps = false;
    for (std::size_t t = 0; t < ends.size(); ++t) {
      const machine::Header& h = ends[t]->header;
      if (h.status == machine::Status::finished) continue;
      if (h.status != machine::Status::running || !h.request.blocking) return false;
      const auto found = e.graph.find(h.request.address);
      const auto before = whole_.initial.values.find(h.request.address);
      const std::int64_t last = found && !found->co.empty()             ? e.graph[found->co.back()].value
                                : before == whole_.initial.values.end() ? 0
                                                                        : before->second;
      if (machine::holds(h.request.guard, last, h.request.guard_value)) return false;
      who += (who.empty() ? "" : ", ") + walker.name(t);
      sleeps |= h.request.wait == ir::WaitKind::sleep;
      e.threads[t].end = "waits for ever: " + walker.step(*ends[t]).text;
      e.threads[t].end_at = walker.place(*ends[t]);
    }
    if (who.empty()) return false;
    out_.kind = sleeps ? "lost wakeup" : "deadlock";
    out_.message = who + (sleeps ? ": sleeps and nothing will wake it" : ": waits for what will never come");
    return true;
  }

  // What is wrong with the address that a thread is about to access.
  machine::Failure next_is_wrong(const witness::Walker& walker, const witness::Path& path) const {
    if (path.end->header.status != machine::Status::running) return machine::Failure::none;
    explore::Initial memory = whole_.initial;
    for (const witness::Owned& o : path.objects)
      if (o.act == machine::Act::alloc) memory.objects.push_back({o.address, o.size, false});
      else
        for (explore::Initial::Object& object : memory.objects) object.freed |= object.address == o.address;
    return explore::wrong_address(walker.machine(), path.end->header.request, memory);
  }

  Outcome unconfirmed() {
    const std::string what = std::exchange(out_.message, "");
    out_.kind.clear();
    out_.inputs.clear();
    return undecided(fmt::format("the machine does not confirm '{}' with the solver's execution", what));
  }

  z3::context& c;
  const lang::Spec& spec_;
  const memory::Model model_;
  const Options& options_;
  Whole whole_;
  z3::expr races_ = c.bool_val(false), waits_ = c.bool_val(false);
  Outcome out_;
};

}  // namespace

Outcome prove_threads(const lang::Spec& spec, memory::Model model, const Options& options) {
  try {
    z3::context c;
    return Threads(c, spec, model, options).run();
  } catch (const z3::exception& e) {
    Outcome out;
    out.name = memory::name(model);
    out.result = explore::Result::bounded;
    out.bound = fmt::format("the solver gave up: {}", e.msg());
    return out;
  }
}

}  // namespace ringtail::prove
