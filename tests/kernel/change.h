// SPDX-License-Identifier: GPL-2.0-or-later
// What changed between kernels, one named row a change: the last version that behaved as before, the first
// that does not, and what the model allows on each. What never changed has its rows with the call's own
// tests.
#pragma once

#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "tests/kernel/allowed.h"

namespace ringtail::kernel {

using Seen = std::function<std::string(Version)>;

struct Change {
  const char* what;
  const char* commit;
  Version last, first;
  Seen seen;
  const char *before, *after;
};

inline void PrintTo(const Change& c, std::ostream* os) { *os << c.what; }

class Changes : public testing::TestWithParam<Change> {};

inline std::string name_of_change(const testing::TestParamInfo<Change>& info) {
  std::string name = info.param.what;
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
}

inline Seen results(Prepare setup, Call c, std::vector<std::int64_t> values = {0}) {
  return [=](Version v) { return allowed(v, setup, c, values); };
}

}  // namespace ringtail::kernel
