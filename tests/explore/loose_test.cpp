// SPDX-License-Identifier: GPL-2.0-or-later
// What program order leaves loose, row by row; and that load buffering is found where it is.
#include "checker/explore/loose.h"

#include <gtest/gtest.h>

#include "checker/explore/explore.h"
#include "model/lang/load.h"

namespace ringtail::explore {
namespace {

constexpr const char* head = R"(#include <ringtail.h>
static int x, y, z, out;
static atomic_t a;
static DEFINE_SPINLOCK(lock);
static struct two { int one, other; } both, more;
static inline void nothing(void) {}
static inline void store(int *p) { *p = 1; }
static inline int load(int *p) { return READ_ONCE(*p); }
static inline void barrier_here(void) { smp_mb(); }
static void (*anything)(void) = nothing;
THREAD(other) { assert(READ_ONCE(x) + READ_ONCE(y) + READ_ONCE(z) >= 0); }
)";

lang::Spec load(const std::string& text) {
  auto spec = lang::load_spec("loose.c", text, {}, {});
  EXPECT_TRUE(spec) << spec.error().text;
  return std::move(*spec);
}

struct Row {
  const char* code;
  bool loose;
};

// The thread has read READ_ONCE(x), which comes first.
TEST(Loose, StoresAfterARead) {
  const Row rows[] = {
      {"READ_ONCE(x); WRITE_ONCE(y, 1);", true},
      {"READ_ONCE(x); smp_mb(); WRITE_ONCE(y, 1);", false},
      {"READ_ONCE(x); smp_rmb(); WRITE_ONCE(y, 1);", true},
      {"READ_ONCE(x); smp_store_release(&y, 1); smp_mb(); WRITE_ONCE(z, 1);", false},
      {"READ_ONCE(x); smp_store_release(&y, 1); WRITE_ONCE(z, 1);", true},
      {"READ_ONCE(x); if (READ_ONCE(y)) smp_mb(); WRITE_ONCE(z, 1);", true},
      {"READ_ONCE(x); if (READ_ONCE(y)) smp_mb(); else atomic_inc_return(&a); WRITE_ONCE(z, 1);", false},
      {"READ_ONCE(x); while (READ_ONCE(y)) { smp_mb(); } WRITE_ONCE(z, 1);", true},
      {"READ_ONCE(x); atomic_inc_return(&a); WRITE_ONCE(z, 1);", false},
      {"READ_ONCE(x); atomic_inc(&a); smp_mb();", true},
      {"READ_ONCE(x); atomic_cmpxchg(&a, 0, 1); smp_mb();", false},
      {"READ_ONCE(x); atomic_cmpxchg(&a, 0, 1); WRITE_ONCE(z, 1);", true},
      {"READ_ONCE(x); spin_lock(&lock); smp_mb(); spin_unlock(&lock);", true},
      {"READ_ONCE(x); store(&y);", true},
      {"READ_ONCE(x); barrier_here(); store(&y);", false},
      {"READ_ONCE(x); nothing(); store(&y);", true},
      {"READ_ONCE(x); anything();", true},
      {"READ_ONCE(x); both = more;", true},
      {"struct two mine; READ_ONCE(x); mine = both; mine.one = 2; store(&mine.other); smp_mb();", false},
      {"READ_ONCE(x); out = 1;", false},
  };
  for (const Row& row : rows) {
    const lang::Spec spec = load(head + std::string("THREAD(t) { ") + row.code + " }");
    const machine::Machine m(spec.program, {.plain_is_once = true});
    const Loose loose(m);
    machine::Arena arena;
    machine::DepTable deps;
    const machine::Snapshot* s = m.start(1, arena);
    s = m.resume(*s, 0, 0, 1, deps, arena);
    EXPECT_EQ(loose.stores_after(*s), row.loose) << row.code;
  }
}

// The thread stands at its store of 7.
TEST(Loose, ReadsBeforeAStore) {
  const Row rows[] = {
      {"READ_ONCE(y); WRITE_ONCE(x, 7);", true},
      {"WRITE_ONCE(y, 1); WRITE_ONCE(x, 7);", false},
      {"READ_ONCE(y); smp_mb(); WRITE_ONCE(x, 7);", false},
      {"READ_ONCE(y); smp_wmb(); WRITE_ONCE(x, 7);", true},
      {"smp_load_acquire(&y); WRITE_ONCE(x, 7);", false},
      {"if (READ_ONCE(y)) smp_mb(); WRITE_ONCE(x, 7);", true},
      {"READ_ONCE(z); if (smp_load_acquire(&y)) smp_mb(); else barrier_here(); WRITE_ONCE(x, 7);", false},
      {"atomic_inc_return_acquire(&a); WRITE_ONCE(x, 7);", false},
      {"atomic_inc_return_relaxed(&a); WRITE_ONCE(x, 7);", true},
      {"atomic_cmpxchg(&a, 1, 2); WRITE_ONCE(x, 7);", true},
      {"spin_lock(&lock); WRITE_ONCE(x, 7); spin_unlock(&lock);", false},
      {"READ_ONCE(y); spin_lock(&lock); WRITE_ONCE(x, 7); spin_unlock(&lock);", true},
      {"load(&y); WRITE_ONCE(x, 7);", true},
      {"load(&y); barrier_here(); WRITE_ONCE(x, 7);", false},
      {"load(&y); smp_mb(); nothing(); WRITE_ONCE(x, 7);", false},
      {"void (*f)(void) = nothing; f(); WRITE_ONCE(x, 7);", true},
      {"int mine = 0; store(&mine); if (!load(&mine)) WRITE_ONCE(x, 7);", true},
      {"struct two mine = {}; struct two *p = &mine; if (!p->one) WRITE_ONCE(x, 7);", false},
  };
  for (const Row& row : rows) {
    const lang::Spec spec = load(head + std::string("THREAD(t) { ") + row.code + " }");
    const machine::Machine m(spec.program, {.plain_is_once = true});
    const Loose loose(m);
    machine::Arena arena;
    machine::DepTable deps;
    const machine::Snapshot* s = m.start(1, arena);
    const auto there = [&] {
      const machine::Request& q = s->header.request;
      return q.act == machine::Act::write && q.operand == 7;
    };
    while (s->header.status == machine::Status::running && !there()) s = m.resume(*s, 0, 0, 1, deps, arena);
    ASSERT_TRUE(there()) << row.code;
    EXPECT_EQ(loose.reads_before(*s), row.loose) << row.code;
  }
}

// Both threads read what the other one stores later: so it is exactly where one of them is loose.
TEST(Loose, LoadBufferingIsFoundWhereItIs) {
  struct Buffering {
    const char *first, *second;
    bool found;
  };
  const Buffering rows[] = {
      {"r = READ_ONCE(x); WRITE_ONCE(y, 1);", "r = READ_ONCE(y); WRITE_ONCE(x, 1);", true},
      {"r = READ_ONCE(x); smp_mb(); WRITE_ONCE(y, 1);", "r = READ_ONCE(y); WRITE_ONCE(x, 1);", true},
      {"r = READ_ONCE(x); smp_mb(); WRITE_ONCE(y, 1);", "r = READ_ONCE(y); smp_store_release(&x, 1);", false},
      {"r = smp_load_acquire(&x); WRITE_ONCE(y, 1);", "r = smp_load_acquire(&y); WRITE_ONCE(x, 1);", false},
      {"r = READ_ONCE(x); smp_store_release(&y, 1);", "r = READ_ONCE(y); smp_mb(); WRITE_ONCE(x, 1);", false},
      {"r = READ_ONCE(x); if (r) smp_mb(); WRITE_ONCE(y, 1);",
       "r = READ_ONCE(y); smp_mb(); WRITE_ONCE(x, 1);", false},
      {"r = READ_ONCE(x); if (!r) smp_mb(); WRITE_ONCE(y, 1);",
       "r = READ_ONCE(y); smp_mb(); WRITE_ONCE(x, 1);", true},
      {"r = atomic_fetch_add_relaxed(1, &a); smp_mb(); WRITE_ONCE(y, 1);",
       "r = READ_ONCE(y); smp_mb(); atomic_inc(&a);", false},
      {"r = atomic_fetch_add_relaxed(1, &a); WRITE_ONCE(y, 1);",
       "r = READ_ONCE(y); smp_mb(); atomic_inc(&a);", true},
      // a read-modify-write that fails orders nothing
      {"r = atomic_cmpxchg(&a, 5, 6); WRITE_ONCE(y, 1);", "r = READ_ONCE(y); smp_mb(); atomic_set(&a, 1);",
       true},
      {"r = atomic_cmpxchg(&a, 1, 6); WRITE_ONCE(y, 1);", "r = READ_ONCE(y); smp_mb(); atomic_set(&a, 1);",
       false},
      {"r = smp_load_acquire(&x); WRITE_ONCE(y, 1);", "r = READ_ONCE(y); WRITE_ONCE(x, 1);", true},
  };
  for (const Buffering& row : rows) {
    const lang::Spec spec = load(std::string(head) + "static int got[2];\nTHREAD(first) { int r; " +
                                 row.first + " got[0] = r; }\nTHREAD(second) { int r; " + row.second +
                                 " got[1] = r; }\n" + "FINALLY { assert(!got[0] || !got[1]); }");
    // without the third thread
    const lang::Spec two = load([&] {
      std::string text = head;
      text.erase(text.find("THREAD(other)"));
      return text + "static int got[2];\nTHREAD(first) { int r; " + row.first +
             " got[0] = r; }\nTHREAD(second) { int r; " + row.second + " got[1] = r; }\n" +
             "FINALLY { assert(!got[0] || !got[1]); }";
    }());
    for (const bool once : {true, false})  // what is got is stored plainly
      for (const ir::Program* p : {&spec.program, &two.program}) {
        const Outcome o = explore(*p, {.model = memory::Model::lkmm, .plain_is_once = once});
        EXPECT_EQ(o.result == Result::violation, row.found) << row.first << " | " << row.second;
      }
  }
}

// A store is seen through a pointer that memory has from the beginning.
TEST(Loose, StoresAreReadThroughInitialPointers) {
  const auto loaded = lang::load_litmus("lb", R"(C lb

{
	int *p=&x;
	int x;
	int y;
}

P0(int *x, int *y)
{
	int r0;

	r0 = READ_ONCE(*y);
	WRITE_ONCE(*x, 1);
}

P1(int *y, int **p)
{
	int r0;
	int *q0;

	q0 = rcu_dereference(*p);
	r0 = READ_ONCE(*q0);
	smp_store_release(y, 1);
}

exists (0:r0=1 /\ 1:r0=1)
)");
  ASSERT_TRUE(loaded) << loaded.error().text;
  const Outcome o = explore(loaded->program, {.model = memory::Model::lkmm});
  ASSERT_TRUE(o.litmus);
  EXPECT_EQ(o.litmus->positive, 1u);
}

}  // namespace
}  // namespace ringtail::explore
