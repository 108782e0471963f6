// SPDX-License-Identifier: GPL-2.0-or-later
// Threads that add to a counter, look at what they found, and give it back to try again: the explorer, which
// leaves out tries that fail where that is allowed (checker/explore/retries.h), against every interleaving of
// the machine, which leaves out none.
#include <algorithm>
#include <stdexcept>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "checker/explore/explore.h"
#include "checker/schedule/schedule.h"
#include "model/lang/load.h"

namespace ringtail::schedule {
namespace {

using explore::Result;
using memory::Model;

int below(int n) { return *rc::gen::resize(100, rc::gen::inRange(0, n)); }
bool rarely() { return below(6) == 0; }

struct Counter {
  int begin;          // what is in it
  bool takes;         // tries that fail have taken, or added
  const char* fails;  // how what was found compares,
  int with;           // and with what
};
constexpr Counter kCounters[] = {
    {2, true, "<=", 0},  {1, true, "<=", 0}, {2, true, "!=", 2}, {0, true, "<", 1}, {0, false, ">=", 2},
    {0, false, "!=", 0}, {2, false, ">", 2}, {1, true, "!=", 2}, {0, true, ">", 1}, {2, true, "==", 1}};

std::string add(bool subtract, int n, const char* order) {
  return std::string("atomic_fetch_") + (subtract ? "sub" : "add") + order + "(" + std::to_string(n) +
         ", &c)";
}

// As a try of the counter fails; `by`: as one would that is less particular, or more.
std::string fails(const Counter& c, int by = 0) {
  return std::string(" ") + c.fails + " " + std::to_string(c.with + by);
}

std::string try_again(const Counter& c, int n) {
  const bool takes = c.takes != rarely();
  const std::string there = add(takes, n, "_acquire");
  std::string back = add(!takes, rarely() ? n + 1 : n, "_relaxed") + ";";
  if (rarely()) back = "WRITE_ONCE(y, 3); " + back;
  if (below(3) == 0) back += " while (atomic_read(&c)" + fails(c) + ") ;";
  if (rarely())
    return "old = " + there + "; while (old" + fails(c) + ") { " + back + " old = " + there + "; }";
  return "while (" + there + fails(c) + ") { " + back + " }";
}

std::string statement(const Counter& c) {
  const int by = below(3) - 1;
  switch (below(12)) {
    case 0:
      return "WRITE_ONCE(y, 2);";
    case 1:
      return "smp_mb();";
    case 2:
      return "if (atomic_read(&c)" + fails(c, by) + ") WRITE_ONCE(y, 5);";
    case 3:
      return "if (" + add(below(2) == 0, 1, "") + fails(c, by) + ") WRITE_ONCE(y, 4);";
    case 4:
      return "while (atomic_read(&c)" + fails(c, by) + ") ;";
    case 5:
      return "WRITE_ONCE(y, " + (below(2) == 0 ? add(below(2) == 0, 1, "") : "atomic_read(&c)") + ");";
    case 6:
    case 7:
      return "if (READ_ONCE(x)) WRITE_ONCE(y, 1);";
    default:
      return "WRITE_ONCE(x, READ_ONCE(x) + 1);";
  }
}

std::string program() {
  const Counter c = kCounters[below(std::size(kCounters))];
  std::string text = "#include <ringtail.h>\nstatic atomic_t c = ATOMIC_INIT(" + std::to_string(c.begin) +
                     ");\nstatic int x, y;\n";
  const int threads = 2 + (below(4) == 0);
  for (int t = 0; t < threads; ++t) {
    text += "THREAD(t" + std::to_string(t) + ")\n{\n\tint old;\n\n\told = 0;\n";
    if (below(3) == 0) text += "\t" + statement(c) + "\n";
    const int n = 1 + below(2);
    const bool tries = below(4) != 0;
    if (tries) text += "\t" + try_again(c, n) + "\n";
    text += "\t" + statement(c) + "\n";
    if (tries ? !rarely() : rarely()) text += "\t" + add(!c.takes, n, "_release") + ";\n";
    text += "}\n";
  }
  return text + "FINALLY { assert(x < 9); }\n";
}

struct Both {
  explore::Outcome executions, states;
};

Both ends(const std::string& text, Model model) {
  const auto spec = lang::load_spec("generated.c", text, {}, {});
  if (!spec) throw std::runtime_error(spec.error().text);
  explore::Options o{.model = model, .timeout = 0.5, .gather = true};
  for (const ir::Global& g : spec->program.globals)
    if (g.name == "c" || g.name == "x" || g.name == "y")
      o.observe.push_back({.thread = {}, .address = g.address, .size = 4, .name = g.name});
  return {explore::explore(spec->program, o), all_states(spec->program, o, {.every_order = true})};
}

class Retries : public testing::TestWithParam<Model> {};

TEST_P(Retries, EndAsInEveryInterleaving) {
  const Model model = GetParam();
  EXPECT_TRUE(rc::check("explorer = states", [=] {
    const std::string text = program();
    RC_LOG() << text;
    const auto [executions, states] = ends(text, model);
    RC_PRE(executions.result != Result::timeout);
    RC_PRE(states.result == Result::safe);
    RC_CLASSIFY(executions.result == Result::bounded, "bounded");
    RC_CLASSIFY(states.observed.size() > 1, "several ends");
    RC_CLASSIFY(states.observed.empty(), "no end");
    if (executions.result == Result::safe) RC_ASSERT(executions.observed == states.observed);
    else
      for (const auto& end : executions.observed) RC_ASSERT(states.observed.contains(end));
  }));
}

// Programs that end with y == 5 only where a try that fails is there: what each breaks of retries.h.
TEST_P(Retries, AreThereWhereTheyMatter) {
  struct Row {
    const char* breaks;
    int begin;
    const char* threads;
  };
  const Row rows[] = {
      {"another read", 1,
       "THREAD(a) { while (atomic_fetch_sub(1, &c) <= 0) atomic_fetch_add(1, &c); atomic_fetch_add(1, &c); "
       "}\n"
       "THREAD(b) { while (atomic_fetch_sub(1, &c) <= 0) atomic_fetch_add(1, &c); atomic_fetch_add(1, &c); "
       "}\n"
       "THREAD(d) { if (atomic_read(&c) < 0) WRITE_ONCE(y, 5); }\n"},
      {"what was found is stored", 1,
       "THREAD(a) { while (atomic_fetch_sub(1, &c) <= 0) atomic_fetch_add(1, &c); atomic_fetch_add(1, &c); "
       "}\n"
       "THREAD(b) { while (atomic_fetch_sub(1, &c) <= 0) atomic_fetch_add(1, &c); atomic_fetch_add(1, &c); "
       "}\n"
       "THREAD(d) { WRITE_ONCE(y, 6 + atomic_fetch_add(0, &c)); }\n"},
      {"tries that take and tries that add", 0,
       "THREAD(a) { while (atomic_fetch_sub(1, &c) <= 0) atomic_fetch_add(1, &c); }\n"
       "THREAD(b) { while (atomic_fetch_add(1, &c) >= 0) atomic_fetch_sub(1, &c); WRITE_ONCE(y, 5); "
       "atomic_fetch_sub(1, &c); }\n"
       "THREAD(d) { atomic_fetch_add(1, &c); }\n"},
      {"more is given than was taken", 1,
       "THREAD(a) { while (!READ_ONCE(x)) ; while (atomic_fetch_sub(1, &c) != 1) atomic_fetch_add(1, &c); "
       "WRITE_ONCE(y, 5); }\n"
       "THREAD(b) { while (!READ_ONCE(x)) ; while (atomic_fetch_sub(1, &c) != 1) atomic_fetch_add(1, &c); }\n"
       "THREAD(d) { atomic_fetch_add(1, &c); WRITE_ONCE(x, 1); }\n"},
      {"a value is asked for that is not the first", 2,
       "THREAD(a) { while (atomic_fetch_sub(1, &c) == 1) atomic_fetch_add(1, &c); "
       "if (READ_ONCE(x)) WRITE_ONCE(y, 5); atomic_fetch_add(1, &c); }\n"
       "THREAD(b) { while (atomic_fetch_sub(1, &c) == 1) atomic_fetch_add(1, &c); }\n"
       "THREAD(d) { while (atomic_fetch_sub(1, &c) == 1) atomic_fetch_add(1, &c); WRITE_ONCE(x, 1); }\n"},
      {"a try succeeds where there is less", 3,
       "THREAD(a) { while (atomic_fetch_sub(1, &c) > 1) atomic_fetch_add(1, &c); }\n"
       "THREAD(b) { while (atomic_fetch_sub(1, &c) > 1) atomic_fetch_add(1, &c); }\n"
       "THREAD(d) { while (atomic_fetch_sub(1, &c) > 1) atomic_fetch_add(1, &c); WRITE_ONCE(y, 5); }\n"},
      {"more is given back", -1,
       "THREAD(a) { while (atomic_fetch_sub(1, &c) <= 0) atomic_fetch_add(2, &c); WRITE_ONCE(y, 5); }\n"},
      {"something else is done", 1,
       "THREAD(a) { while (atomic_fetch_sub(1, &c) <= 0) { WRITE_ONCE(y, 5); atomic_fetch_add(1, &c); } "
       "atomic_fetch_add(1, &c); }\n"
       "THREAD(b) { while (atomic_fetch_sub(1, &c) <= 0) atomic_fetch_add(1, &c); atomic_fetch_add(1, &c); "
       "}\n"},
  };
  for (const Row& r : rows) {
    const Both both =
        ends("#include <ringtail.h>\nstatic atomic_t c = ATOMIC_INIT(" + std::to_string(r.begin) +
                 ");\nstatic int x, y;\n" + r.threads + "FINALLY { assert(x < 9); }\n",
             GetParam());
    const auto five = [](const auto& ends) {
      return std::any_of(ends.begin(), ends.end(), [](const auto& end) { return end.back() == 5; });
    };
    EXPECT_TRUE(five(both.states.observed)) << r.breaks;
    EXPECT_TRUE(five(both.executions.observed)) << r.breaks;
  }
}

INSTANTIATE_TEST_SUITE_P(Models, Retries, testing::Values(Model::sc, Model::tso),
                         [](const auto& i) { return std::string(memory::name(i.param)); });

}  // namespace
}  // namespace ringtail::schedule
