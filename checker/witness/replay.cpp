// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/witness/replay.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "checker/explore/leak.h"
#include "checker/explore/question.h"
#include "checker/explore/setting.h"
#include "checker/witness/frees.h"
#include "checker/witness/walk.h"

namespace ringtail::witness {
namespace {

using machine::Act;
using machine::Status;
using memory::EventId;
using memory::Graph;
using memory::Kind;
using memory::Model;

machine::Options options_for(const lang::Spec& spec, Model m, bool plain_is_once, std::uint32_t unroll) {
  explore::Options o;
  o.model = m;
  o.plain_is_once = plain_is_once;
  o.unroll = unroll;
  return explore::machine_options(spec.program, o);
}

bool reads(const machine::Request& q) { return q.act == Act::read || q.act == Act::rmw; }

// Whether the address decides if the request can be done at all.
bool may_be_wrong(const machine::Request& q) { return reads(q) || q.act == Act::write || q.act == Act::free; }

explore::Initial initial_memory(const machine::Machine& machine) {
  explore::Ran init;
  return explore::initial_memory(machine, init);
}

// The paths of all threads as one execution whose reads still lack their source.
class Assembly {
 public:
  Assembly(const lang::Spec& spec, Model model, Walker& walker)
      : spec_(spec), walker_(walker), initial_(initial_memory(walker.machine())) {
    e_.spec = spec.program.name;
    e_.model = model;
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

  // An object that is lost when all have ended. What FINALLY frees is in `objects_` too.
  bool loses_memory() {
    explore::Initial memory = final_memory();
    for (const auto& [address, object] : objects_) {
      if (object.made) memory.objects.push_back({address, 0, false});
      for (explore::Initial::Object& o : memory.objects)
        o.freed |= o.address == address && !object.freed.empty();
    }
    for (const std::uint64_t lost : explore::lost_objects(memory)) {
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

  explore::Initial final_memory() const {
    explore::Initial memory = initial_;
    for (std::size_t l = 0; l < e_.graph.location_count(); ++l)
      memory.values[e_.graph.location(l).address] = final_value(e_.graph.location(l).address);
    for (const auto& [address, value] : written_afterwards_) memory.values[address] = value;
    return memory;
  }

  // An invariant that does not hold on the memory that the threads leave.
  bool breaks_invariant() {
    explore::Initial memory = final_memory();
    for (const ir::Invariant& i : spec_.program.invariants)
      if (explore::run_alone(walker_.machine(), i.function, explore::finally_thread, memory).returned == 0)
        return true;
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
    const bool frees = q.act == Act::free;
    const auto inside = [&](std::uint64_t base, std::uint64_t size) {
      if (frees) return q.address == base ? Failure::none : Failure::bad_free;
      return q.address >= base && q.address + q.size <= base + size ? Failure::none : Failure::out_of_bounds;
    };
    if (!machine::in_heap(q.address)) {
      for (const ir::Global& g : spec_.program.globals)
        if (q.address >= g.address && q.address < g.address + g.size)
          return frees ? Failure::bad_free : inside(g.address, g.size);
      return q.address == 0 || q.address >= ir::global_base || frees ? Failure::bad_address : Failure::none;
    }
    const std::uint64_t object = machine::object_of(q.address);
    for (const explore::Initial::Object& o : initial_.objects)
      if (o.address == object) return o.freed ? Failure::use_after_free : inside(o.address, o.size);
    const auto made = objects_.find(object);
    return made == objects_.end() || !made->second.made ? Failure::bad_address
                                                        : inside(object, made->second.size);
  }

  // A thread that waits for what will never be: it is back where it was, it waits for a value that the last
  // write does not give, or the last write would take it round its loop again, as all that it looked at last.
  bool stuck(std::size_t t) const {
    const machine::Header& h = ends_[t]->header;
    if (h.status == Status::spinning) return true;
    if (h.status != Status::running || h.deciding) return false;
    const machine::Request& q = h.request;
    const std::int64_t value = final_value(q.address);
    if (q.blocking) return !machine::holds(q.guard, value, q.guard_value);
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
        Step step = walker_.step(*s);
        step.outcome = "fails: " + std::string(machine::explain(f));
        step.fails = step.stops = true;
        thread.steps.push_back(std::move(step));
        stopped_[t] = f;
        return;
      }
    if (s->header.status == Status::bounded) thread.end = "stops at the bound of its loop";
    else if (s->header.status == Status::spinning) thread.end = "goes round its loop for ever";
    else if (stuck(t)) thread.end = "waits for ever: " + walker_.step(*s).text;
    else return;
    thread.end_at = walker_.place(*s);
  }

  // FINALLY runs after all threads, on what they left.
  void run_finally() {
    if (!spec_.program.finally || !std::all_of(ends_.begin(), ends_.end(), finished)) return;
    std::map<std::uint64_t, std::int64_t>& written = written_afterwards_;
    const Path path = walker_.walk_function(
        *spec_.program.finally, explore::finally_thread,
        [&](const Question& q) -> std::optional<std::int64_t> {
          const machine::Request& r = q.request;
          const auto it = written.find(r.address);
          const std::int64_t old = it == written.end() ? final_value(r.address) : it->second;
          if (r.act == Act::write) written[r.address] = r.operand;
          if (r.act == Act::rmw && machine::holds(r.guard, old, r.guard_value))
            written[r.address] = machine::combine(r, old);
          return r.act == Act::choose ? r.operand : reads(r) ? old : 0;
        });
    ends_.push_back(path.end);
    Thread last{"FINALLY", {}, "", {}, true, true};
    note_objects(path, e_.threads.size());
    for (const Move& m : path.moves) last.steps.push_back(m.step);
    e_.threads.push_back(std::move(last));
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
  explore::Initial initial_;
  Execution e_;
  std::vector<const machine::Snapshot*> ends_;
  struct Object {
    bool made = false;
    std::uint64_t size = 0;
    std::size_t thread = 0, step = 0;  // that makes it
    std::vector<Free> freed;
  };
  std::map<std::uint64_t, Object> objects_;
  std::map<std::size_t, machine::Failure> stopped_;           // threads whose next access has a wrong address
  std::map<std::uint64_t, std::int64_t> written_afterwards_;  // by FINALLY
};

}  // namespace

Result<Execution> replay(const lang::Spec& spec, const Script& script) {
  Walker walker(spec, options_for(spec, script.model, script.plain_is_once, script.unroll));
  Assembly all(spec, script.model, walker);
  std::map<std::string, std::vector<std::size_t>> mine;  // steps of each thread
  for (std::size_t i = 0; i < script.steps.size(); ++i) mine[script.steps[i].thread].push_back(i);
  std::string error;
  std::vector<std::vector<EventId>> events(script.steps.size());
  for (std::size_t t = 0; t < walker.threads() && error.empty(); ++t) {
    const auto found = mine.find(walker.name(t));
    const std::vector<std::size_t> steps = found == mine.end() ? std::vector<std::size_t>{} : found->second;
    std::size_t k = 0;
    const Path path = walker.walk(t, [&](const Question& q) -> std::optional<std::int64_t> {
      if (k == steps.size()) return q.interrupt ? std::optional<std::int64_t>(0) : std::nullopt;
      const ScriptStep& step = script.steps[steps[k]];
      if (step.fails && !q.step.fails) {  // its address is wrong, or it is not: see Assembly
        ++k;
        return std::nullopt;
      }
      if (q.interrupt && step.text != q.step.text) return 0;
      const std::string at = fmt::format("{}:{}", q.step.at.file, q.step.at.line);
      if (step.at != at || step.text != q.step.text) {
        error = fmt::format("step {}: {} does {} at {} here, not {} at {}", steps[k] + 1, step.thread,
                            q.step.text, at, step.text, step.at);
        return std::nullopt;
      }
      const bool asks = reads(q.request) || q.request.act == Act::choose;
      if (!q.step.fails && asks && !step.value) {
        error = fmt::format("step {}: \"value\" is missing", steps[k] + 1);
        return std::nullopt;
      }
      const std::int64_t value = step.value.value_or(0);
      const auto least = static_cast<std::uint64_t>(q.interrupt ? 1 : q.request.operand);
      const auto most = static_cast<std::uint64_t>(q.request.guard_value);
      if (q.request.act == Act::choose && static_cast<std::uint64_t>(value) - least > most - least) {
        error = fmt::format("step {}: {} cannot give {}", steps[k] + 1, step.text, value);
        return std::nullopt;
      }
      if (q.request.blocking && !machine::holds(q.request.guard, value, q.request.guard_value)) {
        error = fmt::format("step {}: {} does not go on with {}", steps[k] + 1, step.text, value);
        return std::nullopt;
      }
      ++k;
      return q.step.fails ? 0 : value;
    });
    if (!error.empty()) break;
    if (k != steps.size())
      return Unexpected(fmt::format("step {}: {} has ended before it", steps[k] + 1, walker.name(t)));
    all.add(t, path);
    for (std::size_t i = 0; i < std::min(steps.size(), path.moves.size()); ++i)
      events[steps[i]] = all.threads()[t].steps[i].events;
    if (found != mine.end()) mine.erase(found);
  }
  if (!error.empty()) return Unexpected(error);
  mine.erase("FINALLY");
  if (!mine.empty())
    return Unexpected(fmt::format("step {}: the spec has no thread {}", mine.begin()->second.front() + 1,
                                  mine.begin()->first));

  Graph& g = all.graph();
  const auto write_of = [&](std::size_t step) {
    EventId write = memory::no_event;
    for (const EventId e : events[step])
      if (g[e].kind == Kind::write) write = e;
    return write;
  };
  for (std::size_t i = 0; i < script.steps.size(); ++i)
    for (const EventId r : events[i]) {
      if (g[r].kind != Kind::read) continue;
      const std::size_t from = script.steps[i].from.value_or(0);
      if (!script.steps[i].from || from > script.steps.size())
        return Unexpected(fmt::format("step {}: \"from\" must be a step, or 0", i + 1));
      const EventId w = from == 0 ? memory::initial : write_of(from - 1);
      if (from != 0 && (w == memory::no_event || g[w].address != g[r].address))
        return Unexpected(fmt::format("step {}: step {} does not write what it reads", i + 1, from));
      g.read_from(r, w);
    }
  for (const std::vector<std::size_t>& order : script.coherence)
    for (std::size_t k = 0; k < order.size(); ++k) {
      const EventId w = write_of(order[k] - 1);
      if (w == memory::no_event || g.location(g[w].location).co.size() != order.size() ||
          g[w].address != g[write_of(order[0] - 1)].address)
        return Unexpected(fmt::format("coherence: step {} is out of place", order[k]));
      g.place(w, k);
    }
  return all.finish(script.kind, script.message);
}

namespace {

// A thread fails by itself, or, if `by_access`, by what it is about to access.
bool fails_as(const Path& path, bool expected, bool by_access) {
  if (path.end == nullptr) return !expected;
  const machine::Header& h = path.end->header;
  const bool accesses = by_access && h.status == Status::running && !h.deciding && may_be_wrong(h.request);
  return (h.status == Status::failed) == expected || (expected && accesses);
}

// Where a thread waits tells which interrupts have come: a handler may wait for what the thread holds.
bool stands_at(const Path& path, std::uint32_t instruction) {
  if (path.end == nullptr) return false;
  const machine::Header& h = path.end->header;
  return h.status != Status::running || (!h.deciding && h.request.source == instruction);
}

}  // namespace

Result<Execution> execution_of(const lang::Spec& spec, const Found& found) {
  Walker walker(spec, options_for(spec, found.model, found.plain_is_once, found.unroll));
  Assembly all(spec, found.model, walker);
  const Graph& g = found.graph;
  std::vector<EventId> id(g.size(), memory::no_event);
  constexpr int kMostTries = 10'000;
  for (std::size_t t = 0; t < walker.threads(); ++t) {
    const auto events = t < g.thread_count() ? g.thread(t) : std::span<const EventId>();
    // The graph does not tell what choices gave; they are tried like the digits of a number.
    struct Digit {
      std::int64_t value, last;
    };
    std::vector<Digit> digits;
    bool fits = false, accesses = false;
    for (int tries = 0; tries < kMostTries && !fits; ++tries) {
      std::size_t k = 0, d = 0;
      bool wrong = false;
      const Path path = walker.walk(t, [&](const Question& q) -> std::optional<std::int64_t> {
        const machine::Request& r = q.request;
        if (q.step.fails || r.act == Act::alloc || r.act == Act::free) return 0;
        if (r.act == Act::choose) {
          if (d == digits.size()) digits.push_back({r.operand, r.guard_value});
          return digits[d++].value;
        }
        if (k == events.size()) return std::nullopt;
        const memory::Event& e = g[events[k]];
        const bool other = r.act == Act::write &&
                           e.value != lang::wrap(r.operand, {static_cast<std::uint8_t>(r.size * 8), true});
        if (other || e.source != r.source || (e.kind != Kind::fence && e.address != r.address)) {
          wrong = true;
          return std::nullopt;
        }
        k += g.rmw_partner(events[k]) == memory::no_event ? 1 : 2;
        return e.kind == Kind::read ? e.value : 0;
      });
      fits = !wrong && k == events.size() &&
             (t >= found.failed.size() || fails_as(path, found.failed[t], accesses)) &&
             (t >= found.waits_at.size() || !found.waits_at[t] || stands_at(path, *found.waits_at[t]));
      if (fits) {
        const EventId first = static_cast<EventId>(all.graph().size());
        all.add(t, path);
        for (std::size_t i = 0; i < events.size(); ++i) id[events[i]] = static_cast<EventId>(first + i);
        break;
      }
      digits.resize(d);
      while (!digits.empty() && digits.back().value == digits.back().last) digits.pop_back();
      if (digits.empty() && accesses) break;
      if (digits.empty()) accesses = true;  // once more: it fails by what it is about to access
      else ++digits.back().value;
    }
    if (!fits) return Unexpected(fmt::format("{} cannot do what the graph says", walker.name(t)));
  }
  for (EventId e = 0; e < g.size(); ++e)
    if (g[e].kind == Kind::read) all.graph().read_from(id[e], g[e].rf < g.size() ? id[g[e].rf] : g[e].rf);
  for (std::size_t l = 0; l < g.location_count(); ++l) {
    std::size_t place = 0;
    for (const EventId w : g.location(l).co) all.graph().place(id[w], place++);
  }
  return all.finish(found.kind, found.message);
}

}  // namespace ringtail::witness
