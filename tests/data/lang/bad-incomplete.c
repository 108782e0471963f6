// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
struct page;
static struct page page;
static struct page *p;
THREAD(t)
{
	assert(p->flags);
	assert(sizeof(struct page));
	p++;
	assert(*p);
	void *v = p;
	assert(*v);
}
