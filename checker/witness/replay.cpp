// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/witness/replay.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "checker/witness/assembly.h"

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
  machine::Options options = explore::machine_options(spec.program, o);
  options.notes = true;
  return options;
}

bool reads(const machine::Request& q) { return q.act == Act::read || q.act == Act::rmw; }
}  // namespace

Result<Execution> replay(const lang::Spec& given, const Script& script) {
  lang::Spec spec = given;
  spec.program.init_choices = script.init;
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
  for (const char* alone : {"INIT", "FINALLY"}) mine.erase(alone);  // run by finish()
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

Result<Execution> execution_of(const lang::Spec& given, const Found& found) {
  lang::Spec spec = given;
  spec.program.init_choices = found.init_choices;
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
        if (q.step.fails || r.act == Act::alloc || r.act == Act::free || r.act == Act::note) return 0;
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
