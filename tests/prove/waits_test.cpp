// SPDX-License-Identifier: GPL-2.0-or-later
// What threads do wrong without an assertion: they wait for ever, or use locks, sections and stacks as they
// must not. The explorer is the judge: the solver answers the same, or that it does not know.
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

constexpr std::array<Row, 18> kRows = {{
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
     Result::bounded, ""},
    {"MemoryThatIsFreed", R"(
THREAD(one) { int *p = kmalloc(sizeof(int), GFP_KERNEL); kfree(p); kfree(p); })",
     Result::bounded, ""},
}};

class ProveWaits : public testing::TestWithParam<Row> {};

TEST_P(ProveWaits, AsTheExplorerSees) {
  const std::string text =
      std::string("// Waits.\n// @expect all: violation\n#include <ringtail.h>\n") + GetParam().text + "\n";
  const auto spec = lang::load_spec("waits.c", text, {}, [](auto&&...) { return std::nullopt; });
  ASSERT_TRUE(spec) << spec.error().text;
  for (const Model model : {Model::sc, Model::tso, Model::lkmm}) {
    const Outcome o = prove_threads(*spec, model, {.timeout = 10});
    EXPECT_EQ(o.result, GetParam().sc) << memory::name(model) << " " << o.bound;
    EXPECT_EQ(o.kind, GetParam().kind) << memory::name(model);
    if (o.result != Result::safe && o.result != Result::violation) continue;
    if (text.find("1L << 40") != text.npos || text.find("1000") != text.npos) continue;  // too many for it
    const explore::Outcome judge = explore::explore(spec->program, {.model = model, .timeout = 10});
    EXPECT_EQ(o.result, judge.result) << memory::name(model);
  }
}

INSTANTIATE_TEST_SUITE_P(Waits, ProveWaits, testing::ValuesIn(kRows),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace ringtail::prove
