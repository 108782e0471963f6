// SPDX-License-Identifier: GPL-2.0-or-later
// What several commands take as options: files to write to, and times.
#pragma once

#include <string>

namespace ringtail::cli {

// For CLI11's check(): why the words are no such thing; empty: they are.
std::string no_file(const std::string& path);   // to be written: it is a folder, or in one that is not there
std::string no_time(const std::string& given);  // seconds or minutes, from 0

// Says on stderr what could not be written; then the process leaves with kBadInput, whatever else it found.
bool write_text(const std::string& path, const std::string& text);
bool all_written();

}  // namespace ringtail::cli
