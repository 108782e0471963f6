// SPDX-License-Identifier: GPL-2.0-or-later
// Tree to text, the inverse of parse: print(parse(print(t))) == print(t) for every tree t, in both notations.
// The text is canonical: one statement a line, tabs, parentheses only where the grammar needs them.
#pragma once

#include <string>

#include "model/lang/litmus.h"
#include "model/lang/tree.h"

namespace ringtail::lang {

std::string print(const SpecTree& tree);
std::string print(const LitmusTree& tree);
std::string print(const Expr& expr);
std::string print(const TypeSpec& spec, const Declarator& declarator);

// A condition as herd7 prints it: exists (0:r1=1 /\ x=2).
std::string print(const LitmusCondition& condition);
std::string print(const LitmusPlace& place);
std::string print(const LitmusValue& value);
std::string_view print(Quantifier quantifier);

}  // namespace ringtail::lang
