// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel's compiler.h, kernel.h, minmax.h and bug.h give.
#pragma once

#ifdef __RINGTAIL__
#define __builtin_expect(x, v) (x)
#define __maybe_unused
#else
#define __maybe_unused __attribute__((unused))
#endif
#define __always_unused __maybe_unused
#define likely(x) (x)
#define unlikely(x) (x)
#define __user
#define __init
#define __ro_after_init
#define module_init(f)
#define module_exit(f)
#define __exit
#define __iomem
#define __percpu
#define __rcu
#define __force
#define __must_check
#define __read_mostly
#define __packed
#define __aligned(x)
#define __printf(a, b)
#define __cold
#define __deprecated
#define __ref
#define __private
#define noinline
#define noinline_for_stack
#ifndef __always_inline
#define __always_inline inline
#endif
#define __cacheline_aligned
#define ____cacheline_aligned
#define ____cacheline_aligned_in_smp
#define __releases(x)
#define __acquires(x)
#define __must_hold(x)
#define __acquire(x) do { } while (0)
#define __release(x) do { } while (0)
#define __guarded_by(x)
#define __counted_by(x)
#define __randomize_layout
#define __designated_init
#define __nonstring
#define __latent_entropy
#define typecheck(type, x) 1
#define notrace
#define fallthrough do { } while (0)
#define asmlinkage
#define EXPORT_SYMBOL_GPL(x)
#define EXPORT_SYMBOL(x)
// Says that a race is meant: of the plain accesses in it none is told of, whatever the other side does.
#ifndef __RINGTAIL__
#define data_race(expr) (expr)
#endif
#define ASSERT_EXCLUSIVE_WRITER(x) do { } while (0)
#define ASSERT_EXCLUSIVE_ACCESS(x) do { } while (0)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))
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

#define BUILD_BUG_ON_MSG(c, msg) _Static_assert(!(c), msg)
#define BUILD_BUG_ON(c) _Static_assert(!(c), #c)
#undef static_assert
#define static_assert(c, ...) __rt_static_assert(c, ##__VA_ARGS__, #c)
#define __rt_static_assert(c, message, ...) _Static_assert(c, message)
// Of a macro that is 1 or not defined.
#define __rt_before_1 0,
#define __rt_second(a, b, ...) b
#define __rt_is_one(before) __rt_second(before 1, 0)
#define __rt_is_set(value) __rt_is_one(__rt_before_##value)
#define IS_ENABLED(option) __rt_is_set(option)
#define CONFIG_SMP 1
#define CONFIG_64BIT 1
#define CONFIG_MMU 1
#define IS_BUILTIN(option) IS_ENABLED(option)
#define WARN_ON_ONCE(c) WARN_ON(c)
#define WARN(c, ...) WARN_ON(c)
#define WARN_ONCE(c, ...) WARN_ON(c)
#define VM_BUG_ON(c) BUG_ON(c)
#define VM_BUG_ON_PAGE(c, page) BUG_ON(c)
#define VM_BUG_ON_VMA(c, vma) BUG_ON(c)
#define VM_WARN_ON(c) WARN_ON(c)
#define VM_WARN_ON_ONCE(c) WARN_ON(c)
#define pr_crit(...) do { } while (0)
#define pr_notice(...) do { } while (0)
#define pr_warn_once(...) do { } while (0)
#define pr_err_once(...) do { } while (0)
#define pr_err_ratelimited(...) do { } while (0)
#define pr_warn_ratelimited(...) do { } while (0)
#define dev_err(...) do { } while (0)
#define dev_warn(...) do { } while (0)
#define dev_info(...) do { } while (0)
#define dev_dbg(...) do { } while (0)
#define dump_stack() do { } while (0)
#define trace_printk(...) do { } while (0)
#define net_ratelimit() 0
#define panic(...) BUG()
#define pr_err(...) do { } while (0)
#define pr_warn(...) do { } while (0)
#define pr_info(...) do { } while (0)
#define pr_debug(...) do { } while (0)
#define printk(...) do { } while (0)
#define pr_cont(...) do { } while (0)
#define pr_info_once(...) do { } while (0)
#define pr_alert(...) do { } while (0)
#define pr_emerg(...) do { } while (0)
#define pr_info_ratelimited(...) do { } while (0)
#define pr_debug_ratelimited(...) do { } while (0)
#define pr_devel(...) do { } while (0)
#define printk_once(...) do { } while (0)
#define printk_ratelimited(...) do { } while (0)
#define dev_notice(...) do { } while (0)
#define dev_crit(...) do { } while (0)
#define dev_err_ratelimited(...) do { } while (0)
#define dev_warn_once(...) do { } while (0)
#define netdev_err(...) do { } while (0)
#define netdev_warn(...) do { } while (0)
#define netdev_info(...) do { } while (0)
#define netdev_dbg(...) do { } while (0)
