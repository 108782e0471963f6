// SPDX-License-Identifier: GPL-2.0-or-later
// A driver kills its tasklet and then frees its interrupt, whose handler schedules the tasklet again.
// @expect all: violation (use after free)
// @expect[FIX_ORDER] all: safe
#include <ringtail.h>
#include <interrupt.h>

struct nic {
	struct tasklet_struct rx;
	int packets;
};

static struct nic *nic;

static void nic_rx(struct tasklet_struct *t)
{
	struct nic *n = from_tasklet(n, t, rx);

	WRITE_ONCE(n->packets, 1);
}

static irqreturn_t nic_irq(int irq, void *dev_id)
{
	struct nic *n = dev_id;

	(void)irq;
	tasklet_schedule(&n->rx);
	return IRQ_HANDLED;
}

INIT
{
	nic = kzalloc(sizeof(*nic), GFP_KERNEL);
	tasklet_setup(&nic->rx, nic_rx);
	request_irq(0, nic_irq, 0, "nic", nic);
}

IRQ(device) { raise_irq(0); }

IRQ(softirq) { run_tasklets(); }

THREAD(remove)
{
	struct nic *n = nic;

#ifdef FIX_ORDER
	free_irq(0, n);
	tasklet_kill(&n->rx);
#else
	tasklet_kill(&n->rx);
	free_irq(0, n);
#endif
	kfree(n);
}
