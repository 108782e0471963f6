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

PathSearch search(std::string_view bug, double timeout) {
  PathSearch s{"", find_header, explorer(timeout), {memory::Model::sc}};
  for (const hunt::PathBug& b : hunt::path_bugs())
    if (b.defines(!b.id.empty() && b.id == bug)) s.defines += "#define " + std::string(b.macro) + "\n";
  return s;
}

RC_GTEST_PROP(FuzzPaths, EveryCompositionIsKernelC, ()) {
  const Composition c = *compositions(static_cast<Ground>(*rc::gen::inRange(0, kGrounds)));
  const auto spec = lang::load_spec("generated.c", kernel_c(c, search("", 1).defines), {}, find_header);
  if (!spec) RC_FAIL(spec.error().text);
}

TEST(FuzzPaths, TheKernelOfTodayStandsThem) {
  const PathSearch today = search("", 2);
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

// Seeds that meet the bug early; a search from 1 comes to them as well, later.
struct Planted {
  const char* bug;
  std::uint64_t from;
  std::vector<const char*> operations;
};
class PlantedBug : public testing::TestWithParam<Planted> {};

TEST_P(PlantedBug, IsFoundAndShrunk) {
  const PathSearch buggy = search(GetParam().bug, 5);
  std::uint64_t finished = 0;
  std::optional<PathViolation> found;
  for (std::uint64_t n = GetParam().from; !found && n < GetParam().from + 60; ++n)
    found = try_paths(n, buggy, finished);
  ASSERT_TRUE(found);
  EXPECT_LE(found->steps, 3u) << found->spec;
  for (const char* operation : GetParam().operations)
    EXPECT_NE(found->spec.find(operation), std::string::npos) << found->spec;
  std::uint64_t ignored = 0;
  EXPECT_TRUE(look(found->spec, buggy, ignored)) << "what is written is what was found";
}

INSTANTIATE_TEST_SUITE_P(Bugs, PlantedBug,
                         testing::ValuesIn(std::vector<Planted>{{"AIO-06", 1, {"op_io_destroy"}},
                                                                {"AIO-05", 6, {"op_io_destroy"}}}),
                         [](const auto& info) {
                           std::string name = info.param.bug;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace ringtail::fuzz
