// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
static atomic_t a;
THREAD(t)
{
	smp_memb();
	atomic_add_acquire(1, &a);
	atomic_and_return(1, &a);
	spin_relock(&a);
	atomic_frob(&a);
}
