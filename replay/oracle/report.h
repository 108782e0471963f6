// SPDX-License-Identifier: GPL-2.0-or-later
// A summary for people and for programs. Both are deterministic.
#pragma once

#include <string>
#include <vector>

#include "replay/oracle/summary.h"

namespace ringtail::oracle {

// What ran, on which kernel, judged how, a table by family, what was not judged and why, every divergence.
std::string report_text(const Summary& s);

// The document of design/cli.md: {"captures": [...], "verdict": ...}.
std::string report_json(const std::vector<Summary>& captures);

// Over all captures: diverges if one does, conforms if something was judged, else not_judged.
std::string_view verdict_of(const std::vector<Summary>& captures);

}  // namespace ringtail::oracle
