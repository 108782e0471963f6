// SPDX-License-Identifier: GPL-2.0-or-later
// Executions as a question to the solver: the same texts of the models, so the same answers. For every litmus
// test of tests/litmus, whose expected observations the judge wrote; and the algebra of terms against that of
// bits.
#include "checker/prove/litmus.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "checker/prove/relation.h"
#include "model/memory/relation.h"

namespace ringtail::prove {
namespace {

using memory::Model;

TEST(Executions, AnswerEveryLitmusTestAsExpected) {
  const std::string folder = RINGTAIL_SOURCE_DIR "/tests/litmus/";
  std::map<std::string, std::string> expected;
  std::ifstream file(folder + "expected");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name, model, observation;
    if (words >> name >> model >> observation && name != "#") expected[name + " " + model] = observation;
  }
  std::size_t solved = 0, all = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".litmus") continue;
    const auto spec = lang::load_file(entry.path().string(), {});
    ASSERT_TRUE(spec) << spec.error().text;
    for (const Model m : {Model::sc, Model::tso, Model::lkmm}) {
      ++all;  // those with loops, too: who only waits is not followed
      const LitmusVerdict v = solve_litmus(spec->program, m, {});
      if (v.result != explore::Result::safe) continue;
      ++solved;
      const std::string key = entry.path().stem().string() + " " + std::string(memory::name(m));
      EXPECT_EQ(v.observation(), expected[key]) << key;
    }
  }
  EXPECT_EQ(solved, all);
}

// Each thread passes on what it sees of the other, through plain accesses: a value may be its own cause, and
// is then one that something else writes.
TEST(Executions, HaveNoValuesOutOfThinAir) {
  const auto observation = [](const char* third, const char* condition) {
    const auto thread = [](int n, const char* from, const char* to, const char* go, const char* done) {
      return fmt::format(
          "P{}(int *x, int *y, int *f, int *g)\n{{\n\tint r0;\n\tint r1 = 0;\n\n\tr0 = READ_ONCE(*{});\n"
          "\tsmp_rmb();\n\tif (r0)\n\t\tr1 = *{};\n\tWRITE_ONCE(*{}, r1);\n\tsmp_wmb();\n"
          "\tWRITE_ONCE(*{}, 1);\n}}\n\n",
          n, go, from, to, done);
    };
    const auto spec = lang::load_litmus("thin-air", "C thin-air\n\n{}\n\n" + thread(0, "x", "y", "f", "g") +
                                                        thread(1, "y", "x", "g", "f") + third + "exists (" +
                                                        condition + ")\n");
    EXPECT_TRUE(spec) << spec.error().text;
    return std::string(solve_litmus(spec->program, Model::lkmm, {}).observation());
  };
  EXPECT_EQ(observation("", "x=42"), "Never");
  EXPECT_EQ(observation("", "x=0"), "Always");
  const char* writes = "P2(int *x)\n{\n\tWRITE_ONCE(*x, 42);\n}\n\n";
  EXPECT_EQ(observation(writes, "y=42"), "Sometimes");
  EXPECT_EQ(observation(writes, "y=41"), "Never");
}

// Constants are bits, terms are symbols that are known to be what the bit is.
class Both {
 public:
  static constexpr std::size_t n = 5;
  z3::context c;
  Algebra algebra{c, {}, 0};
  std::vector<z3::expr> known;

  std::pair<memory::Relation<1>, Related> relation(unsigned bits) {
    memory::Relation<1> r(n);
    Related t(n, &algebra);
    for (std::size_t i = 0; i < n * n; ++i) {
      const bool yes = ((bits >> (i % 31)) * 2654435761u >> (i % 7 + 3) & 3) == 0;
      if (yes) r.add(i / n, i % n);
      if (*rc::gen::inRange(0, 3) == 0) {
        t.at(i / n, i % n) = algebra.fresh();
        known.push_back(t.at(i / n, i % n).expr(c) == c.bool_val(yes));
      } else {
        t.at(i / n, i % n) = yes;
      }
    }
    return {r, t};
  }
  // Every entry, given what is known.
  bool same(const memory::Relation<1>& r, const Related& t, bool may_be_larger = false) {
    z3::solver s(c);
    for (const z3::expr& k : known) s.add(k);
    for (const z3::expr& k : algebra.constraints) s.add(k);
    z3::expr_vector wrong(c);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) {
        const z3::expr entry = t.at(i, j).expr(c);
        if (r.has(i, j)) wrong.push_back(!entry);
        else if (!may_be_larger) wrong.push_back(entry);
      }
    s.push();
    s.add(z3::mk_or(wrong));
    if (s.check() != z3::unsat) return false;
    s.pop();
    // and where it may be larger, it need not be
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j)
        if (!r.has(i, j)) s.add(!t.at(i, j).expr(c));
    return s.check() == z3::sat;
  }
  bool possible() {
    z3::solver s(c);
    for (const z3::expr& k : known) s.add(k);
    for (const z3::expr& k : algebra.constraints) s.add(k);
    return s.check() == z3::sat;
  }
};

RC_GTEST_PROP(Algebra, IsThatOfBits, ()) {
  Both b;
  const auto [r, t] = b.relation(*rc::gen::arbitrary<unsigned>());
  const auto [s, u] = b.relation(*rc::gen::arbitrary<unsigned>());
  RC_ASSERT(b.same(r | s, t | u));
  RC_ASSERT(b.same(r & s, t & u));
  RC_ASSERT(b.same(r - s, t - u));
  RC_ASSERT(b.same(r >> s, t >> u));
  RC_ASSERT(b.same(memory::inverse(r), inverse(t)));
  RC_ASSERT(b.same(memory::id(memory::domain(r)), id(domain(t))));
  RC_ASSERT(b.same(memory::range(r) >> s, range(t) >> u));
  RC_ASSERT(b.same(memory::cross(memory::domain(r), memory::range(s)), cross(domain(t), range(u))));
}

RC_GTEST_PROP(Algebra, AClosureIsAtLeastWhatItMustBeAndNeedNotBeMore, ()) {
  Both b;
  const auto [r, t] = b.relation(*rc::gen::arbitrary<unsigned>());
  const Related closed = plus(t);
  RC_ASSERT(b.same(memory::plus(r), closed, true));
}

RC_GTEST_PROP(Algebra, AxiomsHoldWhereTheyDo, ()) {
  Both b;
  const auto [r, t] = b.relation(*rc::gen::arbitrary<unsigned>());
  Require require{b.algebra};
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      require.acyclic("", t);
      RC_ASSERT(b.possible() == memory::acyclic(r));
      break;
    case 1:
      require.irreflexive("", t);
      RC_ASSERT(b.possible() == memory::irreflexive(r));
      break;
    default:
      require.empty("", t);
      RC_ASSERT(b.possible() == memory::empty(r));
  }
}

}  // namespace
}  // namespace ringtail::prove
