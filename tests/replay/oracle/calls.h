// SPDX-License-Identifier: GPL-2.0-or-later
// Calls as a recorder shows them, one after the other.
#pragma once

#include <vector>

#include "replay/oracle/oracle.h"

namespace ringtail::oracle {

inline capture::Event call(std::int32_t tid, kernel::Sys sys, const std::vector<std::uint64_t>& args,
                           std::int64_t result) {
  static std::uint64_t seq = 0;
  capture::Event e;
  e.tid = tid;
  e.begin_seq = ++seq;
  e.end_seq = ++seq;
  e.call.sys = sys;
  for (std::size_t i = 0; i < args.size(); ++i) e.call.arg[i] = kernel::Word::of(args[i]);
  e.call.out = {result, kernel::Outcome::State::returned};
  return e;
}

}  // namespace ringtail::oracle
