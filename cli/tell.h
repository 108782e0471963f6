// SPDX-License-Identifier: GPL-2.0-or-later
// The explorer's violation in the words of the spec: places, names, source text.
#pragma once

#include "checker/explore/outcome.h"
#include "checker/witness/execution.h"
#include "model/lang/load.h"

namespace ringtail::cli {

std::string_view verdict_name(explore::Result r);  // safe, violation, bounded, timeout

witness::Execution execution_of(const lang::Spec& spec, const std::string& path, memory::Model model,
                                const explore::Violation& v);

// An address as the program names it, any other number as a number.
std::string value_name(const ir::Program& program, std::int64_t value);

}  // namespace ringtail::cli
