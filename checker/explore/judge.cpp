// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/explore/judge.h"

#include <algorithm>

#include "checker/explore/leak.h"
#include "checker/explore/question.h"
#include "checker/explore/sequential.h"

namespace ringtail::explore {

using memory::Model;
using memory::Tag;

namespace {

// Two locations of an execution that overlap, so that events do not tell what is in them.
bool mixes_sizes(const memory::Graph& g) {
  for (memory::EventId a = 0; a < g.size(); ++a)
    for (memory::EventId b = 0; b < a; ++b)
      if (g[a].kind != memory::Kind::fence && g[b].kind != memory::Kind::fence &&
          (g[a].address != g[b].address || g[a].size != g[b].size) &&
          g[a].address < g[b].address + g[b].size && g[b].address < g[a].address + g[a].size)
        return true;
  return false;
}

}  // namespace

template <int W>
bool Judge<W>::operator()(Search<W>& search, State<W>& s) {
  return judge(search, s) || options_.each_violation;
}

template <int W>
bool Judge<W>::judge(Search<W>& search, State<W>& s) {
  using machine::Status;
  bool failed = false, waits = false, spins = false, bounded = false;
  for (std::size_t i = 0; i < s.threads.size(); ++i) {
    const auto& t = s.threads[i];
    if (t.next == nullptr) continue;  // a callback that was never asked for
    const Status status = t.next->header.status;
    if (status == Status::dropped || search.drops(s, i)) return ++search.counts.blocked, true;
    failed |= status == Status::failed;
    waits |= status == Status::running;
    spins |= status == Status::spinning;
    bounded |= status == Status::bounded;
  }
  if (bounded) out_.bound = "--unroll";
  for (std::size_t i = 0; (waits || spins) && out_.bound.empty() && i < s.threads.size(); ++i)
    if (s.threads[i].next != nullptr && search.seen_by_others(s, i)) out_.bound = retries;
  if (program_.litmus) {
    if (waits || spins || failed || bounded) return ++search.counts.blocked, true;
    ++search.counts.executions;
    const std::uint64_t positive = out_.litmus->positive;
    const bool counted = answer(
        *program_.litmus,
        [&](const ir::Place& p) -> std::int64_t {
          if (!p.thread) return search.final_value(s, p.address);
          return p.reg == ir::no_reg ? 0 : search.machine().reg(*s.threads[*p.thread].next, p.reg);
        },
        *out_.litmus);
    if (counted) flag(search, s), exemplify(search, s, positive);
    return true;
  }
  if (options_.gather && (failed || waits || spins)) return ++search.counts.blocked, true;
  if (failed) return ++search.counts.executions, fails(search, s);
  if (bounded) return ++search.counts.blocked, true;
  if (waits || spins) {
    for (std::size_t t = 0; t < s.threads.size(); ++t) {
      if (s.threads[t].next == nullptr) continue;
      const Status status = s.threads[t].next->header.status;
      if ((status == Status::running || status == Status::spinning) && !search.stuck(s, t))
        return ++search.counts.blocked, true;
    }
    ++search.counts.executions;
    return waits_for_ever(search, s);
  }
  ++search.counts.executions;
  if (options_.gather) return ends_well(search, s);
  return memory_is_well(search, s) && ends_well(search, s);
}

template <int W>
bool Judge<W>::found(Search<W>& search, State<W>& s, std::string kind, std::string message,
                     std::vector<Slot> culprits) {
  Violation v = execution(search, s, std::move(kind), std::move(message), std::move(culprits));
  if (mixes_sizes(v.graph)) {
    if (options_.each_violation) return false;
    out_.result = Result::bounded;
    out_.bound = different_sizes;
    return false;
  }
  if (options_.each_violation) return options_.each_violation(std::move(v)), false;
  out_.result = Result::violation;
  out_.violation = std::move(v);
  return false;
}

template <int W>
Violation Judge<W>::execution(Search<W>& search, State<W>& s, std::string kind, std::string message,
                              std::vector<Slot> culprits) {
  Violation v;
  v.kind = std::move(kind);
  v.message = std::move(message);
  std::vector<Slot> slots;
  v.graph = search.graph_of(s, &slots);
  for (const Slot c : culprits)
    if (const auto it = std::find(slots.begin(), slots.end(), c); it != slots.end())
      v.culprits.push_back(static_cast<memory::EventId>(it - slots.begin()));
  search.in_sequence(s);
  v.sequential = s.sc;
  // before[] grows along every edge, so that its size is an order
  std::vector<std::pair<int, memory::EventId>> order;
  for (std::size_t i = 0; i < slots.size(); ++i)
    order.emplace_back(s.sc ? s.before[slots[i]].count() : s.rank[slots[i]], static_cast<memory::EventId>(i));
  std::sort(order.begin(), order.end());
  for (const auto& [key, e] : order) v.schedule.push_back(e);
  std::size_t threads = s.threads.size();
  while (threads > 0 && s.threads[threads - 1].next == nullptr) --threads;
  for (std::size_t t = 0; t < threads; ++t) {
    if (s.threads[t].next == nullptr) {
      v.threads.push_back({"callback", "finished", 0});
      continue;
    }
    const machine::Header& h = s.threads[t].next->header;
    ThreadEnd end;
    end.name = thread_name(search, t);
    switch (h.status) {
      case machine::Status::running:
        end.status = "waits", end.source = h.request.source;
        break;
      case machine::Status::finished:
        end.status = "finished";
        break;
      case machine::Status::spinning:
        end.status = "spins", end.source = h.request.source;
        break;
      case machine::Status::failed:
        end.status = "failed", end.source = h.failed_at;
        break;
      case machine::Status::dropped:
      case machine::Status::bounded:
        end.status = "stopped", end.source = h.request.source;
        break;
    }
    v.threads.push_back(std::move(end));
  }
  return v;
}

template <int W>
void Judge<W>::exemplify(Search<W>& search, State<W>& s, std::uint64_t positive_before) {
  const ir::Litmus& test = *program_.litmus;
  const bool satisfies = out_.litmus->positive > positive_before;
  if (out_.example || satisfies != (test.quantifier != ir::Quantifier::forall)) return;
  out_.example = execution(search, s, std::string(kExample),
                           (satisfies ? "" : "not ") + ("(" + test.condition_text + ")"), {});
}

template <int W>
std::string Judge<W>::thread_name(Search<W>& search, std::size_t t) const {
  const auto& cpus = search.machine().cpus();
  if (t < cpus.size()) return program_.threads[cpus[t]].name;
  return program_.threads[cpus[(t - cpus.size()) / callbacks_each]].name + "'s callback";
}

template <int W>
std::string Judge<W>::text_of(Search<W>& search, machine::Failure f, std::uint32_t at) const {
  if (const auto* check = std::get_if<ir::Check>(&search.machine().instr(at).node)) return check->text;
  return std::string(machine::explain(f));
}

// Accesses to what had been freed, and the frees: whatever fails later may come of it.
template <int W>
bool Judge<W>::after_free(Search<W>& search, State<W>& s) {
  for (std::size_t i = 0; i < s.n; ++i) {
    const Slot a = s.order[i];
    const Event& e = s.events[a];
    if ((e.what != What::read && e.what != What::write) || !machine::in_heap(e.address)) continue;
    Slot freed = no_slot;
    s.prefix[a].each([&](Slot f) {
      if (s.events[f].what == What::free && s.events[f].address == machine::object_of(e.address)) freed = f;
    });
    if (freed != no_slot)
      return found(search, s, "use after free", std::string(explain(machine::Failure::use_after_free)),
                   {a, freed});
  }
  return true;
}

template <int W>
bool Judge<W>::fails(Search<W>& search, State<W>& s) {
  if (!after_free(search, s)) return false;
  for (const auto& t : s.threads) {
    if (t.next == nullptr) continue;
    const machine::Header& h = t.next->header;
    if (h.status == machine::Status::failed)
      return found(search, s, std::string(machine::name(h.failure)), text_of(search, h.failure, h.failed_at));
  }
  return true;
}

template <int W>
bool Judge<W>::waits_for_ever(Search<W>& search, State<W>& s) {
  bool sleeps = false;
  std::string who;
  for (std::size_t t = 0; t < s.threads.size(); ++t) {
    if (s.threads[t].next == nullptr) continue;
    const machine::Header& h = s.threads[t].next->header;
    if (h.status == machine::Status::finished) continue;
    sleeps |= h.status == machine::Status::running && h.request.wait == ir::WaitKind::sleep;
    who += (who.empty() ? "" : ", ") + thread_name(search, t);
  }
  return found(search, s, sleeps ? "lost wakeup" : "deadlock",
               who + (sleeps ? ": sleeps and nothing will wake it" : ": waits for what will never come"));
}

template <int W>
bool Judge<W>::may_follow(Search<W>& search, const State<W>& s, Slot a, Slot f) const {
  std::vector<Slot> slots;
  memory::Graph g = search.graph_of(s, &slots, true);
  memory::EventId access = memory::no_event, freed = memory::no_event, written = memory::no_event;
  const Slot half = s.events[a].what == What::read ? s.rmw_write(a) : no_slot;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const auto id = static_cast<memory::EventId>(i);
    if (slots[i] == a) access = id;
    if (half != no_slot && slots[i] == half) written = id;  // a read-modify-write follows as a whole
    if (slots[i] == f && g[id].address == s.events[a].address) freed = id;
  }
  if (access == memory::no_event || freed == memory::no_event) return true;
  if (s.events[a].what == What::read) g.read_from(access, freed);
  else g.place(access, g.co_index(freed));
  if (written != memory::no_event) g.place(written, g.co_index(freed));
  return memory::consistent(g, options_.model);
}

