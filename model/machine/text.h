// SPDX-License-Identifier: GPL-2.0-or-later
// What the text of a program tells before it runs.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "model/lang/ir.h"

namespace ringtail::machine {

// Registers that are read before they are written, at each loop head of a function. In a litmus test the
// named registers are looked at in the end, so they always live (`named`).
std::vector<std::pair<std::uint32_t, std::vector<ir::Reg>>> live_at_loops(const ir::Function& fn, bool named);

// The instructions of each loop, by its id; all of one function.
struct LoopExtent {
  std::uint32_t first = 0, last = 0;
  bool sleeps = false;  // a round of it may sleep, outside of loops within it: wait_event()
  bool has(std::uint32_t pc) const { return first <= pc && pc <= last; }
};
std::vector<LoopExtent> loop_extents(const ir::Program& program);

// Of each instruction of each function, whether a thread may meet an assumption after it and before it asks
// for anything else. Calls and returns count as one where there is any in the program.
std::vector<std::vector<bool>> before_assumptions(const ir::Program& program);

// Functions that run where these do: themselves and all that they may call.
std::vector<bool> reached(const ir::Program& program, std::vector<std::uint32_t> from);
std::vector<std::uint32_t> thread_functions(const ir::Program& program);
// Functions whose address the program's text has somewhere: those that a call through a pointer may reach.
std::set<std::uint32_t> functions_by_address(const ir::Program& program);

// Whether any thread may come to an instruction of which `what` is true.
bool in_threads(const ir::Program& program, const std::function<bool(const ir::Instr&)>& what);
// Whether any thread may wait for a grace period, or have something called after one.
bool waits_for_readers(const ir::Program& program);
bool calls_back(const ir::Program& program);

// Where threads access memory plainly, so that others may race with them.
struct PlainPlaces {
  bool anywhere = false;  // through a computed address
  std::set<std::uint64_t> addresses;
  bool has(std::uint64_t address) const { return anywhere || addresses.count(address) != 0; }
};
PlainPlaces plain_places(const ir::Program& program);

}  // namespace ringtail::machine
