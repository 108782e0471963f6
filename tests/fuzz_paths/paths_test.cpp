// SPDX-License-Identifier: GPL-2.0-or-later
// `ringtail fuzz paths`: what the generator makes is kernel C; the kernel of today stands it; kernels with a
// bug do not, and what is left of the composition is that bug's two operations.
#include "checker/fuzz/paths.h"

#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "replay/hunt/headers.h"
#include "replay/hunt/path_bugs.h"

namespace ringtail::fuzz {
namespace {

std::optional<lang::Include> find_header(const std::string& wanted, bool, const std::string& from) {
  const std::string name = (std::filesystem::path(from).parent_path() / wanted).lexically_normal().string();
  for (const hunt::Header& h : hunt::headers())
    if (h.name == name) return lang::Include{name, std::string(h.text)};
  return std::nullopt;
}

// So much for each program: what is found is the same on every machine.
constexpr std::uint64_t kSteps = 100'000;

PathSearch search(std::string_view bug) {
  PathSearch s{"", find_header, explorer(0, kSteps), {memory::Model::sc}};
  for (const hunt::PathBug& b : hunt::path_bugs())
    if (b.defines(!b.id.empty() && b.id == bug)) s.defines += "#define " + std::string(b.macro) + "\n";
  return s;
}

RC_GTEST_PROP(FuzzPaths, EveryCompositionIsKernelC, ()) {
  const Composition c = *compositions(static_cast<Ground>(*rc::gen::inRange(0, kGrounds)));
  const auto spec = lang::load_spec("generated.c", kernel_c(c, search("").defines), {}, find_header);
  if (!spec) RC_FAIL(spec.error().text);
}

TEST(FuzzPaths, TheKernelOfTodayStandsThem) {
  const PathSearch today = search("");
  std::uint64_t finished = 0;
  for (std::uint64_t n = 1; n <= 30; ++n) {
    const auto found = try_paths(n, today, finished);
    EXPECT_FALSE(found) << found->kind << ": " << found->message << "\n" << found->spec;
  }
  EXPECT_GE(finished, 15u);
}

TEST(FuzzPaths, ANumberIsAlwaysTheSameComposition) {
  for (std::uint64_t n = 1; n < 30; ++n) {
    const auto text = [n] {
      return kernel_c(compositions(Ground::pages)(rc::Random(n), rc::kNominalSize).value(), "");
    };
    EXPECT_EQ(text(), text());
  }
}

// Where a search from 1 meets the bug: within 200 compositions each.
struct Planted {
  const char* bug;
  std::uint64_t met;
  std::vector<const char*> operations;
  memory::Model model = memory::Model::sc;
};
constexpr std::uint64_t kWithin = 200;
class PlantedBug : public testing::TestWithParam<Planted> {};

TEST_P(PlantedBug, IsFoundAndShrunk) {
  PathSearch buggy = search(GetParam().bug), today = search("");
  today.models = buggy.models = {GetParam().model};
  std::uint64_t ignored = 0;
  const auto found = try_paths(GetParam().met, buggy, ignored);
  ASSERT_LE(GetParam().met, kWithin);
  ASSERT_TRUE(found);
  EXPECT_LE(found->steps, 3u) << found->spec;
  for (const char* operation : GetParam().operations)
    EXPECT_NE(found->spec.find(operation), std::string::npos) << found->spec;
  EXPECT_TRUE(look(found->spec, buggy, ignored)) << "what is written is what was found";
  EXPECT_FALSE(try_paths(GetParam().met, today, ignored)) << "it is this bug that was met";
}

INSTANTIATE_TEST_SUITE_P(Bugs, PlantedBug,
                         testing::ValuesIn(std::vector<Planted>{
                             {"AIO-01", 13, {"op_io_getevents"}, memory::Model::lkmm},
                             {"AIO-03", 5, {"op_io_getevents(1)"}, memory::Model::tso},
                             {"AIO-05", 77, {"op_io_destroy"}},
                             {"AIO-06", 6, {"op_io_destroy"}},
                             {"AIO-07", 29, {"op_io_setup", "op_io_destroy_guessed"}},
                             {"MADV-01", 57, {"op_mem_write", "DONTNEED"}},
                             {"MADV-04", 116, {"MADV_REMOVE", "op_munmap"}},
                             {"MADV-08", 194, {"op_dontneed_and_look"}}}),
                         [](const auto& info) {
                           std::string name = info.param.bug;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace ringtail::fuzz
