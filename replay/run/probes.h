// SPDX-License-Identifier: GPL-2.0-or-later
// Calls at the edges of what move_pages, migrate_pages, mbind and madvise take: what the Linux Test Project
// and the man pages ask of them, and what has differed between kernels. They are only made: the model judges
// them.
#pragma once

#include <vector>

#include "replay/host/tape.h"

namespace ringtail::run {

void probe_calls(host::Tape&, const std::vector<int>& nodes, bool root);

}  // namespace ringtail::run
