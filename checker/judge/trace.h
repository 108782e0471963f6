// SPDX-License-Identifier: GPL-2.0-or-later
// What one thread can do by itself: every path through its code, with each read returning any value that it
// is offered. A second interpreter of the IR, written to be obvious: it copies its whole state at each choice
// and knows nothing of graphs, reductions or other threads. It covers what litmus tests and the generated
// programs use; anything else ends the judgement with `unsupported`.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/lang/ir.h"
#include "model/memory/graph.h"

namespace ringtail::judge {

using Values = std::map<std::uint64_t, std::set<std::int64_t>>;  // by address
using Reads = std::set<std::uint16_t>;                           // po indices of the thread's own reads

struct TraceEvent {
  memory::Event event;
  Reads addr, data, ctrl;
  friend auto operator<=>(const TraceEvent& a, const TraceEvent& b) {
    const auto key = [](const TraceEvent& e) {
      return std::tuple(e.event.kind, e.event.tag, e.event.address, e.event.value, e.event.rmw);
    };
    if (const auto c = key(a) <=> key(b); c != 0) return c;
    return std::tie(a.addr, a.data, a.ctrl) <=> std::tie(b.addr, b.data, b.ctrl);
  }
  friend bool operator==(const TraceEvent& a, const TraceEvent& b) { return (a <=> b) == 0; }
};

// One complete path of a thread.
struct Trace {
  std::vector<TraceEvent> events;
  std::vector<std::int64_t> registers;  // of the thread's function, at its end
  std::set<std::string> failed;         // checks that did not hold
  friend auto operator<=>(const Trace&, const Trace&) = default;
};

struct TraceOptions {
  bool srcu_as_fences = false;  // LKMM of Linux 6.1
  std::size_t max_events = 64;  // a path that is longer is cut and reported
  std::size_t max_traces = 100'000;
};

struct Traces {
  std::vector<Trace> traces;
  Values written;  // by any path, also by those that wait for what is not among `values`; an address
                   // that is only read has none
  std::size_t most_writes = 0;         // of a path
  std::set<const ir::Instr*> reached;  // stores
  std::string unsupported;             // why this program cannot be judged; empty when it can
};

// Every complete path of thread `t` when a read of an address may return any of `values` there.
Traces traces(const ir::Program& program, std::size_t t, const Values& values, const TraceOptions& options);

}  // namespace ringtail::judge
