// SPDX-License-Identifier: GPL-2.0-or-later
// The subcommands of `ringtail`, one file each. A command adds itself to the parser; when it is the one that
// was asked for, its callback runs and leaves the exit status in `status`.
#pragma once

#include <CLI/CLI.hpp>

namespace ringtail::cli {

// Exit statuses of every command (design: holds, violation or divergence, bad input or usage, inconclusive).
enum Exit : int { kHolds = 0, kViolation = 1, kBadInput = 2, kInconclusive = 3 };

void add_check(CLI::App& app, int& status);
void add_convert(CLI::App& app, int& status);
void add_explain(CLI::App& app, int& status);
void add_fuzz(CLI::App& app, int& status);
void add_hunt(CLI::App& app, int& status);
void add_list(CLI::App& app, int& status);
void add_prove(CLI::App& app, int& status);
void add_record(CLI::App& app, int& status);
void add_replay(CLI::App& app, int& status);
void add_run(CLI::App& app, int& status);

}  // namespace ringtail::cli