template <int W>
bool Judge<W>::all_may_come_before(Search<W>& search, const State<W>& s) {
  std::vector<Slot> slots;
  return memory::consistent(search.graph_of(s, &slots, true), options_.model);
}

template <int W>
bool Judge<W>::memory_is_well(Search<W>& search, State<W>& s) {
  const bool lkmm = options_.model == Model::lkmm || options_.model == Model::lkmm_6_1;
  if (s.frees == 0 && !(lkmm && may_flag(s))) return true;
  std::vector<Slot> frees;
  s.used.each([&](Slot e) {
    if (s.events[e].what == What::free) frees.push_back(e);
  });
  if (!frees.empty()) search.in_sequence(s);
  std::vector<Bits<W>> before;
  for (const Slot f : frees) before.push_back(search.ordered_before(s, f));
  // Where an access must come after a free, may_follow() is of no use: no execution has one there and the
  // others not.
  const bool forced = !frees.empty() && s.waits && !all_may_come_before(search, s);
  if (forced && !after_free(search, s)) return false;
  for (const bool twice : {false, true})
    for (std::size_t i = 0; i < s.n * frees.size(); ++i) {
      const Slot f = frees[i / s.n];
      const Slot a = s.order[i % s.n];
      const Event& e = s.events[a];
      if (a == f || !machine::in_heap(e.address) || machine::object_of(e.address) != s.events[f].address)
        continue;
      if (e.what == What::free && twice)
        return found(search, s, "double free", std::string(explain(machine::Failure::double_free)), {a, f});
      if (twice || (e.what != What::read && e.what != What::write)) continue;
      if (!before[i / s.n].has(a) && (!s.waits || forced || may_follow(search, s, a, f)))
        return found(search, s, "use after free", std::string(explain(machine::Failure::use_after_free)),
                     {a, f});
    }
  if (!lkmm) return true;
  const memory::Verdict plain = memory::verdict(search.graph_of(s), options_.model);
  if (!plain.races.empty()) {
    std::vector<Slot> slots;
    search.graph_of(s, &slots);
    const memory::Race r = plain.races.front();
    return found(search, s, "data race", "a plain access races with another access to the same place",
                 {slots[r.first], slots[r.second]});
  }
  const bool others = std::any_of(frees.begin(), frees.end(), [&](Slot f) {  // have what is freed
    bool any = false;
    s.used.each([&](Slot a) {
      const Event& e = s.events[a];
      any |= e.thread != s.events[f].thread && (e.what == What::read || e.what == What::write) &&
             machine::in_heap(e.address) && machine::object_of(e.address) == s.events[f].address;
    });
    return any;
  });
  if (!others) return true;
  std::vector<Slot> slots;
  const memory::Graph g = search.graph_of(s, &slots, true);
  const auto free = [&](memory::EventId e) { return s.events[slots[e]].what == What::free; };
  for (const memory::Race& r : memory::verdict(g, options_.model).races) {
    if (!free(r.first) && !free(r.second)) continue;  // that is meant
    return found(search, s, "use after free", std::string(explain(machine::Failure::use_after_free)),
                 {slots[r.first], slots[r.second]});
  }
  return true;
}

