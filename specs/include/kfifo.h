// SPDX-License-Identifier: GPL-2.0-or-later
// A queue of elements of one type in an array whose size is a power of two, for specs that include <kfifo.h>: no lock between
// one writer and one reader, whose indices only grow. Among writers, or among readers, a lock. What stands between the reader's
// last look at a place and the writer's next store to it is a branch, which the memory model counts for marked stores only;
// the kernel's are plain, and taken as marked here (data_race()).
//
// @source include/linux/kfifo.h, lib/kfifo.c v6.6: kfifo_put(), __kfifo_in(), __kfifo_out()
#pragma once
#include <ringtail.h>

struct __kfifo {
	unsigned int in, out;
};

#define DECLARE_KFIFO(name, type, size) \
	struct { \
		struct __kfifo kfifo; \
		type buf[size]; \
	} name
#define DEFINE_KFIFO(name, type, size) DECLARE_KFIFO(name, type, size)
#define INIT_KFIFO(fifo) \
	do { \
		_Static_assert((ARRAY_SIZE((fifo).buf) & (ARRAY_SIZE((fifo).buf) - 1)) == 0, "a power of two"); \
		(fifo).kfifo.in = (fifo).kfifo.out = 0; \
	} while (0)

#define kfifo_size(fifo) ((unsigned int)ARRAY_SIZE((fifo)->buf))
#define __kfifo_at(fifo, index) (fifo)->buf[(index) & (kfifo_size(fifo) - 1)]
#define kfifo_len(fifo) (READ_ONCE((fifo)->kfifo.in) - READ_ONCE((fifo)->kfifo.out))
#define kfifo_avail(fifo) (kfifo_size(fifo) - kfifo_len(fifo))
#define kfifo_is_empty(fifo) (READ_ONCE((fifo)->kfifo.in) == READ_ONCE((fifo)->kfifo.out))
#define kfifo_is_full(fifo) (kfifo_len(fifo) > kfifo_size(fifo) - 1)
#define kfifo_reset(fifo) do { WRITE_ONCE((fifo)->kfifo.in, 0); WRITE_ONCE((fifo)->kfifo.out, 0); } while (0)
#define kfifo_reset_out(fifo) WRITE_ONCE((fifo)->kfifo.out, READ_ONCE((fifo)->kfifo.in))
#define kfifo_skip(fifo) WRITE_ONCE((fifo)->kfifo.out, (fifo)->kfifo.out + 1)

// What is in the queue is there before the index says so; what was taken is taken before its place is given away.
#define kfifo_put(fifo, value) \
	({ \
		int __room = !kfifo_is_full(fifo); \
		if (__room) { \
			data_race(__kfifo_at(fifo, (fifo)->kfifo.in) = (value)); \
			smp_wmb(); \
			WRITE_ONCE((fifo)->kfifo.in, (fifo)->kfifo.in + 1); \
		} \
		__room; \
	})
#define kfifo_peek(fifo, value) \
	({ \
		int __some = !kfifo_is_empty(fifo); \
		if (__some) { \
			smp_rmb(); \
			*(value) = data_race(__kfifo_at(fifo, (fifo)->kfifo.out)); \
		} \
		__some; \
	})
#define kfifo_get(fifo, value) \
	({ \
		int __got = kfifo_peek(fifo, value); \
		if (__got) { \
			smp_mb(); \
			WRITE_ONCE((fifo)->kfifo.out, (fifo)->kfifo.out + 1); \
		} \
		__got; \
	})

// Several at once: how many there was room for, or were there.
#define kfifo_in(fifo, from, n) \
	({ \
		unsigned int __i, __n = min((unsigned int)(n), kfifo_avail(fifo)); \
		for (__i = 0; __i < __n; __i++) \
			data_race(__kfifo_at(fifo, (fifo)->kfifo.in + __i) = (from)[__i]); \
		smp_wmb(); \
		WRITE_ONCE((fifo)->kfifo.in, (fifo)->kfifo.in + __n); \
		__n; \
	})
#define kfifo_out_peek(fifo, to, n) \
	({ \
		unsigned int __j, __m = min((unsigned int)(n), kfifo_len(fifo)); \
		smp_rmb(); \
		for (__j = 0; __j < __m; __j++) \
			(to)[__j] = data_race(__kfifo_at(fifo, (fifo)->kfifo.out + __j)); \
		__m; \
	})
#define kfifo_out(fifo, to, n) \
	({ \
		unsigned int __taken = kfifo_out_peek(fifo, to, n); \
		smp_mb(); \
		WRITE_ONCE((fifo)->kfifo.out, (fifo)->kfifo.out + __taken); \
		__taken; \
	})
#define kfifo_in_spinlocked(fifo, from, n, lock) \
	({ \
		unsigned long __flags; \
		unsigned int __entered; \
		spin_lock_irqsave(lock, __flags); \
		__entered = kfifo_in(fifo, from, n); \
		spin_unlock_irqrestore(lock, __flags); \
		__entered; \
	})
#define kfifo_out_spinlocked(fifo, to, n, lock) \
	({ \
		unsigned long __flags; \
		unsigned int __left; \
		spin_lock_irqsave(lock, __flags); \
		__left = kfifo_out(fifo, to, n); \
		spin_unlock_irqrestore(lock, __flags); \
		__left; \
	})
