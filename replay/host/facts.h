// SPDX-License-Identifier: GPL-2.0-or-later
// What a host says of itself, as the `NAME=VALUE` facts that replay/capture/event.h lists. A fact that cannot
// be read is left out: replay then treats it as unknown.
#pragma once

#include <string>
#include <vector>

namespace ringtail::host {

// kernel, nodes, cpus, page_size, swap, aio_max_nr, memlock, caps: of this host and this process.
std::vector<std::string> host_facts();

// The lines of /proc/PID/maps as `map=...` facts after a `pid=PID`, if that process is right now inside (or
// leaving) its execve; empty when it has already run on, since the lines would then describe a later map.
std::vector<std::string> map_facts_at_exec(int pid);

}  // namespace ringtail::host
