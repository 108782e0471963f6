// SPDX-License-Identifier: GPL-2.0-or-later
// A mapped device is taken through its kobject, by somebody who has just seen that it is not being freed.
// @source drivers/md/dm.c v4.14: dm_get_from_kobject(), __dm_destroy()
// @bug DM-01 b9a41d21dceadf8104812626ef85dc56ee8a60ed (v4.15) dm: fix race between dm_get_from_kobject() and __dm_destroy()
// @expect all: violation (assertion)
// @expect[FIX_DM_01] all: safe
#include <ringtail.h>

#define DMF_FREEING 3
#define DMF_DELETING 4

struct mapped_device {
	struct mutex suspend_lock;
	atomic_t holders;
	unsigned long flags;
	struct dm_kobject_holder { int kobj; struct completion completion; } kobj_holder;
};

static DEFINE_SPINLOCK(_minor_lock);
static struct mapped_device *md;

INIT
{
	md = kzalloc(sizeof(*md), GFP_KERNEL);
	mutex_init(&md->suspend_lock);
	init_completion(&md->kobj_holder.completion);
	atomic_set(&md->holders, 1);
}

static void dm_get(struct mapped_device *md)
{
	atomic_inc(&md->holders);
	BUG_ON(test_bit(DMF_FREEING, &md->flags));
}

static void dm_put(struct mapped_device *md)
{
	atomic_dec(&md->holders);
}

static struct mapped_device *dm_get_from_kobject(struct dm_kobject_holder *kobj)
{
	struct mapped_device *md = container_of(kobj, struct mapped_device, kobj_holder);

#ifdef FIX_DM_01
	spin_lock(&_minor_lock);
	if (test_bit(DMF_FREEING, &md->flags) || test_bit(DMF_DELETING, &md->flags)) {
		md = NULL;
		goto out;
	}
	dm_get(md);
out:
	spin_unlock(&_minor_lock);
#else
	if (test_bit(DMF_FREEING, &md->flags) || test_bit(DMF_DELETING, &md->flags))
		return NULL;
	dm_get(md);
#endif
	return md;
}

static void __dm_destroy(struct mapped_device *md)
{
	might_sleep();

	spin_lock(&_minor_lock);
	set_bit(DMF_FREEING, &md->flags);
	spin_unlock(&_minor_lock);

	mutex_lock(&md->suspend_lock);
	mutex_unlock(&md->suspend_lock);
	atomic_dec(&md->holders);
	while (atomic_read(&md->holders))
		msleep(1);
	/* dm_sysfs_exit(): kobject_put() and wait for the release; attribute readers hold it off */
	wait_for_completion(&md->kobj_holder.completion);
	kfree(md);
}

THREAD(remove) { __dm_destroy(md); }

THREAD(sysfs)
{
	struct mapped_device *d = dm_get_from_kobject(&md->kobj_holder);

	if (d)
		dm_put(d);
	complete(&md->kobj_holder.completion);
}
