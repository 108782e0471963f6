// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
#include <linux/rbtree.h>
struct entry { int key; };
static struct entry *e;
THREAD(t)
{
	rbtree_for_each(e, root)
		assert(e->key);
	xa_for_each(&array, index, e) {
		assert(e->key);
	}
	hlist_bl_for_each_entry(e, node, head, member)
		if (e)
			break;
	assert(data_race(e, 1));
}
