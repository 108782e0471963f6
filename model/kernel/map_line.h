// SPDX-License-Identifier: GPL-2.0-or-later
// A line of /proc/PID/maps as knowledge of an interval.
#pragma once

#include <string_view>

#include "model/kernel/address_space.h"

namespace ringtail::kernel {

// "55d0c0000000-55d0c0002000 r--p 00000000 08:01 1234    /usr/bin/true"; false for what is no such line.
bool parse_map_line(std::string_view line, Range& range, PageState& state);

}  // namespace ringtail::kernel
