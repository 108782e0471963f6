// SPDX-License-Identifier: GPL-2.0-or-later
// Where pages are: what a move_pages status says of one, and how long that holds.
//
// A page that was reported on a node is present there until something may have moved it. Calls that move
// pages say so themselves (footprints, change()). Four movers are not calls: a fault after fork copies a
// shared page, reclaim takes a page away and a fault brings it back elsewhere, NUMA balancing migrates a
// page to where it is used, and khugepaged to where most of a huge page is. So
// 1. only pages of anonymous memory are followed: others' are moved by anybody who maps the file;
// 2. a huge page moves as a whole, so that a call that moves pages forgets those around them too;
// 3. fork forgets the nodes of both address spaces, and from then on none is remembered: a page that both had
// is copied by the first store, wherever that comes from and however much later, and also when the other is
// gone, if anybody else holds a reference (do_wp_page(): a list of another CPU does, right after a move);
// 4. that a page is present lasts where nothing reclaims it: without swap, or locked;
// 5. its node, on a machine with several, lasts kNodeLasts: balancing looks at an address space once a second
// at most. Where it, or khugepaged, was seen at work (fact migrates=across), no node is remembered.
#pragma once

#include <cstdint>

#include "model/kernel/step.h"

namespace ringtail::kernel {

inline constexpr std::int64_t kNodeLastsNs = 500'000'000;
inline constexpr std::uint64_t kNodeLastsEvents = 64;  // of a capture without times

// Whether a page like `s` is present: a page of its own, not the zero page. On a node other than `node`.
Tri present(const Step&, const PageState& s);
Tri elsewhere(const Step&, const PageState& s, int node);

// The page's node, -1 when it is not known.
int node_of(const Step&, const PageState& s);

// Whether swap may take pages of anonymous memory away.
bool may_swap(const Step&);
// Whether a call that overlaps may be migrating pages: they are then not present for a moment.
bool may_be_migrating(const Step&);

// Whether no call that overlaps may be changing what is mapped in `r`: only then does a result say what
// another call that overlaps both would have found.
bool undisturbed(const Step&, Range r);

// The huge pages that `r` may be part of: what moves a page moves the huge page that it is part of.
Range huge_blocks(Range r);

// Whether a transparent huge page may lie in one of those blocks: all of it is mapped.
bool may_hold_huge(const Step&, Range r);

// Pages were reported on `node`.
void found_on(Step&, Range pages, int node);

void forget_nodes(Mm&);

// Forgets nodes that have been known for too long. To be called before any of the above reads.
void age(Step&);

}  // namespace ringtail::kernel
