// SPDX-License-Identifier: GPL-2.0-or-later
// A litmus test's question, asked of one execution's final state.
#pragma once

#include <functional>

#include "checker/explore/outcome.h"
#include "model/lang/ir.h"

namespace ringtail::explore {

using ValueOf = std::function<std::int64_t(const ir::Place&)>;

bool holds(const ir::Condition& c, const ValueOf& value);

// Counts the execution; false when the test's filter leaves it out.
bool answer(const ir::Litmus& litmus, const ValueOf& value, LitmusAnswer& into);

void merge(const LitmusAnswer& from, LitmusAnswer& into);

}  // namespace ringtail::explore
