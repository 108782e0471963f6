// SPDX-License-Identifier: GPL-2.0-or-later
// Refinement: each pair of operations on pages ends as its operations would one after the other, or names the
// rule of the path that excuses it; and a path that is broken does not.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "replay/hunt/compose.h"
#include "replay/hunt/headers.h"
#include "replay/hunt/path_op.h"
#include "tests/folder.h"

namespace ringtail {
namespace {

namespace fs = std::filesystem;
using hunt::Op;
using hunt::Operation;
using nlohmann::json;

class Refines : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const hunt::Header& h : hunt::headers()) {
      fs::create_directories((dir_ / h.name).parent_path());
      std::ofstream(dir_ / h.name) << h.text;
    }
  }

  void program(const std::string& name, const std::string& text) {
    fs::create_directories(dir_ / "pairs");
    std::string up = text;  // the headers are beside the folder
    for (std::size_t at = 0; (at = up.find("#include \"ops/", at)) != up.npos; at += 13)
      up.insert(at + 10, "../");
    std::ofstream(dir_ / "pairs" / (name + ".c")) << up;
  }
  // The checks of all programs, by name.
  std::map<std::string, json> check(const std::string& options = "", const std::string& model = "sc") {
    const std::string out = (dir_ / "out").string();
    const int status =
        std::system((std::string(RINGTAIL_BINARY) + " check --refines -f plain=once --model " + model +
                     " --jobs 2 --json " + options + " " + (dir_ / "pairs").string() + " >" + out + " 2>&1")
                        .c_str());
    status_ = WEXITSTATUS(status);
    std::stringstream text;
    text << std::ifstream(out).rdbuf();
    std::map<std::string, json> checks;
    const json report = json::parse(text.str(), nullptr, false);
    EXPECT_TRUE(report.is_object()) << text.str().substr(0, 2000);
    if (!report.is_object()) return checks;
    for (const json& c : report["checks"]) checks[fs::path(c["spec"].get<std::string>()).stem()] = c;
    return checks;
  }

  const tests::Folder dir_;
  int status_ = 0;
};

// One of each path: what only differs in a name is not said twice, nor, on a private file, what does not care
// whose pages they are.
std::vector<Operation> operations(hunt::PageKind kind) {
  std::vector<Operation> out{{Op::user, -1}, {Op::mem_write, -1}, {Op::move_pages, -1}, {Op::fork, -1}};
  const bool all = kind == hunt::PageKind::anonymous;
  for (const Op op :
       {Op::direct_io, Op::get_mempolicy, Op::munmap, Op::mprotect, Op::mremap, Op::mlock, Op::mbind})
    if (all) out.push_back({op, -1});
  for (const int advice : {4, 21, 23}) out.push_back(hunt::madvise_of(advice));
  for (const int advice : {0, 3, 8, 20, 25})
    if (all) out.push_back(hunt::madvise_of(advice));
  return out;
}

TEST_F(Refines, PairsOfOperationsEndInSomeOrderOrNameARule) {
  std::size_t pairs = 0;
  for (const hunt::PageKind kind : {hunt::PageKind::anonymous, hunt::PageKind::private_file})
    for (const Operation a : operations(kind))
      for (const Operation b : operations(kind)) {
        if (b < a) continue;
        hunt::Shape s;
        s.first = a;
        s.second = b;
        s.pages.kind = kind;
        const hunt::Program p = hunt::compose(s, kernel::Version{6, 18, 0});
        program(p.name, p.text());
        ++pairs;
      }
  const auto checks = check("--timeout 60");
  EXPECT_EQ(checks.size(), pairs);
  std::set<std::string> rules;
  std::size_t exact = 0;
  for (const auto& [name, c] : checks) {
    EXPECT_EQ(c["verdict"], "safe") << name << ": " << c["class"] << " " << c["message"];
    EXPECT_TRUE(c["refines"]["by_syscalls"]) << name << ": the syscall model was not asked";
    for (const json& r : c["refines"]["rules"]) rules.insert(r);
    for (const json& r : c["refines"]["exceptions"]) rules.insert(r);
    exact += c["refines"]["rules"].empty();
  }
  EXPECT_GT(exact, pairs / 2) << "most pairs need no rule";
  for (const char* rule : {"NOT_ATOMIC_HELD", "NOT_ATOMIC_GATHERED", "under-migration"})
    EXPECT_TRUE(rules.contains(rule)) << rule;
}