template <int W>
bool Judge<W>::ends_well(Search<W>& search, State<W>& s) {
  if (!program_.finally && program_.invariants.empty() && !options_.leaks && options_.observe.empty())
    return true;
  std::vector<std::int64_t> end;
  search.changes(s, end);
  s.used.each([&](Slot slot) {
    const Event& e = s.events[slot];
    if (e.what != What::alloc && e.what != What::free) return;
    end.insert(end.end(), {e.what == What::alloc, static_cast<std::int64_t>(e.address), e.value});
  });
  bool counts = true;
  if (const auto seen = ended_well_.find(end); seen != ended_well_.end()) {
    counts = seen->second;
  } else {
    if (!leaves_well(search, s, counts)) return false;
    if (ended_well_.size() < most_ends) ended_well_.emplace(std::move(end), counts);
  }
  return !counts || options_.gather || invariants_hold(search, s);
}

template <int W>
bool Judge<W>::invariants_hold(Search<W>& search, State<W>& s) {
  if (invariants_.empty())
    for (const ir::Invariant& i : program_.invariants)
      invariants_.emplace_back(search.machine(), i, search.initial());
  for (Remembered& i : invariants_)
    if (!always(search, s, i)) return found(search, s, "invariant", i.invariant().name);
  return true;
}

