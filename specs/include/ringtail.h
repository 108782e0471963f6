// SPDX-License-Identifier: GPL-2.0-or-later
// What a spec includes. For ringtail, the primitives are built in and the rest is kernel C in prelude/. For a C compiler,
// prelude/host.h maps the primitives to atomics and threads, so that a spec is also a C program (-std=gnu11) that can be
// compiled and run as a stress test: cc -std=gnu11 -Ispecs/include -pthread spec.c. See specs/README.md.
#pragma once

#include "prelude/types.h"
#ifndef __RINGTAIL__
#include "prelude/host.h"
#include "prelude/host_atomic.h"
#include "prelude/host_thread.h"
#endif
#include "prelude/compiler.h"
#include "prelude/minmax.h"
#include "prelude/bug.h"
#include "prelude/byteorder.h"
#include "prelude/errno.h"
#include "prelude/string.h"
#include "prelude/irq.h"
#include "prelude/bitops.h"
#include "prelude/list.h"
#include "prelude/rculist.h"
#include "prelude/hlist.h"
#include "prelude/hashtable.h"
#include "prelude/llist.h"
#include "prelude/rcu.h"
#include "prelude/refcount.h"
#include "prelude/kref.h"
#include "prelude/slab.h"
#include "prelude/rwlock.h"
#include "prelude/sched.h"
#include "prelude/schedule.h"
#include "prelude/wait.h"
#include "prelude/wake_up.h"
#include "prelude/wait_event.h"
#include "prelude/wait_bit.h"
#include "prelude/completion.h"
#include "prelude/seqlock.h"
#include "prelude/cleanup.h"
#include "prelude/jump_label.h"
