// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/witness/missing.h"

#include "checker/witness/story.h"
#include "tests/witness/sample.h"

namespace ringtail::witness {
namespace {

using memory::Model;

std::vector<std::string> missing(const std::string& shape, Model m = Model::lkmm) {
  const Execution e = sample(shape, m);
  std::vector<std::string> out;
  for (const Missing& x : missing_fences(e.graph, m)) out.push_back(sentence(e, x));
  return out;
}
using Sentences = std::vector<std::string>;

TEST(Missing, the_reader_of_message_passing) {
  EXPECT_EQ(missing(mp), Sentences{"no smp_rmb() orders line 20 before line 21 in P1"});
}

TEST(Missing, the_writer_of_message_passing) {
  EXPECT_EQ(missing("W x=1  W y=1 | R y=1  rmb  R x=0"),
            Sentences{"no smp_wmb() orders line 10 before line 11 in P0"});
}

TEST(Missing, what_stands_between_does_not_matter) {
  EXPECT_EQ(missing("W x=1  wmb  W y=1 | R y=1  R z=0  R w=0  R x=0"),
            Sentences{"no smp_rmb() orders line 20 before line 23 in P1"});
}

TEST(Missing, store_buffering_wants_two) {
  const Sentences both{"no smp_mb() orders line 10 before line 11 in P0",
                       "no smp_mb() orders line 20 before line 21 in P1"};
  EXPECT_EQ(missing(sb), both);
  EXPECT_EQ(missing(sb, Model::tso), both);
  EXPECT_EQ(missing("W x=1  mb  R y=0 | W y=1  R x=0"), Sentences{both[1]});
}

TEST(Missing, load_buffering) {
  // One smp_mb() orders one side; the other needs something weaker that smp_mb() is the only barrier for.
  EXPECT_EQ(missing("R x=1  W y=1+d0 | R y=1  W x=1"),
            Sentences{"no smp_mb() orders line 20 before line 21 in P1"});
}

TEST(Missing, both_sides_of_message_passing) {
  EXPECT_EQ(missing("W x=1  W y=1 | R y=1  R x=0"),
            (Sentences{"no smp_wmb() orders line 10 before line 11 in P0",
                       "no smp_rmb() orders line 20 before line 21 in P1"}));
}

TEST(Missing, nothing_where_an_interleaving_explains_it) {
  EXPECT_TRUE(missing("W x=1  W y=1 | R y=0  R x=0").empty());
  EXPECT_TRUE(missing("W x=1  W y=1 | R y=1  R x=1", Model::tso).empty());
}

TEST(Missing, barriers_shift_dependencies_and_keep_coherence) {
  const memory::Graph g = memory::shape("R x=1  R y=0  W z=2+d0 | W x=1  W z=1");
  const memory::Graph more = with_fences(g, {{0, 0, memory::Tag::mb}, {0, 1, memory::Tag::rmb}});
  EXPECT_EQ(more, memory::shape("R x=1  mb  R y=0  rmb  W z=2+d0 | W x=1  W z=1"));
  EXPECT_EQ(with_fences(g, {}), g);
}

}  // namespace
}  // namespace ringtail::witness
