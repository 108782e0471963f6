// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/prove/memory.h"

#include <algorithm>

namespace ringtail::prove {
namespace {

constexpr std::uint64_t kMostTargets = 4096;

}  // namespace

Memory::Memory(const ir::Program& program, const InitialCell* initial)
    : program_(&program), initial_(initial) {
  for (const ir::Global& g : program.globals)
    objects[g.address] = {static_cast<std::int64_t>(g.size), 0, false};
}

std::uint64_t Memory::object_at(std::uint64_t address) const {
  auto it = objects.upper_bound(address);
  if (it == objects.begin()) return 0;
  --it;
  const Value& size = it->second.size;
  const bool near = !size.is_number() || address - it->first <= static_cast<std::uint64_t>(size.number());
  return near ? it->first : 0;
}

Bases Memory::bases(const Value& v) const {
  if (!v.cases().empty()) {
    Bases out;
    for (const Value::Case& k : v.cases()) out.add(bases(k.number));
    return out;
  }
  if (!v.is_number()) return v.bases;
  const std::uint64_t object = object_at(static_cast<std::uint64_t>(v.number()));
  if (object == 0) return {};
  return {{object}, false};
}

Value Memory::either(z3::context& c, const z3::expr& condition, const Value& yes, const Value& no) const {
  Value out = prove::either(c, condition, yes, no);
  if (out.is_number()) return out;
  out.bases = bases(yes);
  out.bases.add(bases(no));
  return out;
}

Value Memory::at(std::uint64_t address, std::uint8_t size) const {
  const auto it = cells.find(address);
  return it != cells.end() ? it->second.value : (*initial_)(address, size);
}

Resolved Memory::resolve(z3::context& c, const Value& address, std::uint8_t size) const {
  Resolved out{{}, c.bool_val(false), c.bool_val(false), {}};
  const z3::expr here = address.bits(c, 64);
  const auto consider = [&](std::uint64_t object, std::uint64_t at, const z3::expr& when) {
    const auto cell = cells.find(at);
    if (cell != cells.end() && cell->second.size != size) return;
    const Object& o = objects.at(object);
    z3::expr inside = when;
    if (!o.size.is_number())
      inside = when && !less(c, o.size, static_cast<std::int64_t>(at - object + size), false);
    out.targets.push_back({at, object, when});
    out.inside = out.inside || inside;
    if (!o.freed.is(0)) out.freed = out.freed || (when && o.freed.truth(c));
  };
  const auto fits_in = [&](const Object& o, std::uint64_t offset) {
    return !o.size.is_number() || offset + size <= static_cast<std::uint64_t>(o.size.number());
  };
  const auto is_here = [&](std::uint64_t at) { return here == c.bv_val(static_cast<std::uint64_t>(at), 64); };
  const auto known = [&](std::int64_t number, const z3::expr& when) {
    const auto at = static_cast<std::uint64_t>(number);
    const std::uint64_t object = object_at(at);
    if (object != 0 && fits_in(objects.at(object), at - object)) consider(object, at, when);
  };
  if (address.is_number()) {
    known(address.number(), c.bool_val(true));
  } else if (!address.cases().empty()) {
    for (const Value::Case& k : address.cases()) known(k.number, k.when);
  } else {
    Bases bases = address.bases;
    if (bases.anywhere)
      for (const auto& [base, object] : objects) bases.objects.insert(base);
    for (const std::uint64_t base : bases.objects) {
      const Object& o = objects.at(base);
      const auto global = std::find_if(program_->globals.begin(), program_->globals.end(),
                                       [&](const ir::Global& g) { return g.address == base; });
      if (global != program_->globals.end() && !global->cells.empty()) {
        for (const ir::Cell& cell : global->cells)
          if (cell.size == size) consider(base, base + cell.offset, is_here(base + cell.offset));
        continue;
      }
      if (!o.size.is_number()) {
        out.unknown = "an object whose size depends on an input is accessed at a place that does, too";
        continue;
      }
      const auto end = static_cast<std::uint64_t>(o.size.number());
      if (end / size > kMostTargets) {
        out.unknown = "an object of more than 4096 cells is accessed at a place that depends on an input";
        continue;
      }
      for (std::uint64_t at = 0; at + size <= end; at += size) consider(base, base + at, is_here(base + at));
    }
    if (out.targets.size() > kMostTargets) out.unknown = "a pointer may mean more than 4096 places";
  }
  return out;
}

Value Memory::load(z3::context& c, const Resolved& where, lang::Width width) const {
  Value out;
  bool first = true;
  const auto size = static_cast<std::uint8_t>(width.bits / 8);
  for (const Target& t : where.targets) {
    const Value v = at(t.address, size);
    out = first ? v : either(c, t.when, v, out);
    first = false;
  }
  return wrap(c, out, width);
}

void Memory::store(z3::context& c, const Resolved& where, std::uint8_t size, const Value& value,
                   const z3::expr& really) {
  const lang::Width width{static_cast<std::uint8_t>(size * 8), true};
  Value kept = wrap(c, value, width);
  kept.bases = bases(value);
  for (const Target& t : where.targets) {
    const z3::expr when = (t.when && really).simplify();
    if (when.is_false()) continue;
    cells[t.address] = {size, when.is_true() ? kept : either(c, when, kept, at(t.address, size))};
  }
}

void Memory::merge(z3::context& c, const z3::expr& condition, const Memory& other) {
  for (auto& [address, cell] : cells)
    if (!other.cells.contains(address))
      cell.value = either(c, condition, cell.value, (*initial_)(address, cell.size));
  for (const auto& [address, cell] : other.cells) {
    const auto mine = cells.find(address);
    if (mine == cells.end())
      cells[address] = {cell.size, either(c, condition, (*initial_)(address, cell.size), cell.value)};
    else mine->second.value = either(c, condition, mine->second.value, cell.value);
  }
  for (const auto& [address, object] : other.objects) {
    const auto mine = objects.find(address);
    if (mine == objects.end()) objects[address] = object;
    else mine->second.freed = either(c, condition, mine->second.freed, object.freed);
  }
}

}  // namespace ringtail::prove
