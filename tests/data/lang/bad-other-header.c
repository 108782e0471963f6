// Names of headers that are not included, and names that are nearly those of others.
// @expect all: safe
#include <ringtail.h>

static struct work_struct work;
static struct timer_list timer;
static int data;

THREAD(a)
{
	schedule_work(&work);
	mod_timer(&timer, 10);
	if (kthread_should_stop())
		assert(dta);
	spin_lock_irqsvae(&data, data);
	atomic_dec_and_tset(&data);
	wake_up_interuptible(&data);
}
