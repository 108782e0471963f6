// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/kernel/change.h"

namespace ringtail::kernel {

TEST_P(Changes, BehaveAsBeforeAndThenDifferently) {
  const Change& c = GetParam();
  EXPECT_EQ(c.seen(c.last), c.before) << c.what << " on " << to_string(c.last);
  EXPECT_EQ(c.seen(c.first), c.after) << c.what << " on " << to_string(c.first);
}

}  // namespace ringtail::kernel
