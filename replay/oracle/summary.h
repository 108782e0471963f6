// SPDX-License-Identifier: GPL-2.0-or-later
// What a replay found: counts of verdicts, by call and by reason, and every divergence.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/kernel/profile.h"
#include "model/kernel/rule.h"

namespace ringtail::oracle {

struct Counts {
  std::uint64_t conforms = 0, diverges = 0, not_judged = 0;
  std::uint64_t all() const { return conforms + diverges + not_judged; }
  void add(const Counts& o) { conforms += o.conforms, diverges += o.diverges, not_judged += o.not_judged; }
  friend bool operator==(const Counts&, const Counts&) = default;
};

struct Divergence {
  std::uint64_t line = 0;
  std::int32_t tid = 0;
  std::string call;  // with its arguments
  std::string observed;
  std::vector<std::string> allowed;
  std::string_view rule, cites;
  std::vector<std::uint64_t> beside;  // lines of the calls, itself among them, of which no order fits
};

struct Summary {
  // More are counted but not kept, so that memory stays bounded.
  static constexpr std::size_t kMostDivergences = 10000;
  static constexpr std::size_t kMostProblems = 20;

  struct Problem {
    std::uint64_t line;
    std::string what;
  };

  std::string file;
  std::string format;
  kernel::Profile profile;
  std::uint64_t lines = 0;
  std::uint64_t exact = 0;
  std::uint64_t windows = 0;     // times in which calls of several threads overlapped
  std::uint64_t tried = 0;       // sets of overlapping calls of which every order was tried,
  std::uint64_t untried = 0;     // and such as had too many, or were not atomic
  std::uint64_t unfinished = 0;  // calls whose end the capture does not show
  std::uint64_t lost = 0;        // gaps that the recorder reports
  std::uint64_t alone = 0;       // calls judged without what was known, which one left out may have ended
  std::uint64_t problems = 0;    // lines that could not be read
  std::vector<Problem> first_problems;
  std::array<Counts, kernel::kSysCount> by_sys{};
  std::map<std::string_view, std::uint64_t> reasons;  // of not judged
  std::vector<Divergence> divergences;

  Counts total() const {
    Counts c;
    for (const Counts& s : by_sys) c.add(s);
    return c;
  }
  std::string_view verdict() const {
    const Counts c = total();
    return c.diverges ? "diverges" : c.conforms ? "conforms" : "not_judged";
  }
};

}  // namespace ringtail::oracle
