// SPDX-License-Identifier: GPL-2.0-or-later
// What partial knowledge says of a yes-or-no question.
#pragma once

#include <cstdint>

namespace ringtail::kernel {

enum class Tri : std::uint8_t { no, maybe, yes };

constexpr Tri tri(bool b) { return b ? Tri::yes : Tri::no; }
constexpr Tri operator!(Tri a) { return static_cast<Tri>(2 - static_cast<int>(a)); }
constexpr Tri operator&(Tri a, Tri b) { return a < b ? a : b; }
constexpr Tri operator|(Tri a, Tri b) { return a < b ? b : a; }
// What is known when either may be the case: both must agree.
constexpr Tri join(Tri a, Tri b) { return a == b ? a : Tri::maybe; }

}  // namespace ringtail::kernel
