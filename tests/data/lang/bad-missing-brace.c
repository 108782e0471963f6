// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringtail.h>
THREAD(t)
{
	if (1) {
		assert(1);
}
