// SPDX-License-Identifier: GPL-2.0-or-later
// A sender hands its message to a receiver that sleeps, and then looks once more at the receiver's stack, which may
// be gone.
// @source ipc/mqueue.c v5.12: wq_sleep(), __pipelined_op()
// @bug IPC-01 a11ddb37bf367e6b5239b95ca759e5389bb46048 (v5.13) ipc/mqueue, msg, sem: avoid relying on a stack reference past its expiry
// @expect all: violation (use after free)
// @expect[FIX_IPC_01] all: safe
#include <ringtail.h>

#define STATE_NONE 0
#define STATE_READY 1

struct msg_msg {
	int m_type;
};

struct ext_wait_queue {
	struct task_struct *task;
	struct list_head list;
	struct msg_msg *msg;
	int state;
};

struct mqueue_inode_info {
	spinlock_t lock;
	struct ext_wait_queue_head { struct list_head list; } e_wait_q[2];
};

static struct mqueue_inode_info info = {
	.e_wait_q = {
		{ LIST_HEAD_INIT(info.e_wait_q[0].list) },
		{ LIST_HEAD_INIT(info.e_wait_q[1].list) },
	},
};
static struct msg_msg *lost;

static struct ext_wait_queue *wq_get_first_waiter(struct mqueue_inode_info *info, int sr)
{
	struct list_head *ptr;

	ptr = info->e_wait_q[sr].list.prev;
	if (ptr == &info->e_wait_q[sr].list)
		return NULL;
	return list_entry(ptr, struct ext_wait_queue, list);
}

static int wq_sleep(struct mqueue_inode_info *info, int sr, long timeout, struct ext_wait_queue *ewp)
{
	int retval;

	list_add(&ewp->list, &info->e_wait_q[sr].list);
	for (;;) {
		/* memory barrier not required, we hold info->lock */
		__set_current_state(TASK_INTERRUPTIBLE);
		spin_unlock(&info->lock);
		timeout = schedule_timeout(timeout);
		if (smp_load_acquire(&ewp->state) == STATE_READY) {
			/* see MQ_BARRIER for purpose/pairing */
			retval = 0;
			goto out;
		}
		spin_lock(&info->lock);
		/* we hold info->lock, so no memory barrier required */
		if (READ_ONCE(ewp->state) == STATE_READY) {
			retval = 0;
			goto out_unlock;
		}
		if (timeout == 0) {
			retval = -ETIMEDOUT;
			break;
		}
	}
	list_del(&ewp->list);
out_unlock:
	spin_unlock(&info->lock);
out:
	return retval;
}

static void __pipelined_op(struct mqueue_inode_info *info, struct ext_wait_queue *this, struct task_struct **wake)
{
	struct task_struct *task;

	list_del(&this->list);
#ifdef FIX_IPC_01
	task = this->task;
#endif
	/* see MQ_BARRIER for purpose/pairing */
	smp_store_release(&this->state, STATE_READY);
#ifndef FIX_IPC_01
	task = this->task;
#endif
	*wake = task;
	(void)info;
}

static void do_mq_timedsend(struct msg_msg *msg)
{
	struct ext_wait_queue *receiver;
	struct task_struct *wake = NULL;

	spin_lock(&info.lock);
	receiver = wq_get_first_waiter(&info, 1);
	if (receiver) {
		receiver->msg = msg;
		__pipelined_op(&info, receiver, &wake);
	} else
		lost = msg;
	spin_unlock(&info.lock);
	if (wake)
		wake_up_process(wake);
}

static struct msg_msg *do_mq_timedreceive(void)
{
	struct ext_wait_queue wait = { .task = current, .state = STATE_NONE };
	struct msg_msg *msg = NULL;

	spin_lock(&info.lock);
	if (lost) {
		msg = lost;
		spin_unlock(&info.lock);
		return msg;
	}
	if (wq_sleep(&info, 1, 10, &wait) == 0)
		msg = wait.msg;
	return msg;
}

THREAD(receive)
{
	struct msg_msg *msg = do_mq_timedreceive();

	if (msg)
		kfree(msg);
}

THREAD(send)
{
	do_mq_timedsend(kmalloc(sizeof(struct msg_msg), GFP_KERNEL));
}
