// SPDX-License-Identifier: GPL-2.0-or-later
// A mount that a walker found without a reference: the walker counts itself and then looks whether mount_lock was taken, the
// last mntput() takes mount_lock and then looks at the counts.
// @source fs/namespace.c v4.17: __legitimize_mnt(), legitimize_mnt(), mntput_no_expire()
// @bug FS-07 119e1ef80ecf (v4.18) fix __legitimize_mnt()/mntput() race
// @expect all: violation (use after free)
// @expect[FIX_DOOMED] sc: safe   tso, lkmm: violation (use after free)
// @expect[FIX_DOOMED, FIX_FS_07] all: safe
#include <ringtail.h>

#define MNT_DOOMED 0x1000000

struct vfsmount {
	int mnt_flags;
};

struct mount {
	struct vfsmount mnt;
	struct rcu_head mnt_rcu;
};

static DEFINE_SEQLOCK(mount_lock);
static DEFINE_PER_CPU(int, mnt_count);	/* of the only mount */
static struct vfsmount *fd;

#define real_mount(m) container_of(m, struct mount, mnt)
#define lock_mount_hash() write_seqlock(&mount_lock)
#define unlock_mount_hash() write_sequnlock(&mount_lock)

static inline void mnt_add_count(struct mount *mnt, int n)
{
	BUG_ON(!mnt);
	this_cpu_add(mnt_count, n);
}

static unsigned int mnt_get_count(struct mount *mnt)
{
	unsigned int count = 0;
	int cpu;

	for (cpu = 0; cpu < 2; cpu++)
		count += READ_ONCE(per_cpu(mnt_count, cpu));
	return count;
}

static void delayed_free_vfsmnt(struct rcu_head *head)
{
	kfree(container_of(head, struct mount, mnt_rcu));
}

static void mntput(struct vfsmount *m)
{
	struct mount *mnt = real_mount(m);

	rcu_read_lock();
	lock_mount_hash();
#ifdef FIX_FS_07
	smp_mb();
#endif
	mnt_add_count(mnt, -1);
	if (mnt_get_count(mnt) || unlikely(mnt->mnt.mnt_flags & MNT_DOOMED)) {
		rcu_read_unlock();
		unlock_mount_hash();
		return;
	}
	mnt->mnt.mnt_flags |= MNT_DOOMED;
	rcu_read_unlock();
	unlock_mount_hash();
	call_rcu(&mnt->mnt_rcu, delayed_free_vfsmnt);
}

static int __legitimize_mnt(struct vfsmount *bastard, unsigned seq)
{
	struct mount *mnt;

	if (read_seqretry(&mount_lock, seq))
		return 1;
	if (bastard == NULL)
		return 0;
	mnt = real_mount(bastard);
	mnt_add_count(mnt, 1);
#ifdef FIX_FS_07
	smp_mb();
#endif
	if (likely(!read_seqretry(&mount_lock, seq)))
		return 0;
#ifdef FIX_DOOMED
	lock_mount_hash();
	if (unlikely(bastard->mnt_flags & MNT_DOOMED)) {
		mnt_add_count(mnt, -1);
		unlock_mount_hash();
		return 1;
	}
	unlock_mount_hash();
#endif
	return -1;
}

static bool legitimize_mnt(struct vfsmount *bastard, unsigned seq)
{
	int res = __legitimize_mnt(bastard, seq);

	if (likely(!res))
		return true;
	if (unlikely(res < 0)) {
		rcu_read_unlock();
		mntput(bastard);
		rcu_read_lock();
	}
	return false;
}

INIT
{
	struct mount *mnt = kzalloc(sizeof(*mnt), GFP_KERNEL);

	fd = &mnt->mnt;
	per_cpu(mnt_count, 0) = 1;
}

THREAD(walk)
{
	struct vfsmount *m;
	unsigned seq;
	bool ok;

	rcu_read_lock();
	seq = read_seqbegin(&mount_lock);
	m = rcu_dereference(fd);
	if (!m) {
		rcu_read_unlock();
		return;
	}
	ok = legitimize_mnt(m, seq);
	rcu_read_unlock();
	if (ok)
		mntput(m);
}

THREAD(close)
{
	struct vfsmount *m = fd;

	WRITE_ONCE(fd, NULL);
	mntput(m);
}
