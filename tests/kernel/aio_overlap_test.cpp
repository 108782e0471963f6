// SPDX-License-Identifier: GPL-2.0-or-later
// AIO calls of several threads that overlap, and contexts across fork, execve and attached recorders.
#include <gtest/gtest.h>

#include "tests/kernel/aio_calls.h"
#include "tests/kernel/drive.h"

namespace ringtail::kernel::aio_tests {
namespace {

TEST(AioOverlap, AnEventMayComeBeforeItsSubmitReturns) {
  Aio a;
  a.setup(8, kRing);
  a.begin(submit_call({read_of(1, 8), read_of(2, 8)}, 0), 2);
  EXPECT_EQ(a.read(1, 8, {event(1, 8)}), "conforms");
  EXPECT_EQ(a.end(submit_call({read_of(1, 8), read_of(2, 8)}, 1), 2), "conforms");
  EXPECT_EQ(a.read(1, 8, {event(2, 8)}), "diverges io_event.request");  // it was not taken
}

TEST(AioOverlap, AnEventThatCameMeansThatItsIocbWasTaken) {
  Aio a;
  a.setup(8, kRing);
  a.begin(submit_call({read_of(1, 8), read_of(2, 8)}, 0), 2);
  EXPECT_EQ(a.read(1, 8, {event(2, 8)}), "conforms");
  EXPECT_EQ(a.end(submit_call({read_of(1, 8), read_of(2, 8)}, 1), 2), "diverges io_submit.taken");
}

// No errno is that small: what was not taken is all of them.
TEST(AioOverlap, AResultBelowEveryErrnoTakesNothing) {
  Aio a;
  a.setup(8, kRing);
  a.begin(submit_call({read_of(1, 8)}, 0), 2);
  EXPECT_EQ(a.end(submit_call({read_of(1, 8)}, -70000), 2), "diverges io_submit.nr");
  EXPECT_EQ(a.read(1, 8, {event(1, 8)}), "diverges io_event.request");
}

TEST(AioOverlap, AnEventDoesNotComeBeforeItsSubmitBegins) {
  Aio a;
  a.setup(8, kRing);
  a.begin(read_call(1, 8, {}), 2);
  EXPECT_EQ(a.end(read_call(1, 8, {event(1, 8)}), 2), "diverges io_event.request");
  EXPECT_EQ(a.submit({read_of(1, 8)}, 1), "conforms");
}

TEST(AioOverlap, ASleeperSeesWhatIsSubmittedMeanwhile) {
  Aio a;
  a.setup(8, kRing);
  a.begin(read_call(1, 8, {}), 2);
  a.submit({read_of(1, 8)}, 1);
  EXPECT_EQ(a.end(read_call(1, 8, {event(1, 8)}), 2), "conforms");
  EXPECT_EQ(a.read(1, 8, {event(1, 8)}), "diverges io_event.request");
}

TEST(AioOverlap, OneOfTwoDestroysWins) {
  for (const bool both : {false, true}) {
    Aio a;
    a.setup(8, kRing);
    a.begin(destroy_call(kRing), 2);
    a.begin(destroy_call(kRing), 3);
    EXPECT_EQ(a.end(destroy_call(kRing), 2), "conforms");
    EXPECT_EQ(a.end(destroy_call(kRing, both ? 0 : -22), 3), both ? "diverges io_destroy.once" : "conforms");
  }
}

TEST(AioOverlap, ACallBesideADestroyMayFindTheContextOrNot) {
  for (const int result : {1, -22}) {
    Aio a;
    a.setup(8, kRing);
    a.begin(destroy_call(kRing), 2);
    EXPECT_EQ(a.submit({read_of(1, 8)}, result), "conforms");
    EXPECT_EQ(a.end(destroy_call(kRing), 2), "exactly");
    EXPECT_EQ(a.submit({read_of(1, 8)}, -22), "exactly");
  }
}

TEST(AioOverlap, ACallThatOutlivesADestroyMayStillReadItsEvents) {
  Aio a;
  a.setup(8, kRing);
  a.submit({read_of(1, 8)}, 1);
  a.begin(read_call(1, 8, {}), 2);
  a.run(destroy_call(kRing));
  EXPECT_EQ(a.end(read_call(1, 8, {event(1, 8)}), 2), "conforms");
  EXPECT_EQ(a.read(0, 8, {}), "diverges io_getevents.context");
}

// The ring is unmapped before io_destroy waits: another thread may get its address at once.
TEST(AioOverlap, AnAddressMayBeGivenAgainBeforeTheDestroyReturns) {
  Aio a;
  a.setup(8, kRing);
  a.begin(destroy_call(kRing), 2);
  EXPECT_EQ(a.setup(8, kRing), "conforms");
  EXPECT_EQ(a.submit({read_of(1, 8)}, 1), "conforms");
  EXPECT_EQ(a.end(destroy_call(kRing), 2), "conforms");
  EXPECT_EQ(a.read(1, 8, {event(1, 8)}), "conforms");  // the new one is there
  EXPECT_EQ(a.run(failed(read_call(1, 8, {}), 22)), "diverges io_getevents.result");
  EXPECT_EQ(a.run(destroy_call(kRing)), "exactly");
  EXPECT_EQ(a.run(destroy_call(kRing)), "diverges io_destroy.context");
}

TEST(AioOverlap, AContextMayBeUsedBeforeItsSetupReturns) {
  Aio a;
  a.begin(setup_call(8, kRing), 2);
  EXPECT_EQ(a.submit({read_of(1, 8)}, 1), "conforms");
  EXPECT_EQ(a.end(setup_call(8, kRing), 2), "conforms");
  EXPECT_EQ(a.read(1, 8, {event(1, 8)}), "conforms");
  EXPECT_EQ(a.run(destroy_call(kRing)), "exactly");
  EXPECT_EQ(a.setup(8, kRing), "conforms");
}

TEST(AioOverlap, AContextMayBeDestroyedBeforeItsSetupReturns) {
  Aio a;
  a.begin(setup_call(8, kRing), 2);
  EXPECT_EQ(a.run(destroy_call(kRing)), "conforms");
  EXPECT_EQ(a.end(setup_call(8, kRing), 2), "conforms");
  EXPECT_EQ(a.submit({read_of(1, 8)}, -22), "exactly");  // whichever came first
}

// Another context stood there, and its io_destroy had to be waited for.
TEST(AioOverlap, AnAddressGivenAgainMayBeUsedBeforeItsSetupReturns) {
  Aio a;
  a.setup(8, kRing);
  a.begin(destroy_call(kRing), 2);
  a.begin(setup_call(8, kRing), 3);
  EXPECT_EQ(a.end(destroy_call(kRing), 2), "exactly");
  a.begin(submit_call({read_of(1, 8)}, 1), 2);
  EXPECT_EQ(a.end(submit_call({read_of(1, 8)}, 1), 2), "conforms");
  EXPECT_EQ(a.end(setup_call(8, kRing), 3), "conforms");
  EXPECT_EQ(a.read(1, 8, {event(1, 8)}), "conforms");
  EXPECT_EQ(a.run(destroy_call(kRing)), "exactly");
}

// The io_destroy of the one that was there runs still: what is submitted meanwhile is into either.
TEST(AioOverlap, WhatIsSubmittedBesideADestroyAndASetupMayBeIntoTheNewContext) {
  for (const bool meanwhile : {true, false}) {
    Aio a;
    a.setup(8, kRing);
    if (!meanwhile) a.submit({read_of(1, 8)}, 1);
    a.begin(destroy_call(kRing), 2);
    a.begin(setup_call(8, kRing), 3);
    if (meanwhile) a.submit({read_of(1, 8)}, 1);
    EXPECT_EQ(a.end(setup_call(8, kRing), 3), "conforms");
    EXPECT_EQ(a.read(1, 8, {event(1, 8)}), meanwhile ? "conforms" : "diverges io_event.request");
    EXPECT_EQ(a.read(1, 8, {event(1, 8)}), "diverges io_event.request");
    EXPECT_EQ(a.end(destroy_call(kRing), 2), "conforms");
  }
}

// The one that was there is known only from its use, which might have been of the new one.
TEST(AioOverlap, AnAddressGivenAgainMayHaveBeenThatOfAContextFromBefore) {
  Aio a;
  a.world.find(1)->mm->aio.whole = false;
  a.begin(setup_call(8, kRing), 3);
  EXPECT_EQ(a.read(0, 8, {}), "conforms");
  a.begin(destroy_call(kRing), 2);
  EXPECT_EQ(a.end(setup_call(8, kRing), 3), "conforms");
  EXPECT_EQ(a.end(destroy_call(kRing), 2), "conforms");
  EXPECT_EQ(a.read(0, 8, {}), "conforms");
  EXPECT_EQ(a.run(failed(read_call(1, 8, {}), 22)), "conforms");
}

// Nobody has seen the one that was there, which the io_destroy may have meant.
TEST(AioOverlap, AnAddressGivenWhileADestroyRunsMayHaveBeenThatOfAContextFromBefore) {
  for (const bool whole : {false, true}) {
    Aio a;
    a.world.find(1)->mm->aio.whole = whole;
    a.begin(destroy_call(kRing), 2);
    EXPECT_EQ(a.setup(8, kRing), "conforms");
    EXPECT_EQ(a.end(destroy_call(kRing), 2), "conforms");
    EXPECT_EQ(a.submit({read_of(1, 8)}, 1), whole ? "diverges io_submit.context" : "conforms");
  }
}

TEST(AioOverlap, ASubmitMayBeIntoAContextWhoseSetupReturnsMeanwhile) {
  Aio a;
  a.begin(setup_call(8, kRing), 3);
  a.begin(submit_call({read_of(1, 8)}, 1), 2);
  EXPECT_EQ(a.end(setup_call(8, kRing), 3), "conforms");
  EXPECT_EQ(a.read(1, 8, {event(1, 8)}), "conforms");
  EXPECT_EQ(a.end(submit_call({read_of(1, 8)}, 1), 2), "conforms");
}

TEST(AioOverlap, ACancelledRequestMayBeReadBeforeItsCancelReturns) {
  Aio a;
  a.setup(8, kRing);
  a.submit({poll_of(3, 1)}, 1);
  a.begin(cancel_call(poll_of(3, 1), -115), 2);
  EXPECT_EQ(a.read(0, 8, {event(3, 0)}), "conforms");
  EXPECT_EQ(a.end(cancel_call(poll_of(3, 1), -115), 2), "conforms");
  EXPECT_EQ(a.run(cancel_call(poll_of(3, 1), -115)), "diverges io_cancel.request");
}

TEST(AioOverlap, ADestroyWhoseEndWasLostMayHaveHappened) {
  for (const int result : {1, -22}) {
    Aio a;
    a.setup(8, kRing);
    a.begin(destroy_call(kRing), 2);
    Call lost = destroy_call(kRing);
    lost.out = {};
    EXPECT_EQ(a.end(lost, 2), "not judged: the capture does not show how the call ended");
    EXPECT_EQ(a.submit({read_of(1, 8)}, result), "conforms");
  }
}

TEST(AioOverlap, ASetupThatFailsLeavesNothing) {
  Aio a;
  a.begin(setup_call(8, kRing), 2);
  EXPECT_EQ(a.end(setup_call(8, kRing, -11), 2), "conforms");
  EXPECT_EQ(a.submit({read_of(1, 8)}, 1), "diverges io_submit.context");
}

TEST(AioProcess, AChildHasNoContexts) {
  Aio a;
  a.setup(8, kRing);
  Op op;
  op.tid = 1;
  op.mm = a.world.find(1)->mm->id;
  op.spawns_vm = op.spawns_files = Tri::no;
  a.world.spawn(*a.world.find(1), 7, op);
  EXPECT_EQ(a.run(submit_call({read_of(1, 8)}, 1), 7), "diverges io_submit.context");
  EXPECT_EQ(a.run(setup_call(8, kRing), 7), "conforms");  // the address is free there
  EXPECT_EQ(a.run(submit_call({read_of(1, 8)}, 1), 7), "conforms");
  EXPECT_EQ(a.read(1, 8, {event(1, 8)}), "diverges io_event.request");  // its requests are its own
}

TEST(AioProcess, ExecveEndsThemAll) {
  Aio a;
  a.setup(8, kRing);
  a.world.exec(*a.world.find(1));
  EXPECT_EQ(a.submit({read_of(1, 8)}, 1), "diverges io_submit.context");
}

TEST(AioProcess, AThreadSharesThem) {
  Aio a;
  a.setup(8, kRing);
  EXPECT_EQ(a.run(submit_call({read_of(1, 8)}, 1), 2), "conforms");
  EXPECT_EQ(a.read(1, 8, {event(1, 8)}), "conforms");
}

// The child appears while two calls run that may have made it: whose memory it shares is not known, nor who
// else sets up contexts there.
TEST(AioProcess, AChildOfUnknownDescentIsNotAlone) {
  Aio a;
  const Call shares = call(Sys::clone, {0x4111, 0, 0, 0, 0}, 9),
             copies = call(Sys::clone, {17, 0, 0, 0, 0}, 8);
  a.begin(shares, 1);
  a.begin(copies, 2);
  EXPECT_EQ(text(end_call(a.world, {9, 0, 100, 101}, destroy_call(kRing))), "conforms");
  EXPECT_EQ(text(end_call(a.world, {9, 0, 102, 103}, submit_call({read_of(1, 8)}, 1))), "conforms");
  a.end(copies, 2);
  a.end(shares, 1);
}

// A recorder that was attached: contexts and requests from before may turn up.
TEST(AioAttached, AContextFromBeforeIsLearntFromItsUse) {
  World w{Profile{}};
  std::uint64_t seq = 0;
  const auto run = [&](const Call& c) {
    const std::uint64_t begin = ++seq;
    return text(end_call(w, {1, 0, begin, ++seq}, c));
  };
  EXPECT_EQ(run(read_call(1, 8, {event(1, 8)})), "conforms");
  EXPECT_EQ(run(submit_call({read_of(2, 8)}, 1)), "conforms");
  EXPECT_EQ(run(read_call(1, 8, {event(2, 8), event(3, 8)})), "conforms");
  EXPECT_EQ(run(failed(read_call(1, 8, {}), 22)), "diverges io_getevents.result");
  EXPECT_EQ(run(destroy_call(kRing)), "exactly");
  EXPECT_EQ(run(setup_call(8, kOther)), "conforms");
  EXPECT_EQ(run(submit_call({read_of(2, 8)}, 1)), "diverges io_submit.context");  // destroyed before our eyes
  EXPECT_EQ(run(submit_call({read_of(2, 8)}, 1, kOther)), "conforms");
  EXPECT_EQ(run(read_call(1, 8, {event(3, 8)}, kOther)),
            "diverges io_event.request");  // made before our eyes
}

TEST(AioAttached, AFilterWithoutSetupSaysNothingOfContexts) {
  Aio a;
  a.world.aio.setups = false;
  EXPECT_EQ(a.submit({read_of(1, 8)}, 1), "conforms");
  EXPECT_EQ(a.read(1, 8, {event(1, 8)}), "conforms");
}

// As perf shows no id: that of one which is gone, perhaps.
TEST(AioAttached, AContextWhoseIdIsNotRecordedMayStandAnywhere) {
  Call unseen = setup_call(8, kRing);
  unseen.outs = {};
  for (const bool hidden : {true, false}) {
    const auto now = [&](const char* text) { return hidden ? text : "diverges io_submit.context"; };
    Aio a;
    a.setup(8, kRing);
    EXPECT_EQ(a.run(destroy_call(kRing)), "exactly");
    if (hidden) a.run(unseen);
    EXPECT_EQ(a.submit({read_of(1, 8)}, 1), now("conforms"));
  }
  // While one is destroyed, too, and another after it.
  for (const bool again : {true, false}) {
    Aio a;
    a.setup(8, kRing);
    a.begin(destroy_call(kRing), 2);
    a.run(unseen);
    EXPECT_EQ(a.submit({read_of(1, 8)}, 1), "conforms");
    if (again) a.run(destroy_call(kRing));
    EXPECT_EQ(a.end(destroy_call(kRing), 2), again ? "conforms" : "exactly");
    EXPECT_EQ(a.submit({read_of(1, 8)}, 1), "conforms");
  }
}

// As perf does not show what clone3 was given.
TEST(AioAttached, AContextMayBeMadeByAThreadThatPerhapsSharesTheAddressSpace) {
  for (const int others : {1, 0}) {
    Aio a;
    a.setup(8, kRing);
    a.world.find(1)->mm->wild = others;
    EXPECT_EQ(a.run(destroy_call(kRing)), others ? "conforms" : "exactly");
    EXPECT_EQ(a.run(destroy_call(kRing)), others ? "conforms" : "diverges io_destroy.context");
  }
}

TEST(AioAttached, ThreadsOfUnknownDescentMayShareAContextOrNot) {
  World w{Profile{}};
  std::uint64_t seq = 0;
  const auto run = [&](const Call& c, std::int32_t tid) {
    const std::uint64_t begin = ++seq;
    return text(end_call(w, {tid, 0, begin, ++seq}, c));
  };
  run(call(Sys::brk, {0}, 0x10000), 1);
  run(call(Sys::brk, {0}, 0x10000), 2);
  EXPECT_EQ(run(setup_call(8, kRing), 1), "conforms");
  EXPECT_EQ(run(submit_call({read_of(1, 8)}, 1), 2), "conforms");
  EXPECT_EQ(run(submit_call({read_of(1, 8)}, -22), 2), "conforms");
  EXPECT_EQ(run(read_call(1, 8, {event(1, 8)}), 1), "conforms");  // of the other's, if they share
  EXPECT_EQ(run(read_call(1, 8, {event(9, 8)}), 2), "conforms");  // of one from before, if they do not
  EXPECT_EQ(run(read_call(1, 8, {event(9, 8)}), 1), "diverges io_event.request");
}

// A million calls of overlapping threads leave nothing behind.
TEST(AioOverlap, MemoryIsBoundedByWhatLives) {
  Aio a;
  for (int i = 0; i < 2000; ++i) {
    const std::uint64_t id = kRing + static_cast<std::uint64_t>(i) * 0x1000;
    a.setup(1, id);
    a.begin(destroy_call(id), 2);
    a.run(submit_call({read_of(static_cast<std::uint64_t>(i), 8)}, 1, id));
    a.end(destroy_call(id), 2);
  }
  EXPECT_LE(a.world.find(1)->mm->aio.size(), 2u);
}

// Of a ring that was there before the recorder only the first page is known: where pages behind it were seen,
// they may have been the ring's, and gone with it.
TEST(AioAttached, ARingIsAsLongAsItMayBe) {
  constexpr std::uint64_t kPage = 4096;
  for (const bool mapped : {false, true}) {
    Driver d;
    d.run(failed(read_call(0, 1, {}), 0));
    if (mapped) d.run(Sys::mmap, {kRing + kPage, kPage, 3, 0x32, ~0ull, 0}, kRing + kPage);
    else d.run(Sys::mlock, {kRing + kPage, kPage}, 0);
    EXPECT_EQ(text_of(d.run(destroy_call(kRing))), "exactly");
    EXPECT_EQ(text_of(d.run(Sys::mmap, {0, kPage, 3, 0x22, ~0ull, 0}, kRing + kPage)),
              mapped ? "diverges mmap.address-free" : "conforms");
  }
}

// Two contexts that nobody saw made were destroyed, one after the other, before there was this one.
TEST(AioAttached, DestroysThatRunWhenAContextComesMayAllHaveMeantOlderOnes) {
  Driver d;
  d.run(Sys::clone, {0x10f00, 0, 0, 0, 0}, 2);
  d.run(Sys::clone, {0x10f00, 0, 0, 0, 0}, 3);
  d.begin(destroy_call(kRing), 1);
  d.begin(destroy_call(kRing), 2);
  EXPECT_EQ(text_of(d.run(setup_call(8, kRing), 3)), "conforms");
  EXPECT_EQ(text_of(d.end(destroy_call(kRing), 1)), "conforms");
  EXPECT_EQ(text_of(d.end(destroy_call(kRing), 2)), "conforms");
  EXPECT_EQ(text_of(d.run(destroy_call(kRing), 3)), "conforms");
}

}  // namespace
}  // namespace ringtail::kernel::aio_tests
