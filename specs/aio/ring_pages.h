// SPDX-License-Identifier: GPL-2.0-or-later
// The ring since v3.12: its pages belong to a file of their own and may be migrated. The context keeps pointers to them; the
// reader moves the head under ring_lock (a mutex now), the completer the tail under completion_lock, and migration must
// keep out both while it copies a page and switches the pointer. The file's mapping knows the context, under private_lock.
// @source fs/aio.c v3.15: aio_migratepage(), aio_complete(), aio_read_events_ring(), put_aio_ring_file(), aio_free_ring()
#pragma once
#define PTRS_PER_PTE 1
#define WITHOUT_LRU
#define FREEZE_REFS
#define MIGRATE_EXTRA_COUNT 1 /* ring_pages[] */
#define NR_RING_EVENTS 2
#define PAGE_WORDS (2 + NR_RING_EVENTS)
#include <ringtail.h>
#include "../lib/requests.h"
#include "../lib/mm.h"
#include "../lib/invariants.h"
#include "../migrate/migrate.h"

struct aio_ring {
	unsigned long head, tail;
	unsigned long io_events[NR_RING_EVENTS]; /* an answer each, for brevity */
};

struct kioctx {
	struct page *ring_pages[1];
	struct mutex ring_lock;
	spinlock_t completion_lock;
	unsigned long tail; /* the kernel's own copy */
	struct address_space *aio_ring_file;
};

static struct mm_struct mm; /* which has the ring mapped, but nobody here looks at it there */
static struct address_space ring_mapping;
static struct kioctx *ring_ctx; /* ring_mapping.private_data */
#define kmap_atomic(page) ((struct aio_ring *)READ_ONCE((page)->frame))

static inline struct kioctx *aio_setup_ring(void)
{
	struct kioctx *ctx = kzalloc(sizeof(*ctx), GFP_KERNEL);
	struct page *page;
	int i;

	init_address_space(&ring_mapping);
	page = file_page(&ring_mapping, 0, 0);
	for (i = 0; i < PAGE_WORDS; i++)
		page->frame[i] = 0;
	SetPageDirty(page);
	get_page(page); /* find_or_create_page() */
	ctx->ring_pages[0] = page;
	ctx->aio_ring_file = &ring_mapping;
	ring_ctx = ctx;
	return ctx;
}

static inline int aio_migratepage(struct address_space *mapping, struct page *new, struct page *old)
{
	struct kioctx *ctx;
	unsigned long flags;
	int rc = 0;

#ifndef AIO_17_FREE
	spin_lock(&mapping->private_lock); /* the context stays while we have this */
#endif
	ctx = READ_ONCE(ring_ctx);
	if (!ctx) {
		rc = -EINVAL;
		goto out;
	}
#ifndef AIO_17_HEAD
	if (!mutex_trylock(&ctx->ring_lock)) { /* never wait for it under a spin lock */
		rc = -EAGAIN;
		goto out;
	}
#endif
	if (READ_ONCE(ctx->ring_pages[0]) != old) {
		rc = -EAGAIN;
		goto out_unlock;
	}
	get_page(new); /* ring_pages[] */
	rc = migrate_page_move_mapping(mapping, new, old);
	if (rc) {
		put_page(new);
		goto out_unlock;
	}
	spin_lock_irqsave(&ctx->completion_lock, flags);
	migrate_page_copy(new, old);
	BUG_ON(READ_ONCE(ctx->ring_pages[0]) != old);
	WRITE_ONCE(ctx->ring_pages[0], new);
	spin_unlock_irqrestore(&ctx->completion_lock, flags);
	put_page(old);
out_unlock:
#ifndef AIO_17_HEAD
	mutex_unlock(&ctx->ring_lock);
#endif
out:
#ifndef AIO_17_FREE
	spin_unlock(&mapping->private_lock);
#endif
	return rc;
}

static inline void aio_complete(struct kioctx *ctx, long id)
{
	unsigned long flags, tail;
	struct aio_ring *ring;

	spin_lock_irqsave(&ctx->completion_lock, flags);
	tail = ctx->tail;
	ring = kmap_atomic(READ_ONCE(ctx->ring_pages[0]));
	WRITE_ONCE(ring->io_events[tail], (unsigned long)REQUEST_RESULT(id));
	request_completed(id);
	smp_wmb();
	tail = (tail + 1) % NR_RING_EVENTS;
	ctx->tail = tail;
	WRITE_ONCE(ring->tail, tail);
	spin_unlock_irqrestore(&ctx->completion_lock, flags);
}

// The answers that it found, each told to the books.
static inline int aio_read_events_ring(struct kioctx *ctx)
{
	unsigned long head, tail;
	struct aio_ring *ring;
	int ret = 0;

	mutex_lock(&ctx->ring_lock);
	ring = kmap_atomic(READ_ONCE(ctx->ring_pages[0]));
	head = READ_ONCE(ring->head) % NR_RING_EVENTS;
	tail = READ_ONCE(ring->tail) % NR_RING_EVENTS;
	smp_rmb(); /* the tail before the events */
	while (head != tail) {
		long result = (long)READ_ONCE(ring->io_events[head]);

		request_reaped(result - REQUEST_RESULT(0), result);
		head = (head + 1) % NR_RING_EVENTS;
		ret++;
	}
	ring = kmap_atomic(READ_ONCE(ctx->ring_pages[0]));
	WRITE_ONCE(ring->head, head);
	mutex_unlock(&ctx->ring_lock);
	return ret;
}

// What unmap_and_move() does around it, less the PTEs.
static inline void move_ring_page(struct page *new, struct page *old)
{
	lock_page(old);
	if (READ_ONCE(old->mapping) == &ring_mapping) {
		WRITE_ONCE(new->mapping, &ring_mapping);
		if (aio_migratepage(&ring_mapping, new, old))
			WRITE_ONCE(new->mapping, NULL);
	}
	unlock_page(old);
	put_page(old);
	put_page(new);
}

#define RING_INVARIANTS \
	MM_INVARIANTS(mm, &ring_mapping) \
	REQUESTS_INVARIANTS

static inline void put_aio_ring_file(struct kioctx *ctx)
{
	struct address_space *mapping = ctx->aio_ring_file;

	truncate_inode_pages_range(mapping, 0, 1); /* truncate_setsize() */
	spin_lock(&mapping->private_lock); /* against a migration that uses the context */
	WRITE_ONCE(ring_ctx, NULL);
	ctx->aio_ring_file = NULL;
	spin_unlock(&mapping->private_lock);
}

static inline void free_ioctx(struct kioctx *ctx)
{
	put_aio_ring_file(ctx);
	put_page(READ_ONCE(ctx->ring_pages[0]));
	kfree(ctx);
}
