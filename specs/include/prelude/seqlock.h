// SPDX-License-Identifier: GPL-2.0-or-later
// Sequence counters and locks, with the kernel's barriers.
#pragma once

typedef struct seqcount { unsigned int sequence; } seqcount_t;
#define SEQCNT_ZERO(name) { 0 }
#define seqcount_init(s) do { (s)->sequence = 0; } while (0)

static inline unsigned int __read_seqcount_begin(const seqcount_t *s)
{
	unsigned int seq;

	while ((seq = READ_ONCE(s->sequence)) & 1)
		cpu_relax();
	return seq;
}

static inline unsigned int read_seqcount_begin(const seqcount_t *s)
{
	unsigned int seq = __read_seqcount_begin(s);

	smp_rmb();
	return seq;
}

// Without waiting for a writer to be done: the caller looks at the low bit.
static inline unsigned int raw_read_seqcount(const seqcount_t *s)
{
	unsigned int seq = READ_ONCE(s->sequence);

	smp_rmb();
	return seq;
}

static inline int read_seqcount_retry(const seqcount_t *s, unsigned int start)
{
	smp_rmb();
	return READ_ONCE(s->sequence) != start;
}

static inline void write_seqcount_begin(seqcount_t *s)
{
	WRITE_ONCE(s->sequence, s->sequence + 1);
	smp_wmb();
}

static inline void write_seqcount_end(seqcount_t *s)
{
	smp_wmb();
	WRITE_ONCE(s->sequence, s->sequence + 1);
}

static inline int __read_seqcount_retry(const seqcount_t *s, unsigned int start)
{
	return READ_ONCE(s->sequence) != start;
}

// As if nobody wrote: the caller finds out when it retries.
static inline unsigned int raw_seqcount_begin(const seqcount_t *s)
{
	return raw_read_seqcount(s) & ~1u;
}

static inline void write_seqcount_invalidate(seqcount_t *s)
{
	smp_wmb();
	WRITE_ONCE(s->sequence, s->sequence + 2);
}

// A latch: two copies of the data, and the last bit of the count names the one that nobody writes. Readers never wait.
typedef seqcount_t seqcount_latch_t;
#define SEQCNT_LATCH_ZERO(name) { 0 }
#define seqcount_latch_init(s) seqcount_init(s)

static inline void raw_write_seqcount_latch(seqcount_t *s)
{
	smp_wmb();
	WRITE_ONCE(s->sequence, s->sequence + 1);
	smp_wmb();
}

static inline unsigned int raw_read_seqcount_latch(const seqcount_t *s)
{
	return READ_ONCE(s->sequence); /* which copy is an address dependency */
}

static inline int raw_read_seqcount_latch_retry(const seqcount_t *s, unsigned int start)
{
	smp_rmb();
	return READ_ONCE(s->sequence) != start;
}

#define read_seqcount_latch(s) raw_read_seqcount_latch(s)
#define read_seqcount_latch_retry(s, start) raw_read_seqcount_latch_retry(s, start)
#define write_seqcount_latch_begin(s) raw_write_seqcount_latch(s)
#define write_seqcount_latch(s) raw_write_seqcount_latch(s)
#define write_seqcount_latch_end(s) do { } while (0)

// Readers that began before this try again.
static inline void raw_write_seqcount_barrier(seqcount_t *s)
{
	WRITE_ONCE(s->sequence, s->sequence + 1);
	smp_wmb();
	WRITE_ONCE(s->sequence, s->sequence + 1);
}
#define write_seqcount_barrier(s) raw_write_seqcount_barrier(s)

#define raw_read_seqcount_begin(s) read_seqcount_begin(s)
#define raw_write_seqcount_begin(s) write_seqcount_begin(s)
#define raw_write_seqcount_end(s) write_seqcount_end(s)

// With the lock that their writers hold, which nothing here looks at.
typedef seqcount_t seqcount_spinlock_t;
typedef seqcount_t seqcount_raw_spinlock_t;
typedef seqcount_t seqcount_mutex_t;
typedef seqcount_t seqcount_rwlock_t;
#define SEQCNT_SPINLOCK_ZERO(name, lock) { 0 }
#define SEQCNT_MUTEX_ZERO(name, lock) { 0 }
#define seqcount_spinlock_init(s, lock) seqcount_init(s)
#define seqcount_raw_spinlock_init(s, lock) seqcount_init(s)
#define seqcount_mutex_init(s, lock) seqcount_init(s)
#define seqcount_rwlock_init(s, lock) seqcount_init(s)

typedef struct {
	seqcount_t seqcount;
	spinlock_t lock;
} seqlock_t;
#define __SEQLOCK_UNLOCKED(name) { { 0 }, { 0 } }
#define DEFINE_SEQLOCK(name) seqlock_t name = __SEQLOCK_UNLOCKED(name)
#define seqlock_init(sl) do { seqcount_init(&(sl)->seqcount); spin_lock_init(&(sl)->lock); } while (0)

static inline unsigned int read_seqbegin(const seqlock_t *sl)
{
	return read_seqcount_begin(&sl->seqcount);
}

static inline int read_seqretry(const seqlock_t *sl, unsigned int start)
{
	return read_seqcount_retry(&sl->seqcount, start);
}

static inline void write_seqlock(seqlock_t *sl)
{
	spin_lock(&sl->lock);
	write_seqcount_begin(&sl->seqcount);
}

static inline void write_sequnlock(seqlock_t *sl)
{
	write_seqcount_end(&sl->seqcount);
	spin_unlock(&sl->lock);
}

#define write_seqlock_irq(sl) do { local_irq_disable(); write_seqlock(sl); } while (0)
#define write_sequnlock_irq(sl) do { write_sequnlock(sl); local_irq_enable(); } while (0)
#define write_seqlock_irqsave(sl, flags) do { local_irq_save(flags); write_seqlock(sl); } while (0)
#define write_sequnlock_irqrestore(sl, flags) do { write_sequnlock(sl); local_irq_restore(flags); } while (0)
#define write_seqlock_bh(sl) do { local_bh_disable(); write_seqlock(sl); } while (0)
#define write_sequnlock_bh(sl) do { write_sequnlock(sl); local_bh_enable(); } while (0)
#define read_seqlock_excl(sl) spin_lock(&(sl)->lock)
#define read_sequnlock_excl(sl) spin_unlock(&(sl)->lock)
#define read_seqlock_excl_irq(sl) spin_lock_irq(&(sl)->lock)
#define read_sequnlock_excl_irq(sl) spin_unlock_irq(&(sl)->lock)
#define read_seqlock_excl_irqsave(sl, flags) spin_lock_irqsave(&(sl)->lock, flags)
#define read_sequnlock_excl_irqrestore(sl, flags) spin_unlock_irqrestore(&(sl)->lock, flags)

// A reader that has to try again does so with the lock held.
static inline void read_seqbegin_or_lock(seqlock_t *sl, int *seq)
{
	if (!(*seq & 1))
		*seq = (int)read_seqbegin(sl);
	else
		read_seqlock_excl(sl);
}

static inline int need_seqretry(seqlock_t *sl, int seq)
{
	return !(seq & 1) && read_seqretry(sl, (unsigned int)seq);
}

static inline void done_seqretry(seqlock_t *sl, int seq)
{
	if (seq & 1)
		read_sequnlock_excl(sl);
}
