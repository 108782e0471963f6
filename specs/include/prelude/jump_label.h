// SPDX-License-Identifier: GPL-2.0-or-later
// Static keys. The kernel patches its text and interrupts every CPU before and after, so that whoever comes behind a change
// that is done sees it: here the branch looks at the key, and the change has full barriers around it.
#pragma once

struct static_key {
	atomic_t enabled;
};
struct static_key_true {
	struct static_key key;
};
struct static_key_false {
	struct static_key key;
};

#define STATIC_KEY_INIT_TRUE { ATOMIC_INIT(1) }
#define STATIC_KEY_INIT_FALSE { ATOMIC_INIT(0) }
#define DEFINE_STATIC_KEY_TRUE(name) struct static_key_true name = { STATIC_KEY_INIT_TRUE }
#define DEFINE_STATIC_KEY_FALSE(name) struct static_key_false name = { STATIC_KEY_INIT_FALSE }
#define DECLARE_STATIC_KEY_TRUE(name) extern struct static_key_true name
#define DECLARE_STATIC_KEY_FALSE(name) extern struct static_key_false name

#define static_key_enabled(x) (atomic_read(&(x)->key.enabled) > 0)
#define static_branch_likely(x) static_key_enabled(x)
#define static_branch_unlikely(x) static_key_enabled(x)
#define __static_branch_change(change) \
	do { \
		smp_mb(); \
		change; \
		smp_mb(); \
	} while (0)
#define static_branch_enable(x) __static_branch_change(atomic_set(&(x)->key.enabled, 1))
#define static_branch_disable(x) __static_branch_change(atomic_set(&(x)->key.enabled, 0))
#define static_branch_inc(x) __static_branch_change(atomic_inc(&(x)->key.enabled))
#define static_branch_dec(x) __static_branch_change(atomic_dec(&(x)->key.enabled))
