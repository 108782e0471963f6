// SPDX-License-Identifier: GPL-2.0-or-later
// The obligations under specs/proofs: each variant comes out as the spec expects, and what refutes one is a
// run of the machine that `ringtail explain` would replay.
#include <algorithm>
#include <ctime>
#include <filesystem>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "checker/prove/invariant.h"

namespace ringtail::prove {
namespace {

namespace fs = std::filesystem;

constexpr double kMostSeconds = 10;  // of a processor, for each obligation

class Proofs : public testing::TestWithParam<std::string> {};

TEST_P(Proofs, ComeOutAsTheyExpect) {
  const auto plain = lang::load_file(GetParam(), {});
  ASSERT_TRUE(plain) << plain.error().text;
  std::map<std::string, bool> refuted;  // obligations; by some mutant
  std::set<std::string> named;          // invariants, by some mutant
  for (const lang::Expectation& e : plain->annotations.expectations) {
    std::vector<lang::Define> defines;
    std::string variant;
    for (const std::string& name : e.variant) defines.push_back({name, "1"}), variant += " " + name;
    const auto spec = lang::load_file(GetParam(), defines);
    ASSERT_TRUE(spec) << spec.error().text;
    const lang::ModelVerdict* want = lang::find_expectation(spec->annotations, e.variant, "sc");
    ASSERT_NE(want, nullptr);
    bool violated = false, as_named = want->violation.empty();
    std::vector<Outcome> outcomes;
    const auto timed = [&](auto obligation) {
      const std::clock_t start = std::clock();
      outcomes.push_back(obligation());
      EXPECT_LT(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, kMostSeconds)
          << outcomes.back().name << variant;
    };
    for (std::size_t i = 0; i < spec->program.proofs.size(); ++i) timed([&] { return prove(*spec, i, {}); });
    for (const std::uint64_t lock : invariant_locks(spec->program))
      timed([&] { return prove_under(*spec, lock, {}); });
    for (const Outcome& o : outcomes) {
      ASSERT_TRUE(o.result == explore::Result::safe || o.result == explore::Result::violation)
          << o.name << variant << ": " << o.bound;
      refuted[o.name] |= o.result == explore::Result::violation;
      if (o.kind == "invariant") named.insert(o.message);
      if (o.result == explore::Result::safe) continue;
      violated = true;
      as_named |= o.kind == want->violation;
      ASSERT_TRUE(o.execution);
      EXPECT_TRUE(o.execution->threads.back().steps.back().fails);
    }
    EXPECT_EQ(violated, want->verdict == lang::Verdict::violation) << variant;
    EXPECT_TRUE(!violated || as_named) << variant;
  }
  for (const auto& [obligation, by_a_mutant] : refuted)
    EXPECT_TRUE(by_a_mutant) << obligation << " has no mutant for which it does not hold";
  for (const ir::Invariant& i : plain->program.invariants)
    EXPECT_TRUE(named.contains(i.name + ", line " + std::to_string(i.at.span.line)))
        << i.name << ", line " << i.at.span.line << " is broken by no mutant";
}

std::vector<std::string> specs() {
  std::vector<std::string> out;
  for (const auto& file : fs::directory_iterator(RINGTAIL_SOURCE_DIR "/specs/proofs"))
    out.push_back(file.path().string());
  std::sort(out.begin(), out.end());
  return out;
}

INSTANTIATE_TEST_SUITE_P(Specs, Proofs, testing::ValuesIn(specs()),
                         [](const auto& info) { return fs::path(info.param).stem().string(); });

}  // namespace
}  // namespace ringtail::prove
