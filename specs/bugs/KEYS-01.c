// SPDX-License-Identifier: GPL-2.0-or-later
// Whoever looks a key up without its semaphore sees that it is there before he sees what is in it.
// @source security/keys/key.c v4.13: mark_key_instantiated(); include/linux/key.h v4.14: key_read_state()
// @bug KEYS-01 363b02dab09b3226f3bd1420dad9c72b79a42a76 (v4.14) KEYS: Fix race between updating and finding a negative key
// @expect sc, tso: safe   lkmm: violation (assertion)
// @expect[FIX_KEYS_01] all: safe
#include <ringtail.h>

enum key_state { KEY_IS_UNINSTANTIATED, KEY_IS_POSITIVE, };

struct key {
	refcount_t usage;
	struct rw_semaphore sem;
	short state;
	union key_payload {
		void *rcu_data0;
		void *data[1];
	} payload;
};

static struct key *key;
INIT
{
	key = kzalloc(sizeof(struct key), GFP_KERNEL);
	refcount_set(&key->usage, 2);
	init_rwsem(&key->sem);
}

static inline short key_read_state(const struct key *key)
{
#ifdef FIX_KEYS_01
	return smp_load_acquire(&key->state);
#else
	return READ_ONCE(key->state);
#endif
}

static inline bool key_is_positive(const struct key *key)
{
	return key_read_state(key) == KEY_IS_POSITIVE;
}

static inline bool key_is_negative(const struct key *key)
{
	return key_read_state(key) < 0;
}

static void mark_key_instantiated(struct key *key, int reject_error)
{
	WRITE_ONCE(key->payload.data[0], key);
#ifdef FIX_KEYS_01
	smp_store_release(&key->state, (reject_error < 0) ? reject_error : KEY_IS_POSITIVE);
#else
	WRITE_ONCE(key->state, reject_error < 0 ? reject_error : KEY_IS_POSITIVE);
#endif
}

static void key_put(struct key *k)
{
	if (k) {
		if (refcount_dec_and_test(&k->usage))
			kfree(k);
	}
}

THREAD(add_key)
{
	down_write(&key->sem);
	mark_key_instantiated(key, 0);
	up_write(&key->sem);
	key_put(key);
}

THREAD(search)
{
	if (key_is_negative(key))
		BUG();
	else if (key_is_positive(key))
		assert(READ_ONCE(key->payload.data[0]) != NULL);
	key_put(key);
}
