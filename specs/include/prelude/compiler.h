// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel's compiler.h gives, and container_of().
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
