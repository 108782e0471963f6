// SPDX-License-Identifier: GPL-2.0-or-later
// Objects found in a hash under RCU, with a kref that may be zero already.
// @expect all: safe
// @expect[PLAIN_GET] all: violation
#include <ringtail.h>
struct obj {
	struct hlist_node link;
	struct kref ref;
	struct rcu_head rcu;
	u32 key;
};
static struct hlist_head buckets[2];
static DEFINE_SPINLOCK(bucket_lock);

static void obj_free_rcu(struct rcu_head *head)
{
	struct obj *o = container_of(head, struct obj, rcu);

	kfree(o);
}
static void obj_release(struct kref *ref)
{
	struct obj *o = container_of(ref, struct obj, ref);

	spin_lock(&bucket_lock);
	hlist_del_rcu(&o->link);
	spin_unlock(&bucket_lock);
	call_rcu(&o->rcu, obj_free_rcu);
}
static struct obj *obj_get(u32 key)
{
	struct obj *o, *found = NULL;

	rcu_read_lock();
	hlist_for_each_entry_rcu(o, &buckets[key % 2], link) {
		if (o->key != key)
			continue;
#ifdef PLAIN_GET
		kref_get(&o->ref);
#else
		if (!kref_get_unless_zero(&o->ref))
			continue;
#endif
		found = o;
		break;
	}
	rcu_read_unlock();
	return found;
}
INIT
{
	struct obj *o = kzalloc(sizeof(*o), GFP_KERNEL);

	o->key = 5;
	kref_init(&o->ref);
	hlist_add_head_rcu(&o->link, &buckets[1]);
}
THREAD(user)
{
	struct obj *o = obj_get(5);

	if (!o)
		return;
	assert(o->key == 5);
	kref_put(&o->ref, obj_release);
}
THREAD(dropper)
{
	struct obj *o = hlist_entry(buckets[1].first, struct obj, link);

	kref_put(&o->ref, obj_release);
}
