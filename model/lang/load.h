// SPDX-License-Identifier: GPL-2.0-or-later
// The whole front end: a spec's or a litmus test's text to a program, or to what is wrong with it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/base/result.h"
#include "model/lang/ir.h"

namespace ringtail::lang {

// A program and the texts that its places (Loc) point into.
struct Spec {
  ir::Program program;
  std::shared_ptr<const Sources> sources;
};

struct Rejected {
  std::vector<Diagnostic> diagnostics;
  std::string text;  // all of them rendered, with source lines
};

Result<Spec, Rejected> load_litmus(const std::string& name, std::string text);

}  // namespace ringtail::lang
