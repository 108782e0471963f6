// SPDX-License-Identifier: GPL-2.0-or-later
// A node leaves an RCU list; its memory may go only after a grace period.
// @expect all: safe
// @expect[NO_GRACE_PERIOD] all: violation (use after free)
// @expect[NO_READ_LOCK] all: violation (use after free)
#include <ringtail.h>

struct item {
	int key;
	int value;
	struct list_head node;
};

static LIST_HEAD(items);
static DEFINE_MUTEX(items_lock);

INIT
{
	for (int i = 0; i < 2; i++) {
		struct item *it = kmalloc(sizeof(*it), GFP_KERNEL);

		it->key = i;
		it->value = 10 + i;
		list_add_tail_rcu(&it->node, &items);
	}
}

static int lookup(int key)
{
	struct item *it;
	int value = -ENOENT;

#ifndef NO_READ_LOCK
	rcu_read_lock();
#endif
	list_for_each_entry_rcu(it, &items, node) {
		if (it->key == key) {
			value = it->value;
			break;
		}
	}
#ifndef NO_READ_LOCK
	rcu_read_unlock();
#endif
	return value;
}

static void remove(int key)
{
	struct item *it, *tmp;

	mutex_lock(&items_lock);
	list_for_each_entry_safe(it, tmp, &items, node) {
		if (it->key != key)
			continue;
		list_del_rcu(&it->node);
		mutex_unlock(&items_lock);
#ifndef NO_GRACE_PERIOD
		synchronize_rcu();
#endif
		kfree(it);
		return;
	}
	mutex_unlock(&items_lock);
}

THREAD(reader)
{
	int v = lookup(1);

	assert(v == 11 || v == -ENOENT);
}

THREAD(remover)
{
	remove(1);
}
