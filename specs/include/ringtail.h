// SPDX-License-Identifier: GPL-2.0-or-later
// What a spec includes. For ringtail, the primitives are built in and the rest is kernel C in prelude/. For a C compiler,
// prelude/host.h maps the primitives to atomics and threads, so that a spec is also a C program (-std=gnu11) that can be
// compiled and run as a stress test: cc -std=gnu11 -Ispecs/include -pthread spec.c. See specs/README.md.
#pragma once

#include "prelude/types.h"
#ifndef __RINGTAIL__
#include "prelude/host.h"
#endif
#include "prelude/compiler.h"
#include "prelude/byteorder.h"
#include "prelude/errno.h"
#include "prelude/string.h"
#include "prelude/irq.h"
#include "prelude/bitops.h"
#include "prelude/list.h"
#include "prelude/hlist.h"
#include "prelude/rcu.h"
#include "prelude/refcount.h"
#include "prelude/slab.h"
#include "prelude/rwlock.h"
#include "prelude/sched.h"
#include "prelude/wait.h"
#include "prelude/wait_bit.h"
#include "prelude/completion.h"
#include "prelude/seqlock.h"
#include "prelude/cleanup.h"
#include "prelude/jump_label.h"
