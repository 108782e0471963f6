// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/user_memory.h"

namespace ringtail::kernel {

Tri mapped_at(Range r, const PageState& s) {
  if (r.begin >= kUserEnd) return Tri::no;
  const Tri mapped = s.test(kMapped);
  return mapped == Tri::maybe && r.end <= kFirstMappable ? Tri::no : mapped;
}

Tri faults(const Step& s, const Word& pointer, std::uint64_t length, Access access) {
  if (length == 0) return Tri::no;
  if (!pointer.known()) return Tri::maybe;
  const Address begin = pointer.value, end = begin + length;
  if (end < begin || end > kUserEnd) return Tri::yes;
  Tri bad = Tri::no;
  s.look({s.page_down(begin), s.page_up(end)}, [&](Range r, const PageState& p) {
    const Tri mapped = mapped_at(r, p);
    // x86 has no write-only pages; execute-only ones depend on protection keys.
    Tri allowed = p.test(kWrite);
    if (access == Access::read) allowed = allowed | p.test(kRead) | (p.test(kExec) & Tri::maybe);
    Tri fails = (!mapped) | !allowed;
    // A file may end before its mapping does; guards and devices refuse at will; a stack may yet grow.
    if (fails == Tri::no &&
        (p.test(kFile) != Tri::no || p.test(kGuards) != Tri::no || p.test(kSpecial) != Tri::no))
      fails = Tri::maybe;
    bad = bad | fails;
    return bad != Tri::yes;
  });
  return bad;
}

}  // namespace ringtail::kernel
