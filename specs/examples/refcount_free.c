// SPDX-License-Identifier: GPL-2.0-or-later
// Two users drop their references; the last one frees, and must see what the other did before.
// @expect all: safe
// @expect[RELAXED_PUT] sc, tso: safe   lkmm: violation
// @expect[DEC_THEN_READ] all: violation
#include <ringtail.h>

struct buf {
	atomic_t refs;
	int len;
};

static struct buf *buf;

INIT
{
	buf = kmalloc(sizeof(struct buf), GFP_KERNEL);
	atomic_set(&buf->refs, 2);
	buf->len = 0;
}

static void put(struct buf *b)
{
#if defined(RELAXED_PUT)
	if (atomic_sub_return_relaxed(1, &b->refs) == 0)
		kfree(b);
#elif defined(DEC_THEN_READ)
	atomic_dec(&b->refs);
	if (atomic_read(&b->refs) == 0)
		kfree(b);
#else
	if (atomic_dec_and_test(&b->refs))
		kfree(b);
#endif
}

THREAD(a)
{
	WRITE_ONCE(buf->len, 4);
	put(buf);
}

THREAD(b)
{
	int len = READ_ONCE(buf->len);

	assert(len == 0 || len == 4);
	put(buf);
}
