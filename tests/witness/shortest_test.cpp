// SPDX-License-Identifier: GPL-2.0-or-later
// The execution that is shown: lengths of some, and the fewest switches held against a search that knows
// nothing of stories and counts preemptions.
#include "checker/witness/shortest.h"

#include <filesystem>
#include <ostream>

#include <gtest/gtest.h>

#include "checker/explore/explore.h"
#include "checker/schedule/schedule.h"
#include "checker/witness/story.h"
#include "model/lang/load.h"

namespace ringtail::witness {
namespace {

struct Length {
  Telling telling = Telling::threads;
  std::size_t switches = 0, steps = 0;
};

Length length(const lang::Spec& spec, const explore::Options& options, const explore::Violation& v) {
  const auto execution = execution_of(spec, found_by(options, v));
  if (!execution) return ADD_FAILURE() << execution.error(), Length{};
  const Story story = tell(*execution);
  Length l{story.telling, 0, story.order.size()};
  for (std::size_t i = 1; i < story.order.size(); ++i)
    l.switches += story.order[i].thread != story.order[i - 1].thread;
  return l;
}

lang::Spec load(const std::string& path, const std::vector<std::string>& variant) {
  std::vector<lang::Define> defines;
  for (const std::string& name : variant) defines.push_back({name, "1"});
  auto spec = lang::load_file(RINGTAIL_SOURCE_DIR "/" + path, defines);
  EXPECT_TRUE(spec) << spec.error().text;
  return std::move(*spec);
}

struct Row {
  const char* path;
  std::vector<std::string> variant;
  memory::Model model;
  Telling telling;
  std::size_t switches, steps;
};

void PrintTo(const Row& r, std::ostream* os) { *os << r.path << " " << memory::name(r.model); }

class Shortest : public testing::TestWithParam<Row> {};

TEST_P(Shortest, IsAsLongAs) {
  const Row& row = GetParam();
  const lang::Spec spec = load(row.path, row.variant);
  const explore::Options options{.model = row.model};
  const explore::Outcome o = explore::explore(spec.program, options);
  ASSERT_TRUE(o.violation);
  const explore::Violation v = shortest(spec, options, *o.violation);
  EXPECT_EQ(v.kind, o.violation->kind);
  EXPECT_EQ(v.message, o.violation->message);
  EXPECT_EQ(v, shortest(spec, options, *o.violation)) << "twice the same";
  const Length l = length(spec, options, v);
  EXPECT_EQ(l.telling, row.telling);
  EXPECT_EQ(l.switches, row.switches);
  EXPECT_EQ(l.steps, row.steps);
  const Length before = length(spec, options, *o.violation);
  EXPECT_GT(std::tie(before.switches, before.steps), std::tie(l.switches, l.steps));
}

// The page that is moved is read once, and not truncated first; the reaper's one wakeup suffices.
INSTANTIATE_TEST_SUITE_P(
    Rows, Shortest,
    testing::Values(
        Row{"specs/proofs/under_tree_lock.c",
            {"MOVE_COUNTS"},
            memory::Model::sc,
            Telling::interleaving,
            2,
            26},
        Row{"specs/proofs/under_tree_lock.c",
            {"NO_RECHECK"},
            memory::Model::lkmm,
            Telling::interleaving,
            2,
            18},
        Row{"specs/aio/min_nr.c", {"MARKED", "NO_MB"}, memory::Model::tso, Telling::store_buffers, 3, 50}));

// Nor is what that search finds with as few preemptions as there must be told in fewer switches.
TEST(Shortest, HasNoMoreSwitchesThanWhatFewPreemptionsShow) {
  std::size_t held = 0;
  for (const char* folder : {"tests/data/explore", "specs/examples", "specs/proofs"})
    for (const auto& file :
         std::filesystem::directory_iterator(std::string(RINGTAIL_SOURCE_DIR "/") + folder)) {
      if (file.path().extension() != ".c") continue;
      const std::string path = std::string(folder) + "/" + file.path().filename().string();
      for (const lang::Expectation& e : load(path, {}).annotations.expectations) {
        const lang::Spec spec = load(path, e.variant);
        if (spec.program.threads.empty()) continue;
        const explore::Options options{.model = memory::Model::sc};
        const explore::Outcome o = explore::explore(spec.program, options);
        if (!o.violation || (o.violation->kind != "assertion" && o.violation->kind != "invariant")) continue;
        explore::Outcome few;
        for (unsigned most = 0; most < 3 && !few.violation; ++most)
          few = schedule::preemption_bounded(spec.program, options, most);
        if (!few.violation || few.violation->message != o.violation->message) continue;
        EXPECT_LE(length(spec, options, shortest(spec, options, *o.violation)).switches,
                  length(spec, options, *few.violation).switches)
            << path << testing::PrintToString(e.variant);
        ++held;
      }
    }
  EXPECT_GE(held, 20u);
}

}  // namespace
}  // namespace ringtail::witness
