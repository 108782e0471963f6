// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/hunt/shape.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace ringtail::hunt {
namespace {

using kernel::Range;

bool inside(const Touch& a, const Touch& b) {
  if (a.all || b.all) return true;  // what is about everything is about the other's pages
  auto at = b.ranges.begin();
  for (const Range& r : a.ranges) {
    while (at != b.ranges.end() && at->end < r.end) ++at;
    if (at == b.ranges.end() || at->begin > r.begin) return false;
  }
  return true;
}

Relation relation_of(const Touch& a, const Touch& b) {
  const bool in = inside(a, b), out = inside(b, a);
  return in && out ? Relation::same : in ? Relation::inside : out ? Relation::around : Relation::overlap;
}

constexpr Relation turned(Relation r) {
  return r == Relation::inside ? Relation::around : r == Relation::around ? Relation::inside : r;
}

}  // namespace

Shape shape_of(const Touch& a, const Touch& b) {
  Shape s;
  s.what = a.what;
  s.first = a.by;
  s.second = b.by;
  s.apart = a.through != 0;
  s.remote = !s.apart && a.own != b.own;
  if (a.what == Touch::What::pages) {
    s.relation = relation_of(a, b);
    s.pages = a.pages.kind != PageKind::unknown ? a.pages : b.pages;
  }
  if (s.second < s.first) {
    std::swap(s.first, s.second);
    s.relation = turned(s.relation);
  } else if (s.second == s.first && s.relation == Relation::around) {
    s.relation = Relation::inside;
  }
  return s;
}

Shape shape_of(const Touch& a, const Touch& b, const Touch& c) {
  Shape s;
  s.what = a.what;
  Operation ops[] = {a.by, b.by, c.by};
  std::sort(std::begin(ops), std::end(ops));
  s.first = ops[0];
  s.second = ops[1];
  s.third = ops[2];
  s.apart = a.through != 0;
  s.remote = !s.apart && (a.own != b.own || b.own != c.own);
  for (const Touch* t : {&a, &b, &c})
    if (s.pages.kind == PageKind::unknown) s.pages = t->pages;
  return s;
}

Shape shape_of(const Touch& t, Op unseen) {
  Shape s;
  s.what = t.what;
  s.first = {unseen, -1};
  s.second = t.by;
  s.pages = t.pages;
  s.apart = t.through != 0;
  s.remote = !s.apart && t.space != t.own && t.what == Touch::What::pages;
  if (s.second < s.first) std::swap(s.first, s.second);
  return s;
}

std::string_view name_of(Relation r) {
  switch (r) {
    case Relation::same:
      return "the same pages";
    case Relation::inside:
      return "pages inside the other's";
    case Relation::around:
      return "pages around the other's";
    case Relation::overlap:
      return "some pages of the other's";
  }
  return "";
}

std::string_view name_of(PageKind k) {
  switch (k) {
    case PageKind::unknown:
      return "of a mapping that the capture does not show";
    case PageKind::anonymous:
      return "private anonymous";
    case PageKind::private_file:
      return "private, of a file";
    case PageKind::shared_file:
      return "shared, of a file";
    case PageKind::shared_memory:
      return "shared memory";
    case PageKind::hugetlb:
      return "hugetlb";
    case PageKind::ring:
      return "an AIO ring";
  }
  return "";
}

std::string name_of(const Shape& s) {
  std::string both = fmt::format("{} beside {}", name_of(s.first), name_of(s.second));
  if (s.third) both += fmt::format(" beside {}", name_of(*s.third));
  switch (s.what) {
    case Touch::What::context:
      return both + ": the same context";
    case Touch::What::descriptor:
      return both + (s.apart ? ": an open file that two processes have" : ": the same descriptor");
    case Touch::What::pages:
      return fmt::format("{}: {}, {}{}{}", both, name_of(s.relation), name_of(s.pages.kind),
                         s.pages.read_only ? ", read-only" : "",
                         s.remote                                                  ? ", from another process"
                         : s.second.op == Op::size_fd || s.first.op == Op::size_fd ? ", by a descriptor"
                         : s.apart ? ", through mappings of two processes"
                                   : "");
  }
  return both;
}

}  // namespace ringtail::hunt
