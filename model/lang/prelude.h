// SPDX-License-Identifier: GPL-2.0-or-later
// The headers that are built in: <ringtail.h>, what it includes, and those that a spec includes by name.
//
// <ringtail.h> has what the kernel's headers have, and a spec asks for little of it, so most of what a small
// check took was to read what it had no use for. A spec is given those of its files that define a word which
// the spec says, or one of these files. What a macro puts together from pieces is not found that way: a spec
// that is rejected is read once more with all of them, so that this never decides what a spec means.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ringtail::lang {

struct PreludeFile {
  std::string_view name, text;  // "ringtail.h", "prelude/wait.h", "timer.h"
};
const std::vector<PreludeFile>& prelude();  // in the order of their names
const PreludeFile* prelude_file(std::string_view name);

// The names that the file defines for others: macros, functions, types, tags, enumerators, variables.
std::vector<std::string_view> defined_by(const PreludeFile&);

class NeededPrelude {
 public:
  NeededPrelude();
  // What `text` says is needed.
  void take(std::string_view text);
  // <ringtail.h> that includes no others; every line where it was.
  std::string ringtail_h() const;

 private:
  std::unordered_multimap<std::string_view, const PreludeFile*> definers_;
  std::vector<const PreludeFile*> needed_;
};

}  // namespace ringtail::lang
