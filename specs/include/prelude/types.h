// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's basic types. A type with one member is handled as a number: it can be passed, returned and kept in a
// register.
#pragma once

#ifndef __RINGTAIL__
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#else
typedef unsigned long size_t;
typedef long ssize_t;
typedef int pid_t;
typedef long off_t;
typedef long loff_t;
typedef unsigned short umode_t;
#define NULL ((void *)0)
#define true 1
#define false 0
#endif

typedef signed char s8;
typedef unsigned char u8;
typedef short s16;
typedef unsigned short u16;
typedef int s32;
typedef unsigned int u32;
typedef long long s64;
typedef unsigned long long u64;
typedef s8 __s8;
typedef u8 __u8;
typedef s16 __s16;
typedef u16 __u16;
typedef s32 __s32;
typedef u32 __u32;
typedef s64 __s64;
typedef u64 __u64;
typedef __u16 __le16;
typedef __u32 __le32;
typedef __u64 __le64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef unsigned long pgoff_t;
typedef unsigned long sector_t;
typedef unsigned int gfp_t;
typedef unsigned long uintptr_t;
typedef s64 ktime_t;

typedef struct { int counter; } atomic_t;
typedef struct { long counter; } atomic_long_t;
typedef struct { long counter; } atomic64_t;
#define ATOMIC_INIT(i) { (i) }
#define ATOMIC_LONG_INIT(i) { (i) }
#define ATOMIC64_INIT(i) { (i) }

typedef struct spinlock { int slock; } spinlock_t;
typedef struct spinlock raw_spinlock_t;
struct mutex { int owner; };
struct srcu_struct { int idx; };

struct list_head { struct list_head *next, *prev; };
struct hlist_node { struct hlist_node *next, **pprev; };
struct hlist_head { struct hlist_node *first; };
struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *head);
};
#define callback_head rcu_head
