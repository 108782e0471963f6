// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/prove/section.h"

#include <algorithm>

#include <fmt/format.h>

#include "model/base/result.h"
#include "model/machine/machine.h"

namespace ringtail::prove {
namespace {

std::string name_of(const ir::Program& program, std::uint64_t cell) {
  for (const ir::Global& g : program.globals)
    for (const ir::Cell& c : g.cells)
      if (g.address + c.offset == cell) return g.name + c.name;
  return fmt::format("{:#x}", cell);
}

}  // namespace

Value Section::fresh(unsigned bits, bool is_signed) {
  return Value::of(c.bv_const(fmt::format("shared {}", next_++).c_str(), bits), is_signed);
}

bool Section::holds_lock(State& s, std::uint64_t lock) {
  const auto it = s.held.find(lock);
  if (it == s.held.end()) return false;
  if (it->second.is_number()) return it->second.number() != 0;
  return !oracle.possible(s.path, !it->second.truth(c));
}

// Nobody else can write it now.
bool Section::stable(State& s, std::uint64_t cell) {
  if (machine::in_heap(cell)) return true;  // only objects of this thread are known
  const auto it = protection_.written.find(cell);
  if (it == protection_.written.end()) return true;
  return std::any_of(it->second.begin(), it->second.end(),
                     [&](std::uint64_t lock) { return holds_lock(s, lock); });
}

void Section::touched(State& s, const Resolved& where, std::uint8_t size, bool writes) {
  if (rely_ == Rely::nobody) return;
  for (const Target& t : where.targets) {
    if (machine::in_heap(t.address)) continue;
    if (evaluating_ != 0) {
      if (!protection_.protects(evaluating_, t.address) && unprotected.empty())
        unprotected = name_of(program_, t.address);
      continue;
    }
    if (writes) {
      std::set<std::uint64_t> held;
      for (const auto& [lock, value] : std::map(s.held))
        if (holds_lock(s, lock)) held.insert(lock);
      const auto [it, first] = seen.written.try_emplace(t.address, held);
      if (!first) std::erase_if(it->second, [&](std::uint64_t l) { return !held.contains(l); });
    }
    if (!stable(s, t.address)) s.memory.cells[t.address] = {size, fresh(size * 8u, true)};
  }
}

z3::expr Section::holds(State& s, const ir::Invariant& i) {
  evaluating_ = *i.lock;
  const Value v = call(s, i.function, {});
  evaluating_ = 0;
  return v.truth(c);
}

void Section::examine(State& s) {
  for (const ir::Invariant& i : program_.invariants)
    if (i.lock == lock_ && s.alive) holds(s, i);
}

void Section::enter(State& s, std::uint64_t lock, const z3::expr& taken) {
  if (rely_ == Rely::nobody) return;
  Entry entry{here(s), all(s.path), {}};
  for (const ir::Global& g : program_.globals)
    for (const ir::Cell& cell : g.cells) {
      const std::uint64_t at = g.address + cell.offset;
      const auto written = protection_.written.find(at);
      if (written == protection_.written.end() || !written->second.contains(lock)) continue;
      const bool own = std::any_of(written->second.begin(), written->second.end(),
                                   [&](std::uint64_t l) { return l != lock && holds_lock(s, l); });
      if (own) continue;
      Value v = fresh(cell.size * 8u, cell.is_signed);
      entry.cells.push_back({g.name + cell.name, v.bits(c, cell.size * 8u), cell.is_signed});
      v.bases.anywhere = cell.is_pointer;
      s.memory.cells[at] = {cell.size, v};
    }
  entries.push_back(std::move(entry));
  for (const ir::Invariant& i : program_.invariants)
    if (i.lock == lock && s.alive) {
      const z3::expr relied = holds(s, i);
      if (s.alive) require(s, z3::implies(taken, relied));
    }
}

void Section::unlocking(State& s, const Value& lock) {
  if (static_cast<std::uint64_t>(lock.number()) != lock_) return;
  for (const ir::Invariant& i : program_.invariants) {
    if (i.lock != lock_ || !s.alive) continue;
    const z3::expr owed = holds(s, i);
    if (s.alive) demand(s, !owed, machine::Failure::none, fmt::format("{}, line {}", i.name, i.at.span.line));
  }
}

bool Section::effect(State& s, const ir::Instr& instr) {
  if (rely_ == Rely::nobody) return Sequential::effect(s, instr);
  // The words of locks are others' business: whether one is free is for them to say.
  const auto address = [&](ir::Operand o) -> std::optional<std::uint64_t> {
    const Value v = get(s, o);
    if (v.is_number()) return static_cast<std::uint64_t>(v.number());
    give_up(s, "which lock is meant depends on an input");
    return std::nullopt;
  };
  const auto held = [&](std::uint64_t lock) {
    const auto it = s.held.find(lock);
    return it == s.held.end() ? c.bool_val(false) : it->second.truth(c);
  };
  return std::visit(overloaded{
                        [&](const ir::Lock& n) {
                          const auto lock = address(n.address);
                          if (!lock) return false;
                          demand(s, held(*lock), machine::Failure::self_deadlock);
                          if (!s.alive) return false;
                          enter(s, *lock, c.bool_val(true));
                          s.held[*lock] = 1;
                          return s.alive;
                        },
                        [&](const ir::TryLock& n) {
                          const auto lock = address(n.address);
                          if (!lock) return false;
                          const z3::expr taken = fresh(1, false).truth(c) && !held(*lock);
                          enter(s, *lock, taken);
                          s.held[*lock] = Value::of(held(*lock) || taken, false);
                          set(s, n.dst, Value::of(taken, false));
                          return s.alive;
                        },
                        [&](const ir::Unlock& n) {
                          const auto lock = address(n.address);
                          if (!lock) return false;
                          demand(s, !held(*lock), machine::Failure::not_locked);
                          if (!s.alive) return false;
                          unlocking(s, static_cast<std::int64_t>(*lock));
                          s.held.erase(*lock);
                          return s.alive;
                        },
                        [&](const ir::Store& n) {
                          const Bases what = s.memory.bases(get(s, n.value)),
                                      where = s.memory.bases(get(s, n.address));
                          const auto heap = [](const Bases& b) {
                            return std::any_of(b.objects.begin(), b.objects.end(), machine::in_heap);
                          };
                          if (heap(what) && !heap(where)) {
                            give_up(s, "a thread shares memory that it allocates");
                            return false;
                          }
                          return Sequential::effect(s, instr);
                        },
                        [&](const ir::IsLocked& n) {
                          set(s, n.dst, Value::of(fresh(1, false).truth(c), false));
                          return true;
                        },
                        [&](const auto&) { return Sequential::effect(s, instr); },
                    },
                    instr.node);
}

}  // namespace ringtail::prove
