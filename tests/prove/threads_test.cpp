// SPDX-License-Identifier: GPL-2.0-or-later
// Threads under a memory model, for inputs that nobody could enumerate; and what is too much, which says so.
#include "checker/prove/threads.h"

#include <ctime>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace ringtail::prove {
namespace {

using memory::Model;

// One thread passes on a number of any size below 2^40; the other takes it for one that has not all bits set.
std::string program(const char* asserted) {
  return fmt::format(
      "// Inputs.\n#include <ringtail.h>\nstatic unsigned long box;\nstatic int full;\n\n"
      "THREAD(giver)\n{{\n\tunsigned long n = choose(0UL, (1UL << 40) - 1);\n\n\tWRITE_ONCE(box, n ^ (n >> "
      "1));\n"
      "\tsmp_store_release(&full, 1);\n}}\n\n"
      "THREAD(taker)\n{{\n\tunsigned long got;\n\n\tif (!smp_load_acquire(&full))\n\t\treturn;\n"
      "\tgot = READ_ONCE(box);\n\tassert({});\n}}\n",
      asserted);
}

Outcome ask(const std::string& text, Model model) {
  const auto spec = lang::load_spec("inputs.c", text, {}, [](auto&&...) { return std::nullopt; });
  EXPECT_TRUE(spec) << spec.error().text;
  return prove_threads(*spec, model, {.timeout = 10});
}

TEST(ProveThreads, AnswersForInputsOfFortyBits) {
  for (const Model model : {Model::sc, Model::tso, Model::lkmm}) {
    EXPECT_EQ(ask(program("got < 1UL << 40"), model).result, explore::Result::safe);
    const Outcome o = ask(program("got != 0xabcdef0123"), model);
    ASSERT_EQ(o.result, explore::Result::violation) << memory::name(model) << " " << o.bound;
    EXPECT_EQ(o.kind, "assertion");
    ASSERT_EQ(o.inputs.size(), 1u);
    const auto n = static_cast<std::uint64_t>(o.inputs[0].value);
    EXPECT_EQ(n ^ n >> 1, 0xabcdef0123u) << "the one input of a million million that the machine confirms";
  }
}

// An access is to some object, or it fails: an index that is too large, a pointer before it is there, a
// local.
TEST(ProveThreads, AskWhetherEachAccessIsToAnObject) {
  const std::string head = "// Accesses.\n#include <ringtail.h>\nstatic int x[6];\nstatic int *p;\n\n";
  const auto index = [&](const char* last) {
    return head + "THREAD(a)\n{\n\tint i = choose(0, " + last +
           ");\n\n\tWRITE_ONCE(x[i], 1);\n\tassert(i < 6);\n}\n";
  };
  const auto pointer = [&](const char* checked) {
    return head + "THREAD(a)\n{\n\tsmp_store_release(&p, &x[5]);\n}\n\n" +
           "THREAD(b)\n{\n\tint *q = READ_ONCE(p);\n\n\t" + checked +
           "WRITE_ONCE(*q, 1);\n\tassert(q == &x[5]);\n}\n";
  };
  const auto local = [&](const char* i) {
    return head + "THREAD(a)\n{\n\tint y[2], *q = y;\n\n\tWRITE_ONCE(q[" + i +
           "], 1);\n\tassert(READ_ONCE(x[0]) == 0);\n}\n";
  };
  for (const Model model : {Model::sc, Model::tso, Model::lkmm}) {
    for (const std::string& text : {index("5"), pointer("if (!q)\n\t\treturn;\n\t"), local("1")})
      EXPECT_EQ(ask(text, model).result, explore::Result::safe) << memory::name(model) << "\n" << text;
    for (const std::string& text : {index("6"), pointer(""), local("2")}) {
      const Outcome o = ask(text, model);
      ASSERT_EQ(o.result, explore::Result::violation) << memory::name(model) << " " << o.bound << "\n"
                                                      << text;
      EXPECT_EQ(o.kind, "out of bounds");
    }
  }
}

// Each look may go two ways, and no two ways meet again.
// To build the formula is part of the question: this one's takes more than ten times as long as it may.
TEST(ProveThreads, BuildNoLongerThanTheyMayAsk) {
  std::string text = "// Writers.\n#include <ringtail.h>\nstatic int x;\n\n";
  for (int t = 0; t < 7; ++t)
    text += fmt::format(
        "THREAD(t{})\n{{\n\tint i;\n\n\tfor (i = 0; i < 5; i++)\n\t\tWRITE_ONCE(x, READ_ONCE(x) + 1);\n"
        "\tassert(i == 5);\n}}\n",
        t);
  const auto spec = lang::load_spec("writers.c", text, {}, [](auto&&...) { return std::nullopt; });
  ASSERT_TRUE(spec) << spec.error().text;
  const auto taken = [&](double timeout, explore::Result expected) {
    const std::clock_t begun = std::clock();
    EXPECT_EQ(prove_threads(*spec, Model::lkmm, {.timeout = timeout}).result, expected);
    return std::clock() - begun;
  };
  const std::clock_t whole = taken(600, explore::Result::safe);
  EXPECT_LT(taken(0.05, explore::Result::timeout), whole / 2);
}

TEST(ProveThreads, StopsWhereThereAreTooManyWays) {
  const Outcome o =
      ask("// Ways.\n#include <ringtail.h>\nstatic int x, y;\nTHREAD(a)\n{\n\tfor (int i = 0; i < 9; i++)\n"
          "\t\tif (READ_ONCE(x))\n\t\t\tWRITE_ONCE(y, i);\n}\nTHREAD(b)\n{\n\tWRITE_ONCE(x, 1);\n"
          "\tassert(READ_ONCE(y) < 9);\n}\n",
          Model::sc);
  EXPECT_EQ(o.result, explore::Result::bounded);
  EXPECT_EQ(o.bound, "more than 192 events");
}

}  // namespace
}  // namespace ringtail::prove
