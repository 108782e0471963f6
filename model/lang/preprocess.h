// SPDX-License-Identifier: GPL-2.0-or-later
// Tokens to tokens: directives, conditionals, includes and macros, as C has them, with `#`, `##`,
// `__VA_ARGS__` and
// `#pragma once`.
//
// A macro's body takes the place of its use, its arguments keep their own, so that an error points into what
// the author of the spec wrote. Expansion follows the standard's rescan rule with a stack of token lists; a
// macro's name met during its own expansion is painted and stays. Depth of includes and the number of tokens
// are bounded.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/lang/lex.h"

namespace ringtail::lang {

struct Include {
  std::string name;  // as diagnostics show it
  std::string text;
};
// Finds what `#include "path"` (or <path>, with `system`) in the file `from` means.
using FindInclude =
    std::function<std::optional<Include>(const std::string& path, bool system, const std::string& from)>;

struct Define {
  std::string name;
  std::string value;  // -D NAME is NAME=1
};

struct Preprocessed {
  std::vector<Token> tokens;
  std::vector<Comment> comments;  // of the spec's own file, where annotations live
  std::vector<std::string>
      tested;  // names that #if and #ifdef of the spec and its includes ask for: variants
  std::vector<std::string> macros;  // those that are defined in the end
};

Preprocessed preprocess(Sources& sources, std::uint32_t file, const std::vector<Define>& defines,
                        const FindInclude& find, Errors& errors);

}  // namespace ringtail::lang
