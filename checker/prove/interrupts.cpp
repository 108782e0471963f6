// SPDX-License-Identifier: GPL-2.0-or-later
// Interrupts on a thread's own CPU: calls that may come before any of its events while it does not hold them
// off, and before it does.
#include <algorithm>

#include <fmt/format.h>

#include "checker/prove/events.h"

namespace ringtail::prove {

bool EventRun::may_interrupt(const State& s) const {
  return s.irqs != 0 && !s.irqs_off &&
         std::none_of(s.frames.begin(), s.frames.end(), [](const Frame& f) { return f.interrupt; });
}

// Where nothing has happened since it was last asked, the answer would make no difference.
void EventRun::interrupts(State& s) {
  if (!may_interrupt(s) || s.asked == s.trace.size() + 1) return;
  s.asked = s.trace.size() + 1;
  for (std::uint32_t h = 0; h < handlers_[thread_].size() && s.alive; ++h) {
    if ((s.irqs >> h & 1) == 0) continue;
    const z3::expr comes = c.bool_const(fmt::format("interrupt {}", interruptions.size()).c_str());
    State other = s;
    require(other, comes);
    interruptions.push_back({thread_, h, all(other.path), {}});
    if (!s.trace.empty()) interruptions.back().behind = s.trace.back();
    interrupt(other, h);
    go_on(other);
    finish(other);
    require(s, !comes);
  }
}

void EventRun::interrupt(State& s, std::uint32_t handler) {
  s.irqs &= ~(1u << handler);
  start(s, handlers_[thread_][handler]);
  s.frames.back().interrupt = true;
}

// Others may know its objects; a handler may come before they end.
void EventRun::returns(State& s) {
  const std::vector<std::uint64_t>& own = s.frames.back().locals;
  if (std::any_of(own.begin(), own.end(), [&](std::uint64_t local) {
        return std::find(s.shared.begin(), s.shared.end(), local) != s.shared.end();
      }))
    interrupts(s);
}

}  // namespace ringtail::prove
