// SPDX-License-Identifier: GPL-2.0-or-later
// A device is taken off an I/O bus; there is no memory for the new bus, so the bus goes altogether and its devices are
// destroyed, while a virtual CPU walks it under SRCU.
// @source virt/kvm/kvm_main.c v5.12: kvm_io_bus_unregister_dev(), kvm_io_bus_read()
// @bug KVM-01 2ee3757424be7c1cd1d0bbfa6db29a7edd82a250 (v5.13) KVM: Destroy I/O bus devices on unregister failure _after_ sync'ing SRCU
// @expect all: violation (use after free)
// @expect[FIX_KVM_01] all: safe
#include <ringtail.h>

struct kvm_io_device {
	const struct kvm_io_device_ops *ops;
	int val;
};

struct kvm_io_device_ops {
	int (*read)(struct kvm_io_device *this, int *val);
	void (*destructor)(struct kvm_io_device *this);
};

struct kvm_io_bus {
	int dev_count;
	struct kvm_io_device *range[2];
};

struct kvm {
	struct mutex slots_lock;
	struct srcu_struct srcu;
	struct kvm_io_bus __rcu *bus;
};

static struct kvm kvm;

static int dev_read(struct kvm_io_device *this, int *val)
{
	*val = READ_ONCE(this->val);
	return 0;
}

static void dev_destructor(struct kvm_io_device *this)
{
	kfree(this);
}

static const struct kvm_io_device_ops dev_ops = {
	.read = dev_read,
	.destructor = dev_destructor,
};

INIT
{
	struct kvm_io_bus *bus = kzalloc(sizeof(*bus), GFP_KERNEL);
	int i;

	mutex_init(&kvm.slots_lock);
	init_srcu_struct(&kvm.srcu);
	for (i = 0; i < 2; i++) {
		struct kvm_io_device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

		dev->ops = &dev_ops;
		bus->range[bus->dev_count++] = dev;
	}
	rcu_assign_pointer(kvm.bus, bus);
}

static int kvm_io_bus_read(int *val)
{
	struct kvm_io_bus *bus = srcu_dereference(kvm.bus, &kvm.srcu);
	int i;

	if (!bus)
		return -ENOMEM;
	for (i = 0; i < bus->dev_count; i++)
		if (!bus->range[i]->ops->read(bus->range[i], val))
			return 0;
	return -EOPNOTSUPP;
}

THREAD(vcpu)
{
	int idx, val;

	idx = srcu_read_lock(&kvm.srcu);
	kvm_io_bus_read(&val);
	srcu_read_unlock(&kvm.srcu, idx);
}

static void kvm_io_bus_unregister_dev(struct kvm_io_device *dev)
{
	struct kvm_io_bus *bus = rcu_dereference_protected(kvm.bus, lockdep_is_held(&kvm.slots_lock)), *new_bus;
	int i, j;

	for (i = 0; i < bus->dev_count; i++)
		if (bus->range[i] == dev)
			break;
	new_bus = choose(0, 1) ? kmalloc(sizeof(*bus), GFP_KERNEL_ACCOUNT) : NULL;
	if (new_bus) {
		new_bus->dev_count = bus->dev_count - 1;
		for (j = 0; j < new_bus->dev_count; j++)
			new_bus->range[j] = bus->range[j < i ? j : j + 1];
	}
#ifdef FIX_KVM_01
	rcu_assign_pointer(kvm.bus, new_bus);
	synchronize_srcu_expedited(&kvm.srcu);
#endif
	if (!new_bus) {
		pr_err("kvm: failed to shrink bus, removing it completely\n");
		for (j = 0; j < bus->dev_count; j++) {
			if (j == i)
				continue;
			bus->range[j]->ops->destructor(bus->range[j]);
		}
	}
#ifndef FIX_KVM_01
	rcu_assign_pointer(kvm.bus, new_bus);
	synchronize_srcu_expedited(&kvm.srcu);
#endif
	kfree(bus);
}

THREAD(deassign)
{
	struct kvm_io_device *dev;

	mutex_lock(&kvm.slots_lock);
	dev = kvm.bus->range[1];
	kvm_io_bus_unregister_dev(dev);
	dev->ops->destructor(dev);
	mutex_unlock(&kvm.slots_lock);
}
