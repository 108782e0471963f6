// SPDX-License-Identifier: GPL-2.0-or-later
// Random litmus tests. A thread is a list of statements, each three small numbers that always mean something,
// so that rapidcheck can shrink a failure by dropping statements and lowering numbers. The text is what a
// failure prints.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <rapidcheck.h>

namespace ringtail::fuzz {

struct Statement {
  std::uint8_t what = 0;   // row of the table in generate.cpp
  std::uint8_t where = 0;  // which variable
  std::uint8_t with = 0;   // value, or which earlier register
  friend bool operator==(const Statement&, const Statement&) = default;
};

// Families of statements, so that a property can look at one at a time.
enum class Family : std::uint8_t { marked, plain, atomics, locks, rcu, srcu, waits, all };

struct Sketch {
  Family family = Family::all;
  std::vector<std::vector<Statement>> threads;
};

std::string litmus(const Sketch& sketch);

// Two or three threads of up to so many statements each, or about.
rc::Gen<Sketch> sketches(Family family, int statements = 6);

}  // namespace ringtail::fuzz

template <>
struct rc::Arbitrary<ringtail::fuzz::Statement> {
  static Gen<ringtail::fuzz::Statement> arbitrary() {
    using ringtail::fuzz::Statement;
    const auto below = [](std::uint8_t n) {  // whatever the size is that rapidcheck has grown to
      return gen::resize(kNominalSize, gen::inRange<std::uint8_t>(0, n));
    };
    return gen::build<Statement>(gen::set(&Statement::what, below(240)),
                                 gen::set(&Statement::where, below(4)), gen::set(&Statement::with, below(6)));
  }
};
