// SPDX-License-Identifier: GPL-2.0-or-later
// A request that its submitter waits for: it is on his stack, and the completer tells him in the request itself.
// @source fs/aio.c v3.6: wait_on_sync_kiocb(), aio_complete(), the branch of is_sync_kiocb()
// @seed present: see below
//
// Derived from the source, no bug that is known upstream. The completer says that the request is done (ki_users) and only
// then reads from it whom to wake: if the waiter has not slept, or wakes by himself, his stack is somebody else's by then.
// READ_TASK_FIRST reads it before. What is left is the order of the result and of ki_users, on both sides (ORDERED), which
// a wakeup would bring about, but there need be none.
// @expect sc, tso: violation (use after free)   lkmm: violation
// @expect[READ_TASK_FIRST] sc, tso: safe   lkmm: violation (assertion)
// @expect[ORDERED, READ_TASK_FIRST] all: safe
#include <ringtail.h>

struct kiocb {
	int ki_users;
	long ki_user_data;
	struct {
		struct task_struct *tsk;
	} ki_obj;
};

static struct kiocb *submitted; /* the driver's */

static void init_sync_kiocb(struct kiocb *kiocb)
{
	kiocb->ki_users = 1;
	kiocb->ki_user_data = 0;
	kiocb->ki_obj.tsk = current;
}

static long wait_on_sync_kiocb(struct kiocb *iocb)
{
	while (READ_ONCE(iocb->ki_users)) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (!READ_ONCE(iocb->ki_users))
			break;
		io_schedule();
	}
	__set_current_state(TASK_RUNNING);
#ifdef ORDERED
	smp_mb(); /* and the stack is used again after it, only */
#endif
	return READ_ONCE(iocb->ki_user_data);
}

static void aio_complete(struct kiocb *iocb, long res)
{
	struct task_struct *tsk;

	BUG_ON(READ_ONCE(iocb->ki_users) != 1);
	WRITE_ONCE(iocb->ki_user_data, res);
#ifdef READ_TASK_FIRST
	tsk = READ_ONCE(iocb->ki_obj.tsk);
#endif
#ifdef ORDERED
	smp_mb(); /* all that is done to the request comes before the word that it is done */
#endif
	WRITE_ONCE(iocb->ki_users, 0);
#ifndef READ_TASK_FIRST
	tsk = READ_ONCE(iocb->ki_obj.tsk);
#endif
	wake_up_process(tsk);
}

static long do_sync_read(void)
{
	struct kiocb kiocb;

	init_sync_kiocb(&kiocb);
	smp_store_release(&submitted, &kiocb);
	return wait_on_sync_kiocb(&kiocb);
}

THREAD(reader) { assert(do_sync_read() == 42); }

THREAD(completion)
{
	while (!smp_load_acquire(&submitted))
		cpu_relax();
	aio_complete(submitted, 42);
}
