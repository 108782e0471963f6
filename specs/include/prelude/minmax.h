// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel's minmax.h, math.h, bits.h and limits.h give.
#pragma once

// Each argument is evaluated once: min(READ_ONCE(x), 4) is one load. For constants outside of functions there are MIN and MAX.
#define min(a, b) \
	({ \
		__typeof__(1 ? (a) : (b)) __min_a = (a), __min_b = (b); \
		__min_a < __min_b ? __min_a : __min_b; \
	})
#define max(a, b) \
	({ \
		__typeof__(1 ? (a) : (b)) __max_a = (a), __max_b = (b); \
		__max_a > __max_b ? __max_a : __max_b; \
	})
#ifndef MIN
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#endif
#define min3(a, b, c) min(min(a, b), c)
#define max3(a, b, c) max(max(a, b), c)
#define abs(x) \
	({ \
		__typeof__(1 ? -(x) : (x)) __abs = (x); \
		__abs < 0 ? -__abs : __abs; \
	})
#define min_t(type, a, b) min((type)(a), (type)(b))
#define max_t(type, a, b) max((type)(a), (type)(b))
#define clamp(v, lo, hi) min(max(v, lo), hi)
#define clamp_t(type, v, lo, hi) min_t(type, max_t(type, v, lo), hi)
#define clamp_val(v, lo, hi) clamp_t(__typeof__(v), v, lo, hi)
#define swap(a, b) do { __typeof__(a) __swapped = (a); (a) = (b); (b) = __swapped; } while (0)
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define DIV_ROUND_DOWN(n, d) ((n) / (d))
#define roundup(x, y) \
	({ \
		__typeof__(y) __multiple = (y); \
		((x) + __multiple - 1) / __multiple * __multiple; \
	})
#define rounddown(x, y) \
	({ \
		__typeof__(x) __rounded = (x); \
		__rounded - __rounded % (y); \
	})
#define IS_ALIGNED(x, a) (((x) & ((__typeof__(x))(a) - 1)) == 0)
#define ALIGN_DOWN(x, a) ((x) & ~((__typeof__(x))(a) - 1))
#define ALIGN(x, a) (((x) + (a) - 1) & ~((__typeof__(x))(a) - 1))
#define round_up(x, y) ((((x) - 1) | ((__typeof__(x))(y) - 1)) + 1)
#define round_down(x, y) ((x) & ~((__typeof__(x))(y) - 1))
#define BIT(nr) (1UL << (nr))
#define BIT_ULL(nr) (1ULL << (nr))
#define GENMASK(h, l) ((~0UL << (l)) & (~0UL >> (63 - (h))))
static inline bool is_power_of_2(unsigned long n)
{
	return n != 0 && (n & (n - 1)) == 0;
}
#define FIELD_GET(mask, reg) ((__typeof__(mask))(((reg) & (mask)) / ((mask) & -(mask))))
#define FIELD_PREP(mask, value) ((__typeof__(mask))(((__typeof__(mask))(value) * ((mask) & -(mask))) & (mask)))
#define FIELD_FIT(mask, value) (((__typeof__(mask))(value) * ((mask) & -(mask)) & ~(mask)) == 0)
// What a mask makes of the index on the way that is only speculated is nothing that a spec sees.
#define array_index_nospec(index, size) \
	({ \
		__typeof__(index) __index = (index); \
		__index < (size) ? __index : 0; \
	})
#define upper_32_bits(n) ((u32)((u64)(n) >> 32))
#define lower_32_bits(n) ((u32)(n))
#define U8_MAX ((u8)~0U)
#define U16_MAX ((u16)~0U)
#define U32_MAX ((u32)~0U)
#define U64_MAX ((u64)~0ULL)
#define S8_MAX ((s8)(U8_MAX >> 1))
#define S16_MAX ((s16)(U16_MAX >> 1))
#define S32_MAX ((s32)(U32_MAX >> 1))
#define S64_MAX ((s64)(U64_MAX >> 1))
#define S8_MIN ((s8)(-S8_MAX - 1))
#define S16_MIN ((s16)(-S16_MAX - 1))
#define S32_MIN (-S32_MAX - 1)
#define S64_MIN (-S64_MAX - 1)
#define USHRT_MAX U16_MAX
#define SHRT_MAX S16_MAX
#define SHRT_MIN S16_MIN
#define SIZE_MAX (~(size_t)0)
#define sizeof_field(type, member) sizeof(((type *)0)->member)
#define offsetofend(type, member) (offsetof(type, member) + sizeof_field(type, member))
#define struct_size(p, member, n) (sizeof(*(p)) + sizeof(*(p)->member) * (n))
#define container_of_const(ptr, type, member) container_of(ptr, type, member)
#define ULONG_MAX (~0UL)
#define LONG_MAX ((long)(~0UL >> 1))
#define LONG_MIN (-LONG_MAX - 1)
#define INT_MAX ((int)(~0U >> 1))
#define INT_MIN (-INT_MAX - 1)
#define UINT_MAX (~0U)
#define LLONG_MAX LONG_MAX
#define LLONG_MIN LONG_MIN
#define ULLONG_MAX ULONG_MAX
