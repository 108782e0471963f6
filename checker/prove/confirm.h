// SPDX-License-Identifier: GPL-2.0-or-later
// What the solver says, done by the machine: the only thread of a program, run with the inputs that the
// solver found. The memory that it reads is what it wrote; where the machine stops, or would step outside its
// objects, is where it ends.
#pragma once

#include "checker/explore/sequential.h"
#include "checker/prove/prove.h"
#include "checker/prove/solver.h"
#include "checker/witness/walk.h"

namespace ringtail::prove {

struct Confirmed {
  witness::Execution execution;  // but for its class and message
  machine::Failure failure = machine::Failure::none;
  std::string invariant;  // that is broken where its lock is released
  Place at;
  std::vector<Chosen> inputs;
};

// What the solver gives each choice, in the order in which the function makes them.
struct Choice {
  Place at;
  std::int64_t value = 0;
  bool is_signed = true;
};

std::vector<Choice> choices_of(const std::vector<Input>& inputs, const Solver& solver);

// `lock`: its invariants are looked at whenever it is released.
// `suspect`: an access to this address at this place leaves the object that its pointer was made of, although
// there may be another one.
struct Suspect {
  Place at;
  std::uint64_t address = 0;
};

Confirmed confirm(const lang::Spec& spec, const explore::Initial& initial, const std::vector<Choice>& choices,
                  const std::optional<Suspect>& suspect, std::uint32_t unroll,
                  std::optional<std::uint64_t> lock = {});

}  // namespace ringtail::prove
