// SPDX-License-Identifier: GPL-2.0-or-later
// `ringtail list` and `ringtail check` over specs: which checks are made, what is told of bugs, and whether
// it is noticed when a spec is wrong about itself.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "tests/folder.h"

namespace ringtail {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class Specs : public ::testing::Test {
 protected:
  void spec(const std::string& name, const std::string& annotations) {
    std::ofstream(dir_ / name) << "// Store buffering.\n"
                               << annotations << R"(
#include <ringtail.h>

static int x, y, a, b;
static void order(void)
{
#if defined(FIX_MB) && !defined(BUG_MB)
	smp_mb();
#endif
}
THREAD(left) { WRITE_ONCE(x, 1); order(); a = READ_ONCE(y); }
THREAD(right) { WRITE_ONCE(y, 1); order(); b = READ_ONCE(x); }
FINALLY { assert(a || b); }
)";
  }

  int run(const std::string& args) {
    const std::string out = (dir_ / "out").string();
    const int status = std::system(
        (std::string(RINGTAIL_BINARY) + " " + args + " " + dir_.string() + " >" + out + " 2>&1").c_str());
    std::stringstream text;
    text << std::ifstream(out).rdbuf();
    out_ = text.str();
    return WEXITSTATUS(status);
  }

  const tests::Folder dir_;
  std::string out_;
};

constexpr const char* kRight = R"(// @bug AIO-03 6cb2a21049b8 (v2.6.25) aio: a subject
// @seed fixed: the line is missing
// @expect sc: safe   tso, lkmm: violation (assertion)
// @expect[FIX_MB] all: safe)";

TEST_F(Specs, ListBugsExploresTheBugAndItsFix) {
  spec("sb.c", kRight);
  ASSERT_EQ(run("list --json bugs"), 0) << out_;
  const json bugs = json::parse(out_)["bugs"];
  ASSERT_EQ(bugs.size(), 1u);
  const json& b = bugs[0];
  EXPECT_EQ(b["id"], "AIO-03");
  EXPECT_EQ(b["subject"], "aio: a subject");
  EXPECT_EQ(b["commit"], "6cb2a21049b8");
  EXPECT_EQ(b["kernel"], "v2.6.25");
  EXPECT_EQ(b["class"], "assertion");
  EXPECT_EQ(b["model"], "tso");
  EXPECT_EQ(b["variant"], "");
  EXPECT_EQ(b["fixed_variant"], "FIX_MB");
  ASSERT_EQ(b["checks"].size(), 6u);
  std::uint64_t sum = 0;
  for (const json& c : b["checks"]) {
    EXPECT_EQ(c["as_expected"], true) << c;
    EXPECT_EQ(c["verdict"], c["buggy"] == true && c["model"] != "sc" ? "violation" : "safe") << c;
    EXPECT_GT(c["executions"], 0) << c;
    sum += c["executions"].get<std::uint64_t>();
  }
  EXPECT_EQ(b["executions"], sum);
  ASSERT_EQ(run("list bugs"), 0);
  const std::string alone = out_;
  ASSERT_EQ(run("list bugs --jobs 3"), 0);
  EXPECT_EQ(out_, alone);
  EXPECT_NE(out_.find("safe / safe  violation / safe  violation / safe"), std::string::npos) << out_;
}

