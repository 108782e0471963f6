// SPDX-License-Identifier: GPL-2.0-or-later
// The specs of the project under schedules: whatever schedules find, their authors expect; what they expect
// is found; every outcome depends on the seed alone; every violation is an execution that the witness's
// replay confirms.
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "checker/schedule/schedule.h"
#include "checker/witness/replay.h"
#include "model/lang/load.h"
#include "tests/schedule/memory_of.h"

namespace ringtail::schedule {
namespace {

using explore::Outcome;
using explore::Result;
using memory::Model;

// Calls f(spec, model, expected, what) for each variant and model of which a spec expects something.
template <class F>
void each_expectation(F f) {
  std::vector<std::string> paths;
  for (const char* folder : {"/specs/examples", "/tests/data/explore"})
    for (const auto& file : std::filesystem::directory_iterator(std::string(RINGTAIL_SOURCE_DIR) + folder))
      if (file.path().extension() == ".c") paths.push_back(file.path().string());
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) {
    const auto plain = lang::load_file(path, {});
    ASSERT_TRUE(plain) << plain.error().text;
    for (const lang::Expectation& e : plain->annotations.expectations) {
      std::vector<lang::Define> defines;
      std::string what = path;
      for (const std::string& name : e.variant) defines.push_back({name, "1"}), what += " " + name;
      const auto spec = lang::load_file(path, defines);
      ASSERT_TRUE(spec) << spec.error().text;
      for (const Model m : {Model::sc, Model::tso, Model::lkmm})
        if (const auto* want = lang::find_expectation(spec->annotations, e.variant, memory::name(m)))
          f(*spec, m, *want, what + " " + std::string(memory::name(m)));
    }
  }
}

std::string replayed(const lang::Spec& spec, Model m, const Outcome& o) {
  witness::Found found{m,
                       false,
                       0,
                       o.violation->kind,
                       o.violation->message,
                       o.violation->graph,
                       {},
                       {},
                       o.violation->init_choices};
  for (const explore::ThreadEnd& end : o.violation->threads) {
    found.failed.push_back(end.status == "failed");
    found.waits_at.push_back(end.status == "waits" ? std::optional(end.source) : std::nullopt);
  }
  const auto execution = witness::execution_of(spec, found);
  return execution ? "" : execution.error();
}

// An invariant may be broken on the way, of which replay sees only the end.
void is_witnessed(const lang::Spec& spec, Model m, const Outcome& o, const std::string& what) {
  if (o.violation->kind == "invariant") return;
  EXPECT_EQ(replayed(spec, m, o), "") << what;
}

TEST(Specs, at_random_come_out_as_they_expect) {
  std::size_t violations = 0;
  each_expectation(
      [&](const lang::Spec& spec, Model m, const lang::ModelVerdict& want, const std::string& what) {
        const Outcome o = random_executions(spec.program, {.model = m}, {.runs = 2000, .seed = 1});
        EXPECT_EQ(random_executions(spec.program, {.model = m}, {.runs = 2000, .seed = 1}), o) << what;
        EXPECT_NE(o.result, Result::safe) << what;
        EXPECT_EQ(o.result == Result::violation, want.verdict == lang::Verdict::violation) << what;
        if (o.result != Result::violation) return;
        EXPECT_TRUE(want.violation.empty() || o.violation->kind == want.violation) << what;
        is_witnessed(spec, m, o, what);
        ++violations;
      });
  EXPECT_GE(violations, 20u);
}

TEST(Specs, by_their_states_come_out_as_by_their_executions) {
  std::size_t safe = 0, wrong = 0;
  each_expectation(
      [&](const lang::Spec& spec, Model m, const lang::ModelVerdict& want, const std::string& what) {
        if (m == Model::lkmm) return;
        const explore::Options options{.model = m, .timeout = 20, .observe = memory_of(spec.program)};
        const Outcome o = all_states(spec.program, options);
        EXPECT_EQ(all_states(spec.program, options), o) << what;
        if (want.verdict != lang::Verdict::safe) {
          EXPECT_TRUE(o.result == Result::violation || o.result == Result::bounded) << what;
          ++wrong;
          return;
        }
        EXPECT_EQ(o.result, Result::safe) << what << ": " << o.bound;
        EXPECT_GT(o.states, 0u);
        EXPECT_EQ(o.observed, explore::explore(spec.program, options).observed) << what;
        EXPECT_EQ(all_states(spec.program, options, {.narrowest = 16}), o) << what;
        const Outcome every = all_states(spec.program, options, {.every_order = true});
        EXPECT_EQ(every.observed, o.observed) << what;
        EXPECT_GE(every.states, o.states) << what;
        ++safe;
      });
  EXPECT_GE(wrong, 10u);
  EXPECT_GE(safe, 10u);
}

TEST(Specs, with_preemptions_come_out_as_they_expect) {
  std::size_t safe = 0, violations = 0;
  each_expectation(
      [&](const lang::Spec& spec, Model m, const lang::ModelVerdict& want, const std::string& what) {
        // of three threads that sleep and wake, or two that back off, there are millions of interleavings
        const bool large = what.find("/wait_exclusive.c") != std::string::npos ||
                           what.find("/ww_mutex.c") != std::string::npos;
        const bool whole = (m == Model::sc || m == Model::tso) && !large;
        const Outcome o = preemption_bounded(spec.program, {.model = m}, whole ? 1000 : large ? 1 : 2);
        EXPECT_EQ(preemption_bounded(spec.program, {.model = m}, whole ? 1000 : large ? 1 : 2), o) << what;
        if (o.result == Result::violation) {
          EXPECT_EQ(want.verdict, lang::Verdict::violation) << what;
          EXPECT_TRUE(want.violation.empty() || o.violation->kind == want.violation) << what;
          is_witnessed(spec, m, o, what);
          ++violations;
        } else {
          const bool bounded = !whole || want.verdict == lang::Verdict::bounded;
          EXPECT_EQ(o.result, bounded ? Result::bounded : Result::safe) << what << ": " << o.bound;
          EXPECT_TRUE(!whole || want.verdict != lang::Verdict::violation) << what;
          ++safe;
        }
      });
  EXPECT_GE(violations, 10u);
  EXPECT_GE(safe, 10u);
}

TEST(Specs, another_seed_is_another_search) {
  const auto spec = lang::load_file(RINGTAIL_SOURCE_DIR "/specs/examples/double_free.c", {});
  ASSERT_TRUE(spec);
  std::set<std::uint64_t> needed;
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    needed.insert(
        random_executions(spec->program, {.model = Model::sc}, {.runs = 1000, .seed = seed}).executions);
  EXPECT_GT(needed.size(), 3u);
}

TEST(Preemptions, one_is_needed_to_lose_an_update) {
  const auto spec = lang::load_spec("lost.c", R"(
#include <ringtail.h>
static int n;
THREAD(left) { WRITE_ONCE(n, READ_ONCE(n) + 1); }
THREAD(right) { WRITE_ONCE(n, READ_ONCE(n) + 1); }
FINALLY { assert(n == 2); }
)",
                                    {}, {});
  ASSERT_TRUE(spec) << spec.error().text;
  const Outcome none = preemption_bounded(spec->program, {.model = Model::sc}, 0);
  EXPECT_EQ(none.result, Result::bounded);
  EXPECT_EQ(none.bound, "0 preemptions");
  EXPECT_EQ(none.executions, 2u);
  const Outcome one = preemption_bounded(spec->program, {.model = Model::sc}, 5);
  EXPECT_EQ(one.result, Result::violation);
  EXPECT_EQ(one.bound, "1 preemption");
}

}  // namespace
}  // namespace ringtail::schedule
