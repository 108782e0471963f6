// SPDX-License-Identifier: GPL-2.0-or-later
// usb_kill_urb() waits for an URB whose giveback saw nobody reject it.
// @source drivers/usb/core/{hcd,urb}.c v5.16: usb_kill_urb(), __usb_hcd_giveback_urb(), usb_hcd_submit_urb()
// @bug USB-01 26fbe9772b8c459687930511444ce443011f86bf (v5.17) USB: core: Fix hang in usb_kill_urb by adding memory barriers
// @expect sc, tso: safe   lkmm: violation (lost wakeup)
// @expect[FIX_USB_01] all: safe
#include <ringtail.h>

struct urb { atomic_t use_count, reject; };
static struct urb u = { .use_count = ATOMIC_INIT(1) };
static DECLARE_WAIT_QUEUE_HEAD(usb_kill_urb_queue);

THREAD(kill_urb)
{
	atomic_inc(&u.reject);
#ifdef FIX_USB_01
	smp_mb__after_atomic();
#endif
	wait_event(usb_kill_urb_queue, atomic_read(&u.use_count) == 0);
	atomic_dec(&u.reject);
}

THREAD(giveback)
{
	atomic_dec(&u.use_count);
#ifdef FIX_USB_01
	smp_mb__after_atomic();
#endif
	if (unlikely(atomic_read(&u.reject)))
		wake_up(&usb_kill_urb_queue);
}
