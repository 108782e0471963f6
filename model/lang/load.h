// SPDX-License-Identifier: GPL-2.0-or-later
// The whole front end: a spec's or a litmus test's text to a program, or to what is wrong with it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/base/result.h"
#include "model/lang/annotation.h"
#include "model/lang/ir.h"
#include "model/lang/preprocess.h"

namespace ringtail::lang {

// A program and the texts that its places (Loc) point into.
struct Spec {
  ir::Program program;
  Annotations annotations;  // a litmus test has none
  std::vector<std::string>
      variants;  // macros that #if and #ifdef of the spec and of what it includes ask for
  std::shared_ptr<const Sources> sources;
};

struct Rejected {
  std::vector<Diagnostic> diagnostics;
  std::string text;  // all of them rendered, with source lines
};

Result<Spec, Rejected> load_litmus(const std::string& name, std::string text);

// `find` serves #include "..."; <ringtail.h> is built in.
Result<Spec, Rejected> load_spec(const std::string& name, std::string text,
                                 const std::vector<Define>& defines, const FindInclude& find);

// A file: a litmus test by its name's end, else a spec, whose includes are looked for beside the file that
// has them.
Result<Spec, Rejected> load_file(const std::string& path, const std::vector<Define>& defines);

}  // namespace ringtail::lang