// Every pair of operations on two pages and two nodes, against the orders of the syscall model. (Also on
// files and under the other models: script/bench refines.)
TEST_F(Refines, AllPairsOnTwoPagesEndAsTheSyscallModelAllows) {
  // Two of these take longer together than a test may.
  const auto takes_long = [](Operation o) {
    return o.op == Op::move_pages || o.op == Op::migrate_pages || o.op == Op::mbind || o.op == Op::vm_write ||
           o.op == Op::mlock || o == hunt::madvise_of(101) || o == hunt::madvise_of(21) ||
           o == hunt::madvise_of(22) || o == hunt::madvise_of(23);
  };
  std::size_t pairs = 0;
  for (const Operation a : hunt::page_operations())
    for (const Operation b : hunt::page_operations()) {
      if (b < a || (takes_long(a) && takes_long(b))) continue;
      hunt::Shape s;
      s.first = a;
      s.second = b;
      s.pages.kind = hunt::PageKind::anonymous;
      s.remote = b.op == Op::exit;  // a process that ends has nothing else to do
      if (s.remote && (a.op == Op::user || a.op == Op::fork || a.op == Op::exit)) continue;
      const hunt::Program p = hunt::compose(s, hunt::bugs_of({6, 18, 0}, hunt::Domain::pages), 2);
      program(p.name, p.text());
      ++pairs;
    }
  EXPECT_GT(pairs, 400u);
  const auto checks = check("--timeout 60");
  EXPECT_EQ(checks.size(), pairs);
  std::size_t excused = 0;
  for (const auto& [name, c] : checks) {
    EXPECT_EQ(c["verdict"], "safe") << name << ": " << c["class"] << " " << c["message"];
    EXPECT_TRUE(c["refines"]["by_syscalls"]) << name;
    excused += !c["refines"]["exceptions"].empty();
  }
  EXPECT_EQ(excused, 2u) << "giving pages away beside process_vm_writev() to two of them";
}

// A page of shared memory, or two of private: what a weaker model allows beside SC shows in no result and in
// no page. (All pairs: script/bench refines --model tso --model lkmm.)
TEST_F(Refines, PairsEndNoOtherWayUnderWeakerModels) {
  std::size_t pairs = 0;
  for (const bool shared : {false, true}) {
    const Operation ops[] = {
        {Op::user, -1}, {Op::munmap, -1}, hunt::madvise_of(4), hunt::madvise_of(shared ? 9 : 8)};
    for (const Operation a : ops)
      for (const Operation b : ops) {
        if (b < a) continue;
        hunt::Shape s;
        s.first = a;
        s.second = b;
        s.pages.kind = shared ? hunt::PageKind::shared_memory : hunt::PageKind::anonymous;
        const hunt::Program p =
            hunt::compose(s, hunt::bugs_of({6, 18, 0}, hunt::Domain::pages), shared ? 1 : 2);
        program(p.name, p.text());
        ++pairs;
      }
  }
  const auto sc = check("--timeout 60");
  for (const char* model : {"tso", "lkmm"}) {
    const auto checks = check("--timeout 60", model);
    EXPECT_EQ(checks.size(), pairs);
    for (const auto& [name, c] : checks) {
      EXPECT_EQ(c["verdict"], "safe") << name << " under " << model << ": " << c["message"];
      EXPECT_EQ(c["refines"]["outcomes"], sc.at(name)["refines"]["outcomes"]) << name << " under " << model;
    }
  }
}

