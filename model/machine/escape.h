// SPDX-License-Identifier: GPL-2.0-or-later
// Which local objects other threads can never see: those whose address stays in registers, goes to functions
// that are called and comes back in no value. What a thread does to such an object is its own affair, as with
// a register, and no event.
//
// The analysis follows addresses through registers and arguments, whatever the flow of control. An address
// that is stored, compared by a read-modify-write, returned, or given to a callback, escapes; so does that of
// an object that is accessed in any other way than by plain loads, stores and assignments of structures.
#pragma once

#include <vector>

#include "model/lang/ir.h"

namespace ringtail::machine {

// Of each instruction of each function, whether it is a `local` whose object stays with its thread.
std::vector<std::vector<bool>> private_locals(const ir::Program& program);

}  // namespace ringtail::machine