template <int W>
bool Judge<W>::leaves_well(Search<W>& search, State<W>& s, bool& counts) {
  Initial& memory = memory_;
  if (memory.changed || memory.values.empty()) memory.values = search.initial().values;
  memory.changed = false;
  memory.objects = search.initial().objects;
  search.final_values(s, memory);
  for (std::size_t i = 0; i < s.n; ++i) {
    const Event& e = s.events[s.order[i]];
    if (e.what == What::alloc)
      memory.objects.push_back({e.address, static_cast<std::uint64_t>(e.value), false, e.source});
  }
  s.used.each([&](Slot e) {
    for (Initial::Object& o : memory.objects)
      o.freed |= s.events[e].what == What::free && s.events[e].address == o.address;
  });
  const machine::Machine& m = search.machine();
  if (program_.finally) {
    const Ran r = run_alone(m, *program_.finally, finally_thread, memory);
    counts = r.status != machine::Status::dropped;
    if (!counts || (r.failure != machine::Failure::none && options_.gather)) return true;
    if (r.failure != machine::Failure::none)
      return found(search, s, std::string(machine::name(r.failure)),
                   "FINALLY, line " + std::to_string(m.instr(r.at).at.span.line) + ": " +
                       text_of(search, r.failure, r.at));
  }
  if (std::string outcome = refused(memory); !outcome.empty())
    return found(search, s, "refinement", "no order of the operations ends with " + outcome);
  if (options_.leaks)
    for (const std::uint64_t object : lost_objects(memory)) {
      std::vector<Slot> made;
      s.used.each([&](Slot e) {
        if (s.events[e].what == What::alloc && s.events[e].address == object) made.push_back(e);
      });
      return found(search, s, "leak", "an object is lost: not freed, and nothing points to it", made);
    }
  return true;
}

template <int W>
std::string Judge<W>::refused(const Initial& memory) {
  if (options_.observe.empty()) return "";
  std::vector<std::int64_t> values;
  std::string text;
  for (const ir::Place& p : options_.observe) {
    const auto it = memory.values.find(p.address);
    values.push_back(it == memory.values.end() ? 0 : it->second);
    text += (text.empty() ? "" : ", ") + p.name + " = " + std::to_string(values.back());
  }
  const bool allowed = options_.allowed == nullptr || options_.allowed->contains(values);
  out_.observed.insert(std::move(values));
  return allowed ? "" : text;
}

template <int W>
bool Judge<W>::may_flag(const State<W>& s) {
  bool plain = false;
  s.used.each([&](Slot e) {
    const Tag t = s.events[e].tag;
    const bool memory = s.events[e].what == What::read || s.events[e].what == What::write;
    plain |= (memory && t == Tag::plain) || (t >= Tag::lock_read && t <= Tag::srcu_unlock) ||
             t == Tag::rcu_lock || t == Tag::rcu_unlock || t == Tag::sync_srcu;
  });
  return plain;
}

template <int W>
void Judge<W>::flag(Search<W>& search, State<W>& s) {
  if (!may_flag(s)) return;
  LitmusAnswer more;
  for (const std::string_view f : memory::verdict(search.graph_of(s), options_.model).flags)
    more.flags.emplace_back(f);
  merge(more, *out_.litmus);
}

template class Judge<1>;
template class Judge<2>;
template class Judge<4>;
template class Judge<8>;
template class Judge<16>;

}  // namespace ringtail::explore
