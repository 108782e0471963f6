// SPDX-License-Identifier: GPL-2.0-or-later
// Random programs on the kernel that runs this test, replayed: whatever it did must conform. When one does
// not, rapidcheck shrinks the program to the few calls that matter.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/utsname.h>

#include "replay/oracle/call_text.h"
#include "replay/oracle/oracle.h"
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

void conforms(const std::vector<Thread>& threads) {
  const auto records = run(threads);
  std::size_t steps = 0;
  for (const Thread& t : threads) steps += t.size();
  RC_ASSERT(records.size() == steps);
  oracle::Oracle oracle(this_kernel());
  for (const capture::Event& e : events_of(records, threads.size())) {
    const kernel::Verdict* v = oracle.take(e);
    if (v && v->kind == kernel::Verdict::Kind::diverges)
      RC_FAIL(oracle::call_text(e.call) + " = " + std::to_string(e.call.out.value) + ": " + v->observed +
              " by " + std::string(v->rule->name));
  }
}

RC_GTEST_PROP(RunningKernel, OneThread, ()) { conforms({*thread_of(memory_step())}); }

RC_GTEST_PROP(RunningKernel, TwoThreads, ()) {
  conforms({*thread_of(memory_step()), *thread_of(memory_step())});
}

}  // namespace
}  // namespace ringtail::live
