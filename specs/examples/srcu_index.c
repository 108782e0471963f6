// SPDX-License-Identifier: GPL-2.0-or-later
// The index of a reader's section of SRCU is kept in an object, as kvm keeps it in its vcpu: the section ends where the
// index comes back, whatever way it went.
// @expect all: safe
// @expect[NO_UNLOCK] all: violation (deadlock)
#include <ringtail.h>

struct vcpu {
	int srcu_idx;
};

DEFINE_STATIC_SRCU(srcu);
static struct vcpu vcpu;
static int done;

THREAD(reader)
{
	vcpu.srcu_idx = srcu_read_lock(&srcu);
#ifndef NO_UNLOCK
	srcu_read_unlock(&srcu, vcpu.srcu_idx);
#endif
	while (!READ_ONCE(done))
		cpu_relax();
}

THREAD(updater)
{
	synchronize_srcu(&srcu);
	WRITE_ONCE(done, 1);
}
