// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/witness/story.h"

#include <fstream>

#include "checker/witness/json.h"
#include "checker/witness/render.h"
#include "tests/witness/sample.h"

namespace ringtail::witness {
namespace {

using memory::Model;

TEST(Story, an_interleaving) {
  EXPECT_EQ(to_text(tell(failing(sample("W x=1  R y=0 | R x=1  W y=1"))), "ringtail explain w.json"),
            R"(sample.c under lkmm: assertion: it <holds> & "stays"

       P0                              P1
       writer()
    1  10: WRITE_ONCE(x, 1)
    2  11: READ_ONCE(y) is 0, initial
                                       reader()
    3                                  20: READ_ONCE(x) is 1, from 1
    4                                  21: WRITE_ONCE(y, 1)
    5                                  22: assert(r) fails  <--

This interleaving explains it.
replay: ringtail explain w.json
)");
}

TEST(Story, an_atomic_is_one_step) {
  EXPECT_EQ(to_text(tell(sample("R.full x=0!  W.full x=1! | R.full x=1!  W.full x=2!  R x=2")), ""),
            R"(sample.c under lkmm: assertion: it <holds> & "stays"

       P0                                      P1
       writer()
    1  10: atomic(x) is 0, becomes 1, initial
                                               reader()
    2                                          20: atomic(x) is 1, becomes 2, from 1
    3                                          22: READ_ONCE(x) is 2, from 2

This interleaving explains it.
)");
}

TEST(Story, a_store_buffer) {
  EXPECT_EQ(to_text(tell(failing(sample("W x=1  R y=0  W z=1 | W y=1  R x=0  R z=1", Model::tso))), ""),
            R"(sample.c under tso: assertion: it <holds> & "stays"

       P0                              P1
                                       reader()
    1                                  20: WRITE_ONCE(y, 1), buffered
    2                                  21: READ_ONCE(x) is 0, initial
       writer()
    3  10: WRITE_ONCE(x, 1)
    4  11: READ_ONCE(y) is 0, initial
    5  12: WRITE_ONCE(z, 1)
    6                                  22: READ_ONCE(z) is 1, from 5
    7                                  20: WRITE_ONCE(y, 1) reaches memory
    8                                  23: assert(r) fails  <--

No interleaving explains it: a store waits in its CPU's buffer while later reads go ahead.
no smp_mb() orders line 10 before line 11 in P0
no smp_mb() orders line 20 before line 21 in P1
)");
}

TEST(Story, a_stale_read) {
  EXPECT_EQ(to_text(tell(failing(sample(mp))), ""), R"(sample.c under lkmm: assertion: it <holds> & "stays"

       P0                    P1
       writer()
    1  10: WRITE_ONCE(x, 1)
    2  11: smp_wmb()
    3  12: WRITE_ONCE(y, 1)
                             reader()
    4                        20: READ_ONCE(y) is 1, from 3
    5                        21: READ_ONCE(x) is 0, initial (stale: not 1)
    6                        22: assert(r) fails  <--

No interleaving explains it: a stale read misses a write that is told before it.
no smp_rmb() orders line 20 before line 21 in P1
)");
}

TEST(Story, load_buffering_is_told_thread_by_thread) {
  EXPECT_EQ(to_text(tell(sample(lb)), ""), R"(sample.c under lkmm: assertion: it <holds> & "stays"

       P0                             P1
       writer()
    1  10: READ_ONCE(x) is 1, from 4
    2  11: WRITE_ONCE(y, 1)
                                      reader()
    3                                 20: READ_ONCE(y) is 1, from 2
    4                                 21: WRITE_ONCE(x, 1)

No order explains it: a read takes its value from a write that the reading thread's own later writes led to.
no smp_mb() orders line 10 before line 11 in P0
no smp_mb() orders line 20 before line 21 in P1
)");
}

TEST(Story, where_a_thread_waits) {
  Execution e = sample("W x=1 | R x=1");
  e.kind = "deadlock";
  e.threads[1].end = "waits for lock(&a)";
  e.threads[1].end_at = {"lib/lock.h", 7, "reader"};
  EXPECT_NE(to_text(tell(e), "").find("                     lib/lock.h:7: waits for lock(&a)\n"),
            std::string::npos)
      << to_text(tell(e), "");
}

TEST(Story, what_led_to_nothing_is_left_out) {
  const Execution e = failing(sample("W x=1  W z=1 | W z=2 | R x=1  R.full w=0!  W.full w=1!"));
  const memory::Graph& g = e.graph;
  const Execution less = trim(e, {g.thread(2).back()});
  EXPECT_EQ(to_text(tell(less), ""),
            to_text(tell(failing(sample("W x=1 | | R x=1  R.full w=0!  W.full w=1!"))), ""));
  EXPECT_EQ(less.graph.size(), 4u);
  EXPECT_EQ(less.threads[0].steps.size(), 1u);
  EXPECT_EQ(less.threads[1].steps.size(), 0u);
  EXPECT_EQ(less.threads[2].steps.size(), 3u);  // with the assertion
  EXPECT_EQ(trim(less, {less.graph.thread(2).back()}), less);
}

TEST(Story, as_json) {
  EXPECT_EQ(to_json(tell(failing(sample("W x=1 | R x=0")))).dump(),
            R"x({"spec":"sample.c","model":"lkmm","class":"assertion","message":"it <holds> & \"stays\"",)x"
            R"x("telling":"interleaving","explanation":"This interleaving explains it.",)x"
            R"x("threads":[{"name":"P0"},{"name":"P1"}],"steps":[)x"
            R"x({"thread":1,"file":"sample.c","line":20,"function":"reader","text":"READ_ONCE(x)",)x"
            R"x("outcome":"is 0","initial":true},)x"
            R"x({"thread":0,"file":"sample.c","line":10,"function":"writer","text":"WRITE_ONCE(x, 1)"},)x"
            R"x({"thread":1,"file":"sample.c","line":21,"function":"reader","text":"assert(r)",)x"
            R"x("outcome":"fails","fails":true}],"missing":[]})x");
}

TEST(Story, as_a_graph) {
  EXPECT_EQ(to_dot(tell(sample(mp))), R"x(digraph "sample.c" {
  // lay out with dot -Tsvg
  label="assertion: it <holds> & \"stays\" (lkmm)\nno smp_rmb() orders line 20 before line 21 in P1";
  labelloc=t;
  fontname="Helvetica";
  splines=spline;
  node [shape=none, fontname="Helvetica", fontsize=11, height=0.3];
  edge [fontname="Helvetica", fontsize=10, arrowsize=0.8];
  subgraph cluster_0 {
    label="P0";
    color=gray;
    e0 [label="a: W WRITE_ONCE(x, 1)\nsample.c:10 writer()"];
    e1 [label="b: F smp_wmb()\nsample.c:11 writer()"];
    e2 [label="c: W WRITE_ONCE(y, 1)\nsample.c:12 writer()"];
  }
  e0 -> e1 [label="po", color="black", fontcolor="black", penwidth=3, weight=10];
  e1 -> e2 [label="po", color="black", fontcolor="black", penwidth=3, weight=10];
  subgraph cluster_1 {
    label="P1";
    color=gray;
    e3 [label="d: R READ_ONCE(y) is 1\nsample.c:20 reader()"];
    e4 [label="e: R READ_ONCE(x) is 0\nsample.c:21 reader()"];
  }
  e3 -> e4 [label="po", color="black", fontcolor="black", penwidth=3, weight=10];
  e2 -> e3 [label="rf", color="red", fontcolor="red", penwidth=3, constraint=false];
  i4 [shape=point, style=invis];
  i4 -> e4 [label="rf", color=red, fontcolor=red];
  e4 -> e0 [label="fr", color="#ffa040", fontcolor="#ffa040", penwidth=3, constraint=false];
}
)x");
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

TEST(Story, the_page_holds_all_and_fetches_nothing) {
  const Story s = tell(failing(sample(mp)));
  const std::string page = to_html(s, "ringtail explain w.json");
  // The source's own "</script>" does not end the page's data.
  EXPECT_EQ(count(page, "</script>"), 2u);
  EXPECT_EQ(count(page, "http"), 1u);  // the name of SVG
  EXPECT_EQ(count(page, " src="), 0u);
  EXPECT_EQ(count(page, "%STORY%") + count(page, "%TITLE%"), 0u);
  const std::string open = "<script id=\"data\" type=\"application/json\">";
  const std::size_t from = page.find(open) + open.size();
  const auto data = nlohmann::ordered_json::parse(page.substr(from, page.find("</script>", from) - from));
  nlohmann::ordered_json expected = to_json(s);
  expected["command"] = "ringtail explain w.json";
  expected["sources"] = {{{"name", "sample.c"}, {"text", s.execution.sources[0].text}}};
  EXPECT_EQ(data, expected);
}

}  // namespace
}  // namespace ringtail::witness
