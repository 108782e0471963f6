// SPDX-License-Identifier: GPL-2.0-or-later
// Whether an access may come after a kfree() of what it accesses, in an execution in which it reads and
// writes what the graph says. kfree() is no event of the graph: where it stands in its thread is known, and
// what comes before it there. It may, if nothing that must come before leads from the access to it: no path
// of program order, reads-from, coherence and from-reads; and where there are grace periods, if the model
// lets the access see kfree() as if that wrote to all of the object. Under LKMM it may also if the two would
// race.
#pragma once

#include <vector>

#include "model/memory/model.h"

namespace ringtail::witness {

struct Free {
  std::uint64_t object = 0;
  std::size_t thread = 0;
  std::size_t po = 0;    // events of the thread before it
  std::size_t step = 0;  // of the thread, that a reader sees: kfree(), or the last one before a return
  friend bool operator==(const Free&, const Free&) = default;
};

bool may_follow(const memory::Graph& g, memory::Model m, memory::EventId access, const Free& f);

}  // namespace ringtail::witness
