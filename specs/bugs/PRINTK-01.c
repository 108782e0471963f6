// SPDX-License-Identifier: GPL-2.0-or-later
// What is put into the log while the console's owner is about to let it go is printed by nobody.
// @source kernel/printk.c v3.0: console_unlock(), vprintk()
// @bug PRINTK-01 4f2a8d3cf5e0 (v3.1) printk: Fix console_sem vs logbuf_lock unlock race
// @expect all: violation (assertion)
// @expect[FIX_PRINTK_01] all: safe
#include <ringtail.h>

static DEFINE_SPINLOCK(logbuf_lock);
static DEFINE_SEMAPHORE(console_sem);
static unsigned log_end, con_start;

static bool console_trylock(void)
{
	return down_trylock(&console_sem) == 0;
}

static void console_unlock(void)
{
	unsigned long flags;
#ifdef FIX_PRINTK_01
	bool retry;

again:
#endif
	for (;;) {
		spin_lock_irqsave(&logbuf_lock, flags);
		if (con_start == log_end)
			break;
		con_start = log_end;
		spin_unlock(&logbuf_lock);
		local_irq_restore(flags);
	}
	spin_unlock_irqrestore(&logbuf_lock, flags);
	up(&console_sem);
#ifdef FIX_PRINTK_01
	spin_lock_irqsave(&logbuf_lock, flags);
	retry = con_start != log_end;
	spin_unlock_irqrestore(&logbuf_lock, flags);
	if (retry && console_trylock())
		goto again;
#endif
}

static void vprintk(void)
{
	unsigned long flags;

	spin_lock_irqsave(&logbuf_lock, flags);
	log_end++;
	spin_unlock_irqrestore(&logbuf_lock, flags);
	if (console_trylock())
		console_unlock();
}

THREAD(one) { vprintk(); }
THREAD(other) { vprintk(); }

FINALLY { assert(con_start == log_end); }
