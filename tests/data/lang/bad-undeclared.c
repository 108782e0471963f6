// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
THREAD(t)
{
	assert(head == tail);
	ring.head = 1;
	submit(1);
}
