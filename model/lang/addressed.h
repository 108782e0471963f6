// SPDX-License-Identifier: GPL-2.0-or-later
// Which variables of a function cannot live in registers: those whose name stands under a `&`, but for `*&v`,
// which is v: what becomes of a macro that is given a pointer to its result, as pte_offset_map_lock(mm, pmd,
// addr, &ptl) is.
#pragma once

#include <set>
#include <string>

#include "model/lang/tree.h"

namespace ringtail::lang {

// Scopes are not looked at: a name that is addressed once counts everywhere in the function.
std::set<std::string> addressed_names(const Stmt& body);

// Of `*&v`, v.
const Name* dereferenced_name(const Unary& u);

}  // namespace ringtail::lang
