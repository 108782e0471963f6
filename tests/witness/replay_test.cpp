// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/witness/replay.h"

#include <gtest/gtest.h>

#include "checker/witness/render.h"

namespace ringtail::witness {
namespace {

using memory::Model;

constexpr char mp_c[] = R"x(#include <ringtail.h>
static struct { int tail, data; } ring;
static void publish(int value)
{
	WRITE_ONCE(ring.data, value);
	smp_wmb();
	WRITE_ONCE(ring.tail, 1);
}
THREAD(irq) { publish(7); }
THREAD(reader)
{
	if (READ_ONCE(ring.tail))
		assert(READ_ONCE(ring.data) == 7);
}
)x";

constexpr char mp_witness[] = R"x({"ringtail-witness": 1,
 "spec": "mp.c",
 "defines": [],
 "model": "lkmm",
 "plain_is_once": false,
 "unroll": 0,
 "class": "assertion",
 "message": "",
 "steps": [
  {"step": 1, "thread": "irq", "at": "mp.c:5", "text": "WRITE_ONCE(ring.data, 7)"},
  {"step": 2, "thread": "irq", "at": "mp.c:6", "text": "smp_wmb()"},
  {"step": 3, "thread": "irq", "at": "mp.c:7", "text": "WRITE_ONCE(ring.tail, 1)"},
  {"step": 4, "thread": "reader", "at": "mp.c:12", "text": "READ_ONCE(ring.tail)", "value": 1, "from": 3},
  {"step": 5, "thread": "reader", "at": "mp.c:13", "text": "READ_ONCE(ring.data)", "value": 0, "from": 0},
  {"step": 6, "thread": "reader", "at": "mp.c:13", "text": "assert(READ_ONCE(ring.data) == 7)"}],
 "coherence": []}
)x";

lang::Spec load(const std::string& text, const std::string& name = "mp.c") {
  auto spec = lang::load_spec(name, text, {}, [](const auto&...) { return std::nullopt; });
  EXPECT_TRUE(spec) << (spec ? "" : spec.error().text);
  return std::move(*spec);
}

// What replaying the file says, as an error or as the timeline.
std::string outcome(const std::string& spec, const std::string& witness) {
  const auto script = parse_script(witness);
  if (!script) return script.error();
  auto e = replay(load(spec), *script);
  return e ? to_text(tell(std::move(*e)), "") : e.error();
}

std::string with(std::string text, const std::string& what, const std::string& instead) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), instead);
}

TEST(Replay, a_witness_file_is_told_again) {
  EXPECT_EQ(outcome(mp_c, mp_witness), R"x(mp.c under lkmm: assertion

       irq                          reader
       publish()
    1  5: WRITE_ONCE(ring.data, 7)
    2  6: smp_wmb()
    3  7: WRITE_ONCE(ring.tail, 1)
                                    reader()
    4                               12: READ_ONCE(ring.tail) is 1, from 3
    5                               13: READ_ONCE(ring.data) is 0, initial (stale: not 1)
    6                               13: assert(READ_ONCE(ring.data) == 7) fails  <--

No interleaving explains it: a stale read misses a write that is told before it.
no smp_rmb() orders line 12 before line 13 in reader
)x");
}

TEST(Replay, print_and_parse_are_inverse) {
  const auto script = parse_script(mp_witness);
  ASSERT_TRUE(script) << script.error();
  EXPECT_EQ(print(*script), mp_witness);
}

TEST(Replay, a_story_gives_back_its_file) {
  const auto script = parse_script(mp_witness);
  auto e = replay(load(mp_c), *script);
  ASSERT_TRUE(e) << e.error();
  EXPECT_EQ(print(script_of(tell(std::move(*e)))), mp_witness);
}

TEST(Replay, a_graph_gives_the_same_execution) {
  const lang::Spec spec = load(mp_c);
  auto e = replay(spec, *parse_script(mp_witness));
  ASSERT_TRUE(e) << e.error();
  Found found;
  found.kind = "assertion";
  found.graph = e->graph;
  const auto again = execution_of(spec, found);
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ(*again, *e);
}

