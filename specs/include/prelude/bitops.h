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

static inline unsigned long __rt_find_bit(const unsigned long *addr, unsigned long size, unsigned long from, bool set)
{
	unsigned long i;

	for (i = from; i < size; i++)
		if (test_bit(i, addr) == set)
			return i;
	return size;
}

#define find_first_bit(addr, size) __rt_find_bit(addr, size, 0, true)
#define find_first_zero_bit(addr, size) __rt_find_bit(addr, size, 0, false)
#define find_next_bit(addr, size, from) __rt_find_bit(addr, size, from, true)
#define find_next_zero_bit(addr, size, from) __rt_find_bit(addr, size, from, false)
#define for_each_set_bit(bit, addr, size) \
	for ((bit) = find_first_bit(addr, size); (bit) < (size); (bit) = find_next_bit(addr, size, (bit) + 1))
#define bitmap_empty(addr, size) (find_first_bit(addr, size) == (size))
#define bitmap_full(addr, size) (find_first_zero_bit(addr, size) == (size))

#define bit_spin_lock(nr, addr) \
	do { \
		preempt_disable(); \
		(void)__rt_block_add(clear, &__rt_word(nr, addr)->counter, __rt_mask(nr), __rt_mask(nr)); \
	} while (0)
#define bit_spin_unlock(nr, addr) do { clear_bit_unlock(nr, addr); preempt_enable(); } while (0)
#define __bit_spin_unlock(nr, addr) bit_spin_unlock(nr, addr)
#define bit_spin_trylock(nr, addr) (!test_and_set_bit_lock(nr, addr))
#define bit_spin_is_locked(nr, addr) test_bit(nr, addr)
