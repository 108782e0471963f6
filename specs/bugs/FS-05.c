// SPDX-License-Identifier: GPL-2.0-or-later
// A buffer is read in; who finds it up to date without its lock reads what was in memory before the disk wrote there.
// @source include/linux/buffer_head.h v5.19: set_buffer_uptodate(), buffer_uptodate(); fs/buffer.c: end_buffer_read_sync()
// @bug FS-05 d4252071b97d2027d246f6a82cbee4d52f618b47 (v6.0) add barriers to buffer_uptodate and set_buffer_uptodate
// @expect sc, tso: safe   lkmm: violation (assertion)
// @expect[FIX_FS_05] all: safe
#include <ringtail.h>

enum bh_state_bits {
	BH_Uptodate,
	BH_Dirty,
	BH_Lock,
};

struct buffer_head {
	unsigned long b_state;
	char *b_data;
	void (*b_end_io)(struct buffer_head *bh, int uptodate);
};

static char block[4];
static struct buffer_head bh = { .b_state = BIT(BH_Lock), .b_data = block };

static void set_buffer_uptodate(struct buffer_head *bh)
{
#ifdef FIX_FS_05
	smp_mb__before_atomic();
#endif
	set_bit(BH_Uptodate, &bh->b_state);
}

static bool buffer_uptodate(const struct buffer_head *bh)
{
#ifdef FIX_FS_05
	return test_bit_acquire(BH_Uptodate, &bh->b_state);
#else
	return test_bit(BH_Uptodate, &bh->b_state);
#endif
}

static void unlock_buffer(struct buffer_head *bh)
{
	clear_bit_unlock(BH_Lock, &bh->b_state);
	smp_mb__after_atomic();
	wake_up_bit(&bh->b_state, BH_Lock);
}

static void end_buffer_read_sync(struct buffer_head *bh, int uptodate)
{
	if (uptodate)
		set_buffer_uptodate(bh);
	unlock_buffer(bh);
}

INIT { bh.b_end_io = end_buffer_read_sync; }

THREAD(disk)
{
	bh.b_data[1] = 'x';
	bh.b_end_io(&bh, 1);
}

THREAD(bread)
{
	if (!buffer_uptodate(&bh)) {
		wait_on_bit_io(&bh.b_state, BH_Lock, TASK_UNINTERRUPTIBLE);
		if (!buffer_uptodate(&bh))
			return;
	}
	assert(bh.b_data[1] == 'x');
}
