// SPDX-License-Identifier: GPL-2.0-or-later
// Which ordering an execution gets by without: the barriers that, had they stood between two events of one
// thread, would have made it inconsistent under its model. Found by putting them there and asking the model.
//
//   no smp_rmb() orders line 40 before line 45
//
// One barrier is looked for first, the weakest kind first. Where none is enough alone (store buffering wants
// two), smp_mb() goes everywhere, and is taken out again and weakened one by one while the model still says
// no; what is left is needed, each of them, though not always the only way.
#pragma once

#include <vector>

#include "model/memory/model.h"

namespace ringtail::witness {

struct Missing {
  memory::Tag fence = memory::Tag::mb;
  memory::EventId before = memory::no_event, after = memory::no_event;  // it would stand between these
  friend bool operator==(const Missing&, const Missing&) = default;
};

// Nothing when the execution is sequentially consistent: no barrier forbids an interleaving.
std::vector<Missing> missing_fences(const memory::Graph& g, memory::Model m);

// A barrier after the event of the thread with this po index.
struct Insertion {
  std::uint8_t thread = 0;
  std::uint16_t po = 0;
  memory::Tag fence = memory::Tag::mb;
  friend bool operator==(const Insertion&, const Insertion&) = default;
};
memory::Graph with_fences(const memory::Graph& g, const std::vector<Insertion>& fences);

}  // namespace ringtail::witness
