// SPDX-License-Identifier: GPL-2.0-or-later
// madvise's advice, as a table, and what the kernel's walk over a range does with it.
//
// The frame is as old as madvise (mm/madvise.c do_madvise, madvise_walk_vmas): an advice that this kernel
// does not have is refused before the range is looked at; then the range; then every VMA of it is advised in
// ascending order, the first one that refuses ends the walk with its own error, and holes are stepped over
// and remembered: they give ENOMEM at the end. So a VMA's error wins over a hole before it, and parts before
// a refusal stay advised.
//
// madvise and process_madvise differ in what they do around that walk; both use advise() for one range.
#pragma once

#include <cstdint>
#include <string_view>

#include "model/kernel/step.h"

namespace ringtail::kernel {

struct Advice {
  enum class Id : std::uint8_t {
    normal,
    random,
    sequential,
    willneed,
    dontneed,
    free,
    remove,
    dontfork,
    dofork,
    hwpoison,
    soft_offline,
    mergeable,
    unmergeable,
    hugepage,
    nohugepage,
    dontdump,
    dodump,
    wipeonfork,
    keeponfork,
    cold,
    pageout,
    populate_read,
    populate_write,
    dontneed_locked,
    collapse,
    guard_install,
    guard_remove,
  };
  // Options that a kernel may be built without; the advice is then unknown to it.
  enum class Needs : std::uint8_t { nothing, ksm, thp, memory_failure };

  Id id;
  int value;
  std::string_view name;
  Version since;
  Needs needs;
  bool remote;           // process_madvise may give it to another process...
  Version remote_since;  // ...from this version on
  bool discards;         // refused on sealed memory
  bool flags_only;       // changes VMA flags: may split the VMA and fail with EAGAIN
  std::string_view cites;
};

// nullptr for a value that no kernel knows.
const Advice* advice_of(std::int32_t value);

// Whether a kernel of this profile takes the advice.
Tri offers(const World&, const Advice&);

// The checks of one range, in the kernel's order, against `at` (the address space that is advised: the
// caller's, or another's), errors into `checks`. Success is left to the caller.
void check_range(const Step& at, Checks& checks, Address start, std::uint64_t length, std::int32_t value);

// What the advice did to the range, given how it ended: 0, a positive errno, or kUnknownEnd.
inline constexpr int kUnknownEnd = -1;
inline int error_of(const Outcome& out) {
  if (!out.known()) return kUnknownEnd;
  return out.failed() ? static_cast<int>(-out.value) : 0;
}
void apply(Step& at, Address start, std::uint64_t length, const Advice&, int error);

// What it may do to it, for calls that overlap.
std::uint32_t may_change(const Advice&);

}  // namespace ringtail::kernel
