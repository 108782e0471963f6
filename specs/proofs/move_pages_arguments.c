// SPDX-License-Identifier: GPL-2.0-or-later
// sys_move_pages() copies arrays that its caller describes. As the seeds have it, two things are wrong: a node is looked
// up in bitmaps before anybody asks whether it is a node at all, and the loop counts in an int.
// @source mm/migrate.c v2.6.20: sys_move_pages()
// @bug MIG-02 (v2.6.33) the node is an unchecked bitmap index (CVE-2010-0415)
// @seed present
// @expect all: violation (out of bounds)
// @expect[FIX_NODE_RANGE] all: violation (assertion)
// @expect[FIX_COUNTER] all: violation (out of bounds)
// @expect[FIX_NODE_RANGE, FIX_COUNTER] all: safe
// @expect[FIX_NODE_RANGE, FIX_COUNTER, NO_LIMIT] all: violation (assertion)
// @expect[FIX_NODE_RANGE, FIX_COUNTER, LIMIT_OFF_BY_ONE] all: violation (assertion)
// @expect[FIX_NODE_RANGE, FIX_COUNTER, NODE_OFF_BY_ONE] all: violation (out of bounds)
#include <ringtail.h>

#define NODES_SHIFT 6
#define MAX_NUMNODES (1 << NODES_SHIFT)
#define BITS_PER_LONG 64

struct page_to_node {
	unsigned long addr;
	unsigned long page;
	int node;
	int status;
};

static unsigned long node_online_map[MAX_NUMNODES / BITS_PER_LONG];
static unsigned long task_nodes[MAX_NUMNODES / BITS_PER_LONG];
static int node_data[MAX_NUMNODES];

static int node_isset(int node, unsigned long *map)
{
	return 1UL & (map[node >> 6] >> (node & (BITS_PER_LONG - 1)));
}

static int check_node(int node)
{
#ifdef FIX_NODE_RANGE
#ifdef NODE_OFF_BY_ONE
	if (node < 0 || node > MAX_NUMNODES)
#else
	if (node < 0 || node >= MAX_NUMNODES)
#endif
		return -ENODEV;
#endif
	if (!node_isset(node, node_online_map))
		return -ENODEV;
	if (!node_isset(node, task_nodes))
		return -EACCES;
	return 0;
}

PROOF(node_is_a_node)
{
	int node = choose(INT_MIN, INT_MAX);

	node_online_map[0] = choose(0UL, ~0UL);
	task_nodes[0] = choose(0UL, ~0UL);
	if (check_node(node))
		return;
	node_data[node] = 1;
	assert((node_online_map[0] & task_nodes[0]) != 0);
}

static int too_many(unsigned long nr_pages)
{
#ifdef NO_LIMIT
	return 0;
#elif defined(LIMIT_OFF_BY_ONE)
	return nr_pages > ULONG_MAX / sizeof(struct page_to_node);
#else
	return nr_pages >= ULONG_MAX / sizeof(struct page_to_node) - 1;
#endif
}

/* One more element than pages: the end marker. */
PROOF(array_holds_all)
{
	unsigned long nr_pages = choose(0UL, ~0UL), size, start, i;

	if (too_many(nr_pages))
		return;
	size = (nr_pages + 1) * sizeof(struct page_to_node);
	i = choose(0UL, ~0UL);
	assume(i <= nr_pages);
	start = i * sizeof(struct page_to_node);
	assert(nr_pages + 1 <= ULONG_MAX / sizeof(struct page_to_node) && i < nr_pages + 1);
	assert(start + sizeof(struct page_to_node) > start && start + sizeof(struct page_to_node) <= size);
}

#ifdef FIX_COUNTER
typedef unsigned long counter_t;
#else
typedef int counter_t;
#endif

/* for (i = 0; i < nr_pages; i++): from any round that it comes to, it comes to the next page or to the end. */
PROOF(loop_visits_every_page)
{
	unsigned long nr_pages = choose(0UL, ~0UL), page = choose(0UL, ~0UL);
	counter_t i = page;

	if (too_many(nr_pages))
		return;
	assume(page < nr_pages && i == page); /* this round is for this page */
	i++;
	assert(i < nr_pages || page + 1 == nr_pages);
	assert(i == page + 1);
}
