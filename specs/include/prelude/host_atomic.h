// SPDX-License-Identifier: GPL-2.0-or-later
// Read-modify-writes for a C compiler, see host.h.
#pragma once

// --- read-modify-writes

#define xchg(p, v) __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)
#define xchg_relaxed(p, v) __atomic_exchange_n(p, v, __ATOMIC_RELAXED)
#define xchg_acquire(p, v) __atomic_exchange_n(p, v, __ATOMIC_ACQUIRE)
#define xchg_release(p, v) __atomic_exchange_n(p, v, __ATOMIC_RELEASE)
#define __rt_cmpxchg(p, o, n, order) \
	({ \
		__typeof__(*(p)) __expected = (o); \
		(void)__atomic_compare_exchange_n(p, &__expected, n, 0, order, __ATOMIC_RELAXED); \
		__expected; \
	})
#define cmpxchg(p, o, n) __rt_cmpxchg(p, o, n, __ATOMIC_SEQ_CST)
#define cmpxchg_relaxed(p, o, n) __rt_cmpxchg(p, o, n, __ATOMIC_RELAXED)
#define cmpxchg_acquire(p, o, n) __rt_cmpxchg(p, o, n, __ATOMIC_ACQUIRE)
#define cmpxchg_release(p, o, n) __rt_cmpxchg(p, o, n, __ATOMIC_RELEASE)
#define try_cmpxchg(p, o, n) __atomic_compare_exchange_n(p, o, n, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)
#define try_cmpxchg_relaxed(p, o, n) __atomic_compare_exchange_n(p, o, n, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)
#define try_cmpxchg_acquire(p, o, n) __atomic_compare_exchange_n(p, o, n, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)
#define try_cmpxchg_release(p, o, n) __atomic_compare_exchange_n(p, o, n, 0, __ATOMIC_RELEASE, __ATOMIC_RELAXED)

// One family of functions an atomic type, four orders an operation, as the kernel generates them.
#define __RT_ORDERED(T, P, V, S, O) \
	static inline V P##_add_return##S(V i, T *v) { return __atomic_add_fetch(&v->counter, i, O); } \
	static inline V P##_sub_return##S(V i, T *v) { return __atomic_sub_fetch(&v->counter, i, O); } \
	static inline V P##_inc_return##S(T *v) { return __atomic_add_fetch(&v->counter, 1, O); } \
	static inline V P##_dec_return##S(T *v) { return __atomic_sub_fetch(&v->counter, 1, O); } \
	static inline V P##_fetch_add##S(V i, T *v) { return __atomic_fetch_add(&v->counter, i, O); } \
	static inline V P##_fetch_sub##S(V i, T *v) { return __atomic_fetch_sub(&v->counter, i, O); } \
	static inline V P##_fetch_inc##S(T *v) { return __atomic_fetch_add(&v->counter, 1, O); } \
	static inline V P##_fetch_dec##S(T *v) { return __atomic_fetch_sub(&v->counter, 1, O); } \
	static inline V P##_fetch_and##S(V i, T *v) { return __atomic_fetch_and(&v->counter, i, O); } \
	static inline V P##_fetch_or##S(V i, T *v) { return __atomic_fetch_or(&v->counter, i, O); } \
	static inline V P##_fetch_xor##S(V i, T *v) { return __atomic_fetch_xor(&v->counter, i, O); } \
	static inline V P##_fetch_andnot##S(V i, T *v) { return __atomic_fetch_and(&v->counter, ~i, O); } \
	static inline V P##_xchg##S(T *v, V n) { return __atomic_exchange_n(&v->counter, n, O); } \
	static inline bool P##_try_cmpxchg##S(T *v, V *o, V n) \
	{ \
		return __atomic_compare_exchange_n(&v->counter, o, n, 0, O, __ATOMIC_RELAXED); \
	} \
	static inline V P##_cmpxchg##S(T *v, V o, V n) { (void)P##_try_cmpxchg##S(v, &o, n); return o; }

#define __RT_ATOMIC(T, P, V) \
	__RT_ORDERED(T, P, V, , __ATOMIC_SEQ_CST) \
	__RT_ORDERED(T, P, V, _relaxed, __ATOMIC_RELAXED) \
	__RT_ORDERED(T, P, V, _acquire, __ATOMIC_ACQUIRE) \
	__RT_ORDERED(T, P, V, _release, __ATOMIC_RELEASE) \
	static inline V P##_read(const T *v) { return __atomic_load_n(&v->counter, __ATOMIC_RELAXED); } \
	static inline V P##_read_acquire(const T *v) { return __atomic_load_n(&v->counter, __ATOMIC_ACQUIRE); } \
	static inline void P##_set(T *v, V i) { __atomic_store_n(&v->counter, i, __ATOMIC_RELAXED); } \
	static inline void P##_set_release(T *v, V i) { __atomic_store_n(&v->counter, i, __ATOMIC_RELEASE); } \
	static inline void P##_add(V i, T *v) { (void)P##_fetch_add_relaxed(i, v); } \
	static inline void P##_sub(V i, T *v) { (void)P##_fetch_sub_relaxed(i, v); } \
	static inline void P##_inc(T *v) { (void)P##_fetch_add_relaxed(1, v); } \
	static inline void P##_dec(T *v) { (void)P##_fetch_sub_relaxed(1, v); } \
	static inline void P##_and(V i, T *v) { (void)P##_fetch_and_relaxed(i, v); } \
	static inline void P##_or(V i, T *v) { (void)P##_fetch_or_relaxed(i, v); } \
	static inline void P##_xor(V i, T *v) { (void)P##_fetch_xor_relaxed(i, v); } \
	static inline void P##_andnot(V i, T *v) { (void)P##_fetch_andnot_relaxed(i, v); } \
	static inline int P##_sub_and_test(V i, T *v) { return P##_sub_return(i, v) == 0; } \
	static inline int P##_dec_and_test(T *v) { return P##_dec_return(v) == 0; } \
	static inline int P##_inc_and_test(T *v) { return P##_inc_return(v) == 0; } \
	static inline int P##_add_negative(V i, T *v) { return P##_add_return(i, v) < 0; } \
	static inline V P##_fetch_add_unless(T *v, V a, V u) \
	{ \
		V o = P##_read(v); \
		while (o != u && !P##_try_cmpxchg(v, &o, o + a)) \
			; \
		return o; \
	} \
	static inline int P##_add_unless(T *v, V a, V u) { return P##_fetch_add_unless(v, a, u) != u; } \
	static inline int P##_inc_not_zero(T *v) { return P##_add_unless(v, 1, 0); } \
	static inline int P##_inc_unless_negative(T *v) \
	{ \
		V o = P##_read(v); \
		while (o >= 0) \
			if (P##_try_cmpxchg(v, &o, o + 1)) \
				return 1; \
		return 0; \
	} \
	static inline int P##_dec_unless_positive(T *v) \
	{ \
		V o = P##_read(v); \
		while (o <= 0) \
			if (P##_try_cmpxchg(v, &o, o - 1)) \
				return 1; \
		return 0; \
	} \
	static inline V P##_dec_if_positive(T *v) \
	{ \
		V o = P##_read(v); \
		while (o > 0 && !P##_try_cmpxchg(v, &o, o - 1)) \
			; \
		return o - 1; \
	}

__RT_ATOMIC(atomic_t, atomic, int)
__RT_ATOMIC(atomic_long_t, atomic_long, long)
__RT_ATOMIC(atomic64_t, atomic64, long)
