// SPDX-License-Identifier: GPL-2.0-or-later
// The value of an #if: an integer expression over 64 bits, in which `defined` and macros are already
// replaced.
#pragma once

#include <vector>

#include "model/lang/lex.h"

namespace ringtail::lang {

bool evaluate_condition(const std::vector<Token>& tokens, Errors& errors);

}  // namespace ringtail::lang
