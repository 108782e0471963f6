// SPDX-License-Identifier: GPL-2.0-or-later
// What is before what in an execution: along program order, reads-from, coherence and from-reads.
#pragma once

#include "checker/explore/always.h"
#include "model/memory/graph.h"

namespace ringtail::witness {

explore::Bits<16> before(const memory::Graph& g, memory::EventId e);
explore::Writes<16> writes_of(const memory::Graph& g);  // as long as the graph lives

}  // namespace ringtail::witness
