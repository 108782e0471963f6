// SPDX-License-Identifier: GPL-2.0-or-later
// Two tasks want a tag of a queue whose tags are all free, but not yet given back: who comes while the other gives them back
// finds none, sleeps, and nobody is left to wake it.
// @source lib/sbitmap.c v6.10: sbitmap_deferred_clear(), sbitmap_find_bit_in_word(); block/blk-mq-tag.c: blk_mq_get_tag()
// @bug BLK-03 72d04bdcf3f7d7e07d82f9757946f68802a7270a (v6.11) sbitmap: fix io hung due to race on sbitmap_word::cleared
// @expect all: violation (lost wakeup)
// @expect[FIX_BLK_03] all: safe
#include <ringtail.h>

#define DEPTH 2
#define BLK_MQ_NO_TAG (-1U)

struct sbitmap_word {
	unsigned long word;
	unsigned long cleared ____cacheline_aligned_in_smp;
	spinlock_t swap_lock;
} ____cacheline_aligned_in_smp;

static struct sbitmap_word map = { .word = BIT(0) | BIT(1), .cleared = BIT(0) | BIT(1) };
static DECLARE_WAIT_QUEUE_HEAD(tags_wait);
static int got[DEPTH];

static bool sbitmap_deferred_clear(struct sbitmap_word *map, unsigned int depth)
{
	unsigned long mask;

#ifdef FIX_BLK_03
	guard(spinlock_irqsave)(&map->swap_lock);
	if (!map->cleared) {
		unsigned long word_mask = ~0UL >> (BITS_PER_LONG - depth);

		return (READ_ONCE(map->word) & word_mask) != word_mask;
	}
#else
	if (!READ_ONCE(map->cleared))
		return false;
#endif
	mask = xchg(&map->cleared, 0);
	atomic_long_andnot(mask, (atomic_long_t *)&map->word);
	BUILD_BUG_ON(sizeof(atomic_long_t) != sizeof(map->word));
	return true;
}

static int __sbitmap_get_word(unsigned long *word, unsigned long depth)
{
	unsigned long nr, hint = 0;

	while (1) {
		nr = find_next_zero_bit(word, depth, hint);
		if (unlikely(nr >= depth))
			return -1;
		if (!test_and_set_bit_lock(nr, word))
			return nr;
		hint = nr + 1;
	}
}

static unsigned int sbitmap_find_bit_in_word(struct sbitmap_word *map, unsigned int depth)
{
	int nr;

	do {
		nr = __sbitmap_get_word(&map->word, depth);
		if (nr != -1)
			break;
		if (!sbitmap_deferred_clear(map, depth))
			break;
	} while (1);
	return nr;
}

static unsigned int blk_mq_get_tag(void)
{
	unsigned int tag = sbitmap_find_bit_in_word(&map, DEPTH);
	DEFINE_WAIT(wait);

	if (tag != BLK_MQ_NO_TAG)
		return tag;
	do {
		prepare_to_wait_exclusive(&tags_wait, &wait, TASK_UNINTERRUPTIBLE);
		tag = sbitmap_find_bit_in_word(&map, DEPTH);
		if (tag != BLK_MQ_NO_TAG)
			break;
		io_schedule();
	} while (1);
	finish_wait(&tags_wait, &wait);
	return tag;
}

THREAD(first) { got[blk_mq_get_tag()]++; }
THREAD(second) { got[blk_mq_get_tag()]++; }

FINALLY { assert(got[0] == 1 && got[1] == 1); }
