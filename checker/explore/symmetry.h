// SPDX-License-Identifier: GPL-2.0-or-later
// Threads that run the same code and have no identity: of the executions in which they have changed places,
// one is enough.
//
// That one is the execution in which such threads are sorted by what tells them apart first: two threads go
// the same way until one reads what another write wrote than the other reads, or until both write to one
// place; then the one of lower number reads what is earlier in coherence, or writes earlier. For the search
// to keep to it from the beginning, each event of a thread needs the same event of the thread before it for
// as long as both go the same way (Search::needs), just as it needs what is before it in (po | rf)+. It is
// added later, never stays without it, and its default (the latest) is never out of order. After SPORE
// (Kokologiannakis, Marmanis, Vafeiadis, PLDI 2024) and the prefixes with symmetries of GenMC.
#pragma once

#include <cstdint>
#include <vector>

#include "model/machine/machine.h"

namespace ringtail::explore {

inline constexpr std::uint8_t no_twin = 0xff;

// For each CPU's thread the nearest one before it that is alike, or no_twin; empty if there are none at all.
// Alike are threads of the same instructions that do not ask which they are (current), are not interrupted,
// and in programs in which nothing waits for readers.
std::vector<std::uint8_t> twins(const machine::Machine& m);

// What evidence there would have been, had each execution been looked at with alike threads in every place.
struct Guesses;
void in_every_place(const machine::Machine& m, const std::vector<std::uint8_t>& twins, Guesses& evidence);

}  // namespace ringtail::explore
