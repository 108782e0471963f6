// SPDX-License-Identifier: GPL-2.0-or-later
// Emptying, copying and moving Calls at the cost of what they hold.
//
// A Call has room for the contents of every call of the model, of which one call has a list or two, and most
// have none. Its signature says which, and here no others are touched: a recycled Call costs the few cache
// lines of its arguments. Calls that go through here have contents by their signature only, but for
// `out_path`, which any may have.
#pragma once

#include <vector>

#include "model/kernel/call.h"

namespace ringtail::capture {

// Elements of the lists that own memory of their own are kept between calls, so that reading allocates
// nothing.
struct Spare {
  std::vector<kernel::Iocb> iocbs;

  // Empties a call for the next one to be read into it.
  void clear(kernel::Call& call);
  // `to = from`.
  void copy(kernel::Call& to, const kernel::Call& from);
  // `to = std::move(from)`; `to` is empty.
  static void move(kernel::Call& to, kernel::Call& from);
  // The first `count` arguments only. `to` is the same call, and has none of them.
  static void move_arguments(kernel::Call& to, kernel::Call& from, int count);
};

}  // namespace ringtail::capture
