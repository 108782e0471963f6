// SPDX-License-Identifier: GPL-2.0-or-later
// A reproducer compiles without a warning, and the calls that it makes are those that the program makes here:
// the same names, arguments and results, as far as two runs here have them the same (process numbers are
// not).
#include "replay/live/reproducer.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "replay/live/run.h"
#include "replay/live/search.h"
#include "tests/folder.h"

namespace ringtail::live {
namespace {

struct Line {
  std::string name;
  std::vector<std::uint64_t> args;
  std::int64_t result = 0;
};

// thread 0: madvise(0x200000001000, 0x2000, 0x4, 0, 0, 0) = -22
std::vector<Line> lines_of(const std::string& path) {
  std::vector<Line> out;
  std::ifstream in(path);
  for (std::string text; std::getline(in, text);) {
    const std::size_t name = text.find(": ") + 2, open = text.find('('), close = text.find(") = ");
    Line line{text.substr(name, open - name), {}, std::stoll(text.substr(close + 4))};
    std::istringstream args(text.substr(open + 1, close - open - 1));
    for (std::string a; std::getline(args, a, ',');) line.args.push_back(std::stoull(a, nullptr, 0));
    out.push_back(std::move(line));
  }
  return out;
}

class Reproducer : public testing::Test {
 protected:
  bool compiles(const Program& p) {
    const std::string base = (folder_ / "program").string();
    std::ofstream(base + ".c") << reproducer(p, "a test");
    return std::system(
               ("gcc -O1 -Wall -Wextra -Werror -pthread -o '" + base + "' '" + base + ".c'").c_str()) == 0;
  }

  std::vector<Line> runs() {
    const std::string base = (folder_ / "program").string();
    EXPECT_EQ(std::system(("'" + base + "' > '" + base + ".out'").c_str()), 0);
    return lines_of(base + ".out");
  }

  const tests::Folder folder_;
};

// Where a process finds its break and what it maps anywhere is new in each; the arena is not.
bool random(std::uint64_t v) { return v >> 46 == 1; }

std::vector<Line> here(const Program& p) {
  std::vector<Line> out;
  const auto ran = run(p.threads, false);
  if (!ran) return out;
  for (const Record& r : ran->records)
    if (!r.exits)
      out.push_back({std::string(kernel::name_of(r.sys)), {r.args.begin(), r.args.end()}, r.result});
  return out;
}

TEST_F(Reproducer, MakesTheCallsOfTheProgram) {
  int compared = 0, results = 0;
  for (const Family family :
       {Family::memory, Family::madvise, Family::numa, Family::descriptors, Family::aio})
    for (std::uint64_t n = 0; n < 6; ++n) {
      const Program p = program_of(n, {family, 1});
      const std::vector<Line> first = here(p), second = here(p);
      if (first.empty() || first.size() != second.size()) continue;
      ASSERT_TRUE(compiles(p)) << print(p);
      const std::vector<Line> lines = runs();
      ASSERT_EQ(lines.size(), first.size()) << print(p);
      if (std::any_of(first.begin(), first.end(), [](const Line& l) { return l.name == "clone"; }))
        continue;  // children run beside their parent, in any order
      for (std::size_t i = 0; i < lines.size(); ++i) {
        EXPECT_EQ(lines[i].name, first[i].name) << print(p);
        for (std::size_t a = 0; a < 6; ++a) {
          if (first[i].args[a] != second[i].args[a] || random(first[i].args[a])) continue;
          EXPECT_EQ(lines[i].args[a], first[i].args[a]) << print(p) << "call " << i;
          ++compared;
        }
        if (first[i].result != second[i].result || random(static_cast<std::uint64_t>(first[i].result)))
          continue;
        EXPECT_EQ(lines[i].result, first[i].result) << print(p) << "call " << i;
        ++results;
      }
    }
  EXPECT_GE(compared, 1000);
  EXPECT_GE(results, 200);
}

TEST_F(Reproducer, OfThreadsAndChildrenMakesAllTheirCalls) {
  const auto p = parse(
      "recorder\n"
      "thread\n"
      "mmap(arena, 0x2000, 3, 0x32, -1, 0)\n"
      "clone(17) children=2\n"
      "munmap(arena, 0x1000)\n"
      "munmap(arena+0x1000, 0x1000)\n"
      "io_setup(4, &context) slot=1\n"
      "io_submit(context[1], 1, &iocbpp[0]) iocbpp[0]=&iocbs[3] iocbs[3].fildes=fd[0] iocbs[3].opcode=1 "
      "iocbs[3].buf=arena iocbs[3].nbytes=8\n"
      "thread\n"
      "dup(fd[4]) keep=9\n"
      "close(fd[9])\n");
  ASSERT_TRUE(p) << p.error();
  ASSERT_TRUE(compiles(*p));
  std::map<std::string, std::vector<std::int64_t>> results;
  for (const Line& l : runs()) results[l.name].push_back(l.result);
  EXPECT_EQ(results["munmap"], (std::vector<std::int64_t>{0, 0}));
  EXPECT_EQ(results["io_submit"], std::vector<std::int64_t>{1});
  EXPECT_EQ(results["close"], std::vector<std::int64_t>{0});
  EXPECT_EQ(results["clone"].size(), 1u);
  EXPECT_GT(results["clone"][0], 0);
}

}  // namespace
}  // namespace ringtail::live
