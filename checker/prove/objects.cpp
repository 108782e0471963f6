// SPDX-License-Identifier: GPL-2.0-or-later
// What threads' addresses are of, and what becomes of objects: each access is to one, and kfree() of one is a
// write to all of it.
#include <algorithm>

#include <fmt/format.h>

#include "checker/prove/events.h"
#include "model/machine/machine.h"

namespace ringtail::prove {

using memory::Kind;
using memory::Tag;

// Objects of its own that a thread can name for sure: those of functions that have not returned or were
// handed out, and what it allocated.
bool EventRun::in_object(const State& s, std::uint64_t address, std::uint8_t size) const {
  const auto within = [&](std::uint64_t base, std::uint64_t bytes) {
    return address >= base && address - base + size <= bytes;
  };
  for (const ir::Global& g : program_.globals)
    if (within(g.address, g.size)) return true;
  for (const Frame& f : s.frames)
    for (const std::uint64_t local : f.locals)
      if (within(local, sizes_.at(local))) return true;
  for (const std::uint64_t local : s.shared)
    if (within(local, sizes_.at(local))) return true;
  return std::any_of(s.heap.begin(), s.heap.end(), [&](const auto& o) { return within(o.first, o.second); });
}

void EventRun::demand_object(State& s, const Value& address, std::uint8_t size) {
  if (program_.litmus) return;
  if (address.is_number() && in_object(s, static_cast<std::uint64_t>(address.number()), size)) {
    ++demands;
    return;
  }
  ask(s, address, size, machine::Failure::out_of_bounds);
}

void EventRun::ask(State& s, const Value& address, std::uint8_t size, machine::Failure otherwise) {
  const z3::expr right = c.bool_const(fmt::format("right {}", questions_.size()).c_str());
  std::vector<std::uint64_t> own;
  for (const Frame& f : s.frames) own.insert(own.end(), f.locals.begin(), f.locals.end());
  questions_.push_back({right, address, size, std::move(own)});
  demand(s, !right, otherwise, {}, address);
}

void EventRun::resolve(const Question& q) {
  const z3::expr here = q.address.bits(c, 64);
  z3::expr_vector inside(c);
  const auto within = [&](std::uint64_t base, std::uint64_t bytes, const z3::expr& made) {
    const z3::expr at = here - c.bv_val(base, 64);
    if (q.size == 0) inside.push_back(made && at == c.bv_val(0, 64));
    else if (bytes >= q.size) inside.push_back(made && z3::ule(at, c.bv_val(bytes - q.size, 64)));
  };
  const z3::expr always = c.bool_val(true);
  for (const Object& o : objects)
    if (o.heap || q.size != 0) within(o.address, o.size, o.made);
  if (q.size != 0) {
    for (const ir::Global& g : program_.globals) within(g.address, g.size, always);
    for (const std::uint64_t local : q.own) within(local, sizes_.at(local), always);
  }
  definitions.push_back(q.right == z3::mk_or(inside));
}

void EventRun::share(State& s, const Value& v) {
  for (const std::uint64_t object : s.memory.bases(v).objects) {
    const auto size = sizes_.find(object);
    if (size == sizes_.end() || std::find(s.shared.begin(), s.shared.end(), object) != s.shared.end())
      continue;
    s.shared.push_back(object);
    objects.push_back({object, size->second, all(s.path), false});
  }
}

void EventRun::free(State& s, const Value& address) {
  if (address.is(0)) return;
  if (!address.is_number()) {
    const z3::expr null = equal(c, address, 0);
    if (oracle.possible(s.path, null)) fork(s, null, [](State&) {});
    if (!s.alive) return;
  }
  const auto at = static_cast<std::uint64_t>(address.number());
  const bool own = address.is_number() &&
                   std::any_of(s.heap.begin(), s.heap.end(), [&](const auto& o) { return o.first == at; });
  if (own) ++demands;
  else ask(s, address, 0, machine::Failure::bad_free);
  if (s.alive) add_free(s, address, false);
}

void EventRun::add_free(State& s, const Value& object, bool own) {
  const z3::expr somewhere = c.bv_const(fmt::format("freed at {}", events.size()).c_str(), 64),
                 anything = c.bv_const(fmt::format("freed {}", events.size()).c_str(), 64);
  const auto number = [](const z3::expr& address) { return address.extract(63, machine::object_shift); };
  definitions.push_back(number(somewhere) == number(object.bits(c, 64)));
  const std::uint32_t e =
      add(s, Kind::write, Tag::plain, Value::of(somewhere, true), 8, Value::of(anything, true), {});
  events[e].freed = object;
  events[e].own = own;
  events[e].addr.clear(), events[e].ctrl.clear();
  may_change(s, c.bool_val(true));
}

}  // namespace ringtail::prove
