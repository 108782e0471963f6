// SPDX-License-Identifier: GPL-2.0-or-later
// Random programs on the kernel that runs this test, replayed: whatever it did must conform. When one does
// not, rapidcheck shrinks the program to the few calls that matter, and RINGTAIL_KEEP=FILE keeps the capture
// of the last divergence. `ringtail fuzz calls` draws from the same generators.
#include <cstdlib>
#include <fstream>
#include <iostream>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "replay/live/hold.h"
#include "replay/live/steps.h"

namespace ringtail::live {
namespace {

void conforms(Family family, int threads) {
  const Program program = *programs(family, threads);
  const Held held = hold(program);
  RC_PRE(held.not_run.empty());  // else the program shot itself in the foot, which says nothing of the model
  if (!held.finding) return;
  const oracle::Divergence& d = held.finding->divergence;
  const std::string what = d.call + ": " + d.observed + " by " + std::string(d.rule);
  // Threads may not meet like this again, and rapidcheck tells of the last run only.
  std::cerr << "line " << d.line << ": " << what << '\n';
  if (const char* file = std::getenv("RINGTAIL_KEEP")) std::ofstream(file) << held.finding->capture;
  RC_LOG() << print(program);
  RC_FAIL(what);
}

#define RINGTAIL_FAMILY(name, family)                                                \
  RC_GTEST_PROP(RunningKernel, name##OneThread, ()) { conforms(Family::family, 1); } \
  RC_GTEST_PROP(RunningKernel, name##TwoThreads, ()) { conforms(Family::family, 2); }

RINGTAIL_FAMILY(Memory, memory)
RINGTAIL_FAMILY(Madvise, madvise)
RINGTAIL_FAMILY(Numa, numa)
RINGTAIL_FAMILY(Aio, aio)
RINGTAIL_FAMILY(Descriptors, descriptors)
RINGTAIL_FAMILY(Mixed, mixed)

RC_GTEST_PROP(RunningKernel, MixedThreeThreads, ()) { conforms(Family::mixed, 3); }

}  // namespace
}  // namespace ringtail::live
