// SPDX-License-Identifier: GPL-2.0-or-later
// What threads do wrong without an assertion: they wait for ever, or use locks, sections, stacks and memory
// as they must not. The explorer is the judge: the solver answers the same, or that it does not know.
#include <array>

#include <gtest/gtest.h>

#include "checker/explore/explore.h"
#include "checker/prove/threads.h"

namespace ringtail::prove {
namespace {

using explore::Result;
using memory::Model;

struct Row {
  const char* name;
  const char* text;
  Result sc;         // what the solver answers under sc
  const char* kind;  // of a violation
};

constexpr std::array<Row, 48> kRows = {{
    {"OrderOfTwoLocks", R"(
static DEFINE_SPINLOCK(a);
static DEFINE_SPINLOCK(b);
THREAD(one) { spin_lock(&a); spin_lock(&b); spin_unlock(&b); spin_unlock(&a); }
THREAD(two) { spin_lock(&b); spin_lock(&a); spin_unlock(&a); spin_unlock(&b); })",
     Result::violation, "deadlock"},
    {"OneOrderOfTwoLocks", R"(
static DEFINE_SPINLOCK(a);
static DEFINE_SPINLOCK(b);
THREAD(one) { spin_lock(&a); spin_lock(&b); spin_unlock(&b); spin_unlock(&a); }
THREAD(two) { spin_lock(&a); spin_lock(&b); spin_unlock(&b); spin_unlock(&a); })",
     Result::safe, ""},
    {"LocksOfAnyNumber", R"(
static spinlock_t l[2];
static void both(int i, int j) { spin_lock(&l[0]); if (i != j) { spin_lock(&l[1]); spin_unlock(&l[1]); } spin_unlock(&l[0]); }
THREAD(one) { both(choose(0, 1000), 3); }
THREAD(two) { both(3, choose(0, 1000)); })",
     Result::safe, ""},
    {"TheReaderNeverComes", R"(
static struct semaphore s;
static int skip;
THREAD(one) { down(&s); }
THREAD(two) { if (choose(0L, 1L << 40) != 12345678) up(&s); else skip = 1; })",
     Result::violation, "lost wakeup"},
    {"TheReaderComes", R"(
static struct semaphore s;
THREAD(one) { down(&s); }
THREAD(two) { up(&s); })",
     Result::safe, ""},
    {"WhoCompletesIsGone", R"(
static DECLARE_COMPLETION(done);
static int dead;
THREAD(one) { wait_for_completion(&done); }
THREAD(two) { if (!READ_ONCE(dead)) complete(&done); }
THREAD(kill) { WRITE_ONCE(dead, 1); })",
     Result::violation, "lost wakeup"},
    {"TwoReadersAndAWriter", R"(
static struct rw_semaphore s;
THREAD(one) { down_read(&s); up_read(&s); }
THREAD(two) { down_write(&s); up_write(&s); })",
     Result::safe, ""},
    {"AReaderThatWrites", R"(
static struct rw_semaphore s;
THREAD(one) { down_read(&s); down_write(&s); up_write(&s); up_read(&s); })",
     Result::violation, "deadlock"},
    {"TakenTwice", R"(
static DEFINE_MUTEX(m);
THREAD(one) { mutex_lock(&m); mutex_lock(&m); mutex_unlock(&m); mutex_unlock(&m); })",
     Result::violation, "deadlock"},
    {"LetGoUntaken", R"(
static DEFINE_SPINLOCK(l);
static int x;
THREAD(one) { if (READ_ONCE(x)) spin_unlock(&l); }
THREAD(two) { WRITE_ONCE(x, 1); })",
     Result::violation, "lock misuse"},
    {"NeverLetGo", R"(
static DEFINE_SPINLOCK(l);
THREAD(one) { if (spin_trylock(&l) && choose(0, 9) != 7) spin_unlock(&l); })",
     Result::violation, "lock misuse"},
    {"SleepsInASection", R"(
static DEFINE_MUTEX(m);
THREAD(one) { rcu_read_lock(); mutex_lock(&m); mutex_unlock(&m); rcu_read_unlock(); })",
     Result::violation, "sleep in atomic context"},
    {"SleepsWithASpinLock", R"(
static DEFINE_SPINLOCK(l);
THREAD(one) { spin_lock(&l); msleep(1); spin_unlock(&l); })",
     Result::violation, "sleep in atomic context"},
    {"SleepsAfterwards", R"(
static DEFINE_SPINLOCK(l);
THREAD(one) { spin_lock(&l); spin_unlock(&l); msleep(1); })",
     Result::safe, ""},
    {"ASectionTooMany", R"(
static int x;
THREAD(one) { rcu_read_lock(); if (!READ_ONCE(x)) rcu_read_unlock(); }
THREAD(two) { WRITE_ONCE(x, 1); })",
     Result::violation, "lock misuse"},
    {"AStackThatIsGone", R"(
static int *leave(void) { int local = 3; int *p = &local; return p; }
THREAD(one) { int *p = leave(); WRITE_ONCE(*p, 1); })",
     Result::violation, "use after free"},
    {"AStackOfAnother", R"(
static int *shared;
static void give(void) { int local = 3; smp_store_release(&shared, &local); }
THREAD(one) { give(); }
THREAD(two) { int *p = smp_load_acquire(&shared); if (p) WRITE_ONCE(*p, 1); })",
     Result::violation, "use after free"},
    {"AStackThatIsWaitedFor", R"(
static int *shared;
static int done;
THREAD(one) { int local = 3; smp_store_release(&shared, &local); while (!smp_load_acquire(&done)) cpu_relax(); }
THREAD(two) { int *p = smp_load_acquire(&shared); if (p) WRITE_ONCE(*p, 1); smp_store_release(&done, 1); })",
     Result::safe, ""},
    {"MemoryThatIsFreedTwice", R"(
THREAD(one) { int *p = kmalloc(sizeof(int), GFP_KERNEL); kfree(p); kfree(p); })",
     Result::violation, "double free"},
    {"MemoryThatIsFreedByBoth", R"(
static int *p;
static atomic_t users = ATOMIC_INIT(2);
INIT { p = kmalloc(sizeof(int), GFP_KERNEL); }
static void put(void) { atomic_dec(&users); if (atomic_read(&users) == 0) kfree(p); }
THREAD(one) { put(); }
THREAD(two) { put(); })",
     Result::violation, "double free"},
    {"MemoryThatTheLastOneFrees", R"(
static int *p;
static atomic_t users = ATOMIC_INIT(2);
INIT { p = kmalloc(sizeof(int), GFP_KERNEL); }
static void put(void) { WRITE_ONCE(*p, 1); if (atomic_dec_and_test(&users)) kfree(p); }
THREAD(one) { put(); }
THREAD(two) { put(); })",
     Result::safe, ""},
    {"MemoryThatNobodyAllocated", R"(
static int x[2];
static int *p;
THREAD(one) { WRITE_ONCE(p, &x[1]); }
THREAD(two) { kfree(READ_ONCE(p)); })",
     Result::violation, "double free"},
    {"NullIsFreed", R"(
static int *p;
THREAD(one) { int *q = xchg(&p, NULL); kfree(q); kfree(xchg(&p, NULL)); }
THREAD(two) { int *q = kmalloc(sizeof(int), GFP_KERNEL); xchg(&p, q); })",
     Result::safe, ""},
    {"BehindItsEnd", R"(
static char *p;
THREAD(one) { smp_store_release(&p, (char *)kmalloc(4, GFP_KERNEL)); }
THREAD(two) { char *q = smp_load_acquire(&p); if (q) WRITE_ONCE(q[choose(0, 4)], 1); })",
     Result::violation, "out of bounds"},
    {"WithinIt", R"(
static char *p;
THREAD(one) { smp_store_release(&p, (char *)kmalloc(4, GFP_KERNEL)); }
THREAD(two) { char *q = smp_load_acquire(&p); if (q) WRITE_ONCE(q[choose(0, 3)], 1); })",
     Result::safe, ""},
    {"AReaderInASection", R"(
static int *p;
INIT { p = kmalloc(sizeof(int), GFP_KERNEL); }
THREAD(reader) { rcu_read_lock(); int *q = rcu_dereference(p); if (q) READ_ONCE(*q); rcu_read_unlock(); }
THREAD(writer) { int *q = p; rcu_assign_pointer(p, NULL); synchronize_rcu(); kfree(q); })",
     Result::safe, ""},
    {"AReaderWithoutASection", R"(
static int *p;
INIT { p = kmalloc(sizeof(int), GFP_KERNEL); }
THREAD(reader) { int *q = rcu_dereference(p); if (q) READ_ONCE(*q); }
THREAD(writer) { int *q = p; rcu_assign_pointer(p, NULL); synchronize_rcu(); kfree(q); })",
     Result::violation, "use after free"},
    {"AGracePeriodTooEarly", R"(
static int *p;
INIT { p = kmalloc(sizeof(int), GFP_KERNEL); }
THREAD(reader) { rcu_read_lock(); int *q = rcu_dereference(p); if (q) READ_ONCE(*q); rcu_read_unlock(); }
THREAD(writer) { int *q = p; synchronize_rcu(); rcu_assign_pointer(p, NULL); kfree(q); })",
     Result::violation, "use after free"},
    {"AGracePeriodForACallback", R"(
struct thing { int x; struct rcu_head rcu; };
static struct thing *p;
INIT { p = kmalloc(sizeof(*p), GFP_KERNEL); }
THREAD(reader) { rcu_read_lock(); struct thing *q = rcu_dereference(p); if (q) READ_ONCE(q->x); rcu_read_unlock(); }
THREAD(writer) { struct thing *q = p; rcu_assign_pointer(p, NULL); kfree_rcu(q, rcu); })",
     Result::safe, ""},
    {"ACallbackOfWhatIsStillThere", R"(
struct thing { int x; struct rcu_head rcu; };
static struct thing *p;
INIT { p = kmalloc(sizeof(*p), GFP_KERNEL); }
THREAD(reader) { rcu_read_lock(); struct thing *q = rcu_dereference(p); if (q) READ_ONCE(q->x); rcu_read_unlock(); }
THREAD(writer) { struct thing *q = p; kfree_rcu(q, rcu); })",
     Result::violation, "use after free"},
    {"AGracePeriodThatASectionHoldsUp", R"(
static int go;
THREAD(reader) { rcu_read_lock(); while (!READ_ONCE(go)) cpu_relax(); rcu_read_unlock(); }
THREAD(writer) { synchronize_rcu(); WRITE_ONCE(go, 1); })",
     Result::violation, "deadlock"},
    {"AGracePeriodOfAnotherDomain", R"(
DEFINE_STATIC_SRCU(one);
DEFINE_STATIC_SRCU(other);
static int go;
THREAD(reader) { int i = srcu_read_lock(&one); while (!READ_ONCE(go)) cpu_relax(); srcu_read_unlock(&one, i); }
THREAD(writer) { synchronize_srcu(&other); WRITE_ONCE(go, 1); })",
     Result::safe, ""},
    {"AnIndexThatAnObjectKeeps", R"(
DEFINE_STATIC_SRCU(s);
static int i, go;
THREAD(reader) { i = srcu_read_lock(&s); srcu_read_unlock(&s, i); while (!READ_ONCE(go)) cpu_relax(); }
THREAD(writer) { synchronize_srcu(&s); WRITE_ONCE(go, 1); })",
     Result::safe, ""},
    {"AnIndexThatTwoObjectsKeep", R"(
DEFINE_STATIC_SRCU(s);
static int i[2], go;
THREAD(reader)
{
	struct { int mine; } kept;
	kept.mine = srcu_read_lock(&s);
	WRITE_ONCE(i[1], srcu_read_lock(&s));
	WRITE_ONCE(i[0], kept.mine + 0 * READ_ONCE(go));
	srcu_read_unlock(&s, READ_ONCE(i[1]));
	srcu_read_unlock(&s, READ_ONCE(i[0]));
	while (!READ_ONCE(go)) cpu_relax();
}
THREAD(writer) { synchronize_srcu(&s); WRITE_ONCE(go, 1); })",
     Result::safe, ""},
    {"BehindASectionWhoseIndexWasKept", R"(
DEFINE_STATIC_SRCU(s);
static int i, x, y;
THREAD(reader)
{
	i = srcu_read_lock(&s);
	int a = READ_ONCE(x);
	srcu_read_unlock(&s, i);
	assert(a || !READ_ONCE(y));
}
THREAD(writer) { WRITE_ONCE(x, 1); synchronize_srcu(&s); WRITE_ONCE(y, 1); })",
     Result::violation, "assertion"},
    {"InASectionWhoseIndexWasKept", R"(
DEFINE_STATIC_SRCU(s);
static int i, x, y;
THREAD(reader)
{
	i = srcu_read_lock(&s);
	int a = READ_ONCE(x), b = READ_ONCE(y);
	srcu_read_unlock(&s, i);
	assert(a || !b);
}
THREAD(writer) { WRITE_ONCE(x, 1); synchronize_srcu(&s); WRITE_ONCE(y, 1); })",
     Result::safe, ""},
    {"ASpinThatIsLetGo", R"(
static int lock, x;
static void both(void) { while (xchg(&lock, 1)) cpu_relax(); x++; smp_store_release(&lock, 0); }
THREAD(one) { both(); }
THREAD(two) { both(); }
FINALLY { assert(x == 2); })",
     Result::safe, ""},
    {"ASpinThatIsNot", R"(
static int lock;
THREAD(one) { while (xchg(&lock, 1)) cpu_relax(); }
THREAD(two) { while (xchg(&lock, 1)) cpu_relax(); })",
     Result::violation, "deadlock"},
    {"WhatIsLeftInTheEnd", R"(
static int x;
THREAD(one) { WRITE_ONCE(x, READ_ONCE(x) + 1); }
THREAD(two) { WRITE_ONCE(x, READ_ONCE(x) + 1); }
FINALLY { assert(x == 2); })",
     Result::violation, "assertion"},
    {"FreedInTheEnd", R"(
static int *p;
THREAD(one) { int *q = kmalloc(sizeof(int), GFP_KERNEL); WRITE_ONCE(*q, 3); WRITE_ONCE(p, q); }
FINALLY { assert(*p == 3); kfree(p); })",
     Result::safe, ""},
    {"FreedOnceMoreInTheEnd", R"(
static int *p;
THREAD(one) { int *q = kmalloc(sizeof(int), GFP_KERNEL); WRITE_ONCE(p, q); if (choose(0, 9) == 7) kfree(q); }
FINALLY { kfree(p); })",
     Result::violation, "double free"},
    {"AFunctionOfMany", R"(
static int x;
static void add(int n) { WRITE_ONCE(x, READ_ONCE(x) + n); }
static void take(int n) { WRITE_ONCE(x, READ_ONCE(x) - n); }
static void (*op)(int) = add;
THREAD(one) { READ_ONCE(op)(1); assert(READ_ONCE(x) != 0); }
THREAD(two) { WRITE_ONCE(op, take); })",
     Result::safe, ""},
    {"AFunctionOfNone", R"(
static int x;
static void add(int n) { WRITE_ONCE(x, READ_ONCE(x) + n); }
static void (*op)(int) = add;
THREAD(one) { READ_ONCE(op)(1); assert(READ_ONCE(x) != 0); }
THREAD(two) { WRITE_ONCE(op, NULL); })",
     Result::violation, "out of bounds"},
    {"WhateverThereWasBefore", R"(
static long x, y;
INIT { x = choose(0L, 1L << 40); y = choose(0L, 1L << 40); assume(x + y == 12345678901L); }
THREAD(one) { WRITE_ONCE(x, READ_ONCE(x) + 1); }
THREAD(two) { assert(READ_ONCE(x) + READ_ONCE(y) != 12345678902L || READ_ONCE(x) != 777); })",
     Result::violation, "assertion"},
    {"WhateverItWasItIsKept", R"(
static long x, y;
INIT { x = choose(0L, 1L << 40); y = choose(0L, 1L << 40); assume(x + y == 12345678901L); }
static DEFINE_SPINLOCK(l);
static void move(long n) { spin_lock(&l); x -= n; y += n; spin_unlock(&l); }
THREAD(one) { move(3); }
THREAD(two) { move(-5); }
FINALLY { assert(x + y == 12345678901L); })",
     Result::safe, ""},
    {"OneOfTen", R"(
static int x;
INIT { x = choose(0, 9); assume(x != 3); }
THREAD(one) { assert(READ_ONCE(x) != 7); })",
     Result::violation, "assertion"},
    {"NoneOfTen", R"(
static int x;
INIT { x = choose(0, 9); assume(x != 7); }
THREAD(one) { assert(READ_ONCE(x) != 7); })",
     Result::safe, ""},
    {"ALockInAnObject", R"(
struct thing { spinlock_t lock; int x; };
static struct thing *p;
INIT { p = kzalloc(sizeof(*p), GFP_KERNEL); spin_lock_init(&p->lock); }
static void both(void) { struct thing *q = READ_ONCE(p); spin_lock(&q->lock); q->x++; spin_unlock(&q->lock); }
THREAD(one) { both(); }
THREAD(two) { both(); }
FINALLY { assert(p->x == 2); })",
     Result::safe, ""},
}};

