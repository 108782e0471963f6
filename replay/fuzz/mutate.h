// SPDX-License-Identifier: GPL-2.0-or-later
// Captures that no recorder made: real ones with lines lost, doubled, swapped, torn and spliced, digits
// changed and bytes that do not belong there. A mutation is three small numbers that always mean something,
// so that what goes wrong can be shrunk by leaving mutations out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <rapidcheck.h>

namespace ringtail::fuzz {

struct Mutation {
  std::uint8_t what = 0;  // row of the table in mutate.cpp
  std::uint16_t line = 0, with = 0;
  friend bool operator==(const Mutation&, const Mutation&) = default;
};

std::string mutated(std::string_view capture, const std::vector<Mutation>& mutations);

rc::Gen<std::vector<Mutation>> mutations();

}  // namespace ringtail::fuzz
