// SPDX-License-Identifier: GPL-2.0-or-later
// Invariants hold in every state that an interleaving passes: against the states that all orders of the
// writes make.
#include "checker/explore/always.h"

#include <set>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "checker/explore/explore.h"
#include "model/lang/load.h"

namespace ringtail::explore {
namespace {

std::string verdict(const std::string& text, memory::Model model = memory::Model::sc) {
  const auto spec = lang::load_spec("always.c", "#include <ringtail.h>\n" + text, {}, {});
  if (!spec) return spec.error().text;
  const Outcome o = explore(spec->program, {.model = model});
  return o.violation ? o.violation->kind : o.result == Result::safe ? "safe" : "bounded";
}

struct Store {
  int place, value;
};
using Memory = std::array<int, 3>;

void all_orders(const std::vector<Store>& a, const std::vector<Store>& b, std::size_t i, std::size_t j,
                const Memory& m, std::set<Memory>& passed) {
  passed.insert(m);
  for (const auto& [from, at] : {std::pair{&a, i}, {&b, j}}) {
    if (at == from->size()) continue;
    Memory next = m;
    next[(*from)[at].place] = (*from)[at].value;
    all_orders(a, b, i + (from == &a), j + (from == &b), next, passed);
  }
}

std::string thread(const char* name, const std::vector<Store>& stores) {
  std::string text = std::string("THREAD(") + name + ") {";
  for (const Store& s : stores)
    text += " WRITE_ONCE(v[" + std::to_string(s.place) + "], " + std::to_string(s.value) + ");";
  return text + " }\n";
}

RC_GTEST_PROP(Invariants, are_broken_where_an_order_of_the_writes_breaks_them, ()) {
  const auto store = rc::gen::construct<Store>(rc::gen::inRange(0, 3), rc::gen::inRange(0, 3));
  const auto stores = rc::gen::resize(5, rc::gen::container<std::vector<Store>>(store));
  const std::vector<Store> a = *stores, b = *stores;
  std::set<Memory> passed;
  all_orders(a, b, 0, 0, {}, passed);
  const std::string threads = "static int v[3];\n" + thread("a", a) + thread("b", b);
  // Of each state whether it is passed; what is read of it depends on what was read before.
  for (int n = 0; n < 27; ++n) {
    const Memory state = {n % 3, n / 3 % 3, n / 9};
    const std::string is = "v[0] == " + std::to_string(state[0]) + " && v[1] == " + std::to_string(state[1]) +
                           " && v[2] == " + std::to_string(state[2]);
    RC_ASSERT(verdict(threads + "INVARIANT(never, !(" + is + "))") ==
              (passed.contains(state) ? "invariant" : "safe"));
  }
}

TEST(Invariants, look_at_the_last_write_in_coherence_where_no_order_explains_all) {
  const std::string body =
      "static int x, y, a_is, b_is;\n"
      "THREAD(a) { WRITE_ONCE(x, 1); WRITE_ONCE(y, 2); WRITE_ONCE(a_is, 1); }\n"
      "THREAD(b) { WRITE_ONCE(y, 1); WRITE_ONCE(x, 2); WRITE_ONCE(b_is, 1); }\n"
      "INVARIANT(never, !(a_is && b_is && x == 1 && y == 1))";
  EXPECT_EQ(verdict(body, memory::Model::sc), "safe");
  EXPECT_EQ(verdict(body, memory::Model::lkmm), "invariant");
}

TEST(Invariants, under_a_lock_hold_while_nobody_has_it) {
  const std::string body =
      "static DEFINE_SPINLOCK(lock); static int x, y;\n"
      "THREAD(a) { spin_lock(&lock); x++; y++; spin_unlock(&lock); }\n"
      "THREAD(b) { spin_lock(&lock); y++; x++; spin_unlock(&lock); }\n";
  EXPECT_EQ(verdict(body + "INVARIANT_UNDER(lock, x == y)"), "safe");
  EXPECT_EQ(verdict(body + "INVARIANT(always, x == y)"), "invariant");
  EXPECT_EQ(verdict(body + "INVARIANT_UNDER(lock, x == 0 || y == 2)"), "invariant");
}

TEST(Invariants, may_follow_pointers) {
  const std::string body =
      "struct box { int is; struct box *next; }; static struct box one = { 1, &one }, two = { 2, &one };\n"
      "static struct box *head = &one;\n";
  EXPECT_EQ(verdict(body + "THREAD(a) { WRITE_ONCE(head, &two); WRITE_ONCE(two.is, 3); }\n"
                           "INVARIANT(head_is, head->is < 3)"),
            "invariant");
  EXPECT_EQ(
      verdict(body + "THREAD(a) { WRITE_ONCE(two.is, 3); WRITE_ONCE(two.is, 1); WRITE_ONCE(head, &two); }\n"
                     "INVARIANT(head_is, head->is < 3)"),
      "safe");
}

TEST(Invariants, may_keep_what_they_count_in_memory) {
  const std::string body =
      "static int v[2];\n"
      "static bool few(void) { int n[1] = { 0 }, i; for (i = 0; i < 2; i++) n[0] += v[i]; return n[0] < 2; "
      "}\n"
      "THREAD(a) { WRITE_ONCE(v[0], 1); WRITE_ONCE(v[0], 0); }\n";
  EXPECT_EQ(verdict(body + "THREAD(b) { WRITE_ONCE(v[1], 1); }\nINVARIANT(few, few())"), "invariant");
  EXPECT_EQ(verdict(body + "INVARIANT(few, few())"), "safe");
}

TEST(Endings, are_judged_each) {
  // the same counts in the end, by different ways, and one end that is wrong
  const std::string body =
      "static atomic_t n; static int last;\n"
      "THREAD(a) { WRITE_ONCE(last, atomic_inc_return(&n)); }\n"
      "THREAD(b) { WRITE_ONCE(last, atomic_inc_return(&n)); }\n";
  EXPECT_EQ(verdict(body + "FINALLY { assert(atomic_read(&n) == 2); }"), "safe");
  EXPECT_EQ(verdict(body + "FINALLY { assert(last == 2); }"), "assertion");
  // an end that FINALLY does not count is asked no invariant
  EXPECT_EQ(
      verdict(body + "FINALLY { assume(last == 2); }\nINVARIANT(late, last != 1 || atomic_read(&n) < 2)"),
      "invariant");
  EXPECT_EQ(verdict(body + "FINALLY { assume(0); }\nINVARIANT(late, last != 1)"), "safe");
}

}  // namespace
}  // namespace ringtail::explore
