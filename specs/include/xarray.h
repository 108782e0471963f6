// SPDX-License-Identifier: GPL-2.0-or-later
// Arrays of pointers that are read under RCU and changed under their lock, for specs that include <xarray.h>: entries below
// XA_SLOTS in one node that is never freed (the tree that the kernel grows and shrinks is lib/radix_tree.h), with marks; and
// identifiers (idr, ida) as the kernel makes them of it.
// After lib/xarray.c v6.6: xa_load(), __xa_store(), __xa_cmpxchg(), __xa_alloc(), xa_find(), xa_set_mark().
#pragma once
#include <ringtail.h>

#ifndef XA_SLOTS
#define XA_SLOTS 4
#endif

typedef unsigned int xa_mark_t;
#define XA_MARK_0 0U
#define XA_MARK_1 1U
#define XA_MARK_2 2U

struct xarray {
	spinlock_t xa_lock;
	void *slots[XA_SLOTS];
	unsigned long marks[3];
};

struct xa_limit { u32 min, max; };
#define XA_LIMIT(lo, hi) ((struct xa_limit){ .min = (lo), .max = (hi) })
#define xa_limit_32b XA_LIMIT(0, XA_SLOTS - 1)
#define xa_limit_31b XA_LIMIT(0, XA_SLOTS - 1)
#define XA_FLAGS_ALLOC 0
#define XA_FLAGS_ALLOC1 1
#define XA_FLAGS_LOCK_IRQ 0
#define DEFINE_XARRAY(name) struct xarray name
#define DEFINE_XARRAY_ALLOC(name) struct xarray name
#define DEFINE_XARRAY_FLAGS(name, flags) struct xarray name
#define xa_init(xa) spin_lock_init(&(xa)->xa_lock)
#define xa_init_flags(xa, flags) xa_init(xa)

#define xa_lock(xa) spin_lock(&(xa)->xa_lock)
#define xa_unlock(xa) spin_unlock(&(xa)->xa_lock)
#define xa_trylock(xa) spin_trylock(&(xa)->xa_lock)
#define xa_lock_irq(xa) spin_lock_irq(&(xa)->xa_lock)
#define xa_unlock_irq(xa) spin_unlock_irq(&(xa)->xa_lock)
#define xa_lock_bh(xa) spin_lock_bh(&(xa)->xa_lock)
#define xa_unlock_bh(xa) spin_unlock_bh(&(xa)->xa_lock)
#define xa_lock_irqsave(xa, flags) spin_lock_irqsave(&(xa)->xa_lock, flags)
#define xa_unlock_irqrestore(xa, flags) spin_unlock_irqrestore(&(xa)->xa_lock, flags)
#define xa_is_err(entry) IS_ERR(entry)
#define xa_err(entry) (IS_ERR(entry) ? (int)PTR_ERR(entry) : 0)
#define xa_mk_value(v) ((void *)(((unsigned long)(v) << 1) | 1))
#define xa_to_value(entry) ((unsigned long)(entry) >> 1)
#define xa_is_value(entry) ((unsigned long)(entry) & 1)

// What is found may be freed as soon as the caller's own RCU section or lock ends.
static inline void *xa_load(struct xarray *xa, unsigned long index)
{
	void *entry;

	rcu_read_lock();
	entry = index < XA_SLOTS ? rcu_dereference(xa->slots[index]) : NULL;
	rcu_read_unlock();
	return entry;
}

// These with the lock held.
static inline void *__xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	void *old;

	(void)gfp;
	BUG_ON(index >= XA_SLOTS); /* #define XA_SLOTS before the include */
	old = xa->slots[index];
	rcu_assign_pointer(xa->slots[index], entry);
	if (!entry) {
		__clear_bit((long)index, &xa->marks[0]);
		__clear_bit((long)index, &xa->marks[1]);
		__clear_bit((long)index, &xa->marks[2]);
	}
	return old;
}

static inline void *__xa_cmpxchg(struct xarray *xa, unsigned long index, void *old, void *entry, gfp_t gfp)
{
	void *found = index < XA_SLOTS ? xa->slots[index] : NULL;

	if (found == old)
		__xa_store(xa, index, entry, gfp);
	return found;
}