// After every step; of these the solver knows under sc alone.
constexpr std::array<Row, 2> kInvariants = {{
    {"OneAtATime", R"(
static int x, y;
INVARIANT(never_both, !(x == 1 && y == 1))
THREAD(one) { WRITE_ONCE(x, 1); WRITE_ONCE(x, 0); }
THREAD(two) { WRITE_ONCE(y, 1); })",
     Result::violation, "invariant"},
    {"OneOfThem", R"(
static int x = 1, y;
static DEFINE_SPINLOCK(l);
INVARIANT_UNDER(l, x + y == 1)
static void swap_them(void) { int t; spin_lock(&l); t = x; x = y; y = t; spin_unlock(&l); }
THREAD(one) { swap_them(); }
THREAD(two) { swap_them(); })",
     Result::safe, ""},
}};

class ProveWaits : public testing::TestWithParam<Row> {};

void compare(const Row& row, std::initializer_list<Model> models) {
  const std::string text =
      std::string("// Waits.\n// @expect all: violation\n#include <ringtail.h>\n") + row.text + "\n";
  const auto spec = lang::load_spec("waits.c", text, {}, [](auto&&...) { return std::nullopt; });
  ASSERT_TRUE(spec) << spec.error().text;
  for (const Model model : models) {
    const Outcome o = prove_threads(*spec, model, {.timeout = 10});
    EXPECT_EQ(o.result, row.sc) << memory::name(model) << " " << o.bound;
    EXPECT_EQ(o.kind, row.kind) << memory::name(model);
    if (o.result != Result::safe && o.result != Result::violation) continue;
    if (text.find("1L << 40") != text.npos || text.find("1000") != text.npos) continue;  // too many for it
    const explore::Outcome judge = explore::explore(spec->program, {.model = model, .timeout = 10});
    EXPECT_EQ(o.result, judge.result) << memory::name(model);
  }
}

TEST_P(ProveWaits, AsTheExplorerSees) { compare(GetParam(), {Model::sc, Model::tso, Model::lkmm}); }

INSTANTIATE_TEST_SUITE_P(Waits, ProveWaits, testing::ValuesIn(kRows),
                         [](const auto& row) { return row.param.name; });

TEST(ProveInvariants, AfterEveryStep) {
  for (const Row& row : kInvariants) compare(row, {Model::sc});
}

}  // namespace
}  // namespace ringtail::prove
