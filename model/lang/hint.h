// SPDX-License-Identifier: GPL-2.0-or-later
// What may have been meant by a name that nobody knows: one that is in a header of ours which the spec does
// not include, or the nearest of those that are known (Damerau and Levenshtein: letters left out, put in,
// changed, or two that changed places).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ringtail::lang {

// As the hint of a diagnostic; empty if there is nothing to say.
std::string hint_for(std::string_view name, const std::vector<std::string>& known);

// The headers of ours that a spec includes only if it needs them: <timer.h>, ...
std::vector<std::string_view> extra_headers();

// Those with arguments, of all its headers.
std::vector<std::string> macros_of_the_prelude();

// Changes between the two, or `most` + 1 if there are more.
std::size_t distance(std::string_view a, std::string_view b, std::size_t most);

}  // namespace ringtail::lang
