// SPDX-License-Identifier: GPL-2.0-or-later
// What the machine stops for by itself: locks that are not used as they should be, sleep where there must be
// none.
#include <algorithm>

#include "checker/prove/events.h"

namespace ringtail::prove {

bool EventRun::sleeps(State& s) {
  if (program_.litmus) return true;
  const bool in_irq =
      (thread_ < cpus_.size() && program_.threads[cpus_[thread_]].kind != ir::ThreadKind::thread) ||
      std::any_of(s.frames.begin(), s.frames.end(), [](const Frame& f) { return f.interrupt; });
  if (s.preempt_off == 0 && !s.irqs_off && s.rcu == 0 && !in_irq) return true;
  demand(s, c.bool_val(true), machine::Failure::sleeps);
  return false;
}

bool EventRun::takes(State& s, const Value& address, ir::LockKind kind, bool waits) {
  if (program_.litmus) return true;
  if (waits && kind == ir::LockKind::mutex && !sleeps(s)) return false;
  for (std::size_t i = 0; waits && i < s.locks.size() && s.alive; ++i)
    demand(s, equal(c, s.locks[i], address), machine::Failure::self_deadlock);
  return s.alive;
}

bool EventRun::releases(State& s, const Value& address, ir::LockKind kind) {
  if (program_.litmus) return true;
  std::vector<std::size_t> held;
  for (std::size_t i = 0; i < s.locks.size(); ++i)
    if (oracle.possible(s.path, equal(c, s.locks[i], address))) held.push_back(i);
  if (held.size() > 1) {
    give_up(s, "which of its locks a thread releases depends on what is read");
    return false;
  }
  demand(s, held.empty() ? c.bool_val(true) : !equal(c, s.locks[held.front()], address),
         machine::Failure::not_locked);
  if (!s.alive) return false;
  s.locks.erase(s.locks.begin() + static_cast<std::ptrdiff_t>(held.front()));
  if (kind == ir::LockKind::spin && s.preempt_off > 0) --s.preempt_off;
  return true;
}

}  // namespace ringtail::prove
