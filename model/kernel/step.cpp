// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/step.h"

#include <algorithm>
#include <array>

namespace ringtail::kernel {

bool Step::need(int n) {
  for (int i = 0; i < n; ++i)
    if (!knows(i)) {
      checks.not_judged(reason::kArguments);
      return false;
    }
  return true;
}

std::vector<Glance> Step::glances() const {
  const auto saw = handler_of(call.sys).saw;
  return saw ? saw(*this) : std::vector<Glance>{};
}

bool Step::blurred(Range r) const {
  if (mm.loose || mm.wild) return true;
  if (others_.empty()) return false;
  for (const Op* o : around(r))
    if (o->footprint.meets(r)) return true;
  return false;
}

void Step::view(Range r, std::vector<std::pair<Range, PageState>>& pieces) const {
  if (mm.wild) {
    pieces.push_back({r, PageState{}});
    return;
  }
  mm.space.for_each(r, [&](Range piece, const PageState& s) {
    pieces.push_back({piece, visible(s) ? s : PageState{}});
    pieces.back().second.owner = 0;
  });
  overlapping(r, [&](const Op&, const Footprint::Part& part) {
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const auto [range, state] = pieces[i];
      const Range hit = range.intersect(part.range);
      if (hit.empty()) continue;
      PageState blurred = state;
      blur(blurred, part.loses);
      if (blurred == state) continue;
      lost_ = true;
      pieces[i] = {hit, blurred};
      if (range.begin < hit.begin)
        pieces.insert(pieces.begin() + static_cast<std::ptrdiff_t>(i++), {{range.begin, hit.begin}, state});
      if (hit.end < range.end)
        pieces.insert(pieces.begin() + static_cast<std::ptrdiff_t>(++i), {{hit.end, range.end}, state});
    }
  });
}

std::pair<PageState, PageState> Step::edge(Address at) const {
  if (const Range both{at - page(), at + page()}; blurred(both)) {
    std::pair<PageState, PageState> states;
    look(both, [&](Range r, const PageState& s) {
      if (r.begin < at) states.first = s;
      states.second = s;
    });
    return states;
  }
  return mm.space.edge(at);
}

void Step::assign(Range r, const PageState& s) {
  if (mm.loose && !s.unknown()) {
    PageState mine = s;
    mine.owner = task.group;
    mm.space.assign(r, mine);
  } else {
    mm.space.assign(r, s);
  }
  settle(r);
}

void Step::unmap(Range r) {
  Tri grows = Tri::no;
  if (mm.grows && !r.empty())
    mm.space.for_each({r.end, std::min(r.end + kMostGrowth, kTaskSize)}, [&](Range, const PageState& s) {
      if (s.test(kMapped) == Tri::no) return true;
      grows = s.test(kGrowsDown);
      return false;
    });
  if (grows != Tri::no) {
    forget(r);
    return grows_from(r.begin);
  }
  assign(r, PageState::unmapped());
}

void Step::grows_from(Address start) {
  mm.grows = true;
  maybe(growth_below(start), kFills);
}

void Step::maybe(Range r, std::uint32_t loses) {
  if (cuts_vmas(loses)) mm.space.may_cut(r);
  mm.space.update(r, [&](Range, PageState& s) {
    blur(s, loses);
    if (s.unknown()) s.owner = 0;
  });
}

bool Step::being_remapped(Range r) const {
  bool found = false;
  overlapping(r, [&](const Op& o, const Footprint::Part& part) {
    found = found || (o.in_flight() && (part.loses & (kFills | kMapped | kUnmaps)));
  });
  return found;
}

void Step::settle(Range r) {
  overlapping(r, [&](const Op& o, const Footprint::Part& part) {
    if (!o.in_flight()) maybe(part.range.intersect(r), part.loses), lost_ = true;
  });
}

namespace {

std::array<Handler, kSysCount> handlers = [] {
  std::array<Handler, kSysCount> t;
  for (int i = 0; i < kSysCount; ++i) {
    const Sys s = static_cast<Sys>(i);
    switch (family_of(s)) {
      case Family::memory:
        t[static_cast<std::size_t>(i)] = memory_handler(s);
        break;
      case Family::process:
        t[static_cast<std::size_t>(i)] = process_handler(s);
        break;
      case Family::madvise:
        t[static_cast<std::size_t>(i)] = madvise_handler(s);
        break;
      case Family::migration:
        t[static_cast<std::size_t>(i)] = migration_handler(s);
        break;
      case Family::aio:
        t[static_cast<std::size_t>(i)] = aio_handler(s);
        break;
      case Family::descriptor:
        t[static_cast<std::size_t>(i)] = descriptor_handler(s);
        break;
      case Family::other:
        break;
    }
  }
  return t;
}();

}  // namespace

const Handler* const kHandlers = handlers.data();

#ifdef RINGTAIL_PLANT  // in no release: a judge that is wrong, which a search must find
                       // (tests/replay/planted)
Handler& planted_handler(Sys sys) { return handlers[static_cast<std::size_t>(sys)]; }
#endif

}  // namespace ringtail::kernel
