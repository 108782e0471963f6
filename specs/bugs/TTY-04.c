// SPDX-License-Identifier: GPL-2.0-or-later
// Input arrives while a reader goes to sleep: whether somebody sleeps is looked at without a barrier.
// @source drivers/tty/n_tty.c v4.2: n_tty_read(), __receive_buf()
// @bug TTY-04 (v4.4) tty: fix stall caused by missing memory barrier in drivers/tty/n_tty.c
// @expect sc: safe   tso, lkmm: violation (lost wakeup)
// @expect[FIX_TTY_04] all: safe
#include <ringtail.h>

#define N_TTY_BUF_SIZE 4

static struct n_tty_data {
	size_t read_head, commit_head;
	char read_buf[N_TTY_BUF_SIZE];
	size_t read_tail;
} ldata;
static DECLARE_WAIT_QUEUE_HEAD(read_wait);

static inline unsigned char *read_buf_addr(struct n_tty_data *ldata, size_t i)
{
	return (unsigned char *)&ldata->read_buf[i & (N_TTY_BUF_SIZE - 1)];
}

THREAD(flush_to_ldisc)
{
	*read_buf_addr(&ldata, ldata.read_head++) = 'x';
	smp_store_release(&ldata.commit_head, ldata.read_head);
#ifdef FIX_TTY_04
	wake_up_interruptible_poll(&read_wait, EPOLLIN);
#else
	if (waitqueue_active(&read_wait))
		wake_up_interruptible_poll(&read_wait, EPOLLIN);
#endif
}

static inline int input_available_p(struct n_tty_data *ldata)
{
	return smp_load_acquire(&ldata->commit_head) - ldata->read_tail >= 1;
}

THREAD(n_tty_read)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	long timeout = MAX_SCHEDULE_TIMEOUT;

	add_wait_queue(&read_wait, &wait);
	while (!input_available_p(&ldata)) {
		if (!timeout || signal_pending(current))
			break;
		timeout = wait_woken(&wait, TASK_INTERRUPTIBLE, timeout);
	}
	remove_wait_queue(&read_wait, &wait);
	assert(*read_buf_addr(&ldata, ldata.read_tail++) == (u8)'x');
}
