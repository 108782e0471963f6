// SPDX-License-Identifier: GPL-2.0-or-later
// A device's file is there for others before it holds a reference of its VM.
// @source virt/kvm/kvm_main.c v4.20: kvm_ioctl_create_device(), kvm_device_release(), kvm_put_kvm()
// @bug KVM-02 cfa39381173d5f969daf43582c95ad679189cbc9 (v5.0) kvm: fix kvm_ioctl_create_device() reference counting
//   (CVE-2019-6974)
// @expect all: violation (assertion)
// @expect[FIX_KVM_02] all: safe
#include <ringtail.h>

struct kvm_device;

struct kvm_device_ops {
	const char *name;
	int (*create)(struct kvm_device *dev, u32 type);
	void (*destroy)(struct kvm_device *dev);
};

struct kvm {
	struct mutex lock;
	refcount_t users_count;
	struct list_head devices;
};

struct kvm_device {
	const struct kvm_device_ops *ops;
	struct kvm *kvm;
	struct list_head vm_node;
};

static struct kvm *the_kvm;
static struct kvm_device *fd[2];	/* the process's files */

static int fake_create(struct kvm_device *dev, u32 type) { return type == 7 && dev->ops ? 0 : -ENODEV; }

static void fake_destroy(struct kvm_device *dev) { kfree(dev); }

static const struct kvm_device_ops ops = { .name = "fake", .create = fake_create, .destroy = fake_destroy };

INIT
{
	the_kvm = kzalloc(sizeof(*the_kvm), GFP_KERNEL);
	mutex_init(&the_kvm->lock);
	INIT_LIST_HEAD(&the_kvm->devices);
	refcount_set(&the_kvm->users_count, 1);
}

static void kvm_destroy_vm(struct kvm *kvm)
{
	struct kvm_device *dev, *tmp;

	list_for_each_entry_safe(dev, tmp, &kvm->devices, vm_node) {
		list_del(&dev->vm_node);
		dev->ops->destroy(dev);
	}
	kfree(kvm);
}

static void kvm_get_kvm(struct kvm *kvm) { refcount_inc(&kvm->users_count); }

static void kvm_put_kvm(struct kvm *kvm)
{
	if (refcount_dec_and_test(&kvm->users_count))
		kvm_destroy_vm(kvm);
}

static int kvm_ioctl_create_device(struct kvm *kvm)
{
	struct kvm_device *dev;
	int ret;

	dev = kzalloc(sizeof(*dev), GFP_KERNEL_ACCOUNT);
	if (!dev)
		return -ENOMEM;
	dev->ops = &ops;
	dev->kvm = kvm;
	mutex_lock(&kvm->lock);
	ret = ops.create(dev, 7);
	if (ret < 0) {
		mutex_unlock(&kvm->lock);
		kfree(dev);
		return ret;
	}
	list_add(&dev->vm_node, &kvm->devices);
	mutex_unlock(&kvm->lock);
#ifdef FIX_KVM_02
	kvm_get_kvm(kvm);
#endif
	smp_store_release(&fd[1], dev);	/* anon_inode_getfd() */
#ifndef FIX_KVM_02
	kvm_get_kvm(kvm);
#endif
	return 0;
}

THREAD(create)
{
	assert(!kvm_ioctl_create_device(the_kvm));
	kvm_put_kvm(the_kvm);	/* its file is closed after the ioctl */
}

THREAD(close)
{
	struct kvm_device *dev = xchg(&fd[1], NULL);

	if (dev)
		kvm_put_kvm(dev->kvm);	/* kvm_device_release() */
}
