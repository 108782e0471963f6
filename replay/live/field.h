// SPDX-License-Identifier: GPL-2.0-or-later
// The places of a scratch (scene.h) by the names that its C struct gives them: `iocbs[1].fildes`, `pages[3]`.
// Programs on paper and C reproducers speak of places like this; a Step holds byte offsets.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ringtail::live {

// `size` bytes at `at`, or empty when no member is that.
std::string field_at(std::size_t at, std::size_t size);

// What a pointer to `at` points at: a member, or one element of an array; empty when nothing begins there.
std::string object_at(std::size_t at);

struct Place {
  std::size_t at = 0, size = 0;
};
std::optional<Place> field_named(std::string_view name);
std::optional<std::size_t> object_named(std::string_view name);

}  // namespace ringtail::live
