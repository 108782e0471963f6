// SPDX-License-Identifier: GPL-2.0-or-later
// The paths of all threads, walked one by one, put together to one execution, and whether that execution
// shows what a verdict claims: failures, misused memory, races, broken invariants, threads that wait for
// ever.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "checker/explore/address.h"
#include "checker/explore/always.h"
#include "checker/explore/leak.h"
#include "checker/explore/question.h"
#include "checker/explore/setting.h"
#include "checker/witness/before.h"
#include "checker/witness/frees.h"
#include "checker/witness/replay.h"
#include "checker/witness/walk.h"

namespace ringtail::witness {

// Whether the address decides if the request can be done at all.
inline bool may_be_wrong(const machine::Request& q) {
  using machine::Act;
  return q.act == Act::read || q.act == Act::rmw || q.act == Act::write || q.act == Act::free;
}
// The paths of all threads as one execution whose reads still lack their source.
class Assembly {
  using Act = machine::Act;
  using Status = machine::Status;
  using EventId = memory::EventId;
  using Graph = memory::Graph;
  using Kind = memory::Kind;
  using Model = memory::Model;

 public:
  Assembly(const lang::Spec& spec, Model model, Walker& walker)
      : spec_(spec), walker_(walker), initial_(explore::initial_memory(walker.machine(), init_)) {
    e_.spec = spec.program.name;
    e_.model = model;
    e_.init_choices = spec.program.init_choices;
    for (std::size_t t = 0; t < walker.threads(); ++t)
      e_.threads.push_back({walker.name(t), {}, "", {}, false, true});
  }

  void add(std::size_t thread, const Path& path) {
    for (const Move& m : path.moves) {
      Step step = m.step;
      for (std::size_t i = 0; i < m.events.size(); ++i) {
        const auto& d = m.dependencies[i];
        step.events.push_back(e_.graph.add(m.events[i], {d[0], d[1], d[2]}));
      }
      e_.threads[thread].steps.push_back(std::move(step));
    }
    e_.threads[thread].started = path.end != nullptr;
    note_objects(path, thread);
    ends_.resize(walker_.threads());
    ends_[thread] = path.end;
  }

  Graph& graph() { return e_.graph; }
  const std::vector<Thread>& threads() const { return e_.threads; }

  std::int64_t value_from(EventId write, std::uint64_t address) const {
    if (write < e_.graph.size()) return e_.graph[write].value;
    const auto it = initial_.values.find(address);
    return it == initial_.values.end() ? 0 : it->second;
  }

  // Checks all that can be checked once reads-from and coherence are there.
  Result<Execution> finish(const std::string& kind, const std::string& message) {
    const Graph& g = e_.graph;
    for (EventId r = 0; r < g.size(); ++r) {
      if (g[r].kind != Kind::read || g[r].rf == memory::no_event) continue;
      const auto bits = static_cast<std::uint8_t>(g[r].size * 8);
      const std::int64_t seen = lang::wrap(g[r].value, {bits, true});
      const std::int64_t there = lang::wrap(value_from(g[r].rf, g[r].address), {bits, true});
      if (seen != there)
        return Unexpected(fmt::format("{} reads {} as {}, but what it reads from is {}",
                                      e_.threads[g[r].thread].name, walker_.names().location(g[r].address),
                                      seen, there));
    }
    if (const auto v = memory::violation(g, e_.model))
      return Unexpected(fmt::format("{} does not allow this execution: its axiom '{}' fails",
                                    memory::name(e_.model), v->axiom));
    e_.kind = kind;
    e_.message = message;
    if (init_.failure != machine::Failure::none) return failing_init(kind);
    for (std::size_t t = 0; t < ends_.size(); ++t) describe_end(t);
    while (e_.threads.size() > walker_.machine().cpus().size() && e_.threads.back().steps.empty())
      e_.threads.pop_back();  // callbacks that nobody asked for
    run_finally();
    if (!holds(kind)) return Unexpected(fmt::format("the execution is possible, but shows no {}", kind));
    trim_to_failure();
    for (std::size_t t = walker_.machine().cpus().size(); t < e_.threads.size(); ++t)
      e_.threads[t].started = e_.threads[t].afterwards || !e_.threads[t].steps.empty();
    add_sources();
    return std::move(e_);
  }

