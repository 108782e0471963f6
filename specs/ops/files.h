// SPDX-License-Identifier: GPL-2.0-or-later
// Descriptors: a number names a file, which is held by a reference of the table and one of each call that uses it. It is
// looked up under RCU; a count of zero is not taken up again, and a file that is found must still be the one that the number
// names. A request keeps the file until it completes.
//
// With NR_TABLES each thread is a process with a table of its own, to which a fork has copied the descriptors.
//
// @source fs/file.c v4.5: __fget(), __close_fd(), do_dup2(), dup(); fs/file_table.c v4.5: fput()
#pragma once
#include <ringtail.h>

#define NR_OPEN 3

struct open_file {
	atomic_long_t f_count;
	unsigned long bytes; /* what whoever uses it looks at */
	struct rcu_head rcu;
};

struct files_struct {
	spinlock_t file_lock;
	struct open_file *fd[NR_OPEN];
};

#ifdef NR_TABLES
static struct files_struct tables[NR_TABLES];
#define files tables[smp_processor_id() % NR_TABLES]
#else
static struct files_struct files;
#endif

static long result[3];

static inline void file_free_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct open_file, rcu));
}

static inline void fput(struct open_file *f)
{
	if (atomic_long_dec_and_test(&f->f_count)) {
		WRITE_ONCE(f->bytes, 0); /* __fput() */
		call_rcu(&f->rcu, file_free_rcu);
	}
}

static inline struct open_file *fget(unsigned int fd)
{
	struct open_file *f;

	rcu_read_lock();
loop:
	f = rcu_dereference(files.fd[fd]);
	if (f && !atomic_long_inc_not_zero(&f->f_count))
		goto loop;
	rcu_read_unlock();
	return f;
}

static inline struct open_file *open_file(long count)
{
	struct open_file *f = kzalloc(sizeof(*f), GFP_KERNEL);

	atomic_long_set(&f->f_count, count);
	f->bytes = 1;
	return f;
}

#ifdef NR_TABLES
static inline void scene_file_inherited(unsigned int fd)
{
	struct open_file *f = open_file(NR_TABLES);
	int table;

	for (table = 0; table < NR_TABLES; table++)
		tables[table].fd[fd] = f;
}
#else
static inline void scene_file_open(unsigned int fd)
{
	files.fd[fd] = open_file(1);
}
#endif

// A call that uses the file: what it finds stays a file until it is done.
static inline long op_use_fd(unsigned int fd)
{
	struct open_file *f = fget(fd);

	if (!f)
		return -EBADF;
	BUG_ON(!READ_ONCE(f->bytes));
	fput(f);
	return 0;
}

static struct open_file *submitted;

// io_submit(): the request's reference goes when it completes.
static inline long op_submit_fd(unsigned int fd)
{
	struct open_file *f = fget(fd);

	if (!f)
		return -EBADF;
	smp_store_release(&submitted, f);
	return 1;
}

static inline void file_request_completes(void)
{
	struct open_file *f = smp_load_acquire(&submitted);

	if (!f)
		return;
	BUG_ON(!READ_ONCE(f->bytes));
	fput(f);
}

static inline long op_close(unsigned int fd)
{
	struct open_file *f;

	spin_lock(&files.file_lock);
	f = files.fd[fd];
	rcu_assign_pointer(files.fd[fd], NULL);
	spin_unlock(&files.file_lock);
	if (!f)
		return -EBADF;
	fput(f); /* filp_close() */
	return 0;
}

static inline long op_dup(unsigned int from, unsigned int to)
{
	struct open_file *f = fget(from);

	if (!f)
		return -EBADF;
	spin_lock(&files.file_lock);
	rcu_assign_pointer(files.fd[to], f);
	spin_unlock(&files.file_lock);
	return (long)to;
}

static inline void check_table(struct files_struct *table)
{
	unsigned int fd;

	for (fd = 0; fd < NR_OPEN; fd++)
		assert(!table->fd[fd] || table->fd[fd]->bytes);
}

FINALLY
{
#ifdef NR_TABLES
	int table;

	for (table = 0; table < NR_TABLES; table++)
		check_table(&tables[table]);
#else
	check_table(&files);
#endif
}
