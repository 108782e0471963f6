// SPDX-License-Identifier: GPL-2.0-or-later
// The primitives for a C compiler: GNU atomics, POSIX threads, and a main() that runs the spec's threads over and over
// until something fails. Ringtail never reads this file; what it explores, this only samples.
//
// Stronger than the kernel's where C has nothing as weak (barriers are fences of C11), so a run that passes proves nothing.
// RCU is a reader-writer lock; call_rcu() runs its callback after a grace period in the caller; an IRQ is one more thread.
#pragma once

// Names of the C library that kernel functions like to have.
#define accept __libc_accept
#define access __libc_access
#define acct __libc_acct
#define bind __libc_bind
#define chdir __libc_chdir
#define chown __libc_chown
#define clone __libc_clone
#define close __libc_close
#define connect __libc_connect
#define div __libc_div
#define dup __libc_dup
#define fdatasync __libc_fdatasync
#define fsync __libc_fsync
#define ftruncate __libc_ftruncate
#define getpriority __libc_getpriority
#define getsid __libc_getsid
#define index __libc_index
#define ioctl __libc_ioctl
#define kill __libc_kill
#define link __libc_link
#define listen __libc_listen
#define lseek __libc_lseek
#define nice __libc_nice
#define open __libc_open
#define pause __libc_pause
#define pipe __libc_pipe
#define pread __libc_pread
#define psignal __libc_psignal
#define pwrite __libc_pwrite
#define random __libc_random
#define read __libc_read
#define readlink __libc_readlink
#define remove __libc_remove
#define rename __libc_rename
#define rewind __libc_rewind
#define rmdir __libc_rmdir
#define select __libc_select
#define send __libc_send
#define setns __libc_setns
#define setpgid __libc_setpgid
#define setsid __libc_setsid
#define sigqueue __libc_sigqueue
#define sleep __libc_sleep
#define swab __libc_swab
#define symlink __libc_symlink
#define sync __libc_sync
#define syncfs __libc_syncfs
#define system __libc_system
#define timer_create __libc_timer_create
#define timer_delete __libc_timer_delete
#define timer_gettime __libc_timer_gettime
#define timer_settime __libc_timer_settime
#define truncate __libc_truncate
#define unlink __libc_unlink
#define unshare __libc_unshare
#define usleep __libc_usleep
#define vfork __libc_vfork
#define wait __libc_wait
#define write __libc_write
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#undef accept
#undef access
#undef acct
#undef bind
#undef chdir
#undef chown
#undef clone
#undef close
#undef connect
#undef div
#undef dup
#undef fdatasync
#undef fsync
#undef ftruncate
#undef getpriority
#undef getsid
#undef index
#undef ioctl
#undef kill
#undef link
#undef listen
#undef lseek
#undef nice
#undef open
#undef pause
#undef pipe
#undef pread
#undef psignal
#undef pwrite
#undef random
#undef read
#undef readlink
#undef remove
#undef rename
#undef rewind
#undef rmdir
#undef select
#undef send
#undef setns
#undef setpgid
#undef setsid
#undef sigqueue
#undef sleep
#undef swab
#undef symlink
#undef sync
#undef syncfs
#undef system
#undef timer_create
#undef timer_delete
#undef timer_gettime
#undef timer_settime
#undef truncate
#undef unlink
#undef unshare
#undef usleep
#undef vfork
#undef wait
#undef write

// --- marked accesses and barriers

#define barrier() __asm__ __volatile__("" ::: "memory")
#define ACCESS_ONCE(x) (*(volatile __typeof__(x) *)&(x))
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) do { *(volatile __typeof__(x) *)&(x) = (v); } while (0)
#define smp_load_acquire(p) \
	({ \
		__typeof__(*(p)) __loaded = READ_ONCE(*(p)); \
		__atomic_thread_fence(__ATOMIC_ACQUIRE); \
		__loaded; \
	})
#define smp_store_release(p, v) \
	do { \
		__atomic_thread_fence(__ATOMIC_RELEASE); \
		WRITE_ONCE(*(p), v); \
	} while (0)
#define smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
#define smp_store_mb(x, v) do { WRITE_ONCE(x, v); smp_mb(); } while (0)
#define smp_mb__before_atomic() smp_mb()
#define smp_mb__after_atomic() smp_mb()
#define smp_mb__after_spinlock() smp_mb()
#define smp_mb__after_unlock_lock() smp_mb()
#define smp_mb__after_srcu_read_unlock() smp_mb()
#define smp_acquire__after_ctrl_dep() smp_rmb()
#define rcu_dereference(p) READ_ONCE(p)
#define rcu_assign_pointer(p, v) smp_store_release(&(p), v)