TEST_F(Refines, WhatThePathDoesAndTheSyscallModelDoesNotAllowIsAViolation) {
  // A madvise() whose path is atomic, and wrong: it leaves the second page.
  const std::string scene =
      "#define PTRS_PER_PTE 2\n#define NO_MMAP_WRITER\n#define FREEZE_REFS\n#include \"ops/advice.h\"\n"
      "INIT { scene_anonymous(2, VM_READ | VM_WRITE | VM_MAYWRITE); }\n";
  const std::string store = "THREAD(write) { result[1] = op_mem_write(0, 12UL); }\n";
  program("right", scene + "THREAD(a) { result[0] = op_guard_install(0, 2); }\n" + store);
  program("wrong", scene +
                       "#define op_guard_install(page, pages) op_madvise(page, (pages) - 1, MADV_DONTNEED)\n"
                       "THREAD(a) { result[0] = op_guard_install(0, 2); }\n" +
                       store);
  auto checks = check();
  EXPECT_EQ(status_, 1);
  EXPECT_EQ(checks["right"]["verdict"], "safe");
  EXPECT_EQ(checks["wrong"]["class"], "refinement");
  EXPECT_NE(checks["wrong"]["message"].get<std::string>().find("contents[1] = 1"), std::string::npos)
      << checks["wrong"]["message"];
  EXPECT_FALSE(checks["wrong"]["witness"].is_null());
}

TEST_F(Refines, PairsOnAContextTooAndTwoDestroysBothSucceed) {
  const Op ops[] = {Op::io_submit, Op::io_getevents, Op::io_cancel, Op::io_destroy};
  for (const Op a : ops)
    for (const Op b : ops) {
      if (b < a) continue;
      hunt::Shape s;
      s.what = hunt::Touch::What::context;
      s.first = {a, -1};
      s.second = {b, -1};
      const hunt::Program p = hunt::compose(s, kernel::Version{6, 18, 0});
      program(p.name, p.text());
    }
  const auto checks = check("--timeout 60");
  EXPECT_EQ(checks.size(), 10u);
  for (const auto& [name, c] : checks) {
    EXPECT_EQ(c["verdict"], "safe") << name << ": " << c["message"];
    EXPECT_EQ(c["refines"]["rules"], name == "destroy-destroy" ? json({"NOT_ATOMIC_DESTROY"}) : json::array())
        << name;
  }
}

constexpr const char* kScene =
    "#define PTRS_PER_PTE 2\n#define NO_MMAP_WRITER\n#define FREEZE_REFS\n#define FIX_MADV_08\n#define "
    "FIX_MIG_13\n"
    "#include \"ops/move.h\"\n#include \"ops/advice.h\"\n"
    "INIT { scene_anonymous(2, VM_READ | VM_WRITE | VM_MAYWRITE); }\n";

TEST_F(Refines, TwoPagesAndTwoNodes) {
  // Both pages to the other node, while both are given away: page by page, and each page for itself.
  program("move_two", std::string(kScene) +
                          "THREAD(move) { result[0] = op_migrate_pages(2, 1); }\n"
                          "THREAD(dontneed) { result[1] = op_madvise(0, 2, MADV_DONTNEED); }\n");
  program("write_two", std::string(kScene) +
                           "THREAD(write) { result[0] = op_mem_write(1, 7UL); }\n"
                           "THREAD(dontneed) { result[1] = op_madvise(0, 2, MADV_DONTNEED); }\n");
  const auto checks = check("--timeout 60");
  ASSERT_EQ(checks.size(), 2u);
  for (const auto& [name, c] : checks) EXPECT_EQ(c["verdict"], "safe") << name << ": " << c["message"];
  EXPECT_FALSE(checks.at("move_two")["refines"]["rules"].empty());
}

TEST_F(Refines, WhatDoesNotEndIsNotCompared) {
  program("move_two", std::string(kScene) +
                          "THREAD(move) { result[0] = op_migrate_pages(2, 1); }\n"
                          "THREAD(dontneed) { result[1] = op_madvise(0, 2, MADV_DONTNEED); }\n");
  const json whole = check("--timeout 60").at("move_two");
  EXPECT_EQ(whole["refines"]["compared"], true);
  const json cut = check("--timeout 0.000001").at("move_two");
  EXPECT_EQ(status_, 3);
  EXPECT_EQ(cut["verdict"], "timeout");
  EXPECT_EQ(cut["refines"]["compared"], false);
}

