// SPDX-License-Identifier: GPL-2.0-or-later
// Kernel C's tree to IR: names are resolved, types are checked, conversions made explicit, in one pass.
//
// A scalar variable whose address is never taken lives in a register; everything else is an object in memory,
// and each access to it a plain access unless a primitive marks it. Functions of the prelude are lowered when
// something calls them, those of the spec always, so that an error in unused code is an error too.
#pragma once

#include "model/lang/ir.h"
#include "model/lang/tree.h"

namespace ringtail::lang {

// `macros` are the names that the preprocessor has replaced: for hints.
ir::Program lower(const SpecTree& tree, const std::vector<std::string>& macros, const Sources& sources,
                  Errors& errors);

}  // namespace ringtail::lang