TEST(Replay, refuses_what_was_tampered_with) {
  const auto refused = [](const std::string& what, const std::string& instead) {
    return outcome(mp_c, with(mp_witness, what, instead));
  };
  EXPECT_EQ(refused("\"model\": \"lkmm\"", "\"model\": \"sc\""),
            "step 2: irq does WRITE_ONCE(ring.tail, 1) at mp.c:7 here, not smp_wmb() at mp.c:6");
  EXPECT_EQ(refused("\"model\": \"lkmm\"", "\"model\": \"power\""),
            "\"model\" must be sc, tso, lkmm or lkmm-6.1");
  EXPECT_EQ(refused("\"value\": 0, \"from\": 0", "\"value\": 7, \"from\": 0"),
            "step 6: reader has ended before it");
  EXPECT_EQ(refused("\"value\": 0, \"from\": 0", "\"value\": 3, \"from\": 0"),
            "reader reads ring.data as 3, but what it reads from is 0");
  EXPECT_EQ(refused("\"value\": 1, \"from\": 3", "\"value\": 1, \"from\": 1"),
            "step 4: step 1 does not write what it reads");
  EXPECT_EQ(refused("\"value\": 1, \"from\": 3", "\"value\": 1, \"from\": 2"),
            "step 4: step 2 does not write what it reads");
  EXPECT_EQ(refused(", \"value\": 1, \"from\": 3", ", \"from\": 3"), "step 4: \"value\" is missing");
  EXPECT_EQ(
      refused("WRITE_ONCE(ring.data, 7)", "WRITE_ONCE(ring.data, 8)"),
      "step 1: irq does WRITE_ONCE(ring.data, 7) at mp.c:5 here, not WRITE_ONCE(ring.data, 8) at mp.c:5");
  EXPECT_EQ(refused("mp.c:6", "mp.c:5"),
            "step 2: irq does smp_wmb() at mp.c:6 here, not smp_wmb() at mp.c:5");
  EXPECT_EQ(refused("\"step\": 3", "\"step\": 4"),
            "step 3: \"step\" must be the step's place, counted from 1");
  EXPECT_EQ(refused("\"class\": \"assertion\"", "\"class\": \"data race\""),
            "the execution is possible, but shows no data race");
  EXPECT_EQ(refused("\"thread\": \"reader\"", "\"thread\": \"writer\""),
            "step 5: reader does READ_ONCE(ring.tail) at mp.c:12 here, not READ_ONCE(ring.data) at mp.c:13");
  EXPECT_EQ(refused("\"coherence\": []", "\"coherence\": [[1, 3]]"), "coherence: step 1 is out of place");
  EXPECT_EQ(refused("]}", "]"), "not a witness: the JSON is broken");
  EXPECT_EQ(refused("\"ringtail-witness\": 1", "\"ringtail-witness\": 2"), "not a witness of version 1");
}

TEST(Replay, the_model_has_the_last_word) {
  // The same execution, with a barrier in the reader.
  const std::string ordered = with(mp_c, "ring.tail))", "ring.tail)) smp_rmb();");
  std::string witness = with(mp_witness, "\"step\": 6", "\"step\": 7");
  witness = with(witness, "\"step\": 5", "\"step\": 6");
  witness = with(witness, "  {\"step\": 6",
                 "  {\"step\": 5, \"thread\": \"reader\", \"at\": \"mp.c:12\", \"text\": \"smp_rmb()\"},\n  "
                 "{\"step\": 6");
  EXPECT_EQ(outcome(ordered, witness),
            "lkmm does not allow this execution: its axiom 'happens-before' fails");
  EXPECT_EQ(outcome(mp_c, with(mp_witness, "\"value\": 1, \"from\": 3", "\"value\": 1, \"from\": 0")),
            "reader reads ring.tail as 1, but what it reads from is 0");
}

constexpr char abba_c[] = R"x(#include <ringtail.h>
static DEFINE_SPINLOCK(a);
static DEFINE_SPINLOCK(b);
THREAD(forth) { spin_lock(&a); spin_lock(&b); spin_unlock(&b); spin_unlock(&a); }
THREAD(back) { spin_lock(&b); spin_lock(&a); spin_unlock(&a); spin_unlock(&b); }
FINALLY { assert(1); }
)x";

TEST(Replay, a_deadlock) {
  const lang::Spec spec = load(abba_c);
  Script script;
  script.kind = "deadlock";
  script.steps = {{"forth", "mp.c:4", "lock(&a.slock)", 0, 0}, {"back", "mp.c:5", "lock(&b.slock)", 0, 0}};
  auto e = replay(spec, script);
  ASSERT_TRUE(e) << e.error();
  EXPECT_EQ(to_text(tell(std::move(*e)), ""), R"x(mp.c under lkmm: deadlock

       forth                              back
       forth()
    1  4: lock(&a.slock), initial
                                          back()
    2                                     5: lock(&b.slock), initial
       4: waits for ever: lock(&b.slock)
                                          5: waits for ever: lock(&a.slock)

This interleaving explains it.
)x");
  script.steps.pop_back();
  EXPECT_EQ(replay(spec, script).error(), "the execution is possible, but shows no deadlock");
}

constexpr char choose_c[] = R"x(#include <ringtail.h>
static int x;
THREAD(chooser)
{
	int a = choose(0, 3), b = choose(2, 5);

	WRITE_ONCE(x, 10 * a + b);
}
FINALLY { assert(x != 24); }
)x";

TEST(Replay, choices_are_found_again) {
  const lang::Spec spec = load(choose_c);
  const std::string at = "mp.c:5";
  Script script;
  script.kind = "assertion";
  script.steps = {{"chooser", at, "choose(0, 3)", 2, {}},
                  {"chooser", at, "choose(2, 5)", 4, {}},
                  {"chooser", "mp.c:7", "WRITE_ONCE(x, 24)", {}, {}}};
  const auto e = replay(spec, script);
  ASSERT_TRUE(e) << e.error();
  EXPECT_EQ(e->threads.back().name, "FINALLY");
  EXPECT_EQ(e->threads.back().steps.back().text, "assert(x != 24)");
  Found found;
  found.kind = "assertion";
  found.graph = e->graph;
  const auto again = execution_of(spec, found);
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ(*again, *e);
  script.steps[0].value = 1;
  EXPECT_EQ(replay(spec, script).error(),
            "step 3: chooser does WRITE_ONCE(x, 14) at mp.c:7 here, not WRITE_ONCE(x, 24) at mp.c:7");
  script.steps[0].value = 4;
  EXPECT_EQ(replay(spec, script).error(), "step 1: choose(0, 3) cannot give 4");
}

}  // namespace
}  // namespace ringtail::witness
