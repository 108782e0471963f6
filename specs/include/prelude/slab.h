// SPDX-License-Identifier: GPL-2.0-or-later
// Memory. An allocation without GFP_ATOMIC may sleep; it never fails and never hands out an address twice; kfree() is built
// in and catches what is freed twice or used afterwards. A spec that wants failures writes `choose(0, 1) ? NULL : kmalloc(...)`.
//
// SLAB_TYPESAFE_BY_RCU is for a spec that says `#define SLAB_REUSE` before it includes <ringtail.h>: a cache made with it does
// hand out an address again. The object last freed is the next one allocated, as it was left. What is freed stays an object of
// its type for ever; what is caught is who takes it for the one that it was.
#pragma once

#define GFP_KERNEL 0x0u
#define GFP_ATOMIC 0x1u /* those without this bit may sleep */
#define GFP_NOWAIT 0x1u
#define GFP_NOFS 0x2u
#define GFP_NOIO 0x4u
#define GFP_USER 0x8u
#define GFP_HIGHUSER 0x8u
#define GFP_HIGHUSER_MOVABLE 0x8u
#define GFP_KERNEL_ACCOUNT 0x80u
#define GFP_DMA 0x100u
#define GFP_DMA32 0x200u
#define __GFP_ZERO 0x10u
#define __GFP_NOWARN 0x20u
#define __GFP_NOFAIL 0x40u
#define __GFP_ACCOUNT 0x80u
#define __GFP_NORETRY 0x400u
#define __GFP_RETRY_MAYFAIL 0x800u
#define __GFP_HIGHMEM 0x1000u
#define __GFP_MOVABLE 0x2000u
#define __GFP_COMP 0x4000u
#define __GFP_MEMALLOC 0x8000u
#define __GFP_NOMEMALLOC 0x10000u
#define gfpflags_allow_blocking(flags) (!((flags) & GFP_ATOMIC))

#define __rt_kmalloc(size, zero, flags) \
	({ \
		if (gfpflags_allow_blocking(flags)) \
			might_sleep(); \
		__rt_alloc(size, zero); \
	})
#define kmalloc(size, flags) __rt_kmalloc(size, 0, flags)
#define kzalloc(size, flags) __rt_kmalloc(size, 1, flags)
#define kcalloc(n, size, flags) __rt_kmalloc((n) * (size), 1, flags)
#define kmalloc_array(n, size, flags) __rt_kmalloc((n) * (size), 0, flags)
#define kvmalloc(size, flags) kmalloc(size, flags)
#define kvzalloc(size, flags) kzalloc(size, flags)
#define vmalloc(size) kmalloc(size, GFP_KERNEL)
#define kvfree(p) kfree(p)
#define vfree(p) kfree(p)
#define vzalloc(size) kzalloc(size, GFP_KERNEL)
#define kvcalloc(n, size, flags) kcalloc(n, size, flags)
#define kmalloc_node(size, flags, node) kmalloc(size, flags)
#define kzalloc_node(size, flags, node) kzalloc(size, flags)
#define kfree_sensitive(p) kfree(p)
#define kzfree(p) kfree(p)
#define kmemdup(src, size, flags) \
	({ \
		__typeof__(src) __copy = kmalloc(size, flags); \
		*__copy = *(src); \
		__copy; \
	})

#define SLAB_HWCACHE_ALIGN 0x1u
#define SLAB_PANIC 0x2u
#define SLAB_ACCOUNT 0x4u

struct kmem_cache {
	size_t size;
#ifdef SLAB_REUSE
	void *freed;
#endif
};
#define KMEM_CACHE_INIT(type) { sizeof(type) }
static inline struct kmem_cache *__rt_cache(size_t size)
{
	struct kmem_cache *cache = __rt_alloc(sizeof(struct kmem_cache), 1);

	cache->size = size;
	return cache;
}
#define kmem_cache_create(name, size, align, flags, ctor) __rt_cache(__rt_cache_size(size, flags))
#define KMEM_CACHE(type, flags) __rt_cache(__rt_cache_size(sizeof(struct type), flags))
#define kmem_cache_destroy(cache) kfree(cache)
#define SLAB_DESTROY_BY_RCU SLAB_TYPESAFE_BY_RCU
#ifndef SLAB_REUSE
#define SLAB_TYPESAFE_BY_RCU define_SLAB_REUSE_before_the_include
#define __rt_cache_size(size, flags) ((size) + 0 * (flags))
#define kmem_cache_alloc(cache, flags) kmalloc((cache)->size, flags)
#define kmem_cache_zalloc(cache, flags) kzalloc((cache)->size, flags)
#define kmem_cache_free(cache, p) \
	do { \
		(void)READ_ONCE((cache)->size); /* who frees into a cache that is gone is caught */ \
		kfree(p); \
	} while (0)
#else
#define SLAB_TYPESAFE_BY_RCU 0x8u
#define __RT_TYPESAFE (1UL << 32) /* in the size */
#define __rt_cache_size(size, flags) ((size) | ((flags) & SLAB_TYPESAFE_BY_RCU ? __RT_TYPESAFE : 0))
#define kmem_cache_alloc(cache, flags) \
	({ \
		struct kmem_cache *__cache = (cache); \
		size_t __size = __cache->size; \
		void *__object = __size & __RT_TYPESAFE ? xchg_acquire(&__cache->freed, NULL) : NULL; \
		__object ?: kmalloc(__size & ~__RT_TYPESAFE, flags); \
	})
#define kmem_cache_zalloc(cache, flags) kzalloc((cache)->size & ~__RT_TYPESAFE, flags) /* always another */
static inline bool __rt_cache_keep(struct kmem_cache *cache, const void *p)
{
	if (!(cache->size & __RT_TYPESAFE))
		return false;
	BUG_ON(xchg_release(&cache->freed, (void *)p) == p); /* twice */
	return true;
}
#define kmem_cache_free(cache, p) \
	do { \
		if (!__rt_cache_keep(cache, p)) \
			kfree(p); \
	} while (0)
#endif
