// SPDX-License-Identifier: GPL-2.0-or-later
// Random programs on the kernel that runs this test, replayed: whatever it did must conform. When one does
// not, rapidcheck shrinks the program to the few calls that matter. RINGTAIL_KEEP=FILE keeps the capture of
// the last divergence.
#include <cstdlib>
#include <fstream>
#include <iostream>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/utsname.h>

#include "replay/capture/jsonl.h"
#include "replay/oracle/oracle.h"
#include "tests/replay/oracle/show.h"
#include "tests/replay/oracle/steps.h"

namespace ringtail::live {
namespace {

kernel::Profile this_kernel() {
  utsname u{};
  uname(&u);
  kernel::Profile p;
  p.take_fact("kernel", u.release);
  return p;
}

// The events as they come back from a capture file.
std::string capture_of(const std::vector<capture::Event>& events) {
  std::string text = capture::json_header();
  for (const capture::Event& e : events) capture::append_json(text, e);
  return text;
}

void conforms(const std::vector<Thread>& threads) {
  const Recorder recorder{*rc::gen::arbitrary<bool>(), *rc::gen::arbitrary<bool>(),
                          *rc::gen::arbitrary<bool>()};
  RC_LOG() << recorder << "\n";
  const auto ran = run(threads, recorder.annotate);
  RC_PRE(ran.has_value());  // else the program shot itself in the foot, which says nothing of the model
  const std::string text = capture_of(events_of(*ran, recorder));
  const auto reader = capture::Reader::over(text);
  oracle::Oracle oracle(this_kernel());
  for (capture::Event e; reader->next(e);) {
    RC_ASSERT(e.kind != capture::Event::Kind::problem);
    oracle.take(e);
    const auto& found = oracle.summary().divergences;
    if (found.empty()) continue;
    const oracle::Divergence& d = found.front();
    const std::string what = d.call + ": " + d.observed + " by " + std::string(d.rule);
    // Threads may not meet like this again, and rapidcheck tells of the last run only.
    std::cerr << "line " << d.line << ": " << what << '\n';
    if (const char* file = std::getenv("RINGTAIL_KEEP")) std::ofstream(file) << text;
    RC_FAIL(what);
  }
}

// Programs of one family, with child processes in between.
rc::Gen<Thread> program(rc::Gen<Step> step) {
  return thread_of(rc::gen::weightedOneOf<Step>({{30, std::move(step)}, {1, clone_step()}}));
}

rc::Gen<Step> mixed_step() {
  return rc::gen::oneOf(memory_step(), madvise_step(), numa_step(), aio_step(), descriptor_step(),
                        fault_step());
}

#define RINGTAIL_FAMILY(name, step)                                                 \
  RC_GTEST_PROP(RunningKernel, name##OneThread, ()) { conforms({*program(step)}); } \
  RC_GTEST_PROP(RunningKernel, name##TwoThreads, ()) { conforms({*program(step), *program(step)}); }

RINGTAIL_FAMILY(Memory, memory_step())
RINGTAIL_FAMILY(Madvise, madvise_step())
RINGTAIL_FAMILY(Numa, numa_step())
RINGTAIL_FAMILY(Aio, aio_step())
RINGTAIL_FAMILY(Descriptors, descriptor_step())
RINGTAIL_FAMILY(Mixed, mixed_step())

RC_GTEST_PROP(RunningKernel, MixedThreeThreads, ()) {
  conforms({*program(mixed_step()), *program(mixed_step()), *program(mixed_step())});
}

}  // namespace
}  // namespace ringtail::live
