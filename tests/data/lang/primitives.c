// SPDX-License-Identifier: GPL-2.0-or-later
// What the primitives are lowered to.
// @expect all: safe
#include <ringtail.h>

static int x;
static unsigned long word;
static atomic_t a;
static atomic_long_t l;
static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(mutex);
static struct srcu_struct ss;
static int *gp;

THREAD(t)
{
	int old = 1, idx, *p;

	smp_store_mb(x, 1);
	smp_store_release(&x, smp_load_acquire(&x) + 1);
	rcu_assign_pointer(gp, &x);
	atomic_inc(&a);
	assert(atomic_dec_and_test(&a) | atomic_add_unless(&a, 2, 7) | atomic_inc_not_zero(&a));
	assert(atomic_fetch_add_acquire(3, &a) == atomic_sub_return_release(1, &a));
	assert(atomic_long_dec_if_positive(&l) < atomic_long_xchg_relaxed(&l, 5));
	assert(cmpxchg(&x, 1, 2) == 1 || try_cmpxchg_acquire(&x, &old, 3));
	assert(test_and_set_bit(3, &word));
	spin_lock(&lock);
	assert(!spin_trylock(&lock) && spin_is_locked(&lock));
	spin_unlock(&lock);
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
	rcu_read_lock();
	p = rcu_dereference(gp);
	rcu_read_unlock();
	synchronize_rcu();
	idx = srcu_read_lock(&ss);
	srcu_read_unlock(&ss, idx);
	synchronize_srcu(&ss);
	p = kmalloc(sizeof(*p), GFP_KERNEL);
	*p = choose(0, 3);
	assume(*p != 2);
	kfree(p);
	bit_spin_lock(1, &word);
	bit_spin_unlock(1, &word);
}
