// SPDX-License-Identifier: GPL-2.0-or-later
// Where a thread may stand for ever: a loop's round that changes nothing, a grace period and the sections
// that hold it up.
#include <algorithm>

#include <fmt/format.h>

#include "checker/prove/events.h"

namespace ringtail::prove {

using lang::Width;
using memory::Kind;
using memory::Tag;

void EventRun::mark_loop(State& s, LoopMark& mark) {
  mark.changes = s.changes.size();
  mark.trace = s.trace.size();
  mark.live.clear();
  const Frame& f = s.frames.back();
  for (const auto& [pc, live] : live_[f.function]) {
    if (pc != f.pc) continue;
    for (const ir::Reg r : live) mark.live.push_back(f.registers[r]);
  }
}

// As the machine has it (invariant 5 there): since it was here last it has changed nothing that others could
// see, and nothing that it will look at again. Then it is here for ever if memory stays as it saw it.
bool EventRun::spins(State& s, LoopMark& mark) {
  z3::expr_vector same(c);
  for (std::size_t i = mark.changes; i < s.changes.size(); ++i) same.push_back(!s.changes[i]);
  LoopMark now;
  mark_loop(s, now);
  for (std::size_t i = 0; i < now.live.size(); ++i) same.push_back(equal(c, now.live[i], mark.live[i]));
  const z3::expr waits = z3::mk_and(same).simplify();
  if (waits.is_false()) return false;
  if (prefixes_) {
    Stuck stands = stuck_at(s, all(s.path) && waits);
    for (std::size_t i = mark.trace; i < s.trace.size(); ++i) {
      const SymbolicEvent& e = events[s.trace[i]];
      if (e.kind != Kind::read) continue;
      const Width width{static_cast<std::uint8_t>(e.size * 8), true};
      stands.looks.push_back({e.address, wrap(c, e.value, width), width, ir::Guard::not_equal});
    }
    courses.back().ways.push_back({stands.taken, {}, false});
    stand(std::move(stands), s);
  }
  if (waits.is_true()) return true;
  require(s, !waits);
  return false;
}

Stuck EventRun::stuck_at(const State& s, const z3::expr& taken) const {
  Stuck out{thread_, taken, {}, false, Tag::plain, 0, s.rcu != 0, {}};
  for (const std::uint32_t section : s.sections)
    if (sections_[section].unlock == Tag::srcu_unlock)
      out.in_srcu.push_back({events[sections_[section].lock].address, section});
  return out;
}

// Whom an interrupt may still come to does not stand for ever: first it comes, which is another way.
void EventRun::stand(Stuck stands, const State& s) {
  if (!may_interrupt(s)) stuck.push_back(std::move(stands));
}

void EventRun::grace_period(State& s, Tag tag, const Value& domain) {
  add(s, Kind::fence, tag, domain, tag == Tag::sync_srcu ? 4 : 0, 0, {});
  if (!prefixes_) return;
  Stuck stands = stuck_at(s, courses.back().ways.back().taken);
  stands.grace = tag;
  stands.domain = domain;
  stand(std::move(stands), s);
}

void EventRun::open_section(State& s, std::uint32_t lock, Tag unlock) {
  s.sections.push_back(static_cast<std::uint32_t>(sections_.size()));
  sections_.push_back({lock, unlock, {}, {}, {}});
}

// By the event just added; the innermost that it can close. An index of SRCU that comes from memory may be
// that of any.
void EventRun::close_section(State& s, std::uint32_t unlock) {
  const SymbolicEvent& e = events[unlock];
  for (std::size_t i = s.sections.size(); i-- > 0;) {
    Section& section = sections_[s.sections[i]];
    if (section.unlock != e.tag || (e.tag == Tag::srcu_unlock && !e.data.contains(section.lock))) continue;
    section.closed.push_back(e.exists);
    s.sections.erase(s.sections.begin() + static_cast<std::ptrdiff_t>(i));
    return;
  }
  for (const std::uint32_t i : s.sections)
    if (e.tag == Tag::srcu_unlock && sections_[i].unlock == e.tag && !e.data.empty())
      sections_[i].maybe.push_back(unlock);
}

z3::expr EventRun::stays_open(std::uint32_t section) const {
  if (sections_[section].maybe.empty()) return c.bool_val(true);
  return !c.bool_const(fmt::format("section {} ends", section).c_str());
}

void EventRun::end_sections() {
  const bool waits = std::any_of(events.begin(), events.end(), [](const SymbolicEvent& e) {
    return e.tag == Tag::sync_rcu || e.tag == Tag::sync_srcu;
  });
  for (std::size_t i = 0; waits && i < sections_.size(); ++i) {
    const Section& section = sections_[i];
    const SymbolicEvent lock = events[section.lock];
    z3::expr_vector closed(c);
    for (const z3::expr& e : section.closed) closed.push_back(e);
    if (!section.maybe.empty()) {
      carried.push_back(
          {section.lock, !stays_open(static_cast<std::uint32_t>(i)), section.maybe, z3::mk_or(closed)});
      closed = z3::expr_vector(c);
      closed.push_back(carried.back().ends);
    }
    SymbolicEvent e{lock.thread,
                    Kind::fence,
                    section.unlock,
                    lock.address,
                    0,
                    lock.size,
                    false,
                    {},
                    lock.exists && !z3::mk_or(closed),
                    {},
                    {section.lock},
                    {},
                    lock.before,
                    lock.at};
    e.before.push_back(section.lock);
    e.before.insert(e.before.end(), section.members.begin(), section.members.end());
    e.section = section.lock;
    events.push_back(std::move(e));
  }
}

}  // namespace ringtail::prove
