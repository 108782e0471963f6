// SPDX-License-Identifier: GPL-2.0-or-later
// The names that recorders print for numbers (x86-64 values): flags, commands, advices, modes.
// Error numbers have a table of their own, which the model reads too (errno_of, model/kernel/rule.h).
//
// Names of the kernel's headers are unique across its flag sets, so there is one table for all of them, and a
// reader needs not know which set an argument takes. Names that mean another number elsewhere (F_UNLCK among
// the locks) are left out: a name that is not here makes its word unknown, never wrong.
#pragma once

#include <cstdint>
#include <string_view>

namespace ringtail::capture {

// Null when the name is not known. Valid for the life of the program.
const std::uint64_t* constant(std::string_view name);

}  // namespace ringtail::capture
