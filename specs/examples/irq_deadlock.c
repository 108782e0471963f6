// SPDX-License-Identifier: GPL-2.0-or-later
// An interrupt takes a lock that the thread it interrupts may hold.
// @expect all: violation (deadlock)
// @expect[FIX_IRQ] all: safe
#include <ringtail.h>

static DEFINE_SPINLOCK(ctx_lock);
static int active;

#ifdef FIX_IRQ
#define lock_ctx() spin_lock_irq(&ctx_lock)
#define unlock_ctx() spin_unlock_irq(&ctx_lock)
#else
#define lock_ctx() spin_lock(&ctx_lock)
#define unlock_ctx() spin_unlock(&ctx_lock)
#endif

THREAD(submit)
{
	lock_ctx();
	active++;
	unlock_ctx();
}

IRQ_ON(done, submit)
{
	unsigned long flags;

	spin_lock_irqsave(&ctx_lock, flags);
	active++;
	spin_unlock_irqrestore(&ctx_lock, flags);
}

FINALLY { assert(active == 2); }
