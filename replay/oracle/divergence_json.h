// SPDX-License-Identifier: GPL-2.0-or-later
// Divergences as `ringtail replay` and `ringtail run` both print them under --json.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "replay/oracle/summary.h"

namespace ringtail::oracle {

nlohmann::ordered_json json_of(const std::vector<Divergence>&);

}  // namespace ringtail::oracle
