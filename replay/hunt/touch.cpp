// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/hunt/touch.h"

#include <algorithm>

namespace ringtail::hunt {
namespace {

using kernel::Range;

bool common_page(const Touch& a, const Touch& b) {
  if (a.all) return b.all || !b.ranges.empty();
  if (b.all) return !a.ranges.empty();
  auto x = a.ranges.begin();
  auto y = b.ranges.begin();
  while (x != a.ranges.end() && y != b.ranges.end()) {
    if (x->intersects(*y)) return true;
    if (x->end <= y->end) ++x;
    else ++y;
  }
  return false;
}

bool common_descriptor(const Touch& a, const Touch& b) {
  if (a.by.op != Op::close_fd && b.by.op != Op::close_fd) return false;
  return a.object <= b.last_object && b.object <= a.last_object;
}

bool only_looks(Op op) { return op == Op::get_mempolicy; }

}  // namespace

void Touch::add(Range r) {
  if (r.empty()) return;
  auto at =
      std::lower_bound(ranges.begin(), ranges.end(), r, [](Range a, Range b) { return a.end < b.begin; });
  auto last = at;
  for (; last != ranges.end() && last->begin <= r.end; ++last)
    r = {std::min(r.begin, last->begin), std::max(r.end, last->end)};
  at = ranges.insert(ranges.erase(at, last), r);
  if (ranges.size() <= kMostRanges) return;
  if (at + 1 == ranges.end()) --at;
  at->end = (at + 1)->end;
  ranges.erase(at + 1);
}

bool meet(const Touch& a, const Touch& b) {
  if (a.what != b.what || a.space != b.space) return false;
  if (a.through != 0 && a.through == b.through) return false;
  // An address space and its contexts go when its last thread has left: only another process may be at work
  // then.
  if ((a.by.op == Op::exit || b.by.op == Op::exit) && (a.own == b.own || a.what != Touch::What::pages))
    return false;
  switch (a.what) {
    case Touch::What::pages:
      return !(only_looks(a.by.op) && only_looks(b.by.op)) && common_page(a, b);
    case Touch::What::context:
      return a.object == b.object;
    case Touch::What::descriptor:
      return common_descriptor(a, b);
  }
  return false;
}

namespace {

// The pages that both have.
Touch common_pages(const Touch& a, const Touch& b) {
  if (a.all) return b;
  if (b.all) return a;
  Touch out = a;
  out.ranges.clear();
  for (const Range& x : a.ranges)
    for (const Range& y : b.ranges) out.add(x.intersect(y));
  return out;
}

}  // namespace

bool meet_in_one(const Touch& a, const Touch& b, const Touch& c) {
  if (!meet(a, b) || !meet(b, c) || !meet(a, c)) return false;
  if (a.what == Touch::What::pages) return common_page(common_pages(a, b), c);
  // Ranges of numbers each two of which have one in common: all three have.
  return true;
}

}  // namespace ringtail::hunt