TEST_F(Refines, WhatNoOrderExplainsIsAViolationWithTheOutcome) {
  // Reads, and writes back later: one of two increments may be lost, which no order of the two does.
  program(
      "lost",
      "#include <ringtail.h>\nstatic long result[2], contents;\n"
      "static void add(int n) { long v = READ_ONCE(contents); WRITE_ONCE(contents, v + 1); result[n] = v; }\n"
      "THREAD(a) { add(0); }\nTHREAD(b) { add(1); }\nFINALLY { assert(contents > 0); }\n");
  auto checks = check();
  EXPECT_EQ(status_, 1);
  EXPECT_EQ(checks["lost"]["class"], "refinement");
  EXPECT_NE(checks["lost"]["message"].get<std::string>().find("result[0] = 0, result[1] = 0, contents = 1"),
            std::string::npos)
      << checks["lost"]["message"];
  EXPECT_FALSE(checks["lost"]["witness"].is_null());
  EXPECT_EQ(checks["lost"]["refines"]["atomic_outcomes"], 2);
}

// More events than the explorer has room for: the states have an execution to show, too.
TEST_F(Refines, AnExecutionOfManyEventsThatNoOrderExplainsIsAViolation) {
  const std::string text =
      "#include <ringtail.h>\nstatic long result[2], contents, own[2];\n"
      "static void add(int n)\n{\n\tlong v = READ_ONCE(contents);\n"
      "\tfor (int i = 0; i < 300; i++)\n\t\tWRITE_ONCE(own[n], i);\n"
      "\tWRITE_ONCE(contents, v + 1);\n\tresult[n] = v;\n}\n"
      "THREAD(a) { add(0); }\nTHREAD(b) { add(1); }\nFINALLY { assert(contents > 0); }\n";
  program("long_lost", text);
  std::string held = text;
  held.insert(held.find("static void"), "static DEFINE_SPINLOCK(l);\n");
  held.insert(held.find("\tlong v"), "\tspin_lock(&l);\n");
  held.insert(held.find("\tresult[n]"), "\tspin_unlock(&l);\n");
  program("long_held", held);
  for (const char* model : {"sc", "tso"}) {
    const auto checks = check("", model);
    EXPECT_EQ(checks.at("long_lost")["class"], "refinement") << checks.at("long_lost")["message"];
    EXPECT_FALSE(checks.at("long_lost")["witness"].is_null());
    EXPECT_EQ(checks.at("long_held")["verdict"], "safe") << checks.at("long_held")["message"];
    EXPECT_EQ(checks.at("long_held")["refines"]["atomic_outcomes"], 2);
  }
}

TEST_F(Refines, ARuleExcusesOnlyWhatItsPointsAllow) {
  const std::string text =
      "#include <ringtail.h>\n#define MAX_OPS 2\nstatic long result[2], contents;\n#include "
      "\"ops/atomic.h\"\n"
      "static void add(int n)\n{\n\tlong v = READ_ONCE(contents);\n"
      "#ifdef NOT_ATOMIC_ADD\n\tatomic_point();\n#endif\n"
      "\tWRITE_ONCE(contents, v + 1);\n\tresult[n] = v;\n}\n"
      "THREAD(a) { add(0); }\nTHREAD(b) { add(1); }\nFINALLY { assert(contents > 0); }\n";
  program("excused", text);
  std::string elsewhere = text;  // the point stands where it explains nothing
  elsewhere.replace(elsewhere.find("#ifdef"),
                    std::string("#ifdef NOT_ATOMIC_ADD\n\tatomic_point();\n#endif\n").size(), "");
  elsewhere.insert(elsewhere.find("\tlong v ="), "#ifdef NOT_ATOMIC_ADD\n\tatomic_point();\n#endif\n");
  program("not_excused", elsewhere);
  auto checks = check();
  EXPECT_EQ(checks["excused"]["verdict"], "safe");
  EXPECT_EQ(checks["excused"]["refines"]["rules"], json({"NOT_ATOMIC_ADD"}));
  EXPECT_EQ(checks["not_excused"]["class"], "refinement");
}

TEST_F(Refines, ThereMustBeAnOutcome) {
  program("none",
          "#include <ringtail.h>\nstatic int x;\nTHREAD(a) { WRITE_ONCE(x, 1); }\nFINALLY { assert(x); }\n");
  const std::string command = std::string(RINGTAIL_BINARY) + " check --refines " +
                              (dir_ / "pairs" / "none.c").string() + " >/dev/null 2>&1";
  EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), 2);
}

}  // namespace
}  // namespace ringtail