TEST_F(Specs, TheFixedVariantIsTheNearestSafeOne) {
  spec("sb.c", R"(// @bug[FIX_MB, BUG_MB] MIG-23 (v4.5) a bug that a macro brings back
// @expect[OTHER, FIX_MB] all: safe
// @expect[FIX_MB, BUG_MB] sc: safe   tso, lkmm: violation
// @expect[FIX_MB] all: safe
#ifdef OTHER
#endif)");
  ASSERT_EQ(run("list --json bugs"), 0) << out_;
  const json b = json::parse(out_)["bugs"][0];
  EXPECT_EQ(b["variant"], "BUG_MB,FIX_MB");
  EXPECT_EQ(b["fixed_variant"], "FIX_MB");
  EXPECT_EQ(b["commit"], nullptr);
}

TEST_F(Specs, EachBugHasItsSeed) {
  spec("sb.c", R"(// @bug AIO-03 a subject
// @seed present: see there
// @bug[FIX_MB, BUG_MB] AIO-1 another
// @seed fixed
// @expect sc: safe   tso, lkmm: violation
// @expect[FIX_MB, BUG_MB] sc: safe   tso, lkmm: violation
// @expect[FIX_MB] all: safe)");
  ASSERT_EQ(run("list --json bugs"), 0) << out_;
  const json bugs = json::parse(out_)["bugs"];
  ASSERT_EQ(bugs.size(), 2u);
  EXPECT_EQ(bugs[0]["id"], "AIO-1");
  EXPECT_EQ(bugs[0]["seed"], "fixed");
  EXPECT_EQ(bugs[1]["id"], "AIO-03");
  EXPECT_EQ(bugs[1]["seed"], "present: see there");
}

TEST_F(Specs, ABugWithoutAnIdIsNoRow) {
  spec("sb.c", "// @bug 6cb2a21049b8 (v2.6.25) nameless\n// @expect sc: safe");
  ASSERT_EQ(run("list --json bugs"), 0);
  EXPECT_EQ(json::parse(out_)["bugs"].size(), 0u);
}

TEST_F(Specs, QuickTellsWhatIsExpectedAndExploresNothing) {
  spec("sb.c", "// @bug AIO-03 a subject\n// @expect sc: violation (deadlock)");  // wrong, but not looked at
  ASSERT_EQ(run("list --quick --json bugs"), 0);
  const json b = json::parse(out_)["bugs"][0];
  EXPECT_EQ(b["class"], "deadlock");
  EXPECT_EQ(b["executions"], 0);
  EXPECT_EQ(b["fixed_variant"], nullptr);
}

TEST_F(Specs, WhatDoesNotComeOutIsNoticed) {
  spec("sb.c", "// @bug AIO-03 a subject\n// @expect sc: violation (assertion)");
  EXPECT_EQ(run("list bugs"), 1);
  EXPECT_NE(out_.find("safe!"), std::string::npos) << out_;
  EXPECT_EQ(run("check"), 1);
}

TEST_F(Specs, CheckMakesEveryCheckThatTheSpecsSpeakOf) {
  spec("sb.c", kRight);
  spec("tso.c", "// @expect tso: violation");
  std::ofstream(dir_ / "header.h") << "no spec";
  ASSERT_EQ(run("check --json"), 0) << out_;
  std::vector<std::string> made;
  const json all = json::parse(out_);
  for (const json& c : all["checks"])
    made.push_back(fs::path(c["spec"].get<std::string>()).filename().string() + "[" +
                   c["variant"].get<std::string>() + "] " + c["model"].get<std::string>());
  EXPECT_EQ(made, (std::vector<std::string>{"sb.c[] sc", "sb.c[] tso", "sb.c[] lkmm", "sb.c[FIX_MB] sc",
                                            "sb.c[FIX_MB] tso", "sb.c[FIX_MB] lkmm", "tso.c[] tso"}));
  ASSERT_EQ(run("check --model sc -D FIX_MB --json"), 0);
  EXPECT_EQ(json::parse(out_)["checks"].size(), 2u) << "the variant that is asked for, of each spec";
}

TEST_F(Specs, WhatFollowsADefineIsASpec) {
  spec("sb.c", kRight);
  ASSERT_EQ(run("check --model sc --json -D FIX_MB '" + (dir_ / "sb.c").string() + "'"), 0) << out_;
  const json checks = json::parse(out_)["checks"];
  ASSERT_EQ(checks.size(), 2u) << "the file, and the folder that has it";
  EXPECT_EQ(checks[0]["variant"], "FIX_MB");
}

TEST_F(Specs, OneWrongExpectationAmongManyIsAFailure) {
  spec("sb.c", kRight);
  spec("wrong.c", "// @expect sc: safe\n// @expect[FIX_MB] tso: violation");
  EXPECT_EQ(run("check"), 1);
  EXPECT_NE(out_.find("expected violation"), std::string::npos) << out_;
}

TEST_F(Specs, ListSpecsTellsTheirExpectations) {
  spec("sb.c", kRight);
  ASSERT_EQ(run("list --json specs"), 0);
  const json s = json::parse(out_)["specs"][0];
  EXPECT_EQ(s["title"], "Store buffering.");
  EXPECT_EQ(s["bugs"], json::array({"AIO-03"}));
  EXPECT_EQ(s["expects"][0]["verdicts"]["tso"], "violation (assertion)");
  EXPECT_EQ(s["expects"][1]["variant"], "FIX_MB");
}

TEST_F(Specs, ListKnowsModelsKernelsAndCalls) {
  ASSERT_EQ(run("list models --json"), 0);
  EXPECT_EQ(json::parse(out_)["models"].size(), 4u);
  ASSERT_EQ(run("list kernels --json"), 0);
  EXPECT_EQ(json::parse(out_)["kernels"]["oldest"], "2.6.18");
  ASSERT_EQ(run("list calls --json"), 0);
  EXPECT_NE(out_.find("\"move_pages\""), std::string::npos);
  EXPECT_EQ(run("list --json bags"), 2);
  EXPECT_EQ(run("list bugs"), 2) << "an empty folder has no specs";
}

TEST_F(Specs, OfTheProjectAreFoundFromAnywhere) {
  const std::string out = (dir_ / "out").string();
  ASSERT_EQ(std::system(("cd / && " RINGTAIL_BINARY " list --quick --json bugs > " + out).c_str()), 0);
  std::stringstream text;
  text << std::ifstream(out).rdbuf();
  const json bugs = json::parse(text.str())["bugs"];
  EXPECT_GE(bugs.size(), 20u);
  for (const json& b : bugs) {
    EXPECT_NE(b["subject"], "") << b["id"];
    EXPECT_NE(b["class"], nullptr) << b["id"] << " is expected to be violated nowhere";
    EXPECT_NE(b["fixed_variant"], nullptr) << b["id"] << " is safe in no variant";
  }
}

}  // namespace
}  // namespace ringtail
