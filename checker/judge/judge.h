// SPDX-License-Identifier: GPL-2.0-or-later
// The judge: what a program may do under a memory model, by the model's definition and nothing else.
//
//   1. Each thread's paths are enumerated with reads returning any value that some write to that address can
//   write;
//      what is written grows until nothing new appears.
//   2. One path a thread, every rf that fits the values, every co: a candidate execution.
//   3. Those that satisfy the axioms count.
//
// No reduction and one economy: threads are added one after another, and a candidate that the axioms refuse
// already is not completed. The explorer must agree with it on every small program.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "model/lang/ir.h"
#include "model/memory/model.h"

namespace ringtail::judge {

struct Options {
  std::uint64_t max_candidates = 5'000'000;  // partial ones too
};

struct Judgement {
  std::string unsupported;       // why the program was not judged; everything else is then without meaning
  std::set<std::string> states;  // of the executions that satisfy the filter, as herd7 prints them
  std::uint64_t positive = 0, negative = 0;
  // Of these, executions in which a value is its own cause: a cycle of dependencies and reads-from, through
  // plain accesses, which LKMM's axioms do not forbid. Such a value is any that fits.
  std::uint64_t thin_air = 0;
  std::set<std::string> flags;   // of any execution
  std::set<std::string> failed;  // checks that fail in some execution
  std::string observation() const;
  friend bool operator==(const Judgement&, const Judgement&) = default;
};

Judgement judge(const ir::Program& program, memory::Model model, const Options& options = {});

}  // namespace ringtail::judge