 private:
  static bool finished(const machine::Snapshot* s) {
    return s != nullptr && s->header.status == Status::finished;
  }

  std::int64_t final_value(std::uint64_t address) const {
    const auto l = e_.graph.find(address);
    return value_from(l && !l->co.empty() ? l->co.back() : memory::initial, address);
  }

  void note_objects(const Path& path, std::size_t thread) {
    for (const Owned& o : path.objects) {
      const std::size_t step = o.hidden && o.moves > 0 ? o.moves - 1 : o.moves;
      Object& object = objects_[o.address];
      if (o.act == Act::free) object.freed.push_back({o.address, thread, o.po, step});
      else object.made = true, object.size = o.size, object.thread = thread, object.step = step;
    }
  }
  void accuse(std::size_t thread, std::size_t step) {
    if (step < e_.threads[thread].steps.size()) e_.threads[thread].steps[step].fails = true;
  }

  // An object that is lost when all have ended.
  bool loses_memory() {
    for (const std::uint64_t lost : explore::lost_objects(memory_left())) {
      const auto made = objects_.find(lost);
      if (made != objects_.end()) accuse(made->second.thread, made->second.step);
      return true;
    }
    return false;
  }

  // An object that is freed twice, or accessed by somebody who nothing makes come before its end.
  bool misuses_memory(const std::string& kind) {
    for (const auto& [address, object] : objects_) {
      if (object.freed.empty()) continue;
      if (kind == "double free" && object.freed.size() > 1) {
        for (const Free& f : object.freed) accuse(f.thread, f.step);
        return true;
      }
      if (kind != "use after free") continue;
      for (EventId e = static_cast<EventId>(e_.graph.size()); e-- > 0;) {
        const memory::Event& event = e_.graph[e];
        if (event.kind == Kind::fence || machine::object_of(event.address) != address) continue;
        for (const Free& f : object.freed) {
          if (!may_follow(e_.graph, e_.model, e, f)) continue;
          accuse(event.thread, step_of(e_.threads[event.thread], e));
          accuse(f.thread, f.step);
          return true;
        }
      }
    }
    return false;
  }

  // By the threads, or by FINALLY once it has run.
  explore::Initial memory_left() const {
    if (afterwards_) return *afterwards_;
    explore::Initial memory = initial_;
    for (std::size_t l = 0; l < e_.graph.location_count(); ++l)
      memory.values[e_.graph.location(l).address] = final_value(e_.graph.location(l).address);
    for (const auto& [address, object] : objects_) {
      if (object.made) memory.objects.push_back({address, object.size, false});
      for (explore::Initial::Object& o : memory.objects)
        o.freed |= o.address == address && !object.freed.empty();
    }
    return memory;
  }

  // An invariant that does not hold in some state that memory passes.
  bool breaks_invariant() {
    const explore::Writes<16> writes = writes_of(e_.graph);
    for (const ir::Invariant& i : spec_.program.invariants) {
      explore::Remembered asked(walker_.machine(), i, initial_);
      explore::Slot broken = explore::no_slot;
      if (always(writes, initial_, asked, &broken)) continue;
      if (broken == explore::no_slot) return true;
      Thread& t = e_.threads[e_.graph[broken].thread];
      accuse(e_.graph[broken].thread, step_of(t, broken));
      return true;
    }
    return false;
  }

  // Of a litmus test: the condition holds, or does not where it always should.
  bool decides_question() const {
    if (!spec_.program.litmus) return false;
    const ir::Litmus& test = *spec_.program.litmus;
    const auto value = [&](const ir::Place& p) -> std::int64_t {
      if (!p.thread) return final_value(p.address);
      return p.reg == ir::no_reg ? 0 : walker_.machine().reg(*ends_[*p.thread], p.reg);
    };
    return std::all_of(ends_.begin(), ends_.end(), finished) &&
           explore::holds(test.condition, value) == (test.quantifier != ir::Quantifier::forall);
  }

  // What is wrong with an address whatever the others do.
  machine::Failure wrong_address(const machine::Request& q) const {
    using machine::Failure;
    if (!explore::has_address(q)) return Failure::none;
    if (!machine::in_heap(q.address)) return explore::check_global(spec_.program, q);
    const std::uint64_t object = machine::object_of(q.address);
    for (const explore::Initial::Object& o : initial_.objects)
      if (o.address == object)
        return o.freed ? Failure::use_after_free : explore::check_object(q, o.address, o.size);
    const auto made = objects_.find(object);
    return made == objects_.end() || !made->second.made ? Failure::bad_address
                                                        : explore::check_object(q, object, made->second.size);
  }

