// SPDX-License-Identifier: GPL-2.0-or-later
// Shifts and indices of the radix tree, for every index and height: each level takes its own bits, together they are the
// index, a tree is as high as its largest index needs, and no shift is as wide as a long.
// @source lib/radix-tree.c v2.6.20: radix_tree_maxindex(), radix_tree_extend(), radix_tree_insert(), radix_tree_lookup()
// @expect all: safe
// @expect[NO_TOP_CHECK] all: violation
// @expect[MASK_SHORT] all: violation (assertion)
// @expect[HEIGHT_OFF_BY_ONE] all: violation
// @expect[STAYS_BEHIND] all: violation (assertion)
#include <ringtail.h>

#define RADIX_TREE_MAP_SHIFT 6
#define RADIX_TREE_MAP_SIZE (1UL << RADIX_TREE_MAP_SHIFT)
#ifdef MASK_SHORT
#define RADIX_TREE_MAP_MASK (RADIX_TREE_MAP_SIZE - 2)
#else
#define RADIX_TREE_MAP_MASK (RADIX_TREE_MAP_SIZE - 1)
#endif
#define RADIX_TREE_INDEX_BITS 64
#define RADIX_TREE_MAX_PATH ((RADIX_TREE_INDEX_BITS + RADIX_TREE_MAP_SHIFT - 1) / RADIX_TREE_MAP_SHIFT)

static unsigned long height_to_maxindex[RADIX_TREE_MAX_PATH + 1];

static unsigned long maxindex(unsigned height)
{
	int width = height * RADIX_TREE_MAP_SHIFT;
	int shift = RADIX_TREE_INDEX_BITS - width;

#ifndef NO_TOP_CHECK
	if (shift < 0)
		return ~0UL;
#endif
	if (shift >= RADIX_TREE_INDEX_BITS)
		return 0UL;
	return ~0UL >> shift;
}

static void radix_tree_init_maxindex(void)
{
	unsigned i;

	for (i = 0; i <= RADIX_TREE_MAX_PATH; i++)
		height_to_maxindex[i] = maxindex(i);
}

static unsigned height_for(unsigned long index)
{
	unsigned height = 1;

#ifdef HEIGHT_OFF_BY_ONE
	while (index >= height_to_maxindex[height])
#else
	while (index > height_to_maxindex[height])
#endif
		height++;
	return height;
}

PROOF(tree_is_high_enough)
{
	unsigned long index = choose(0UL, ~0UL);
	unsigned height;

	radix_tree_init_maxindex();
	height = height_for(index);
	assert(height >= 1 && height <= RADIX_TREE_MAX_PATH);
	assert(index <= height_to_maxindex[height]);
	assert(height == 1 || index > height_to_maxindex[height - 1]);
}

/* The walk of radix_tree_lookup(): what the levels' slots say together is the index. */
PROOF(levels_make_the_index)
{
	unsigned long index = choose(0UL, ~0UL), seen = 0, slot;
	unsigned height, shift;

	radix_tree_init_maxindex();
	height = height_for(index);
	shift = (height - 1) * RADIX_TREE_MAP_SHIFT;
	while (height > 0) {
		slot = (index >> shift) & RADIX_TREE_MAP_MASK;
		assert(slot < RADIX_TREE_MAP_SIZE);
		seen = seen << RADIX_TREE_MAP_SHIFT | slot;
		shift -= RADIX_TREE_MAP_SHIFT;
		height--;
	}
	assert(seen == index);
}

/* A gang lookup goes on behind a missing subtree: forward, at the subtree's end, or round to 0 and so to the end. */
PROOF(skipping_a_subtree_goes_forward)
{
	unsigned long index = choose(0UL, ~0UL), next;
	unsigned height = choose(1U, RADIX_TREE_MAX_PATH + 0U), shift = (height - 1) * RADIX_TREE_MAP_SHIFT;

	next = index & ~((1UL << shift) - 1);
#ifndef STAYS_BEHIND
	next += 1UL << shift;
#endif
	assert(next == 0 || next > index);
	assert(next == 0 || next - index <= 1UL << shift);
	assert((next & ((1UL << shift) - 1)) == 0);
}
