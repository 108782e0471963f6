// SPDX-License-Identifier: GPL-2.0-or-later
// A task that exits is reaped between the tick that takes its timers off and the tick's going through them: who deletes such a
// timer finds no task, does not see that the timer fires, and frees it.
// @source kernel/time/posix-cpu-timers.c v6.15: run_posix_cpu_timers(), handle_posix_cpu_timers(), posix_cpu_timer_del()
// @bug TIME-02 f90fff1e152dedf52b932240ebbd670d83330eca (v6.16) posix-cpu-timers: fix race between handle_posix_cpu_timers() and posix_cpu_timer_del()
// @expect all: violation (use after free)
// @expect[FIX_TIME_02] all: safe
#define TASK_STRUCT_FIELDS struct sighand_struct *sighand; bool has_pid;
struct sighand_struct;
#include <ringtail.h>

struct sighand_struct {
	spinlock_t siglock;
};

struct k_itimer {
	struct list_head elist;
	spinlock_t it_lock;
	bool firing;
	int it_overrun;
};

static struct sighand_struct sighand;
static struct task_struct tsk = { .sighand = &sighand, .has_pid = true };
static struct k_itimer *timer;
static LIST_HEAD(cpu_timers);

INIT
{
	timer = kzalloc(sizeof(*timer), GFP_KERNEL);
	spin_lock_init(&timer->it_lock);
	list_add(&timer->elist, &cpu_timers);
}

static struct sighand_struct *lock_task_sighand(struct task_struct *p)
{
	struct sighand_struct *sighand;

	rcu_read_lock();
	for (;;) {
		sighand = rcu_dereference(p->sighand);
		if (!sighand)
			break;
		spin_lock(&sighand->siglock);
		if (likely(sighand == rcu_access_pointer(p->sighand)))
			break;
		spin_unlock(&sighand->siglock);
	}
	rcu_read_unlock();
	return sighand;
}

static void unlock_task_sighand(struct task_struct *p)
{
	spin_unlock(&p->sighand->siglock);
}

static void handle_posix_cpu_timers(struct task_struct *tsk)
{
	struct k_itimer *timer, *next;
	LIST_HEAD(firing);

	if (!lock_task_sighand(tsk))
		return;
	list_for_each_entry_safe(timer, next, &cpu_timers, elist) {
		WRITE_ONCE(timer->firing, true);
		list_move_tail(&timer->elist, &firing);
	}
	unlock_task_sighand(tsk);

	list_for_each_entry_safe(timer, next, &firing, elist) {
		spin_lock(&timer->it_lock);
		list_del_init(&timer->elist);
		if (likely(timer->firing))
			timer->it_overrun++;
		WRITE_ONCE(timer->firing, false);
		spin_unlock(&timer->it_lock);
	}
}

// The exiting task, from exit_notify() on, and the tick on its CPU.
THREAD(do_exit)
{
	WRITE_ONCE(tsk.exit_state, EXIT_ZOMBIE);
	smp_mb(); /* the parent is told */
	cond_resched();
}

IRQ_ON(tick, do_exit)
{
#ifdef FIX_TIME_02
	if (tsk.exit_state)
		return;
#endif
	handle_posix_cpu_timers(&tsk);
}

static void __exit_signal(struct task_struct *tsk)
{
	spin_lock(&sighand.siglock);
	tsk->has_pid = false;
	rcu_assign_pointer(tsk->sighand, NULL);
	spin_unlock(&sighand.siglock);
}

THREAD(release_task)
{
	while (READ_ONCE(tsk.exit_state) != EXIT_ZOMBIE)
		cpu_relax();
	__exit_signal(&tsk);
}

THREAD(timer_delete)
{
	int ret = 0;

retry:
	spin_lock_irq(&timer->it_lock);
	if (lock_task_sighand(&tsk)) {
		if (timer->firing)
			ret = -EAGAIN;
		else
			list_del_init(&timer->elist);
		spin_unlock(&sighand.siglock);
	}
	spin_unlock_irq(&timer->it_lock);
	if (ret) {
		ret = 0;
		while (READ_ONCE(timer->firing)) /* timer_wait_running() */
			cpu_relax();
		goto retry;
	}
	kfree(timer);
}