  // A grace period that waits for the section of a thread that is not through.
  bool held_up(const machine::Request& q) const {
    using memory::Tag;
    const bool srcu = q.tag == Tag::sync_srcu;
    for (std::size_t t = 0; t < ends_.size() && t < e_.graph.thread_count(); ++t) {
      if (ends_[t] == nullptr || finished(ends_[t])) continue;
      int depth = 0;
      for (const EventId id : e_.graph.thread(t)) {
        const memory::Event& e = e_.graph[id];
        if (srcu && e.address != q.address) continue;
        depth += e.tag == (srcu ? Tag::srcu_lock : Tag::rcu_lock);
        depth -= e.tag == (srcu ? Tag::srcu_unlock : Tag::rcu_unlock);
      }
      if (depth > 0) return true;
    }
    return false;
  }

  // A thread that waits for what will never be: it is back where it was, it waits for a value that the last
  // write does not give, or the last write would take it round its loop again, as all that it looked at last.
  bool stuck(std::size_t t) const {
    const machine::Header& h = ends_[t]->header;
    if (walker_.machine().may_interrupt(*ends_[t])) return false;
    if (h.status == Status::spinning) return true;
    if (h.status != Status::running || h.deciding) return false;
    const machine::Request& q = h.request;
    if (q.tag == memory::Tag::sync_rcu || q.tag == memory::Tag::sync_srcu) return held_up(q);
    const std::int64_t value = final_value(q.address);
    if (q.blocking) return !machine::holds(q.guard, value, q.guard_value);
    if (q.may_spin && walker_.takes_back(*ends_[t], value, t)) return true;
    std::uint32_t round = q.may_spin ? walker_.spins(*ends_[t], value, t) : 0;
    if (round == 0) return false;
    const auto events = t < e_.graph.thread_count() ? e_.graph.thread(t) : std::span<const EventId>();
    for (std::size_t i = events.size(); i-- > 0 && round > 1;) {
      const memory::Event& e = e_.graph[events[i]];
      if (e.kind != Kind::read) continue;
      --round;
      const auto co = e_.graph.location(e.location).co;
      if (e.rf != (co.empty() ? memory::initial : co.back())) return false;
    }
    return true;
  }

  void describe_end(std::size_t t) {
    const machine::Snapshot* s = ends_[t];
    if (s == nullptr) return;
    Thread& thread = e_.threads[t];
    if (s->header.status == Status::running && !s->header.deciding && may_be_wrong(s->header.request))
      if (const auto f = wrong_address(s->header.request); f != machine::Failure::none) {
        thread.steps.push_back(failing_step(*s, f));
        stopped_[t] = f;
        return;
      }
    if (s->header.status == Status::bounded) thread.end = "stops at the bound of its loop";
    else if (s->header.status == Status::spinning) thread.end = "goes round its loop for ever";
    else if (stuck(t)) thread.end = "waits for ever: " + walker_.step(*s).text;
    else return;
    thread.end_at = walker_.place(*s);
  }

  // INIT or FINALLY, as a thread that runs alone.
  void run_alone(std::uint32_t function, const char* name, std::size_t number, explore::Initial& memory) {
    std::optional<machine::Failure> failure;
    std::size_t choices = 0;
    const Path path =
        walker_.walk_function(function, number, [&](const Question& q) -> std::optional<std::int64_t> {
          const auto f = explore::wrong_address(walker_.machine(), q.request, memory);
          if (q.request.act == Act::choose)
            return explore::choice(walker_.machine(), q.request, number, choices++);
          if (f == machine::Failure::none) return explore::perform(q.request, memory);
          failure = f;
          return std::nullopt;
        });
    const std::size_t t = e_.threads.size();
    Thread alone{name, {}, "", {}, true, true};
    note_objects(path, t);
    for (const Move& m : path.moves) alone.steps.push_back(m.step);
    if (failure) {
      stopped_[t] = *failure;
      alone.steps.push_back(failing_step(*path.end, *failure));
    } else if (const Status s = path.end->header.status;
               s == Status::running || s == Status::spinning || s == Status::bounded) {
      stopped_[t] = machine::Failure::endless;
      alone.end = "goes round its loop for ever";
      alone.end_at = walker_.place(*path.end);
    }
    ends_.push_back(path.end);
    e_.threads.push_back(std::move(alone));
  }

