// SPDX-License-Identifier: GPL-2.0-or-later
// Tasks and their states. Each thread of a spec is a task; schedule() sleeps until somebody has set the task running again.
// set_current_state() is a store and a full barrier, wake_up_process() is a full barrier, a look at the state and a store,
// as in the kernel (set_current_state(), try_to_wake_up()): from these two barriers follows that no wakeup is lost.
#pragma once

#define TASK_RUNNING 0
#define TASK_INTERRUPTIBLE 1
#define TASK_UNINTERRUPTIBLE 2
#define TASK_NORMAL 3
#define __TASK_STOPPED 0x4
#define __TASK_TRACED 0x8
#define TASK_PARKED 0x40
#define TASK_DEAD 0x80
#define TASK_WAKEKILL 0x100
#define TASK_WAKING 0x200
#define TASK_NOLOAD 0x400
#define TASK_NEW 0x800
#define TASK_IDLE (TASK_UNINTERRUPTIBLE | TASK_NOLOAD)
#define TASK_STOPPED (TASK_WAKEKILL | __TASK_STOPPED)
#define TASK_TRACED (TASK_WAKEKILL | __TASK_TRACED)
#define TASK_KILLABLE (TASK_WAKEKILL | TASK_UNINTERRUPTIBLE)
#define EXIT_DEAD 0x10
#define EXIT_ZOMBIE 0x20
#define PF_IDLE 0x2
#define PF_EXITING 0x4
#define PF_POSTCOREDUMP 0x8
#define PF_IO_WORKER 0x10
#define PF_WQ_WORKER 0x20
#define PF_FORKNOEXEC 0x40
#define PF_DUMPCORE 0x200
#define PF_SIGNALED 0x400
#define PF_MEMALLOC 0x800
#define PF_NOFREEZE 0x8000
#define PF_FROZEN 0x10000
#define PF_KSWAPD 0x20000
#define PF_MEMALLOC_NOFS 0x40000
#define PF_MEMALLOC_NOIO 0x80000
#define PF_KTHREAD 0x200000
#define PF_NO_SETAFFINITY 0x4000000
#define MAX_SCHEDULE_TIMEOUT ((long)(~0UL >> 1))
#define HZ 100
#define NR_CPUS 16

// A spec that needs more of a task defines TASK_STRUCT_FIELDS before it includes <ringtail.h>.
#ifndef TASK_STRUCT_FIELDS
#define TASK_STRUCT_FIELDS
#endif

struct task_struct {
	union {
		int __state;
		int state; /* its name before v5.14 */
	};
	int pending; /* a signal */
	int exit_state;
	unsigned int flags; /* PF_*, its own to write */
	spinlock_t alloc_lock;
	TASK_STRUCT_FIELDS
};

struct task_struct __rt_tasks[NR_CPUS];

#define current (&__rt_tasks[__rt_task()])
#define task_lock(p) spin_lock(&(p)->alloc_lock)
#define task_unlock(p) spin_unlock(&(p)->alloc_lock)
#define smp_processor_id() __rt_task()
#define raw_smp_processor_id() __rt_task()
#define get_cpu() ({ preempt_disable(); __rt_task(); })
#define put_cpu() preempt_enable()
// What each CPU has: an array. To a C compiler its name is that of the first, as a pointer from alloc_percpu() is to the first.
#ifdef __RINGTAIL__
#define DEFINE_PER_CPU(type, name) type name[NR_CPUS]
#define DECLARE_PER_CPU(type, name) extern type name[NR_CPUS]
#define per_cpu(name, cpu) ((name)[cpu])
#else
#define DEFINE_PER_CPU(type, name) type __rt_cpus_##name[NR_CPUS]; extern type name __attribute__((alias("__rt_cpus_" #name)))
#define DECLARE_PER_CPU(type, name) extern type name
#define per_cpu(name, cpu) ((&(name))[cpu])
#define __rt_per_cpu(ptr) (ptr)
#endif
#define per_cpu_ptr(ptr, cpu) (__rt_per_cpu(ptr) + (cpu))
#define this_cpu_ptr(ptr) per_cpu_ptr(ptr, __rt_task())
#define alloc_percpu(type) ((type *)__rt_alloc(sizeof(type) * NR_CPUS, 1))
#define alloc_percpu_gfp(type, gfp) alloc_percpu(type)
#define free_percpu(ptr) kfree(ptr)
#define get_cpu_ptr(ptr) ({ preempt_disable(); this_cpu_ptr(ptr); })
#define put_cpu_ptr(ptr) preempt_enable()
#define get_cpu_var(name) (*({ preempt_disable(); this_cpu_ptr(&(name)); }))
#define put_cpu_var(name) preempt_enable()
#define for_each_possible_cpu(cpu) for ((cpu) = 0; (cpu) < NR_CPUS; (cpu)++)
#define for_each_online_cpu(cpu) for_each_possible_cpu(cpu)
#define this_cpu_read(name) READ_ONCE(per_cpu(name, __rt_task()))
#define this_cpu_write(name, v) WRITE_ONCE(per_cpu(name, __rt_task()), v)
// Without the underscores, one instruction: no interrupt comes between the load and the store.
#define __this_cpu_read(name) this_cpu_read(name)
#define __this_cpu_write(name, v) this_cpu_write(name, v)
#define __this_cpu_add(name, v) this_cpu_write(name, this_cpu_read(name) + (v))
#define this_cpu_add(name, v) \
	do { \
		unsigned long __flags; \
		local_irq_save(__flags); \
		__this_cpu_add(name, v); \
		local_irq_restore(__flags); \
	} while (0)
