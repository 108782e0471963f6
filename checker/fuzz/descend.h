// SPDX-License-Identifier: GPL-2.0-or-later
// The way down from what failed to what is smallest: as rapidcheck goes it, but for values that somebody else
// looks for.
#pragma once

#include <rapidcheck.h>

namespace ringtail::fuzz {

// `start` failed; `fails(value)` says whether a smaller one does, and is true of the last that it was true
// of.
template <class T, class Fails>
void descend(rc::Shrinkable<T> start, Fails fails) {
  for (bool smaller = true; smaller;) {
    smaller = false;
    rc::Seq<rc::Shrinkable<T>> candidates = start.shrinks();
    while (auto candidate = candidates.next()) {
      if (!fails(candidate->value())) continue;
      start = *candidate;
      smaller = true;
      break;
    }
  }
}

}  // namespace ringtail::fuzz
