// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/machine/machine.h"
#include "model/machine/run.h"

namespace ringtail::machine {
namespace {

constexpr unsigned kMostSteps = 16;  // of a round

// Whether a thread's innermost loop was begun as it was at `a` when it came to `b`.
bool same_round(const Snapshot& a, const Snapshot& b) {
  const std::size_t n = a.header.loops;
  if (n == 0 || b.header.loops != n || a.header.frames != b.header.frames) return false;
  const LoopMark &x = arrays(a).loops[n - 1], &y = arrays(b).loops[n - 1];
  return x.id == y.id && x.depth == y.depth && x.state == y.state;
}

}  // namespace

Undone Machine::take_back(const Snapshot& at, std::int64_t value, std::optional<std::int64_t> seen,
                          std::size_t thread, DepTable& deps, Arena& arena) const {
  const Request first = at.header.request;
  if (!adds(first)) return Undone::no;
  const Arena::Mark mark = arena.mark();
  std::int64_t now = combine(first, value);
  const Snapshot* s = resume_past_fences(at, value, thread, deps, arena);
  Undone out = Undone::no;
  for (unsigned n = 0; n < kMostSteps && s->header.status == Status::running; ++n) {
    const Request q = s->header.request;
    if (q.source == first.source && same_round(at, *s)) {
      out = Undone::again;
      break;
    }
    if (q.address != first.address || !(q.act == Act::read || adds(q))) break;
    s = resume_past_fences(*s, q.act == Act::read ? seen.value_or(now) : now, thread, deps, arena);
    if (adds(q)) now = combine(q, now);
  }
  if (s->header.status == Status::spinning) out = Undone::waits;
  arena.release(mark);
  return now == value ? out : Undone::no;
}

}  // namespace ringtail::machine
