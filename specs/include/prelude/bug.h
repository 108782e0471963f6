// SPDX-License-Identifier: GPL-2.0-or-later
// What is checked when a spec is read, warnings, and messages, of which there are none.
#pragma once

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
