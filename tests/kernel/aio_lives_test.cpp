// SPDX-License-Identifier: GPL-2.0-or-later
// When contexts lived: histories that some order explains and such that none does, and random programs
// against an enumerator that plays every order on two addresses.
#include <algorithm>
#include <array>
#include <cerrno>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/kernel/aio_calls.h"
#include "tests/kernel/explainable.h"

namespace ringtail::kernel::aio_tests {
namespace {

constexpr std::uint64_t kElsewhere = kOther + 0x1000000;

Call use(std::uint64_t id, std::int64_t result = 0) {
  Call c = read_call(0, 8, {}, id);
  c.out.value = result;
  return c;
}

struct Lives : testing::Test {
  // What no order explains.
  std::string misfits() {
    std::string text;
    for (const Misfit& m : a.world.orders.misfits())
      text += fmt::format("{}{} of {}: {}", text.empty() ? "" : ", ", name_of(m.call.sys), m.when.tid,
                          m.verdict.rule->name);
    return text;
  }
  Tri live(std::uint64_t id) {
    const AioContext* c = a.world.find(1)->mm->aio.find(id);
    return c ? c->live : Tri::no;
  }
  Aio a;
};

// While an io_setup runs there may be a context anywhere; once it has failed there was none.
TEST_F(Lives, ASecondDestroyNeedsASecondContext) {
  for (const bool made : {true, false}) {
    a = Aio();
    a.setup(8, kRing);
    a.begin(destroy_call(kRing), 2);
    a.run(destroy_call(kRing));
    a.begin(setup_call(8, kRing), 3);
    a.end(destroy_call(kRing), 2);
    a.end(made ? setup_call(8, kRing) : setup_call(8, 0, -11), 3);
    EXPECT_EQ(misfits(), made ? "" : "io_setup of 3: aio.context-in-order") << made;
  }
}

TEST_F(Lives, WhatWasDestroyedTwiceIsNotThereLater) {
  a.setup(8, kRing);
  a.begin(setup_call(8, kRing), 3);
  a.begin(destroy_call(kRing), 2);
  a.run(destroy_call(kRing));
  a.end(destroy_call(kRing), 2);  // the new one
  EXPECT_EQ(misfits(), "");
  a.begin(use(kRing), 2);
  a.end(setup_call(8, kRing), 3);
  EXPECT_EQ(a.end(use(kRing, -22), 2), "conforms");
  EXPECT_EQ(misfits(), "");
  EXPECT_EQ(live(kRing), Tri::no);
}

TEST_F(Lives, NobodyFindsAContextBetweenTwoThatSeeNone) {
  a.setup(8, kRing);
  a.begin(destroy_call(kRing), 2);
  EXPECT_EQ(a.run(use(kRing, -22)), "conforms");
  EXPECT_EQ(a.run(use(kRing)), "conforms");  // by itself it is fine
  EXPECT_EQ(misfits(), "io_getevents of 1: aio.context-in-order");
}

// An io_setup that cannot write where it read makes a context for a moment, wherever that is. One that could
// not read has made none.
TEST_F(Lives, AnIoSetupThatCannotReadIsNoReasonForDoubt) {
  for (const std::uint64_t at : {std::uint64_t{1} << 60, std::uint64_t{0x7ffc00000000}}) {
    a = Aio();
    a.setup(8, kRing);
    a.begin(destroy_call(kRing), 2);
    Call fault = setup_call(8, 0, -EFAULT);
    fault.arg[1] = Word::of(at);
    a.run(fault);
    EXPECT_EQ(a.run(use(kRing, -22)), "conforms");
    EXPECT_EQ(a.run(use(kRing)), "conforms");
    EXPECT_EQ(misfits(), at >> 60 ? "io_getevents of 1: aio.context-in-order" : "");
  }
}

TEST_F(Lives, ACallThatIsOverSawTheContextBeforeTheDestroyThatFollows) {
  a.setup(8, kRing);
  a.begin(use(kRing), 3);
  a.begin(destroy_call(kRing), 2);
  EXPECT_EQ(a.run(use(kRing)), "conforms");
  a.end(destroy_call(kRing), 2);
  a.end(use(kRing), 3);
  EXPECT_EQ(misfits(), "");
}

TEST_F(Lives, ADestroyThatFailsHasSeenAnother) {
  a.setup(8, kRing);
  a.begin(destroy_call(kRing), 2);
  a.begin(destroy_call(kRing), 3);
  EXPECT_EQ(a.end(destroy_call(kRing, -22), 3), "conforms");
  EXPECT_EQ(a.end(destroy_call(kRing, -22), 2), "diverges io_destroy.result");
}

TEST_F(Lives, AnIoSetupMakesOneContext) {
  a.begin(setup_call(8, kRing), 3);
  EXPECT_EQ(a.run(use(kRing)), "conforms");
  EXPECT_EQ(a.end(setup_call(8, kOther), 3), "conforms");
  EXPECT_EQ(misfits(), "io_setup of 3: aio.context-in-order");
}

// put_user() of the id may fail, when the context has been there.
TEST_F(Lives, AnIoSetupThatFaultsMayHaveMadeOne) {
  a.begin(setup_call(8, kRing), 3);
  EXPECT_EQ(a.run(use(kRing)), "conforms");
  EXPECT_EQ(a.end(setup_call(8, kRing, -14), 3), "conforms");
  EXPECT_EQ(misfits(), "");
}

TEST_F(Lives, WhatEveryOrderLeavesIsTold) {
  a.setup(8, kRing);
  a.begin(destroy_call(kRing), 2);
  a.begin(setup_call(8, kRing), 3);
  a.run(use(kRing));
  a.end(destroy_call(kRing), 2);
  a.end(setup_call(8, kRing), 3);
  EXPECT_EQ(misfits(), "");
  EXPECT_EQ(live(kRing), Tri::yes);
}

// Without its ring nobody finds a context, and io_destroy does not either.
TEST_F(Lives, AnAddressWhoseRingIsTouchedIsGivenUp) {
  for (const bool touched : {false, true}) {
    a = Aio();
    a.setup(8, kRing);
    a.begin(destroy_call(kRing), 2);
    if (touched) a.run(call(Sys::munmap, {kRing, 4096}, 0));
    EXPECT_EQ(a.end(destroy_call(kRing, -22), 2) == "conforms", touched);
    EXPECT_EQ(misfits(), "");
  }
}

TEST_F(Lives, ACallWhoseEndIsLostMayHaveDoneAnything) {
  a.setup(8, kRing);
  a.begin(destroy_call(kRing), 2);
  a.begin(use(kRing), 3);
  end_thread(a.world, 2, 1000);
  EXPECT_EQ(a.run(use(kRing, -22)), "conforms");
  EXPECT_EQ(a.run(use(kRing)), "conforms");
  EXPECT_EQ(misfits(), "");
}

TEST_F(Lives, BeforeThreeSixteenAContextDiedMoreThanOnce) {
  a = Aio({3, 15, 0});
  a.setup(8, kRing);
  a.begin(destroy_call(kRing), 2);
  a.begin(destroy_call(kRing), 3);
  a.end(destroy_call(kRing), 2), a.end(destroy_call(kRing), 3);
  EXPECT_EQ(misfits(), "");
}

TEST_F(Lives, MemoryIsBoundedWhileACallNeverReturns) {
  a.setup(8, kElsewhere);
  a.begin(use(kElsewhere), 3);
  for (int i = 0; i < 2000; ++i) {
    const std::uint64_t id = kRing + static_cast<std::uint64_t>(i) * 0x1000;
    a.setup(8, id), a.run(destroy_call(id));
  }
  EXPECT_LE(a.world.lives.addresses(), 16u);
  a.setup(8, kRing);
  a.begin(destroy_call(kRing), 2);
  a.run(use(kRing, -22)), a.run(use(kRing));
  EXPECT_EQ(misfits(), "io_getevents of 1: aio.context-in-order");
}

// --- random programs

struct Act {
  int kind = 0;  // io_setup, io_destroy, io_getevents
  int place = 0;
  int tid = 0;
  bool works = true;
  int begin = 0, end = 0;  // moments
};

using Places = std::array<bool, 2>;  // whether a context is there
constexpr std::uint64_t kPlace[] = {kRing, kOther};

// What the call does, its result being what it is: false when it cannot be.
bool play(const Act& act, Places& alive) {
  if (act.kind == 0) {
    if (!act.works) return true;
    bool& there = alive[static_cast<std::size_t>(act.place)];
    return !there && (there = true);
  }
  bool& there = alive[static_cast<std::size_t>(act.place)];
  if (there != act.works) return false;
  if (act.kind == 1) there = false;
  return true;
}

Call call_of(const Act& act) {
  const std::uint64_t id = kPlace[act.place];
  if (act.kind == 0) return act.works ? setup_call(8, id) : setup_call(8, 0, -11);
  return act.kind == 1 ? destroy_call(id, act.works ? 0 : -22) : use(id, act.works ? 0 : -22);
}

struct Program {
  Places start{};
  std::vector<Act> acts;
};

std::string text_of(const Program& g) {
  std::string text = fmt::format("at first {} {}\n", g.start[0], g.start[1]);
  for (const Act& a : g.acts)
    text += fmt::format("{} to {}: {} of {} by {} {}\n", a.begin, a.end,
                        a.kind == 0   ? "io_setup"
                        : a.kind == 1 ? "io_destroy"
                                      : "io_getevents",
                        a.place, a.tid, a.works ? "works" : "fails");
  return text;
}

// Two to four threads of up to three calls each, at random moments; the results are those of a true run, in
// which each call takes effect at some moment of its own, but for one that may be wrong.
Program any_program() {
  Program g;
  for (bool& there : g.start) there = *rc::gen::arbitrary<bool>();
  struct Thread {
    int left = 0, phase = 0;  // 0: between calls, 1: begun, 2: done
    std::size_t act = 0;
  };
  std::vector<Thread> threads(static_cast<std::size_t>(*rc::gen::inRange(2, 5)));
  for (Thread& t : threads) t.left = *rc::gen::inRange(1, 4);
  Places now = g.start;
  for (int moment = 1;; ++moment) {
    std::vector<std::size_t> can;
    for (std::size_t i = 0; i < threads.size(); ++i)
      if (threads[i].phase || (threads[i].left && g.acts.size() < 7)) can.push_back(i);
    if (can.empty()) break;
    const std::size_t i = *rc::gen::elementOf(can);
    Thread& t = threads[i];
    if (t.phase == 0) {
      t.act = g.acts.size();
      g.acts.push_back(
          {*rc::gen::inRange(0, 3), *rc::gen::inRange(0, 2), static_cast<int>(i) + 1, true, moment, 0});
      --t.left;
    } else if (t.phase == 1) {
      Act& act = g.acts[t.act];
      const bool there = now[static_cast<std::size_t>(act.place)];
      act.works = act.kind == 0 ? !there : there;
      RC_ASSERT(play(act, now));
    } else {
      g.acts[t.act].end = moment;
    }
    t.phase = (t.phase + 1) % 3;
  }
  if (*rc::gen::arbitrary<bool>()) {
    Act& act = g.acts[*rc::gen::inRange<std::size_t>(0, g.acts.size())];
    if (act.kind == 0 && act.works && *rc::gen::arbitrary<bool>()) act.place = 1 - act.place;
    else act.works = !act.works;
  }
  return g;
}

// Whether the model objects to any call.
bool objects(const Program& g) {
  Aio a;
  for (std::size_t i = 0; i < g.start.size(); ++i)
    if (g.start[i]) a.setup(8, kPlace[i]);
  a.setup(8, kElsewhere);
  a.begin(use(kElsewhere), 5);  // all the time, so that all are one group
  bool found = false;
  int last = 0;
  for (const Act& act : g.acts) last = std::max(last, act.end);
  for (int moment = 1; moment <= last; ++moment)
    for (const Act& act : g.acts) {
      if (act.begin == moment) a.begin(call_of(act), act.tid);
      if (act.end == moment) found |= a.end(call_of(act), act.tid).starts_with("diverges");
    }
  found |= a.end(use(kElsewhere), 5).starts_with("diverges");
  return found || !a.world.orders.misfits().empty();
}

RC_GTEST_PROP(LivesOfAnything, AreWhatTheEnumeratorAllows, ()) {
  const Program g = any_program();
  const bool explained = explainable(g.acts, g.start, play);
  RC_LOG() << text_of(g);
  RC_CLASSIFY(!explained, "not explainable");
  RC_ASSERT(objects(g) == !explained);
}

}  // namespace
}  // namespace ringtail::kernel::aio_tests
