// SPDX-License-Identifier: GPL-2.0-or-later
// Use after free, against the judge, who knows nothing of it: the same program as a litmus test, in which
// kfree() is a plain write of a value that is nowhere else. What reads that value, or writes over it, or
// races with that write, uses what was freed.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "checker/explore/explore.h"
#include "checker/judge/judge.h"
#include "model/lang/load.h"

namespace ringtail::explore {
namespace {

using memory::Model;

int below(int n) { return *rc::gen::resize(100, rc::gen::inRange(0, n)); }

// One program in both notations: `$` stands before what a variable holds, `@` before its address.
struct Text {
  std::string spec, litmus;
  void add(const std::string& text) {
    for (const char c : text) {
      if (c != '$' && c != '@') spec += c, litmus += c;
      if (c == '$') litmus += '*';
      if (c == '@') spec += '&';
    }
  }
};

struct Threads {
  Text text;
  std::string reads;  // of the object, as conditions
  int registers = 0;
};

std::string read(Threads& p, int thread) {
  const std::string r = "r" + std::to_string(p.registers++);
  p.reads += " \\/ " + std::to_string(thread) + ":" + r + "=9";
  return r;
}

// Where a flag tells of the free, what follows comes after it for certain, all of it.
std::string reads(Threads& p, int thread) {
  std::string text;
  for (int i = below(3); i > 0; --i) text += " " + read(p, thread) + " = READ_ONCE(*q);";
  return text;
}

// What a thread does that has the object at hand; `open`: a condition that the rest stands under.
std::string statement(Threads& p, int thread, bool section, int& open) {
  switch (below(10)) {
    case 0:
      return "WRITE_ONCE($f, 1);";
    case 1:
      return "smp_store_release(@g, 1);";
    case 2:
      ++open;
      return "if (READ_ONCE($f) == 1) {" + reads(p, thread);
    case 3:
      ++open;
      return "if (smp_load_acquire(@g) == 1) {" + reads(p, thread);
    case 4:
      return "WRITE_ONCE($p, $none);";
    case 5:
      return section ? "smp_mb();" : "synchronize_rcu();";
    case 6:
      return "WRITE_ONCE(*q, 1);";
    default:
      return read(p, thread) + " = READ_ONCE(*q);";
  }
}

void thread(Threads& p, int number, bool frees) {
  std::string body;
  int open = 1;
  const bool section = !frees && below(2) == 0, lock = !section && below(3) == 0;
  if (section) body += "rcu_read_lock(); ";
  if (lock) body += "spin_lock(@l); ";
  body += "q = READ_ONCE($p); if (q != $none) { ";
  for (int i = below(frees ? 2 : 3) + !frees; i > 0; --i)
    body += statement(p, number, section || lock, open) + " ";
  if (frees && !lock && below(2) == 0) body += "synchronize_rcu(); ";
  if (frees) body += "FREE ";
  if (frees && below(2) == 0) body += below(2) == 0 ? "smp_store_release(@g, 1); " : "WRITE_ONCE($f, 1); ";
  while (open-- > 0) body += "} ";
  if (lock) body += "spin_unlock(@l); ";
  if (section) body += "rcu_read_unlock(); ";
  std::string locals = "int *q; ";
  for (int i = 0; i < p.registers; ++i) locals += "int r" + std::to_string(i) + "; ";
  const std::string n = std::to_string(number);
  Text t;
  t.add(body);
  const auto replace = [](std::string s, const std::string& from, const std::string& to) {
    for (std::size_t at = s.find(from); at != std::string::npos; at = s.find(from, at + to.size()))
      s.replace(at, from.size(), to);
    return s;
  };
  p.text.spec += "THREAD(t" + n + ") { " + locals +
                 replace(replace(t.spec, "none", "NULL"), "FREE", "kfree(q);") + "}\n";
  p.text.litmus += "P" + n + "(int *f, int *g, int *a, int **p, spinlock_t *l)\n{\n" + locals +
                   "int freed; " + replace(replace(t.litmus, "*none", "0"), "FREE", "*q = 9; freed = 1;") +
                   "\n}\n";
}

struct Program {
  std::string spec, litmus;
};

Program program() {
  Threads p;
  const int threads = 2 + (below(4) == 0), owner = below(threads);
  for (int t = 0; t < threads; ++t) thread(p, t, t == owner);
  return {R"(#include <ringtail.h>
static int *p;
static int f, g;
static DEFINE_SPINLOCK(l);
INIT { p = kzalloc(sizeof(*p), GFP_KERNEL); }
)" + p.text.spec +
              "FINALLY { assert(f < 9); (void)g; (void)l; }\n",
          "C generated\n\n{\n\tint *p=&a;\n\tint a;\n\tint f;\n\tint g;\n}\n\n" + p.text.litmus +
              "\nexists ((" + std::to_string(owner) + ":freed=1 /\\ ~(a=9))" + p.reads + ")\n"};
}

class Freed : public testing::TestWithParam<Model> {};

void agrees(Model model) {
  const Program p = program();
  RC_LOG() << p.spec << "\n" << p.litmus;
  const auto spec = lang::load_spec("generated.c", p.spec, {}, {});
  if (!spec) RC_FAIL(spec.error().text);
  const auto test = lang::load_litmus("generated", p.litmus);
  if (!test) RC_FAIL(test.error().text);
  const judge::Judgement judged = judge::judge(test->program, model, {.max_candidates = 200'000});
  RC_PRE(judged.unsupported.empty() && judged.thin_air == 0);
  const Outcome o = explore(spec->program, {.model = model, .timeout = 5});
  RC_PRE(o.result == Result::safe || o.result == Result::violation);
  const bool used = judged.positive > 0 || judged.flags.contains("data-race");
  RC_CLASSIFY(used, "used");
  RC_CLASSIFY(p.spec.find("synchronize_rcu") != std::string::npos, "waits");
  RC_ASSERT((o.result == Result::violation) == used);
  if (o.violation) RC_ASSERT(o.violation->kind == "use after free");
}

TEST_P(Freed, IsUsedWhereTheJudgeSees) {
  const Model model = GetParam();
  EXPECT_TRUE(rc::check("use after free = what was freed is read, or raced with", [=] {
    for (int i = 0; i < 5; ++i) agrees(model);
  }));
}

INSTANTIATE_TEST_SUITE_P(Models, Freed, testing::Values(Model::sc, Model::tso, Model::lkmm),
                         [](const auto& info) { return std::string(memory::name(info.param)); });

}  // namespace
}  // namespace ringtail::explore
