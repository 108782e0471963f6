// SPDX-License-Identifier: GPL-2.0-or-later
// A line discipline is closed while its serial port receives: the interrupt reads under a lock that the closer has for
// writing, with no more than softirqs held off.
// @source drivers/net/hamradio/6pack.c v5.4: sp_get(), sixpack_close()
// @bug TTY-03 5c9934b6767b16ba60be22ec3cbd4379ad64170d (v5.5) 6pack,mkiss: fix possible deadlock
// @expect all: violation (deadlock)
// @expect[FIX_TTY_03] all: safe
#include <ringtail.h>

struct sixpack {
	refcount_t refcnt;
	struct completion dead;
	int rx_count;
};

static struct tty_struct {
	void *disc_data;
} tty;
static DEFINE_RWLOCK(disc_data_lock);

INIT
{
	struct sixpack *sp = kzalloc(sizeof(*sp), GFP_KERNEL);

	refcount_set(&sp->refcnt, 1);
	init_completion(&sp->dead);
	tty.disc_data = sp;
}

static struct sixpack *sp_get(struct tty_struct *tty)
{
	struct sixpack *sp;

	read_lock(&disc_data_lock);
	sp = tty->disc_data;
	if (sp)
		refcount_inc(&sp->refcnt);
	read_unlock(&disc_data_lock);
	return sp;
}

static void sp_put(struct sixpack *sp)
{
	if (refcount_dec_and_test(&sp->refcnt))
		complete(&sp->dead);
}

static void sixpack_write_wakeup(struct tty_struct *tty)
{
	struct sixpack *sp = sp_get(tty);

	if (!sp)
		return;
	sp->rx_count++;
	sp_put(sp);
}

THREAD(sixpack_close)
{
	struct sixpack *sp;

#ifdef FIX_TTY_03
	write_lock_irq(&disc_data_lock);
#else
	write_lock_bh(&disc_data_lock);
#endif
	sp = tty.disc_data;
	tty.disc_data = NULL;
#ifdef FIX_TTY_03
	write_unlock_irq(&disc_data_lock);
#else
	write_unlock_bh(&disc_data_lock);
#endif
	if (!sp)
		return;
	if (!refcount_dec_and_test(&sp->refcnt))
		wait_for_completion(&sp->dead);
	kfree(sp);
}

IRQ_ON(uart, sixpack_close) { sixpack_write_wakeup(&tty); }
