// SPDX-License-Identifier: GPL-2.0-or-later
// A call as a person reads it: its name and its arguments, those behind pointers included, in one line.
#pragma once

#include <string>

#include "model/kernel/call.h"

namespace ringtail::oracle {

std::string call_text(const kernel::Call& call);

}  // namespace ringtail::oracle