  Step failing_step(const machine::Snapshot& at, machine::Failure f) const {
    Step step = walker_.step(at);
    step.outcome = "fails: " + std::string(machine::explain(f));
    step.fails = step.stops = true;
    return step;
  }

  // INIT fails, and nothing else happens.
  Result<Execution> failing_init(const std::string& kind) {
    e_.threads.clear();
    ends_.clear();
    explore::Initial memory = explore::static_memory(spec_.program);
    run_alone(*spec_.program.init, "INIT", explore::init_thread, memory);
    if (!holds(kind)) return Unexpected(fmt::format("INIT fails, but not with {}", kind));
    add_sources();
    return std::move(e_);
  }

  // FINALLY runs after all threads, on what they left.
  void run_finally() {
    if (!spec_.program.finally || !std::all_of(ends_.begin(), ends_.end(), finished)) return;
    explore::Initial memory = memory_left();
    run_alone(*spec_.program.finally, "FINALLY", explore::finally_thread, memory);
    afterwards_ = std::move(memory);
  }

  // Whether what the verdict claims is so.
  bool holds(const std::string& kind) {
    if (kind == "data race") {
      const memory::Verdict v = memory::verdict(e_.graph, e_.model);
      for (const memory::Race& r : v.races) {
        e_.culprits = {r.first, r.second};
        for (const EventId e : e_.culprits) {
          Thread& t = e_.threads[e_.graph[e].thread];
          t.steps[step_of(t, e)].fails = true;
        }
        return true;
      }
      return false;
    }
    for (const machine::Snapshot* s : ends_)
      if (s != nullptr && s->header.status == Status::failed && machine::name(s->header.failure) == kind)
        return true;
    for (const auto& [thread, failure] : stopped_)
      if (machine::name(failure) == kind) return true;
    if (kind == "invariant") return breaks_invariant();
    if (kind == explore::kExample) return decides_question();
    if (kind == "leak") return loses_memory();
    if (misuses_memory(kind)) return true;
    if (kind != "deadlock" && kind != "lost wakeup" && kind != "unbounded wait") return false;
    bool any = false;
    for (std::size_t t = 0; t < walker_.threads(); ++t) {
      if (ends_[t] == nullptr) continue;
      const Status s = ends_[t]->header.status;
      if (stuck(t)) any = true;
      else if (s != Status::finished) return false;
    }
    return any;
  }

  // When a thread fails, the others are told only as far as they led to it.
  void trim_to_failure() {
    for (std::size_t t = 0; t < walker_.threads(); ++t) {
      if (ends_[t] == nullptr || (ends_[t]->header.status != Status::failed && !stopped_.contains(t)))
        continue;
      const auto events = t < e_.graph.thread_count() ? e_.graph.thread(t) : std::span<const EventId>();
      e_ = trim(e_, events.empty() ? std::vector<EventId>() : std::vector<EventId>{events.back()});
      return;
    }
  }

  void add_sources() {
    for (std::uint32_t f = 0; f < spec_.sources->size(); ++f) {
      const std::string& name = spec_.sources->name(f);
      const bool used = std::any_of(e_.threads.begin(), e_.threads.end(), [&](const Thread& t) {
        return t.end_at.file == name ||
               std::any_of(t.steps.begin(), t.steps.end(), [&](const Step& s) { return s.at.file == name; });
      });
      if (used) e_.sources.push_back({name, std::string(spec_.sources->text(f))});
    }
  }

  const lang::Spec& spec_;
  Walker& walker_;
  explore::Ran init_;
  explore::Initial initial_;  // after INIT
  Execution e_;
  std::vector<const machine::Snapshot*> ends_;
  struct Object {
    bool made = false;
    std::uint64_t size = 0;
    std::size_t thread = 0, step = 0;  // that makes it
    std::vector<Free> freed;
  };
  std::map<std::uint64_t, Object> objects_;
  std::map<std::size_t, machine::Failure> stopped_;  // threads whose next access has a wrong address
  std::optional<explore::Initial> afterwards_;       // what FINALLY leaves
};

}  // namespace ringtail::witness
