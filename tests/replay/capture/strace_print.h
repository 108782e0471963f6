// SPDX-License-Identifier: GPL-2.0-or-later
// Random calls, and how strace would print them under random flags: the inverse of the reader, for
// properties.
#pragma once

#include <string>

#include <rapidcheck.h>

#include "replay/capture/event.h"

namespace ringtail::capture {

// How numbers with names are printed (-X).
enum class Style { abbreviated, raw, verbose };

// What strace was told.
struct Flags {
  Style style = Style::abbreviated;
  bool paths = false;      // -y
  bool durations = false;  // -T
  bool names = false;      // --argument-names
  int pids = 0;            // 0 none, 1 `31 `, 2 `[pid    31] `, 3 `31<comm> `
  int times = 0;           // 0 none, 1 unix with ns, 2 HH:MM:SS.us, 3 relative
};

Flags random_flags();
// A whole call of thread `tid` that happened at begin_ns..end_ns, as far as `flags` tell it.
Event random_call(const Flags& flags, std::int32_t tid);
// `NAME(ARGS` and `) = RESULT`.
std::pair<std::string, std::string> print_call(const kernel::Call& call, const Flags& flags,
                                               std::int64_t duration_ns);
std::string print_leader(const Event& event, std::int64_t ns, const Flags& flags, std::int64_t& last_ns);

}  // namespace ringtail::capture