#define this_cpu_add_return(name, v) \
	({ \
		unsigned long __flags; \
		__typeof__(per_cpu(name, 0)) __sum; \
		local_irq_save(__flags); \
		__sum = this_cpu_read(name) + (v); \
		this_cpu_write(name, __sum); \
		local_irq_restore(__flags); \
		__sum; \
	})
#define this_cpu_inc_return(name) this_cpu_add_return(name, 1)
#define this_cpu_dec_return(name) this_cpu_add_return(name, -1)
#define this_cpu_xchg(name, v) \
	({ \
		unsigned long __flags; \
		__typeof__(per_cpu(name, 0)) __old; \
		local_irq_save(__flags); \
		__old = this_cpu_read(name); \
		this_cpu_write(name, v); \
		local_irq_restore(__flags); \
		__old; \
	})
#define this_cpu_cmpxchg(name, old, new) \
	({ \
		unsigned long __flags; \
		__typeof__(per_cpu(name, 0)) __found; \
		local_irq_save(__flags); \
		__found = this_cpu_read(name); \
		if (__found == (old)) \
			this_cpu_write(name, new); \
		local_irq_restore(__flags); \
		__found; \
	})
#define this_cpu_cmpxchg_double(name1, name2, old1, old2, new1, new2) \
	({ \
		unsigned long __flags; \
		bool __both; \
		local_irq_save(__flags); \
		__both = this_cpu_read(name1) == (old1) && this_cpu_read(name2) == (old2); \
		if (__both) { \
			this_cpu_write(name1, new1); \
			this_cpu_write(name2, new2); \
		} \
		local_irq_restore(__flags); \
		__both; \
	})
#define __this_cpu_sub(name, v) __this_cpu_add(name, -(v))
#define __this_cpu_inc(name) __this_cpu_add(name, 1)
#define __this_cpu_dec(name) __this_cpu_add(name, -1)
#define this_cpu_sub(name, v) this_cpu_add(name, -(v))
#define this_cpu_inc(name) this_cpu_add(name, 1)
#define this_cpu_dec(name) this_cpu_add(name, -1)
#define raw_cpu_ptr(ptr) this_cpu_ptr(ptr)
#define raw_cpu_read(name) __this_cpu_read(name)
#define raw_cpu_write(name, v) __this_cpu_write(name, v)
#define raw_cpu_add(name, v) __this_cpu_add(name, v)
#define raw_cpu_inc(name) __this_cpu_inc(name)
#define nr_cpu_ids NR_CPUS
#define num_online_cpus() NR_CPUS
#define num_possible_cpus() NR_CPUS

#define set_current_state(state) smp_store_mb(current->__state, (state))
#define __set_current_state(state) WRITE_ONCE(current->__state, (state))
#define set_task_state(task, state) smp_store_mb((task)->__state, (state))
#define signal_pending(task) (READ_ONCE((task)->pending) != 0)
#define fatal_signal_pending(task) signal_pending(task)
#define signal_pending_state(state, task) (((state) & (TASK_INTERRUPTIBLE | TASK_WAKEKILL)) && signal_pending(task))
#define set_special_state(state) set_current_state(state)
#define get_current_state() READ_ONCE(current->__state)
#define task_is_running(task) (READ_ONCE((task)->__state) == TASK_RUNNING)
#define need_resched() choose(0, 1)
