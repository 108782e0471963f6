// SPDX-License-Identifier: GPL-2.0-or-later
// Streaming is stopped: the mutex is let go until the thread has ended, and a buffer is queued meanwhile.
// @source drivers/media/platform/vivid/vivid-kthread-cap.c v5.4: vivid_thread_vid_cap(), vivid_stop_generating_vid_cap()
// @bug MEDIA-01 6dcd5d7a7a29c1e4b8016a06aed78cd650cd8c27 (v5.5) media: vivid: Fix wrong locking that causes race conditions
//   on streaming stop
// @expect all: violation (use after free)
// @expect[FIX_MEDIA_01] all: safe
#include <ringtail.h>
#include <kthread.h>

struct vivid_buffer {
	struct list_head list;
	int sequence;
};

static struct vivid_dev {
	struct mutex mutex;
	spinlock_t slock;
	bool streaming;
	struct list_head vid_cap_active;
} dev = {
	.mutex = __MUTEX_INITIALIZER(dev.mutex),
	.slock = __SPIN_LOCK_UNLOCKED(dev.slock),
	.streaming = true,
	.vid_cap_active = LIST_HEAD_INIT(dev.vid_cap_active),
};
static struct vivid_buffer *buf;

INIT
{
	buf = kzalloc(sizeof(*buf), GFP_KERNEL);
	INIT_LIST_HEAD(&buf->list);
}

THREAD(vivid_vid_cap)
{
	kthread_begin(0);
	for (;;) {
		struct vivid_buffer *vid_cap_buf = NULL;

		if (kthread_should_stop())
			break;
#ifdef FIX_MEDIA_01
		if (!mutex_trylock(&dev.mutex)) {
			schedule_timeout_uninterruptible(1);
			continue;
		}
#else
		mutex_lock(&dev.mutex);
#endif
		spin_lock(&dev.slock);
		if (!list_empty(&dev.vid_cap_active)) {
			vid_cap_buf = list_entry(dev.vid_cap_active.next, struct vivid_buffer, list);
			list_del_init(&vid_cap_buf->list);
		}
		spin_unlock(&dev.slock);
		if (vid_cap_buf)
			vid_cap_buf->sequence++;
		mutex_unlock(&dev.mutex);
	}
	kthread_end();
}

static void vivid_stop_generating_vid_cap(void)
{
	while (!list_empty(&dev.vid_cap_active)) {
		struct vivid_buffer *b = list_entry(dev.vid_cap_active.next, struct vivid_buffer, list);

		list_del(&b->list);
	}
#ifndef FIX_MEDIA_01
	mutex_unlock(&dev.mutex);
#endif
	kthread_stop(kthread(0));
#ifndef FIX_MEDIA_01
	mutex_lock(&dev.mutex);
#endif
}

THREAD(streamoff)
{
	mutex_lock(&dev.mutex);
	vivid_stop_generating_vid_cap();
	dev.streaming = false;
	kfree(buf);	/* vb2_core_queue_release() */
	mutex_unlock(&dev.mutex);
}

THREAD(qbuf)
{
	mutex_lock(&dev.mutex);
	if (dev.streaming) {
		spin_lock(&dev.slock);
		list_add_tail(&buf->list, &dev.vid_cap_active);
		spin_unlock(&dev.slock);
	}
	mutex_unlock(&dev.mutex);
}

FINALLY
{
	struct vivid_buffer *b;

	list_for_each_entry(b, &dev.vid_cap_active, list)
		b->sequence++;	/* who streams next */
}
