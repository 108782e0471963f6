// SPDX-License-Identifier: GPL-2.0-or-later
// Shapes become programs: each shape of each capture in traces/, for its own kernel and for old ones, is one
// that the front end takes; and the table of bugs says what the specs say.
#include "replay/hunt/compose.h"

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include "model/lang/load.h"
#include "replay/capture/reader.h"
#include "replay/hunt/finder.h"
#include "replay/hunt/headers.h"
#include "replay/hunt/path_op.h"

namespace ringtail::hunt {
namespace {

namespace fs = std::filesystem;

std::optional<lang::Include> find_header(const std::string& wanted, bool, const std::string& from) {
  const std::string name = (fs::path(from).parent_path() / wanted).lexically_normal().string();
  for (const Header& h : headers())
    if (h.name == name) return lang::Include{name, std::string(h.text)};
  return std::nullopt;
}

// What is wrong with the program; empty: nothing.
std::string wrong_with(const Program& p) {
  const auto spec = lang::load_spec(p.name + ".c", p.text(), {}, find_header);
  return spec ? "" : spec.error().text;
}

TEST(Compose, EveryShapeOfTheCapturesHasAProgram) {
  std::map<std::string, std::set<std::string>> bodies;  // by the file's name
  std::map<Shape, std::string> shapes;                  // and the first capture that has it
  for (const auto& entry : fs::recursive_directory_iterator(RINGTAIL_SOURCE_DIR "/traces")) {
    const std::string path = entry.path().string();
    if (!path.ends_with(".zst") || path.find("ff-ttt") != path.npos) continue;
    auto reader = capture::Reader::open({path});
    ASSERT_TRUE(reader) << path;
    (*reader)->tell_raw_arguments();
    Finder finder(kernel::Profile{});
    for (capture::Event e; (*reader)->next(e);) finder.take(e);
    EXPECT_EQ(finder.undecided(), 0u) << path;
    for (const Found& f : finder.found()) shapes.try_emplace(f.shape, path);
  }
  EXPECT_GT(shapes.size(), 100u);
  for (const kernel::Version v :
       {kernel::Version{6, 18, 0}, kernel::Version{4, 4, 0}, kernel::Version{2, 6, 24}}) {
    // What the front end has not seen yet: a set of operations, or one of them on such pages.
    std::set<std::tuple<Operation, Operation, std::optional<Operation>>> sets;
    std::set<std::pair<Operation, PageKind>> sides;
    for (const auto& [shape, path] : shapes) {
      const Program p = compose(shape, v);
      ASSERT_NE(p.body, "") << name_of(shape) << " of " << path;
      if (v == kernel::Version{6, 18, 0}) bodies[p.name].insert(p.body);
      const bool fresh = sets.insert({shape.first, shape.second, shape.third}).second;
      const bool first = sides.insert({shape.first, shape.pages.kind}).second;
      const bool second = sides.insert({shape.second, shape.pages.kind}).second;
      if (!fresh && ((!first && !second) || v < kernel::Version{3, 0, 0})) continue;
      EXPECT_EQ(wrong_with(p), "") << name_of(shape) << " of " << path;
    }
  }
  for (const auto& [name, programs] : bodies)
    EXPECT_EQ(programs.size(), 1u) << name << " means several programs";
}

TEST(Compose, TheKernelDecidesWhichBugsAreInThePaths) {
  Shape s;
  s.first = madvise_of(4);
  s.second = {Op::mem_write, -1};
  s.pages = {PageKind::private_file, true};
  const auto has = [&](kernel::Version v, std::string_view line) {
    return compose(s, v).body.find(line) != std::string::npos;
  };
  EXPECT_FALSE(has({4, 4, 0}, "#define FIX_MADV_01"));
  EXPECT_TRUE(has({4, 4, 26}, "#define FIX_MADV_01")) << "a stable kernel had the fix";
  EXPECT_FALSE(has({4, 5, 26}, "#define FIX_MADV_01"));
  EXPECT_TRUE(has({4, 9, 0}, "#define FIX_MADV_01"));
  EXPECT_TRUE(has({2, 6, 24}, "#define FIND_GET_PAGE_LOCKED"));
  EXPECT_FALSE(has({2, 6, 27}, "#define FIND_GET_PAGE_LOCKED"));
}

TEST(Compose, WhatWorksOnOnePageWorksOnOneThatBothHave) {
  const auto calls = [](Op a, Op b, Relation r) {
    Shape s;
    s.first = {a, -1};
    s.second = {b, -1};
    s.relation = r;
    const std::string body = compose(s, kernel::Version{6, 1, 0}).body;
    std::string out = body.substr(0, body.find('\n')) + ";";
    for (std::size_t at = 0; (at = body.find("] = op_", at)) != body.npos; ++at)
      out += " " + body.substr(at + 4, body.find(';', at) - at - 4);
    return out;
  };
  EXPECT_EQ(calls(Op::mlock, Op::move_pages, Relation::overlap),
            "#define PTRS_PER_PTE 2; op_mlock(0, 2) op_move_pages(0, 1)");
  EXPECT_EQ(calls(Op::mlock, Op::move_pages, Relation::inside),
            "#define PTRS_PER_PTE 1; op_mlock(0, 1) op_move_pages(0, 1)");
  EXPECT_EQ(calls(Op::move_pages, Op::mbind, Relation::overlap),
            "#define PTRS_PER_PTE 2; op_move_pages(0, 1) op_mbind(0, 2, 1)");
  EXPECT_EQ(calls(Op::move_pages, Op::mbind, Relation::around),
            "#define PTRS_PER_PTE 1; op_move_pages(0, 1) op_mbind(0, 1, 1)");
  EXPECT_EQ(calls(Op::move_pages, Op::mem_write, Relation::overlap),
            "#define PTRS_PER_PTE 1; op_move_pages(0, 1) op_mem_write(0, 12UL)");
  EXPECT_EQ(calls(Op::munmap, Op::mlock, Relation::overlap),
            "#define PTRS_PER_PTE 3; op_munmap(0, 2) op_mlock(1, 2)");
}

TEST(Compose, ThreeOfEachAreAProgram) {
  const auto wrong = [](Touch::What what, Op a, Op b, Op c) {
    Shape s;
    s.what = what;
    s.first = {a, -1};
    s.second = {b, -1};
    s.third = Operation{c, -1};
    s.pages.kind = PageKind::anonymous;
    const Program p = compose(s, kernel::Version{6, 1, 0});
    if (p.body.find("result[2] = op_") == p.body.npos) return "two threads only: " + p.body;
    return wrong_with(p);
  };
  using What = Touch::What;
  EXPECT_EQ(wrong(What::pages, Op::user, Op::fork, Op::move_pages), "");
  EXPECT_EQ(wrong(What::pages, Op::mremap, Op::mremap, Op::mem_write), "");
  EXPECT_EQ(wrong(What::descriptor, Op::submit_fd, Op::close_fd, Op::close_fd), "");
  const Op calls[] = {Op::io_setup, Op::io_submit, Op::io_getevents, Op::io_cancel, Op::io_destroy};
  for (const Op a : calls)
    for (const Op b : calls)
      for (const Op c : calls)
        if (a <= b && b <= c) {
          EXPECT_EQ(wrong(What::context, a, b, c), "")
              << name_of(Operation{a, -1}) << " " << name_of(Operation{b, -1}) << " "
              << name_of(Operation{c, -1});
        }
}

TEST(Compose, EveryOperationHasAProgramForProcessesOfTheirOwn) {
  std::vector<Operation> ops = page_operations();
  for (const Op op : {Op::move_pages, Op::migrate_pages, Op::mbind}) ops.push_back({op, kEverybodys});
  ops.push_back({Op::size_fd, -1});
  for (const Operation a : ops)
    for (const Operation b : {Operation{Op::user, -1}, madvise_of(4), a}) {
      Shape s;
      s.first = std::min(a, b);
      s.second = std::max(a, b);
      s.pages.kind = PageKind::shared_memory;
      s.apart = true;
      const Program p = compose(s, kernel::Version{6, 1, 0});
      EXPECT_EQ(wrong_with(p), "") << name_of(s);
      EXPECT_NE(p.body.find("scene_processes(1, "), std::string::npos);
      EXPECT_TRUE(p.name.ends_with("-processes")) << p.name;
    }
  for (const Op op : {Op::submit_fd, Op::map_fd, Op::size_fd, Op::close_fd, Op::dup_fd}) {
    Shape s;
    s.what = Touch::What::descriptor;
    s.first = std::min(Operation{op, -1}, Operation{Op::close_fd, -1});
    s.second = std::max(Operation{op, -1}, Operation{Op::close_fd, -1});
    s.apart = true;
    const Program p = compose(s, kernel::Version{6, 1, 0});
    EXPECT_EQ(wrong_with(p), "") << name_of(s);
    EXPECT_NE(p.body.find("scene_file_inherited(0)"), std::string::npos);
  }
}

TEST(Compose, EqualOperationsGetNamesOfTheirOwn) {
  Shape s;
  s.what = Touch::What::context;
  s.first = s.second = {Op::io_destroy, -1};
  const std::string body = compose(s, kernel::Version{6, 1, 0}).body;
  EXPECT_NE(body.find("THREAD(io_destroy_1)"), std::string::npos);
  EXPECT_NE(body.find("THREAD(io_destroy_2)"), std::string::npos);
}

// The specs' own words for the same bugs.
TEST(PathBugs, AreThoseOfTheSpecs) {
  std::map<std::string, std::vector<lang::Bug>> told;
  for (const auto& entry : fs::recursive_directory_iterator(RINGTAIL_SOURCE_DIR "/specs")) {
    if (entry.path().extension() != ".c" || entry.path().string().find("/proofs/") != std::string::npos)
      continue;
    const auto spec = lang::load_file(entry.path().string(), {});
    ASSERT_TRUE(spec) << entry.path();
    for (const lang::Bug& b : spec->annotations.bugs) told[b.id].push_back(b);
  }
  std::set<std::string_view> asked;
  for (const Header& h : headers())
    for (const PathBug& b : path_bugs())
      if (h.text.find(b.macro) != h.text.npos) asked.insert(b.macro);
  for (const PathBug& b : path_bugs()) {
    EXPECT_TRUE(asked.contains(b.macro)) << "no path asks for " << b.macro;
    if (b.id.empty()) continue;
    const auto it = told.find(std::string(b.id));
    ASSERT_NE(it, told.end()) << b.id;
    const bool same = std::any_of(it->second.begin(), it->second.end(), [&](const lang::Bug& s) {
      return s.kernel == "v" + kernel::to_string(b.fixed) &&
             std::string_view(s.commit).substr(0, 12) == b.commit;
    });
    EXPECT_TRUE(same) << b.id << ": " << it->second.front().commit << " " << it->second.front().kernel;
    EXPECT_LT(b.since, b.fixed) << b.id;
  }
}

}  // namespace
}  // namespace ringtail::hunt
