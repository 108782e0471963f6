// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/explore/symmetry.h"

#include <algorithm>

#include "checker/explore/search.h"

namespace ringtail::explore {
namespace {

// What a listing leaves out of an instruction, and what it does depends on.
bool same_beside_listing(const ir::Instr& a, const ir::Instr& b) {
  return std::visit(
      [&]<class N>(const N& n) {
        const N& other = std::get<N>(b.node);
        bool same = true;
        if constexpr (requires { n.is_signed; }) same &= n.is_signed == other.is_signed;
        if constexpr (requires { n.wait; }) same &= n.wait == other.wait;
        if constexpr (requires { n.kind; }) same &= n.kind == other.kind;
        if constexpr (requires { n.parts; })
          same &= std::equal(
              n.parts.begin(), n.parts.end(), other.parts.begin(), other.parts.end(),
              [](const auto& p, const auto& q) { return p.offset == q.offset && p.size == q.size; });
        return same;
      },
      a.node);
}

bool same_code(const ir::Function& a, const ir::Function& b) {
  return a.params == b.params && a.regs == b.regs &&
         std::equal(a.code.begin(), a.code.end(), b.code.begin(), b.code.end(),
                    [](const ir::Instr& i, const ir::Instr& k) {
                      if (i.node.index() != k.node.index()) return false;
                      return std::holds_alternative<ir::Loop>(i.node) ||
                             (print(i) == print(k) && same_beside_listing(i, k));
                    });
}

// Whether no run of the function can tell which thread it is in.
bool anonymous(const ir::Program& program, std::uint32_t function) {
  const std::vector<bool> runs = machine::reached(program, {function});
  for (std::size_t f = 0; f < runs.size(); ++f)
    if (runs[f])
      for (const ir::Instr& i : program.functions[f].code)
        if (std::holds_alternative<ir::CurrentTask>(i.node)) return false;
  return true;
}

}  // namespace

std::vector<std::uint8_t> twins(const machine::Machine& m) {
  const ir::Program& program = m.program();
  if (machine::waits_for_readers(program)) return {};
  const auto interrupted = [&](std::uint32_t thread) {
    return std::any_of(program.threads.begin(), program.threads.end(), [&](const ir::Thread& t) {
      return t.kind == ir::ThreadKind::irq_on && t.target == thread;
    });
  };
  std::vector<std::uint8_t> out(m.cpus().size(), no_twin);
  bool any = false;
  for (std::size_t t = 1; t < out.size(); ++t) {
    const ir::Thread& thread = program.threads[m.cpus()[t]];
    if (interrupted(m.cpus()[t]) || !anonymous(program, thread.function)) continue;
    for (std::size_t k = t; k-- > 0 && out[t] == no_twin;) {
      const ir::Thread& other = program.threads[m.cpus()[k]];
      if (other.kind == thread.kind && !interrupted(m.cpus()[k]) &&
          same_code(program.functions[other.function], program.functions[thread.function]))
        out[t] = static_cast<std::uint8_t>(k);
    }
    any |= out[t] != no_twin;
  }
  if (!any) out.clear();
  return out;
}

void in_every_place(const machine::Machine& m, const std::vector<std::uint8_t>& twins, Guesses& evidence) {
  const auto function = [&](std::size_t t) { return m.program().threads[m.cpus()[t]].function; };
  const auto exchange = [&](std::uint8_t a, std::uint8_t b) {
    const auto value = [&](std::int64_t v) {
      const auto address = static_cast<std::uint64_t>(v);
      if (!machine::in_heap(address)) return v;
      const auto offset =
          static_cast<std::int64_t>(machine::object_address(b, 0) - machine::object_address(a, 0));
      const std::uint64_t owner = (address - machine::heap_base) >> machine::thread_shift;
      return owner == a ? v + offset : owner == b ? v - offset : v;
    };
    const auto values = [&](const std::set<std::int64_t>& of) {
      std::set<std::int64_t> out;
      for (const std::int64_t v : of) out.insert(value(v));
      return out;
    };
    const auto name = [&](ReadName n) {
      n.address = static_cast<std::uint64_t>(value(static_cast<std::int64_t>(n.address)));
      if (n.thread != a && n.thread != b) return n;
      n.thread = n.thread == a ? b : a;
      machine::Place at = m.place(n.source);
      if (at.function == function(a) || at.function == function(b)) at.function = function(n.thread);
      n.source = m.number(at);
      return n;
    };
    Guesses other;
    for (const auto& [read, of] : evidence.promises) other.promises[name(read)] = values(of);
    for (const ReadName& read : evidence.open) other.open.insert(name(read));
    other.anywhere = values(evidence.anywhere);
    other.waits_in_section = evidence.waits_in_section;
    const Guesses before = evidence;
    evidence.add(other);
    return !(evidence == before);
  };
  for (bool more = true; more;) {
    more = false;
    for (std::uint8_t t = 0; t < twins.size(); ++t) more |= twins[t] != no_twin && exchange(twins[t], t);
  }
}

// For how many events a thread and its twin go the same way; what comes next may tell them apart.
template <int W>
std::uint16_t Search<W>::together(const S& s, std::uint8_t t) const {
  const auto& mine = s.threads[t];
  const auto& other = s.threads[twins_[t]];
  const auto same = [&](Slot x, Slot y) {
    const Event &a = s.events[x], &b = s.events[y];
    if (a.what != b.what) return false;
    if (a.what == What::choose) return a.value == b.value;
    if (a.what == What::write) return a.loc != b.loc;  // each to what is its own
    if (a.what != What::read || a.rf == b.rf) return true;
    if (a.rf >= no_slot || b.rf >= no_slot || a.loc == b.loc) return false;
    return true;  // each from what is its own
  };
  const std::uint16_t most = std::min(mine.count, other.count);
  std::uint16_t n = 0;
  while (n < most && same(other.list[n], mine.list[n])) ++n;
  return n;
}

template <int W>
Slot Search<W>::twin_event(const S& s, std::uint8_t t, std::uint16_t i) const {
  if (t >= twins_.size() || twins_[t] == no_twin) return no_slot;
  const auto& other = s.threads[twins_[t]];
  return i < other.count && together(s, t) >= i ? other.list[i] : no_slot;
}

// A thread does not overtake its twin before something tells them apart.
template <int W>
bool Search<W>::held_back(const S& s, std::uint8_t t) const {
  if (t >= twins_.size() || twins_[t] == no_twin) return false;
  const std::uint16_t n = s.threads[t].count;
  return s.threads[twins_[t]].count <= n && together(s, t) == n;
}

// Whether an event tells its thread from its twin, if it does, in the way that is looked at.
template <int W>
bool Search<W>::in_order(const S& s, Slot e) const {
  if (twins_.empty()) return true;
  const Event& b = s.events[e];
  const auto& thread = s.threads[b.thread];
  const auto i =
      static_cast<std::uint16_t>(std::find(thread.list, thread.list + thread.count, e) - thread.list);
  const Slot x = twin_event(s, b.thread, i);
  if (x == no_slot || s.events[x].loc != b.loc || s.events[x].what != b.what) return true;
  Slot from = x, to = e;
  if (b.what == What::read) from = s.events[x].rf, to = b.rf;
  else if (b.what != What::write) return true;
  if (from == from_initial) return true;
  while (from != no_slot && from != to) from = s.events[from].co_next;
  return from == to;
}

// All that must be there for the event to be there: what is in its prefix, and what twins did.
template <int W>
typename Search<W>::Set Search<W>::needs(const S& s, Slot e) const {
  Set p = s.prefix[e];
  if (twins_.empty()) return p;
  p.add(e);
  for (bool more = true; more;) {
    more = false;
    for (std::uint8_t t = static_cast<std::uint8_t>(twins_.size()); t-- > 0;) {
      if (twins_[t] == no_twin) continue;
      const auto& thread = s.threads[t];
      std::uint16_t n = 0;
      while (n < thread.count && p.has(thread.list[n])) ++n;
      const auto& other = s.threads[twins_[t]];
      n = std::min({n, static_cast<std::uint16_t>(together(s, t) + 1), other.count});
      if (n == 0 || p.has(other.list[n - 1])) continue;
      Slot last = other.list[n - 1];
      if (s.events[last].what == What::read && s.events[last].rmw && s.rmw_write(last) != no_slot)
        last = s.rmw_write(last);
      p |= s.prefix[last];
      p.add(last);
      more = true;
    }
  }
  p.drop(e);
  return p;
}

#define RINGTAIL_INSTANTIATE(W)                                                     \
  template std::uint16_t Search<W>::together(const S&, std::uint8_t) const;         \
  template Slot Search<W>::twin_event(const S&, std::uint8_t, std::uint16_t) const; \
  template bool Search<W>::held_back(const S&, std::uint8_t) const;                 \
  template bool Search<W>::in_order(const S&, Slot) const;                          \
  template typename Search<W>::Set Search<W>::needs(const S&, Slot) const;
RINGTAIL_INSTANTIATE(1)
RINGTAIL_INSTANTIATE(2)
RINGTAIL_INSTANTIATE(4)
RINGTAIL_INSTANTIATE(8)
RINGTAIL_INSTANTIATE(16)

}  // namespace ringtail::explore
