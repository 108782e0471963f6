// SPDX-License-Identifier: GPL-2.0-or-later
// memset() to zero and memcpy(), of whole objects of the pointer's type, as plain stores of their members. For a C compiler
// they are the C library's.
#pragma once

#ifdef __RINGTAIL__
#define memset(p, c, n) \
	do { \
		unsigned long __k; \
		_Static_assert((c) == 0, "memset() to zero only"); \
		for (__k = 0; __k < (n) / sizeof(*(p)); __k++) \
			(p)[__k] = (__typeof__(*(p))){ 0 }; \
	} while (0)
#define memcpy(to, from, n) \
	do { \
		unsigned long __k; \
		for (__k = 0; __k < (n) / sizeof(*(to)); __k++) \
			(to)[__k] = (from)[__k]; \
	} while (0)
#define memmove(to, from, n) memcpy(to, from, n)
#else
#include <string.h>
#endif
