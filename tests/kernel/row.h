// SPDX-License-Identifier: GPL-2.0-or-later
// A table of tests, a row a call: the state it finds, the kernel, and every result that the model allows.
//
//   class Madvise : public RowTest {};
//   TEST_P(Madvise, AllowsJustThis) { allows_just(GetParam(), {0}); }
#pragma once

#include <gtest/gtest.h>

#include "tests/kernel/allowed.h"

namespace ringtail::kernel {

struct Row {
  const char* what;
  Version version;
  Prepare setup;
  Call call;
  const char* allowed;  // as allowed() in allowed.h writes it
};

inline void PrintTo(const Row& r, std::ostream* os) { *os << r.what << " on " << to_string(r.version); }

using RowTest = testing::TestWithParam<Row>;

// Of successes `values` are tried, of errors all.
inline void allows_just(const Row& r, const std::vector<std::int64_t>& values) {
  EXPECT_EQ(allowed(r.version, r.setup, r.call, values), r.allowed)
      << r.what << " on " << to_string(r.version);
}

}  // namespace ringtail::kernel
