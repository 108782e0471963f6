// SPDX-License-Identifier: GPL-2.0-or-later
// Bits of unsigned longs, ordered as the kernel's are: those that return a value are full barriers, those that return
// nothing are not, the _lock and _unlock ones acquire and release. The __ ones are plain.
#pragma once

#define BITS_PER_LONG 64
#define BIT_WORD(nr) ((nr) / BITS_PER_LONG)
#define BIT_MASK(nr) (1UL << ((nr) % BITS_PER_LONG))
#define BITS_TO_LONGS(nr) DIV_ROUND_UP(nr, BITS_PER_LONG)
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]

#define __rt_word(nr, addr) ((atomic_long_t *)((unsigned long *)(addr) + BIT_WORD(nr)))
#define __rt_mask(nr) ((long)BIT_MASK(nr))

#define set_bit(nr, addr) atomic_long_or(__rt_mask(nr), __rt_word(nr, addr))
#define clear_bit(nr, addr) atomic_long_andnot(__rt_mask(nr), __rt_word(nr, addr))
#define change_bit(nr, addr) atomic_long_xor(__rt_mask(nr), __rt_word(nr, addr))
#define test_and_set_bit(nr, addr) ((atomic_long_fetch_or(__rt_mask(nr), __rt_word(nr, addr)) & __rt_mask(nr)) != 0)
#define test_and_clear_bit(nr, addr) ((atomic_long_fetch_andnot(__rt_mask(nr), __rt_word(nr, addr)) & __rt_mask(nr)) != 0)
#define test_and_change_bit(nr, addr) ((atomic_long_fetch_xor(__rt_mask(nr), __rt_word(nr, addr)) & __rt_mask(nr)) != 0)
#define test_and_set_bit_lock(nr, addr) \
	((atomic_long_fetch_or_acquire(__rt_mask(nr), __rt_word(nr, addr)) & __rt_mask(nr)) != 0)
#define clear_bit_unlock(nr, addr) ((void)atomic_long_fetch_andnot_release(__rt_mask(nr), __rt_word(nr, addr)))
#define test_bit(nr, addr) ((READ_ONCE(__rt_word(nr, addr)->counter) & __rt_mask(nr)) != 0)
#define test_bit_acquire(nr, addr) ((atomic_long_read_acquire(__rt_word(nr, addr)) & __rt_mask(nr)) != 0)
#define __set_bit(nr, addr) ((void)(((unsigned long *)(addr))[BIT_WORD(nr)] |= BIT_MASK(nr)))
#define __clear_bit(nr, addr) ((void)(((unsigned long *)(addr))[BIT_WORD(nr)] &= ~BIT_MASK(nr)))
#define __change_bit(nr, addr) ((void)(((unsigned long *)(addr))[BIT_WORD(nr)] ^= BIT_MASK(nr)))
#define __rt_plain_test(nr, addr, change) \
	({ \
		bool __was = (((unsigned long *)(addr))[BIT_WORD(nr)] & BIT_MASK(nr)) != 0; \
		change(nr, addr); \
		__was; \
	})
#define __test_and_set_bit(nr, addr) __rt_plain_test(nr, addr, __set_bit)
#define __test_and_clear_bit(nr, addr) __rt_plain_test(nr, addr, __clear_bit)
#define assign_bit(nr, addr, value) do { if (value) set_bit(nr, addr); else clear_bit(nr, addr); } while (0)
#define __assign_bit(nr, addr, value) do { if (value) __set_bit(nr, addr); else __clear_bit(nr, addr); } while (0)
#define set_mask_bits(ptr, mask, bits) \
	({ \
		__typeof__(*(ptr)) __old = READ_ONCE(*(ptr)), __new; \
		do { \
			__new = (__old & ~(mask)) | (bits); \
		} while (!try_cmpxchg(ptr, &__old, __new)); \
		__old; \
	})
#define __clear_bit_unlock(nr, addr) clear_bit_unlock(nr, addr)
#define smp_mb__before_clear_bit() smp_mb__before_atomic()
#define smp_mb__after_clear_bit() smp_mb__after_atomic()

// Instructions to a processor, so without a branch: what is stored behind one depends on no control of it.
#define __rt_halve(width) \
	do { \
		int more = (x >> (width) != 0) * (width); \
		x >>= more; \
		n += more; \
	} while (0)
