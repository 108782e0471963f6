// SPDX-License-Identifier: GPL-2.0-or-later
// Random programs with invariants and interrupts: the prover and the explorer say the same of them, under
// every model.
#include "checker/prove/cut.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "checker/explore/explore.h"
#include "checker/prove/threads.h"

namespace ringtail::prove {
namespace {

using memory::Model;

std::string pick(std::initializer_list<const char*> texts) {
  return *rc::gen::elementOf(std::vector<std::string>(texts.begin(), texts.end()));
}
int below(int n) { return *rc::gen::inRange(0, n); }

std::string statement(bool thread) {
  switch (below(thread ? 8 : 6)) {
    case 0:
    case 1:
    case 2:
      return fmt::format("WRITE_ONCE(v[{}], {});", below(3), 1 + below(2));
    case 3:
      return fmt::format("WRITE_ONCE(v[{}], READ_ONCE(v[{}]) + 1);", below(3), below(3));
    case 4:
      return fmt::format("if (READ_ONCE(v[{}])) WRITE_ONCE(v[{}], 2);", below(3), below(3));
    case 5:
      return pick({"smp_mb();", "smp_wmb();", "smp_store_release(&v[1], 1);", "xchg(&v[2], 2);"});
    case 6:
      return fmt::format("spin_lock(&l); WRITE_ONCE(v[0], {}); spin_unlock(&l);", below(3));
    default:
      return fmt::format("local_irq_disable(); WRITE_ONCE(v[0], {}); v[1] = v[0]; local_irq_enable();",
                         below(3));
  }
}

std::string body(bool thread, int most) {
  std::string out;
  for (int n = 1 + below(most); n > 0; --n) out += " " + statement(thread);
  return out;
}

struct Shape {
  bool interrupt, under;
};

rc::Gen<std::string> programs(Shape shape) {
  return rc::gen::exec([shape] {
    std::string text = "#include <ringtail.h>\nstatic int v[3];\nstatic DEFINE_SPINLOCK(l);\n";
    text += "THREAD(a) {" + body(true, 3) + " }\nTHREAD(b) {" + body(!shape.interrupt, 2) + " }\n";
    if (shape.interrupt) text += "IRQ_ON(i, a) {" + body(false, 2) + " }\n";
    const std::string state =
        fmt::format("(v[0] == {} && v[1] == {} && v[2] == {})", below(3), below(2), below(2));
    if (shape.under) text += "INVARIANT_UNDER(l, !" + state + ")\n";
    else if (shape.interrupt) text += "FINALLY { assert(!" + state + "); }\n";
    else text += "INVARIANT(never, !" + state + ")\n";
    return text;
  });
}

struct Tally {
  int safe = 0, broken = 0, unanswered = 0;
};

Tally compare(Shape shape, Model model, std::uint64_t programs_asked) {
  Tally tally;
  for (std::uint64_t n = 1; n <= programs_asked; ++n) {
    const std::string text = programs(shape)(rc::Random(n), rc::kNominalSize).value();
    const auto spec = lang::load_spec("random.c", text, {}, [](auto&&...) { return std::nullopt; });
    EXPECT_TRUE(spec) << spec.error().text << text;
    if (!spec) continue;
    const explore::Outcome explored = explore::explore(spec->program, {.model = model});
    const Outcome solved = prove_threads(*spec, model, {});
    const bool answered =
        solved.result == explore::Result::safe || solved.result == explore::Result::violation;
    if (!answered) {
      ++tally.unanswered;
      ADD_FAILURE() << n << ": " << solved.bound << "\n" << text;
      continue;
    }
    EXPECT_EQ(solved.result, explored.result) << n << " under " << memory::name(model) << "\n" << text;
    (solved.result == explore::Result::safe ? tally.safe : tally.broken)++;
  }
  return tally;
}

class Agreement : public testing::TestWithParam<Model> {};

TEST_P(Agreement, OnInvariants) {
  const Tally t = compare({false, false}, GetParam(), 30);
  EXPECT_GE(t.safe, 3);
  EXPECT_GE(t.broken, 3);
}

TEST_P(Agreement, OnInvariantsUnderALock) {
  const Tally t = compare({false, true}, GetParam(), 20);
  EXPECT_GE(t.safe, 3);
  EXPECT_GE(t.broken, 3);
}

TEST_P(Agreement, OnInterruptsOfAThreadsOwnCpu) {
  const Tally t = compare({true, false}, GetParam(), GetParam() == Model::lkmm ? 12 : 30);
  EXPECT_GE(t.safe, 2);
  EXPECT_GE(t.broken, 2);
}

// Writes that are before each other: a state in between may hold either of them.
TEST(Cut, TakesWhatIsBeforeItselfApart) {
  const std::string text =
      "#include <ringtail.h>\nstatic int x, y, a_is, b_is;\n"
      "THREAD(a) { WRITE_ONCE(x, 1); WRITE_ONCE(y, 2); WRITE_ONCE(a_is, 1); WRITE_ONCE(a_is, 0); }\n"
      "THREAD(b) { WRITE_ONCE(y, 1); WRITE_ONCE(x, 2); WRITE_ONCE(b_is, 1); }\n"
      "INVARIANT(never, !(a_is && b_is && x == 1 && y == 1))\n";
  const auto spec = lang::load_spec("cycle.c", text, {}, [](auto&&...) { return std::nullopt; });
  ASSERT_TRUE(spec) << spec.error().text;
  EXPECT_EQ(prove_threads(*spec, Model::sc, {}).result, explore::Result::safe);
  EXPECT_EQ(prove_threads(*spec, Model::tso, {}).result, explore::Result::safe);
  const Outcome o = prove_threads(*spec, Model::lkmm, {});
  EXPECT_EQ(o.result, explore::Result::violation) << o.bound;
  EXPECT_TRUE(o.execution);
}

INSTANTIATE_TEST_SUITE_P(Models, Agreement, testing::Values(Model::sc, Model::tso, Model::lkmm),
                         [](const auto& info) { return std::string(memory::name(info.param)); });

}  // namespace
}  // namespace ringtail::prove
