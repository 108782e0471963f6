// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(mutex);
static struct srcu_struct ss;
static int x;
THREAD(t)
{
	spin_lock(&mutex);
	mutex_lock(&lock);
	spin_lock(lock);
	spin_unlock(&x);
	srcu_read_lock(&lock);
	srcu_read_unlock(&ss);
	int idx = srcu_read_lock(&ss);
	srcu_read_unlock(&ss, &idx);
}
