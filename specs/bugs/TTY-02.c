// SPDX-License-Identifier: GPL-2.0-or-later
// A flush and a sender both find the buffer that is half sent, and both put it on the list of free ones.
// @source drivers/tty/n_hdlc.c v4.10: n_hdlc_send_frames(), flush_tx_queue(), n_hdlc_release()
// @bug TTY-02 82f2341c94d270421f383641b7cd670e474db56b (v4.11) tty: n_hdlc: get rid of racy n_hdlc.tbuf
// @expect all: violation (use after free)
// @expect[FIX_TTY_02] all: safe
#include <ringtail.h>

struct n_hdlc_buf {
	struct n_hdlc_buf *link;
	int count;
};

struct n_hdlc_buf_list {
	struct n_hdlc_buf *head;
	struct n_hdlc_buf *tail;
	int count;
	spinlock_t spinlock;
};

struct n_hdlc {
	struct n_hdlc_buf *tbuf;
	struct n_hdlc_buf_list tx_buf_list;
	struct n_hdlc_buf_list tx_free_buf_list;
};

static struct n_hdlc *n_hdlc;

static void n_hdlc_buf_put(struct n_hdlc_buf_list *list, struct n_hdlc_buf *buf)
{
	unsigned long flags;

	spin_lock_irqsave(&list->spinlock, flags);
	buf->link = NULL;
	if (list->tail)
		list->tail->link = buf;
	else
		list->head = buf;
	list->tail = buf;
	(list->count)++;
	spin_unlock_irqrestore(&list->spinlock, flags);
}

static struct n_hdlc_buf *n_hdlc_buf_get(struct n_hdlc_buf_list *list)
{
	unsigned long flags;
	struct n_hdlc_buf *buf;

	spin_lock_irqsave(&list->spinlock, flags);
	buf = list->head;
	if (buf) {
		list->head = buf->link;
		(list->count)--;
	}
	if (!list->head)
		list->tail = NULL;
	spin_unlock_irqrestore(&list->spinlock, flags);
	return buf;
}

INIT
{
	struct n_hdlc_buf *buf;

	n_hdlc = kzalloc(sizeof(*n_hdlc), GFP_KERNEL);
	spin_lock_init(&n_hdlc->tx_buf_list.spinlock);
	spin_lock_init(&n_hdlc->tx_free_buf_list.spinlock);
	buf = kmalloc(sizeof(struct n_hdlc_buf), GFP_KERNEL);
	buf->count = 1;
#ifndef FIX_TTY_02
	n_hdlc->tbuf = buf;
#else
	n_hdlc_buf_put(&n_hdlc->tx_buf_list, buf);
#endif
}

static void flush_tx_queue(struct n_hdlc *h)
{
	struct n_hdlc_buf *buf;

	while ((buf = n_hdlc_buf_get(&h->tx_buf_list)))
		n_hdlc_buf_put(&h->tx_free_buf_list, buf);
#ifndef FIX_TTY_02
	buf = READ_ONCE(h->tbuf);
	if (buf) {
		n_hdlc_buf_put(&h->tx_free_buf_list, buf);
		WRITE_ONCE(h->tbuf, NULL);
	}
#endif
}

static void n_hdlc_send_frames(struct n_hdlc *h)
{
	struct n_hdlc_buf *tbuf;

#ifndef FIX_TTY_02
	tbuf = READ_ONCE(h->tbuf);
#else
	tbuf = n_hdlc_buf_get(&h->tx_buf_list);
#endif
	if (!tbuf)
		return;
	n_hdlc_buf_put(&h->tx_free_buf_list, tbuf);
#ifndef FIX_TTY_02
	WRITE_ONCE(h->tbuf, NULL);
#endif
}

THREAD(ioctl) { flush_tx_queue(n_hdlc); }
THREAD(send) { n_hdlc_send_frames(n_hdlc); }

FINALLY
{
	struct n_hdlc_buf *buf;

	while ((buf = n_hdlc_buf_get(&n_hdlc->tx_free_buf_list))) /* n_hdlc_release() */
		kfree(buf);
	kfree(n_hdlc);
}
