// SPDX-License-Identifier: GPL-2.0-or-later
// Two numbers that belong together go from hand to hand by value: the copy is taken under the lock, and used without it.
// @expect all: safe
// @expect[BY_POINTER] all: violation
#include <ringtail.h>

struct range {
	unsigned long start, end;
};

static DEFINE_SPINLOCK(lock);
static struct range current_range = { 0, 4 };

static struct range make_range(unsigned long start, unsigned long pages)
{
	return (struct range){ .start = start, .end = start + pages };
}

static unsigned long pages_of(struct range r)
{
	r.end -= r.start; /* the caller's is not touched */
	return r.end;
}

static struct range snapshot(void)
{
	struct range r;

	spin_lock(&lock);
	r = current_range;
	spin_unlock(&lock);
	return r;
}

THREAD(mover)
{
	spin_lock(&lock);
	current_range = make_range(8, 4);
	spin_unlock(&lock);
}

THREAD(reader)
{
#ifdef BY_POINTER
	struct range *r = &current_range;

	assert(pages_of(*r) == 4);
	(void)snapshot;
#else
	struct range r = snapshot();

	assert(pages_of(r) == 4);
	assert(r.end - r.start == 4);
#endif
}
