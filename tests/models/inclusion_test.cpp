// SPDX-License-Identifier: GPL-2.0-or-later
// Properties of the models against each other, over random programs and by the judge: what SC allows TSO
// allows, and what TSO allows LKMM allows, since kernel code that is right under LKMM is right on x86.
#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "checker/fuzz/generate.h"
#include "checker/judge/judge.h"
#include "model/lang/load.h"

namespace ringtail::judge {
namespace {

using fuzz::Family;

void included(Family family) {
  const std::string what = "states(sc) <= states(tso) <= states(lkmm)";
  EXPECT_TRUE(rc::check(what, [family] {
    const std::string text = fuzz::litmus(*fuzz::sketches(family));
    RC_LOG() << text;
    const auto loaded = lang::load_litmus("generated", text);
    if (!loaded) RC_FAIL(loaded.error().text);
    const Options options{.max_candidates = 5'000};
    const Judgement sc = judge(loaded->program, memory::Model::sc, options);
    const Judgement tso = judge(loaded->program, memory::Model::tso, options);
    const Judgement lkmm = judge(loaded->program, memory::Model::lkmm, options);
    RC_PRE(sc.unsupported.empty() && tso.unsupported.empty() && lkmm.unsupported.empty());
    RC_CLASSIFY(tso.states.size() > sc.states.size(), "TSO allows more");
    RC_CLASSIFY(lkmm.states.size() > tso.states.size(), "LKMM allows more");
    const auto within = [](const Judgement& a, const Judgement& b) {
      return std::includes(b.states.begin(), b.states.end(), a.states.begin(), a.states.end());
    };
    RC_ASSERT(within(sc, tso));
    RC_ASSERT(within(tso, lkmm));
    RC_ASSERT(sc.positive + sc.negative <= tso.positive + tso.negative);
  }));
}

TEST(Inclusion, MarkedAccesses) { included(Family::marked); }
TEST(Inclusion, PlainAccesses) { included(Family::plain); }
TEST(Inclusion, Atomics) { included(Family::atomics); }
TEST(Inclusion, Locks) { included(Family::locks); }
TEST(Inclusion, Rcu) { included(Family::rcu); }
TEST(Inclusion, Srcu) { included(Family::srcu); }
TEST(Inclusion, Everything) { included(Family::all); }

}  // namespace
}  // namespace ringtail::judge
