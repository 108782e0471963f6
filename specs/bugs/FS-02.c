// SPDX-License-Identifier: GPL-2.0-or-later
// fget() finds a file in the table and takes a reference after the last descriptor was closed, when Unix' garbage
// collector has counted.
// @source fs/file.c v5.15: __fget_files(), close_fd(); net/unix/garbage.c v5.15: unix_gc()
// @bug FS-02 054aa8d439b9185d4f5eb9a90282d1ce74772969 (v5.16) fget: check that the fd still exists after getting a ref to it
// @expect all: violation (assertion)
// @expect[FIX_FS_02] all: safe
#include <ringtail.h>

#define NR_OPEN_DEFAULT 2
struct file { atomic_long_t f_count; int inflight; };
struct fdtable { unsigned int max_fds; struct file **fd; };
struct files_struct {
	atomic_t count;
	struct fdtable *fdt;
	struct fdtable fdtab;
	spinlock_t file_lock;
	struct file *fd_array[NR_OPEN_DEFAULT];
};

static struct files_struct files = {
	.fdt = &files.fdtab,
	.fdtab = { .max_fds = NR_OPEN_DEFAULT, .fd = &files.fd_array[0] },
};
static struct file filp = { .f_count = ATOMIC_LONG_INIT(2), .inflight = 1 };
static bool collected;
INIT { files.fd_array[1] = &filp; }

static inline struct file *files_lookup_fd_raw(struct files_struct *files, unsigned int fd)
{
	struct fdtable *fdt = rcu_dereference(files->fdt);

	if (fd < fdt->max_fds)
		return rcu_dereference(fdt->fd[fd]);
	return NULL;
}

static struct file *__fget(struct files_struct *files, unsigned int fd)
{
	struct file *file;

	rcu_read_lock();
loop:
	file = files_lookup_fd_raw(files, fd);
	if (file) {
		if (!atomic_long_inc_not_zero(&file->f_count))
			goto loop;
#ifdef FIX_FS_02
		if (files_lookup_fd_raw(files, fd) != file) {
			(void)atomic_long_dec_and_test(&file->f_count);
			goto loop;
		}
#endif
	}
	rcu_read_unlock();
	return file;
}

static int close_fd(struct files_struct *files, unsigned int fd)
{
	struct file *file;

	spin_lock(&files->file_lock);
	file = files->fdt->fd[fd];
	rcu_assign_pointer(files->fdt->fd[fd], NULL);
	spin_unlock(&files->file_lock);
	(void)atomic_long_dec_and_test(&file->f_count); /* fput() */
	return 0;
}

/* all references are in flight: nobody has it */
static void unix_gc(void)
{
	if (atomic_long_read(&filp.f_count) == filp.inflight)
		WRITE_ONCE(collected, true);
}

THREAD(dup)
{
	struct file *file = __fget(&files, 1);

	assert(!file || !READ_ONCE(collected));
}

THREAD(close)
{
	close_fd(&files, 1);
	unix_gc();
}
