// SPDX-License-Identifier: GPL-2.0-or-later
// `ringtail fuzz litmus` finds an explorer that is wrong, and shows it on a test that has nothing to spare.
#include "checker/fuzz/litmus.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "model/lang/load.h"
#include "tests/folder.h"

namespace ringtail::fuzz {
namespace {

using memory::Model;

std::optional<Disagreement> first(Model model, const Explorer& wrong) {
  std::uint64_t judged = 0;
  for (std::uint64_t n = 1; n < 400; ++n)
    if (auto found = try_case(n, {model}, wrong, judged)) return found;
  return std::nullopt;
}

std::size_t accesses(const Disagreement& d) {
  const auto spec = lang::load_litmus("smallest", d.test);
  EXPECT_TRUE(spec) << d.test;
  std::size_t n = 0;
  for (const ir::Function& f : spec->program.functions)
    for (const ir::Instr& i : f.code)
      n += std::holds_alternative<ir::Load>(i.node) || std::holds_alternative<ir::Store>(i.node) ||
           std::holds_alternative<ir::Rmw>(i.node);
  return n;
}

TEST(FuzzLitmus, TheExplorerAgrees) {
  std::uint64_t judged = 0;
  for (std::uint64_t n = 1; n <= 70; ++n) {
    const auto found = try_case(n, {Model::sc, Model::tso, Model::lkmm}, explorer(10), judged);
    EXPECT_FALSE(found) << found->what << "\n" << found->test;
  }
  EXPECT_GE(judged, 150u);
}

TEST(FuzzLitmus, AnExplorerThatForgetsStoreBuffersIsFound) {
  const auto found =
      first(Model::tso, [](const ir::Program& p, Model) { return explorer(10)(p, Model::sc); });
  ASSERT_TRUE(found);
  EXPECT_LE(accesses(*found), 4u) << found->test;  // store buffering, and nothing else
}

TEST(FuzzLitmus, AnExplorerThatCountsOneTooManyIsFound) {
  const auto found = first(Model::sc, [](const ir::Program& p, Model m) {
    explore::Outcome o = explorer(10)(p, m);
    if (o.litmus->positive + o.litmus->negative > 1) ++o.litmus->negative;
    return o;
  });
  ASSERT_TRUE(found);
  EXPECT_LE(accesses(*found), 2u) << found->test;
}

TEST(FuzzLitmus, ANumberIsAlwaysTheSameTest) {
  const Explorer never = [](const ir::Program&, Model) {
    explore::Outcome o;
    o.litmus.emplace();  // no execution at all
    return o;
  };
  EXPECT_EQ(first(Model::sc, never)->test, first(Model::sc, never)->test);
}

int status_of(const std::string& arguments) {
  return WEXITSTATUS(std::system(("'" RINGTAIL_BINARY "' fuzz " + arguments + " > /dev/null 2>&1").c_str()));
}

TEST(FuzzLitmus, WhatIsNoNumberIsRefused) {
  for (const std::string wrong :
       {"--minutes 0.001 --cases -1", "--cases 1 --cases 2", "--cases 1 --seed -1", "--cases 1 --minutes -1",
        "--cases 1 --minutes nan", "--cases 1 --timeout nan", "--cases 1 --timeout -1", "--cases x",
        "--cases 1 --model x", "--cases 1 --corpus /nowhere"})
    EXPECT_EQ(status_of("litmus " + wrong), 2) << wrong;
  EXPECT_EQ(status_of("litmus --cases 1 --seed 1"), 0);
  EXPECT_EQ(status_of("litmus --minutes 0.001 --seed 1"), 0);
  EXPECT_EQ(status_of("litmus --cases 1 --seed 18446744073709551615"), 3) << "too large for the judge";
}

// The folder's tests are looked at first, and a file that cannot be read is no silence.
TEST(FuzzLitmus, RunsTheCorpusFirst) {
  const tests::Folder corpus;
  std::ofstream(corpus / "sb.litmus") << "C sb\n\n{}\n\nP0(int *x, int *y)\n{\n\tint r0;\n\n\tWRITE_ONCE(*x, "
                                         "1);\n\tr0 = READ_ONCE(*y);\n}\n\n"
                                         "P1(int *x, int *y)\n{\n\tint r0;\n\n\tWRITE_ONCE(*y, 1);\n\tr0 = "
                                         "READ_ONCE(*x);\n}\n\nexists (0:r0=0 /\\ 1:r0=0)\n";
  const auto run = [&](const std::string& rest) {
    const std::filesystem::path out = corpus / "out";
    const int status =
        WEXITSTATUS(std::system(("'" RINGTAIL_BINARY "' fuzz litmus --cases 3 --seed 9 --corpus '" +
                                 corpus.string() + "' " + rest + " > '" + out.string() + "' 2>/dev/null")
                                    .c_str()));
    std::ifstream in(out, std::ios::binary);
    return std::pair(status, std::string(std::istreambuf_iterator<char>(in), {}));
  };
  EXPECT_EQ(
      run("").second,
      "3 random tests from seed 9 and 1 of the corpus under all: 12 answers compared, 0 disagreements\n");
  EXPECT_EQ(run("--json").first, 0);
  std::ofstream(corpus / "torn.litmus") << "C torn\n{}\nP0(";
  EXPECT_EQ(run("").first, 2);
  const std::string paths = "paths --cases 0 --corpus '" + corpus.string() + "'";
  EXPECT_EQ(status_of(paths), 0);
  std::ofstream(corpus / "torn.c") << "static int x";
  EXPECT_EQ(status_of(paths), 2);
}

}  // namespace
}  // namespace ringtail::fuzz
