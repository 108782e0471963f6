// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
#define BUMP(p) ((p)->nonsense++)
struct ring { int tail; };
static struct ring ring;
THREAD(t)
{
	BUMP(&ring);
	assert(ring.tail);
}
