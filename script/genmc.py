# SPDX-License-Identifier: GPL-2.0-or-later
"""The programs of tests/bench/explore as GenMC has them among its own tests, and how to run it on them.

It is a peer that is there or not: nothing here fetches or builds it.
"""
import os
import re
import resource
import subprocess
import tempfile

# A program's file under tests/correct, its name for N, what else it is built with, and options of 0.11.
PROGRAMS = {
    "lastzero": ("synthetic/lastzero/variants/lastzero0.c", "N", [], []),
    "readers": ("synthetic/readers/variants/readers0.c", "N", [], []),
    "fib_bench": ("synthetic/fib_bench/variants/fib_bench0.c", "NUM", [], []),
    "ainc": ("synthetic/ainc/variants/ainc0.c", "N", [], []),
    "indexer": ("synthetic/indexer/variants/indexer0.c", "N", [], []),
    "szymanski": ("synthetic/szymanski/variants/szymanski0.c", "N", [], []),
    "ttaslock": ("data-structures/ttaslock/variants/ttaslock0.c", "N", [], ["--disable-sr", "--disable-ipr"]),
    "linuxrwlocks": (
        "data-structures/linuxrwlocks/variants/linuxrwlocks0.c",
        "CONFIG_RWLOCK_RDWR",
        ["-DCONFIG_RWLOCK_READERS=0", "-DCONFIG_RWLOCK_WRITERS=0"],
        ["--unroll=3"],
    ),
    "treiber": ("data-structures/treiber-stack/variants/main0.c", "CONFIG_STACK_READERS", ["-DCONFIG_STACK_WRITERS=3"], []),
    "ms_queue": (
        "data-structures/ms-queue/variants/main0.c",
        "CONFIG_QUEUE_RDWR",
        ["-DCONFIG_QUEUE_READERS=0", "-DCONFIG_QUEUE_WRITERS=0"],
        ["--unroll=3"],
    ),
}

# The rings are not among its tests: each thread does one access to its own place and one to its neighbour's. (GenMC
# takes a third of the time where nobody waits for the threads; the figures that are published are of programs that do.)
RING = """
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
static atomic_int x[N];
static void *one(void *own)
{
	atomic_int *next = &x[((atomic_int *)own - x + 1) % N];
	@
	return 0;
}
int main(void)
{
	pthread_t id[N];
	for (int i = 0; i < N; i++)
		pthread_create(&id[i], 0, one, &x[i]);
	for (int i = 0; i < N; i++)
		pthread_join(id[i], 0);
	return 0;
}
"""
STORE, LOAD = "atomic_store_explicit({}, 1, memory_order_relaxed);", "assert(atomic_load_explicit({}, memory_order_relaxed) <= 1);"
RINGS = {
    "sb_ring": RING.replace("@", STORE.format("(atomic_int *)own") + LOAD.format("next")),
    "lb_ring": RING.replace("@", LOAD.format("(atomic_int *)own") + STORE.format("next")),
}

MODELS = {
    "sc": ["--sc", "--disable-estimation"],
    "tso": ["--tso", "--disable-estimation"],
    # 0.9, the last that has it; by default its check there is approximate.
    "lkmm": ["-lkmm", "-check-consistency-point=exec", "-check-consistency-type=full"],
}


def run(folder, program, n, model):
    """GenMC of `folder`, where it was built: executions, blocked ones, CPU seconds. ValueError if it counts none."""
    tool = next(t for t in (os.path.join(folder, "genmc"), os.path.join(folder, "src", "genmc")) if os.path.isfile(t))
    with tempfile.TemporaryDirectory() as work:
        if program in RINGS:
            path, name, defines, options = os.path.join(work, "ring.c"), "N", [], []
            with open(path, "w") as ring:
                ring.write(RINGS[program])
        else:
            path, name, defines, options = PROGRAMS[program]
            path = os.path.join(folder, "tests/correct", path)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [tool] + MODELS[model] + (options if model != "lkmm" else []) + ["--", f"-D{name}={n}"] + defines + [path],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    complete = re.search(r"complete executions explored: (\d+)", done.stdout)
    blocked = re.search(r"blocked executions seen: (\d+)", done.stdout)
    if not complete:
        raise ValueError(f"{program} {n} {model}: {done.stdout.strip()[-200:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return int(complete[1]), int(blocked[1]) if blocked else 0, cpu
