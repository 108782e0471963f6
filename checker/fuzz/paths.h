// SPDX-License-Identifier: GPL-2.0-or-later
// Random small compositions of the path model's operations (specs/ops): two or three threads that each do one
// or two things to the same pages, to one AIO context, or to one descriptor. They are kernel C; the explorer
// says whether any interleaving breaks an invariant, and what breaks one is shrunk to the fewest operations
// that still do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <rapidcheck.h>

#include "checker/fuzz/litmus.h"
#include "model/lang/load.h"

namespace ringtail::fuzz {

enum class Ground : std::uint8_t { pages, context, descriptor };
inline constexpr int kGrounds = 3;

// Small numbers that always mean something, so that they can be lowered.
struct PathStep {
  std::uint8_t what = 0;  // row of the ground's table in paths.cpp
  std::uint8_t page = 0, pages = 0;
  friend bool operator==(const PathStep&, const PathStep&) = default;
};

struct Composition {
  Ground ground = Ground::pages;
  // What there is before: a row of the table of scenes; of a context, whether it is there, somebody waits for
  // its events, or it is being set up.
  std::uint8_t scene = 0;
  std::uint8_t pages = 0;  // how many there are, less one
  std::vector<std::vector<PathStep>> threads;
};

rc::Gen<Composition> compositions(Ground ground);

// The program. `defines` come before all else: which of the path's bugs it has.
std::string kernel_c(const Composition& composition, const std::string& defines);

// How to look: the bugs, where headers are, and who explores.
struct PathSearch {
  std::string defines;
  lang::FindInclude find;
  Explorer explorer;
  std::vector<memory::Model> models;
};

struct PathViolation {
  memory::Model model = memory::Model::sc;
  std::string kind, message;  // as the explorer says, or what the front end did not take
  std::string spec;           // kernel C
  std::size_t steps = 0;
};

// What is wrong with a program; `finished` counts the models under which the explorer came to an end.
std::optional<PathViolation> look(const std::string& spec, const PathSearch& search, std::uint64_t& finished);

// One random composition, the same for the same number.
std::optional<PathViolation> try_paths(std::uint64_t number, const PathSearch& search,
                                       std::uint64_t& finished);

}  // namespace ringtail::fuzz

template <>
struct rc::Arbitrary<ringtail::fuzz::PathStep> {
  static Gen<ringtail::fuzz::PathStep> arbitrary() {
    using ringtail::fuzz::PathStep;
    const auto below = [](std::uint8_t n) {  // whatever the size is that rapidcheck has grown to
      return gen::resize(kNominalSize, gen::inRange<std::uint8_t>(0, n));
    };
    return gen::build<PathStep>(gen::set(&PathStep::what, below(240)), gen::set(&PathStep::page, below(2)),
                                gen::set(&PathStep::pages, below(2)));
  }
};
