// SPDX-License-Identifier: GPL-2.0-or-later
// What the text between the quotes of a character or a string stands for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ringtail::lang {

// Escapes replaced by the bytes that they name; nothing where one is malformed.
std::optional<std::string> unescape(std::string_view text);

}  // namespace ringtail::lang
