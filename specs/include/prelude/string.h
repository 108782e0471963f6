// SPDX-License-Identifier: GPL-2.0-or-later
// memset() to zero, memcpy() and memmove(), of whole objects of the pointer's type, as plain stores of their members; and
// what there is for strings, a character after the other. For a C compiler they are the C library's.
#pragma once

#ifdef __RINGTAIL__
#define memset(p, c, n) \
	({ \
		unsigned long __k; \
		__typeof__(&(p)[0]) __p = (p); \
		_Static_assert((c) == 0, "memset() to zero only"); \
		for (__k = 0; __k < (n) / sizeof(*(p)); __k++) \
			__p[__k] = (__typeof__(*(p))){ 0 }; \
		__p; \
	})
#define memcpy(to, from, n) \
	({ \
		unsigned long __k; \
		__typeof__(&(to)[0]) __to = (to); \
		__typeof__(&(from)[0]) __from = (from); \
		for (__k = 0; __k < (n) / sizeof(*(to)); __k++) \
			__to[__k] = __from[__k]; \
		__to; \
	})
#define memmove(to, from, n) \
	({ \
		unsigned long __k, __n = (n) / sizeof(*(to)); \
		__typeof__(&(to)[0]) __to = (to); \
		__typeof__(&(from)[0]) __from = (from); \
		bool __up = (unsigned long)__to <= (unsigned long)__from; \
		for (__k = 0; __k < __n; __k++) \
			__to[__up ? __k : __n - 1 - __k] = __from[__up ? __k : __n - 1 - __k]; \
		__to; \
	})
static inline size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}
static inline int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (u8)*a - (u8)*b;
}
static inline char *strcpy(char *to, const char *from)
{
	size_t n = 0;

	while ((to[n] = from[n]))
		n++;
	return to;
}
#else
#include <string.h>
#endif
