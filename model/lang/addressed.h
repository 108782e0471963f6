// SPDX-License-Identifier: GPL-2.0-or-later
// Which variables of a function cannot live in registers: those whose name stands under a `&`.
#pragma once

#include <set>
#include <string>

#include "model/lang/tree.h"

namespace ringtail::lang {

// Scopes are not looked at: a name that is addressed once counts everywhere in the function.
std::set<std::string> addressed_names(const Stmt& body);

}  // namespace ringtail::lang