static inline int __xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	return __xa_cmpxchg(xa, index, NULL, entry, gfp) ? -EBUSY : 0;
}

static inline int __xa_alloc(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit, gfp_t gfp)
{
	for (u32 i = limit.min; i <= limit.max && i < XA_SLOTS; i++)
		if (!xa->slots[i]) {
			*id = i;
			__xa_store(xa, i, entry, gfp);
			return 0;
		}
	return -EBUSY;
}

#define __xa_erase(xa, index) __xa_store(xa, index, NULL, 0)
#define __xa_set_mark(xa, index, mark) __set_bit((long)(index), &(xa)->marks[mark])
#define __xa_clear_mark(xa, index, mark) __clear_bit((long)(index), &(xa)->marks[mark])

#define __rt_xa_locked(xa, call) ({ __typeof__(call) __xa_ret; xa_lock(xa); __xa_ret = (call); xa_unlock(xa); __xa_ret; })
#define xa_store(xa, index, entry, gfp) __rt_xa_locked(xa, __xa_store(xa, index, entry, gfp))
#define xa_erase(xa, index) __rt_xa_locked(xa, __xa_erase(xa, index))
#define xa_cmpxchg(xa, index, old, entry, gfp) __rt_xa_locked(xa, __xa_cmpxchg(xa, index, old, entry, gfp))
#define xa_insert(xa, index, entry, gfp) __rt_xa_locked(xa, __xa_insert(xa, index, entry, gfp))
#define xa_alloc(xa, id, entry, limit, gfp) __rt_xa_locked(xa, __xa_alloc(xa, id, entry, limit, gfp))
#define xa_set_mark(xa, index, mark) do { xa_lock(xa); __xa_set_mark(xa, index, mark); xa_unlock(xa); } while (0)
#define xa_clear_mark(xa, index, mark) do { xa_lock(xa); __xa_clear_mark(xa, index, mark); xa_unlock(xa); } while (0)
#define xa_get_mark(xa, index, mark) test_bit((long)(index), &(xa)->marks[mark])
#define xa_destroy(xa) do { } while (0)

static inline bool xa_empty(struct xarray *xa)
{
	for (int i = 0; i < XA_SLOTS; i++)
		if (READ_ONCE(xa->slots[i]))
			return false;
	return true;
}

#define xa_for_each(xa, index, entry) \
	for ((index) = 0; (index) < XA_SLOTS; (index)++) \
		if (((entry) = xa_load(xa, index)))

// --- identifiers

struct idr { struct xarray idr_rt; };
struct ida { struct xarray xa; };
#define DEFINE_IDR(name) struct idr name
#define DEFINE_IDA(name) struct ida name
#define idr_init(idr) xa_init(&(idr)->idr_rt)
#define ida_init(ida) xa_init(&(ida)->xa)
#define idr_preload(gfp) preempt_disable()
#define idr_preload_end() preempt_enable()
#define idr_destroy(idr) do { } while (0)
#define ida_destroy(ida) do { } while (0)
#define idr_find(idr, id) xa_load(&(idr)->idr_rt, (unsigned long)(id))
#define idr_for_each_entry(idr, entry, id) xa_for_each(&(idr)->idr_rt, id, entry)

// The caller has a lock of its own around changes, as in the kernel.
static inline int idr_alloc(struct idr *idr, void *ptr, int start, int end, gfp_t gfp)
{
	u32 id;

	if (__xa_alloc(&idr->idr_rt, &id, ptr, XA_LIMIT((u32)start, end > 0 ? (u32)end - 1 : XA_SLOTS - 1), gfp))
		return -ENOSPC;
	return (int)id;
}

#define idr_remove(idr, id) __xa_erase(&(idr)->idr_rt, (unsigned long)(id))
#define idr_replace(idr, ptr, id) __xa_store(&(idr)->idr_rt, (unsigned long)(id), ptr, 0)

static inline int ida_alloc(struct ida *ida, gfp_t gfp)
{
	u32 id;

	return xa_alloc(&ida->xa, &id, ida, xa_limit_32b, gfp) ? -ENOSPC : (int)id;
}

#define ida_free(ida, id) ((void)xa_erase(&(ida)->xa, (unsigned long)(id)))
