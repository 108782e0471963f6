// SPDX-License-Identifier: GPL-2.0-or-later
// TIOCSPGRP on a pty's master takes the lock of the master and sets the process group of the slave.
// @source drivers/tty/tty_jobctrl.c v5.9: tiocspgrp()
// @bug TTY-01 54ffccbf053b5b6ca4f6e45094b942fab92a25fc (v5.10) tty: Fix ->pgrp locking in tiocspgrp()
// @expect all: violation (use after free)
// @expect[FIX_TTY_01] all: safe
#include <ringtail.h>

struct pid { atomic_t count; };
struct tty_struct {
	spinlock_t ctrl_lock;
	struct pid *pgrp;
	struct tty_struct *link;
};
static struct tty_struct ptm, pts;
static struct pid *pids[3];

static void put_pid(struct pid *pid)
{
	if (!pid)
		return;
	if (atomic_dec_and_test(&pid->count))
		kfree(pid);
}

static struct pid *get_pid(struct pid *pid)
{
	if (pid)
		atomic_inc(&pid->count);
	return pid;
}

INIT
{
	int i;

	for (i = 0; i < 3; i++) {
		pids[i] = kmalloc(sizeof(struct pid), GFP_KERNEL);
		atomic_set(&pids[i]->count, 2);
	}
	ptm.link = &pts;
	pts.link = &ptm;
	pts.pgrp = pids[0];
	atomic_dec(&pids[0]->count);
}

static int tiocspgrp(struct tty_struct *tty, struct tty_struct *real_tty, struct pid *pgrp)
{
#ifdef FIX_TTY_01
	spin_lock_irq(&real_tty->ctrl_lock);
#else
	spin_lock_irq(&tty->ctrl_lock);
#endif
	put_pid(READ_ONCE(real_tty->pgrp));
	WRITE_ONCE(real_tty->pgrp, get_pid(pgrp));
#ifdef FIX_TTY_01
	spin_unlock_irq(&real_tty->ctrl_lock);
#else
	spin_unlock_irq(&tty->ctrl_lock);
#endif
	(void)tty;
	return 0;
}

THREAD(master) { tiocspgrp(&ptm, ptm.link, pids[1]); }
THREAD(slave) { tiocspgrp(&pts, &pts, pids[2]); }
