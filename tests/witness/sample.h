// SPDX-License-Identifier: GPL-2.0-or-later
// Executions from shapes (tests/memory/shape.h): a line of source an event, thread t's at 10(t+1), 10(t+1)+1
// ...
#pragma once

#include "checker/witness/execution.h"
#include "tests/memory/shape.h"

namespace ringtail::witness {

inline Execution sample(const std::string& text, memory::Model model = memory::Model::lkmm) {
  Execution e;
  e.spec = "sample.c";
  e.model = model;
  e.kind = "assertion";
  e.message = "it <holds> & \"stays\"";
  e.graph = memory::shape(text);
  const memory::Graph& g = e.graph;
  for (std::size_t t = 0; t < g.thread_count(); ++t) {
    Thread thread;
    thread.name = "P" + std::to_string(t);
    for (const memory::EventId id : g.thread(t)) {
      const memory::Event& event = g[id];
      if (event.kind == memory::Kind::write && g.rmw_partner(id) != memory::no_event) {
        thread.steps.back().events.push_back(id);
        thread.steps.back().outcome += ", becomes " + std::to_string(event.value);
        continue;
      }
      const std::string location(1, static_cast<char>(event.address));
      Step step;
      step.events = {id};
      step.at = {"sample.c", static_cast<std::uint32_t>(10 * (t + 1) + event.po),
                 t == 0 ? "writer" : "reader"};
      step.text = g.rmw_partner(id) != memory::no_event
                      ? describe_rmw(event, location)
                      : describe(event, location, std::to_string(event.value));
      if (event.kind == memory::Kind::read) step.outcome = "is " + std::to_string(event.value);
      thread.steps.push_back(step);
    }
    e.threads.push_back(thread);
  }
  std::string source;
  for (int i = 1; i < 50; ++i) source += "line " + std::to_string(i) + " </script>\n";
  e.sources = {{"sample.c", source}};
  return e;
}

// The last thread ends with an assertion that fails.
inline Execution failing(Execution e) {
  Step s;
  s.at = e.threads.back().steps.back().at;
  ++s.at.line;
  s.text = "assert(r)";
  s.outcome = "fails";
  s.fails = true;
  e.threads.back().steps.push_back(s);
  return e;
}

inline constexpr char mp[] = "W x=1  wmb  W y=1 | R y=1  R x=0";
inline constexpr char sb[] = "W x=1  R y=0 | W y=1  R x=0";
inline constexpr char lb[] = "R x=1  W y=1 | R y=1  W x=1";

}  // namespace ringtail::witness
