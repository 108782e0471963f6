// SPDX-License-Identifier: GPL-2.0-or-later
// A character device is opened by the inode's pointer to it while its driver's last reference is put.
// @source fs/char_dev.c v5.4: chrdev_open(), cdev_get(), cdev_put(), cd_forget(), cdev_default_release()
// @bug CHAR-01 68faa679b8be1a74e6663c21c3a9d25d32f1c079 (v5.5) chardev: Avoid potential use-after-free in 'chrdev_open()'
// @expect all: violation (assertion)
// @expect[FIX_CHAR_01] all: safe
#include <ringtail.h>

struct kobject {
	struct kref kref;
};

struct inode {
	struct cdev *i_cdev;
	struct list_head i_devices;
};

struct cdev {
	struct kobject kobj;
	struct list_head list;
};

static DEFINE_SPINLOCK(cdev_lock);
static struct inode inode;
static struct cdev *driver;

INIT
{
	driver = kzalloc(sizeof(*driver), GFP_KERNEL);
	kref_init(&driver->kobj.kref);
	INIT_LIST_HEAD(&driver->list);
	list_add(&inode.i_devices, &driver->list);
	inode.i_cdev = driver;
}

static void cdev_purge(struct cdev *cdev)
{
	spin_lock(&cdev_lock);
	while (!list_empty(&cdev->list)) {
		struct inode *inode;

		inode = container_of(cdev->list.next, struct inode, i_devices);
		list_del_init(&inode->i_devices);
		inode->i_cdev = NULL;
	}
	spin_unlock(&cdev_lock);
}

static void cdev_dynamic_release(struct kref *kref)
{
	struct cdev *p = container_of(kref, struct cdev, kobj.kref);

	cdev_purge(p);
	kfree(p);
}

static struct kobject *cdev_get(struct cdev *p)
{
#ifdef FIX_CHAR_01
	return kref_get_unless_zero(&p->kobj.kref) ? &p->kobj : NULL;
#else
	kref_get(&p->kobj.kref);
	return &p->kobj;
#endif
}

THREAD(chrdev_open)
{
	struct cdev *p;
	int ret = 0;

	spin_lock(&cdev_lock);
	p = inode.i_cdev;
	if (!p)
		ret = -ENXIO;
	else if (!cdev_get(p))
		ret = -ENXIO;
	spin_unlock(&cdev_lock);
	if (!ret)
		kref_put(&p->kobj.kref, cdev_dynamic_release);
}

THREAD(cdev_del) { kref_put(&driver->kobj.kref, cdev_dynamic_release); }
