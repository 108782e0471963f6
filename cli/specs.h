// SPDX-License-Identifier: GPL-2.0-or-later
// Which specs a command line names, and which checks a spec asks for: every variant that its @expect lines
// speak of, under every model for which they say something.
#pragma once

#include <string>
#include <vector>

#include "model/lang/annotation.h"
#include "model/lang/preprocess.h"
#include "model/memory/model.h"

namespace ringtail::cli {

// Files as they are, folders as the specs and litmus tests below them, sorted.
std::vector<std::string> spec_files(const std::vector<std::string>& paths);

// A name that -D would define, or NAME=VALUE.
lang::Define define_of(const std::string& text);

struct Wanted {
  std::vector<std::string> variant;  // sorted macros; none: the plain spec
  std::vector<memory::Model> models;
};
std::vector<Wanted> wanted_checks(const lang::Annotations& a);  // the plain spec first

}  // namespace ringtail::cli
