// SPDX-License-Identifier: GPL-2.0-or-later
// Programs that publish, unpublish, wait for readers, tell by flags and locks, and free: the explorer against
// every interleaving of the machine. Whether an execution uses what was freed both ask the same code, so that
// this is about which executions there are; tests/explore/freed_test.cpp is about that code.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "checker/explore/explore.h"
#include "checker/schedule/schedule.h"
#include "model/lang/load.h"

namespace ringtail::schedule {
namespace {

using memory::Model;

int below(int n) { return *rc::gen::resize(100, rc::gen::inRange(0, n)); }

// One access to the object that a local variable points to.
std::string access() {
  static const char* const kAccesses[] = {"WRITE_ONCE(x, READ_ONCE(q->a));", "WRITE_ONCE(q->a, 1);",
                                          "WRITE_ONCE(x, READ_ONCE(q->b));", "xchg(&q->b, 2);",
                                          "spin_lock(&q->lock); spin_unlock(&q->lock);"};
  return kAccesses[below(5)];
}

// What a thread does that has the object at hand, within a reader's section or not.
std::string statement(bool section) {
  const std::string leave = section ? " { rcu_read_unlock(); return; }" : " return;";
  switch (below(11)) {
    case 0:
      return "WRITE_ONCE(f, 1);";
    case 1:
      return "smp_store_release(&g, 1);";
    case 2:
      return "if (!READ_ONCE(f))" + leave;
    case 3:
      return "if (!smp_load_acquire(&g))" + leave;
    case 4:
      return "WRITE_ONCE(p, NULL);";
    case 5:
      return "spin_lock(&l); WRITE_ONCE(y, READ_ONCE(y) + 1); spin_unlock(&l);";
    case 6:
      return "if (xchg(&f, 2) != 1)" + leave;
    case 7:
      return section ? "smp_mb();" : "synchronize_rcu();";
    default:
      return access();
  }
}

std::string thread(int number, bool frees) {
  std::string text = "THREAD(t" + std::to_string(number) + ")\n{\n\tstruct item *q;\n\n";
  bool section = !frees && below(2) == 0;
  if (section) text += "\trcu_read_lock();\n";
  text += "\tq = rcu_dereference(p);\n\tif (!q)";
  text += section ? " { rcu_read_unlock(); return; }\n" : " return;\n";
  const int n = 1 + below(4), leaves = below(n + 1);
  for (int i = 0; i < n; ++i) {
    if (section && i == leaves) text += "\trcu_read_unlock();\n", section = false;
    text += "\t" + statement(section) + "\n";
  }
  if (section) text += "\trcu_read_unlock();\n";
  if (frees) {
    if (below(2) == 0) text += "\tsynchronize_rcu();\n";
    text += "\tkfree(q);\n";
    if (below(2) == 0) text += below(2) == 0 ? "\tsmp_store_release(&g, 1);\n" : "\tWRITE_ONCE(f, 1);\n";
  }
  return text + "}\n\n";
}

std::string program() {
  std::string text = R"(#include <ringtail.h>
struct item { int a, b; spinlock_t lock; };
static struct item *p;
static int f, g, x, y;
static DEFINE_SPINLOCK(l);
INIT { p = kzalloc(sizeof(*p), GFP_KERNEL); spin_lock_init(&p->lock); }
)";
  const int threads = 2 + (below(3) == 0), owner = below(threads);
  for (int t = 0; t < threads; ++t) text += thread(t, t == owner);
  return text + "FINALLY { assert(y < 9); }\n";
}

class Frees : public testing::TestWithParam<Model> {};

TEST_P(Frees, AreWhatEveryInterleavingSays) {
  const Model model = GetParam();
  EXPECT_TRUE(rc::check("explore = every interleaving", [=] {
    const std::string text = program();
    RC_LOG() << text;
    const auto spec = lang::load_spec("generated.c", text, {}, {});
    if (!spec) RC_FAIL(spec.error().text);
    const explore::Options options{.model = model, .timeout = 5};
    const explore::Outcome all = preemption_bounded(spec->program, options, 1000);
    RC_PRE(all.result == explore::Result::safe || all.result == explore::Result::violation);
    const explore::Outcome o = explore::explore(spec->program, options);
    RC_PRE(o.result != explore::Result::timeout);
    RC_CLASSIFY(all.violation.has_value(), "used");
    RC_CLASSIFY(text.find("synchronize_rcu") != std::string::npos, "waits");
    const explore::Outcome states = all_states(spec->program, options);
    RC_ASSERT((states.result == explore::Result::safe) == (all.result == explore::Result::safe));
    RC_ASSERT((all_states(spec->program, options, {.every_order = true}).result == explore::Result::safe) ==
              (all.result == explore::Result::safe));
    RC_ASSERT(o.result == all.result);
    if (o.violation) RC_ASSERT(o.violation->kind == all.violation->kind);
  }));
}

INSTANTIATE_TEST_SUITE_P(Models, Frees, testing::Values(Model::sc, Model::tso),
                         [](const auto& info) { return std::string(memory::name(info.param)); });

}  // namespace
}  // namespace ringtail::schedule
