// SPDX-License-Identifier: GPL-2.0-or-later
// Random programs until the kernel and the model differ, and then the shortest that still shows it.
//
// A number stands for a program, always the same. What the kernel makes of it may depend on how its threads
// meet: a program that can be run in several ways is tried several times on the way down.
#pragma once

#include <cstdint>
#include <optional>

#include "replay/live/hold.h"
#include "replay/live/steps.h"

namespace ringtail::live {

struct Kind {
  Family family = Family::mixed;
  int threads = 1;
};
// The one of the thirteen that a case draws from: every family with one and two threads, mixed with three.
Kind kind_of(std::uint64_t number);

Program program_of(std::uint64_t number, Kind kind);

struct Found {
  Program program;
  Finding finding;
  unsigned runs = 0;  // it took to shrink it
};

// What differs by the same rule as `program`, which was found to, and of which no step, field or thread can
// be spared and no number lowered. Not rapidcheck's own descent, which begins again with the largest cuts
// after each that fits: a run may take 40 ms.
Found shrink(Program program, Finding finding);

// How often a program is worth a run: once when its calls cannot overlap.
int tries_of(const Program& program);

}  // namespace ringtail::live
