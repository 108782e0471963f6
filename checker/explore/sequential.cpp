// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/explore/sequential.h"

#include <algorithm>

#include "checker/explore/address.h"

namespace ringtail::explore {

using machine::Act;
using machine::Failure;
using machine::Request;

Failure wrong_address(const machine::Machine& m, const Request& q, const Initial& memory) {
  if (m.program().litmus || !has_address(q)) return Failure::none;
  if (!machine::in_heap(q.address)) return check_global(m.program(), q);
  const std::uint64_t address = machine::object_of(q.address);
  const auto o = std::find_if(memory.objects.begin(), memory.objects.end(),
                              [&](const Initial::Object& x) { return x.address == address; });
  if (o == memory.objects.end()) return Failure::none;
  if (o->freed) return q.act == Act::free ? Failure::double_free : Failure::use_after_free;
  return check_object(q, o->address, o->size);
}

std::int64_t perform(const Request& q, Initial& memory) {
  std::int64_t value = 0;
  switch (q.act) {
    case Act::read:
      return memory.values[q.address];
    case Act::write:
      memory.changed = true;
      memory.values[q.address] = lang::wrap(q.operand, {static_cast<std::uint8_t>(q.size * 8), true});
      return 0;
    case Act::rmw:
      value = memory.values[q.address];
      memory.changed = true;
      if (machine::holds(q.guard, value, q.guard_value))
        memory.values[q.address] = machine::combine(q, value);
      return value;
    case Act::choose:
      return q.operand;
    case Act::alloc:
      memory.objects.push_back({q.address, static_cast<std::uint64_t>(q.operand), false, q.source});
      return 0;
    case Act::free:
      for (Initial::Object& o : memory.objects) o.freed |= o.address == q.address;
      return 0;
    case Act::fence:
    case Act::spawn:
    case Act::note:
      return 0;
  }
  return 0;
}

std::int64_t choice(const machine::Machine& m, const Request& q, std::size_t number, std::size_t n) {
  const std::vector<std::int64_t>& given = m.program().init_choices;
  return number == init_thread && n < given.size() ? given[n] : q.operand;
}

Ran run_alone(const machine::Machine& m, std::uint32_t function, std::size_t number, Initial& memory,
              std::vector<std::uint64_t>* reads) {
  std::vector<Ran::Choice> choices;
  std::optional<Ran> stopped;
  const machine::Header h =
      m.run_alone(function, 0, number, [&](const Request& q) -> std::optional<std::int64_t> {
        const auto stop = [&](machine::Status status, Failure f) {
          stopped = {status, f, q.source, 0, {}};
          return std::nullopt;
        };
        if (const Failure f = wrong_address(m, q, memory); f != Failure::none)
          return stop(machine::Status::failed, f);
        if (q.act == Act::read && reads != nullptr) reads->push_back(q.address);
        std::int64_t value = perform(q, memory);
        if (q.act == Act::choose) {
          value = choice(m, q, number, choices.size());
          choices.push_back({value, q.guard_value, q.is_signed});
        }
        if (q.blocking && !machine::holds(q.guard, value, q.guard_value))
          return stop(machine::Status::spinning, Failure::self_deadlock);
        return value;
      });
  if (stopped) {
    stopped->choices = std::move(choices);
    return std::move(*stopped);
  }
  return {h.status, h.failure, h.failed_at, h.carried, std::move(choices)};
}

}  // namespace ringtail::explore
