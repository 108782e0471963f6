// SPDX-License-Identifier: GPL-2.0-or-later
// --leaks: what is neither freed nor pointed to when everything has ended, by whoever it was allocated.
#include <gtest/gtest.h>

#include "checker/explore/explore.h"
#include "model/lang/load.h"

namespace ringtail::explore {
namespace {

// The verdict on threads `body` over some objects.
std::string verdict(const std::string& body, bool leaks = true) {
  const auto spec = lang::load_spec("leak.c", R"(
#include <ringtail.h>
struct item { int x; struct list_head list; struct item *next; };
static struct item *slot, *other;
static LIST_HEAD(items);
static struct item *make(void) { return kzalloc(sizeof(struct item), GFP_KERNEL); }
)" + body,
                                    {}, {});
  if (!spec) return spec.error().text;
  const Outcome o = explore(spec->program, {.model = memory::Model::sc, .leaks = leaks});
  return o.violation ? o.violation->kind : o.result == Result::safe ? "safe" : "bounded";
}

TEST(Leaks, are_looked_for_on_request) {
  EXPECT_EQ(verdict("THREAD(t) { struct item *i = make(); assert(i); }"), "leak");
  EXPECT_EQ(verdict("THREAD(t) { struct item *i = make(); assert(i); }", false), "safe");
  EXPECT_EQ(verdict("THREAD(t) { struct item *i = make(); assert(i); kfree(i); }"), "safe");
}

TEST(Leaks, are_not_what_a_variable_leads_to) {
  EXPECT_EQ(verdict("THREAD(t) { slot = make(); slot->next = make(); assert(1); }"), "safe");
  EXPECT_EQ(verdict("THREAD(t) { slot = make(); slot->next = make(); slot->next = NULL; assert(1); }"),
            "leak");
  EXPECT_EQ(verdict("THREAD(t) { struct item *i = make(); list_add(&i->list, &items); assert(1); }"), "safe");
  EXPECT_EQ(verdict("THREAD(t) { struct item *i = make(); list_add(&i->list, &items); list_del(&i->list); "
                    "assert(1); }"),
            "leak");
}

TEST(Leaks, of_a_circle_that_nothing_leads_to) {
  EXPECT_EQ(verdict("THREAD(t) { struct item *i = make(); i->next = i; assert(1); }"), "leak");
}

TEST(Leaks, are_lost_in_a_race) {
  EXPECT_EQ(verdict("THREAD(a) { WRITE_ONCE(slot, make()); } THREAD(b) { WRITE_ONCE(slot, make()); } FINALLY "
                    "{ assert(1); }"),
            "leak");
  EXPECT_EQ(verdict("THREAD(a) { kfree(xchg(&slot, make())); } THREAD(b) { kfree(xchg(&slot, make())); } "
                    "FINALLY { assert(1); }"),
            "safe");
}

TEST(Leaks, count_what_INIT_makes_and_what_FINALLY_frees) {
  EXPECT_EQ(verdict("INIT { slot = make(); } THREAD(t) { WRITE_ONCE(slot, NULL); assert(1); }"), "leak");
  EXPECT_EQ(verdict("INIT { slot = make(); other = slot; } THREAD(t) { WRITE_ONCE(slot, NULL); assert(1); }"),
            "safe");
  EXPECT_EQ(verdict("INIT { slot = make(); } THREAD(t) { assert(1); } FINALLY { kfree(slot); slot = NULL; }"),
            "safe");
  EXPECT_EQ(verdict("INIT { slot = make(); } THREAD(t) { assert(1); } FINALLY { slot = NULL; }"), "leak");
}

TEST(Leaks, are_not_what_call_rcu_frees) {
  EXPECT_EQ(verdict("struct obj { struct rcu_head rcu; }; static struct obj *o;"
                    "INIT { o = kmalloc(sizeof(*o), GFP_KERNEL); }"
                    "THREAD(t) { struct obj *old = xchg(&o, NULL); kfree_rcu(old, rcu); assert(1); }"),
            "safe");
}

}  // namespace
}  // namespace ringtail::explore