static inline int __rt_fls(u64 x)
{
	int n = 0;

	__rt_halve(32);
	__rt_halve(16);
	__rt_halve(8);
	__rt_halve(4);
	__rt_halve(2);
	__rt_halve(1);
	return n + (int)x;
}
static inline unsigned int __rt_weight(u64 x)
{
	x -= x >> 1 & 0x5555555555555555;
	x = (x & 0x3333333333333333) + (x >> 2 & 0x3333333333333333);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0f;
	return x * 0x0101010101010101 >> 56;
}
static inline int __rt_ffs(u64 x)
{
	return __rt_fls(x & -x);
}

// Bits are counted from 1 by those without underscores, 0 being none; from 0 by those with, and there must be one.
#define fls(x) __rt_fls((u32)(x))
#define fls64(x) __rt_fls(x)
#define fls_long(x) __rt_fls(x)
#define ffs(x) __rt_ffs((u32)(x))
#define __fls(x) ((unsigned long)__rt_fls(x) - 1)
#define __ffs(x) ((unsigned long)__rt_ffs(x) - 1)
#define __ffs64(x) __ffs(x)
#define ffz(x) __ffs(~(unsigned long)(x))
#define hweight8(x) __rt_weight((u8)(x))
#define hweight16(x) __rt_weight((u16)(x))
#define hweight32(x) __rt_weight((u32)(x))
#define hweight64(x) __rt_weight(x)
#define hweight_long(x) ((unsigned long)__rt_weight(x))
#define ilog2(n) (__rt_fls(n) - 1)
#define order_base_2(n) __rt_fls((n) - 1)
#define roundup_pow_of_two(n) (1UL << __rt_fls((n) - 1))
#define rounddown_pow_of_two(n) (1UL << (__rt_fls(n) - 1))

// A word at a time: of the bits of one word, all are seen as they were at one moment.
static inline unsigned long __rt_find_bit(const unsigned long *addr, unsigned long size, unsigned long from, unsigned long none)
{
	unsigned long word;

	for (; from < size; from = (from / BITS_PER_LONG + 1) * BITS_PER_LONG) {
		word = (READ_ONCE(addr[BIT_WORD(from)]) ^ none) & ~0UL << from % BITS_PER_LONG;
		if (word != 0)
			return min(from / BITS_PER_LONG * BITS_PER_LONG + __ffs(word), size);
	}
	return size;
}

#define find_first_bit(addr, size) __rt_find_bit(addr, size, 0, 0)
#define find_first_zero_bit(addr, size) __rt_find_bit(addr, size, 0, ~0UL)
#define find_next_bit(addr, size, from) __rt_find_bit(addr, size, from, 0)
#define find_next_zero_bit(addr, size, from) __rt_find_bit(addr, size, from, ~0UL)
#define for_each_set_bit(bit, addr, size) \
	for ((bit) = find_first_bit(addr, size); (bit) < (size); (bit) = find_next_bit(addr, size, (bit) + 1))
#define for_each_clear_bit(bit, addr, size) \
	for ((bit) = find_first_zero_bit(addr, size); (bit) < (size); (bit) = find_next_zero_bit(addr, size, (bit) + 1))
#define bitmap_empty(addr, size) (find_first_bit(addr, size) == (size))
#define bitmap_full(addr, size) (find_first_zero_bit(addr, size) == (size))
static inline unsigned int bitmap_weight(const unsigned long *addr, unsigned int size)
{
	unsigned int i, weight = 0;

	for (i = 0; i < size; i += BITS_PER_LONG)
		weight += hweight_long(addr[BIT_WORD(i)] & ~0UL >> (BITS_PER_LONG - min(size - i, (unsigned int)BITS_PER_LONG)));
	return weight;
}

#define bit_spin_lock(nr, addr) \
	do { \
		preempt_disable(); \
		(void)__rt_block_add(clear, &__rt_word(nr, addr)->counter, __rt_mask(nr), __rt_mask(nr)); \
	} while (0)
#define bit_spin_unlock(nr, addr) do { clear_bit_unlock(nr, addr); preempt_enable(); } while (0)
#define __bit_spin_unlock(nr, addr) bit_spin_unlock(nr, addr)
#define bit_spin_trylock(nr, addr) (!test_and_set_bit_lock(nr, addr))
#define bit_spin_is_locked(nr, addr) test_bit(nr, addr)
