// SPDX-License-Identifier: GPL-2.0-or-later
// What a call has to do with: pages of an address space, an AIO context, descriptors. A call may touch
// several things and be another operation for each: io_submit changes its context, uses a descriptor, and
// reads or writes the pages of its buffers.
//
// Calls that the kernel refuses by their arguments alone (an advice that does not exist, an address that is
// not aligned) touch nothing; others count whatever they return, as what they return may be another's doing.
#pragma once

#include <cstdint>

#include <absl/container/inlined_vector.h>

#include "model/kernel/address_space.h"
#include "replay/hunt/operation.h"

namespace ringtail::hunt {

enum class PageKind : std::uint8_t {
  unknown,
  anonymous,
  private_file,
  shared_file,
  shared_memory,
  hugetlb,
  ring
};

// Pages, as far as paths treat them differently.
struct Pages {
  PageKind kind = PageKind::unknown;
  bool read_only = false;
  friend auto operator<=>(const Pages&, const Pages&) = default;
};

struct Touch {
  enum class What : std::uint8_t { pages, context, descriptor };
  What what = What::pages;
  Operation by;
  // Whose: an Mm::id, or a descriptor table. `own` is that of the thread itself.
  std::uint64_t space = 0, own = 0;
  std::uint64_t object = 0;       // the context, the descriptor
  std::uint64_t last_object = 0;  // of a range of descriptors
  // Of pages of a file (`space` then is the file, and ranges are offsets in it), and of open files: by whose
  // mapping or descriptors; shared_files.h. Two that come by the same meet where they are mapped.
  std::uint64_t through = 0;
  bool all = false;  // every page, every context
  absl::InlinedVector<kernel::Range, 2>
      ranges;   // sorted, apart; at most kMostRanges, then wider than they are
  Pages pages;  // of the first that something is known of
  // Moves pages that others map, too: of no account where nobody else does.
  bool everybodys = false;
  bool late = false;  // only the result tells which pages or which context

  static constexpr std::size_t kMostRanges = 64;
  void add(kernel::Range);
};

using Touches = absl::InlinedVector<Touch, 2>;

// Where both have something to do with the same thing, and at least one of them changes it.
bool meet(const Touch& a, const Touch& b);
// Where all three, each two of which meet, have a page or an object in common.
bool meet_in_one(const Touch& a, const Touch& b, const Touch& c);

}  // namespace ringtail::hunt
