// SPDX-License-Identifier: GPL-2.0-or-later
// Tokens to tree: kernel C. Recursive descent over the token list, C's grammar less floating point, varargs,
// bit-fields and inline assembly, plus the harness's items (THREAD, INVARIANT and so on) at file level.
//
// After an error the parser skips to the end of the statement or item, so one run reports several. Nesting is
// bounded (parser.h), so that no input can exhaust the stack of the parser or of a later walk.
#pragma once

#include "model/lang/lex.h"
#include "model/lang/tree.h"

namespace ringtail::lang {

SpecTree parse(const std::vector<Token>& tokens, Errors& errors);

}  // namespace ringtail::lang
