// SPDX-License-Identifier: GPL-2.0-or-later
// An execution that must not be, with all that is needed to tell of it: the graph, and for each thread what a
// reader of its source saw it do, in program order. A step is what one line of source did: an access, both
// halves of an atomic, a fence, or something that no other thread sees (kmalloc, a failing assertion), which
// has no event.
//
// Invariants: a thread's steps name each of its events once, in program order; two events of one step are
// those of a read-modify-write.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/memory/model.h"

namespace ringtail::witness {

struct Place {
  std::string file;
  std::uint32_t line = 0;
  std::string function;  // of the spec, and so of the kernel
  friend bool operator==(const Place&, const Place&) = default;
};

struct Step {
  std::vector<memory::EventId> events;
  Place at;
  std::string text;                    // READ_ONCE(ring.tail)
  std::string outcome;                 // what it gave: "is 1", "2 becomes 1"
  bool fails = false;                  // what the verdict is about
  bool stops = false;                  // it cannot be done: its address is wrong
  std::optional<std::int64_t> chosen;  // what a choose() gave
  friend bool operator==(const Step&, const Step&) = default;
};

struct Thread {
  std::string name;
  std::vector<Step> steps;
  std::string end;  // how it stands in the end, if it did not simply finish: "waits for ..."
  Place end_at;
  bool afterwards = false;  // runs when all others have ended: FINALLY (or INIT, where it fails)
  bool started = true;      // a callback may never have been asked for
  friend bool operator==(const Thread&, const Thread&) = default;
};

struct Source {  // a file that steps lie in
  std::string name, text;
  friend bool operator==(const Source&, const Source&) = default;
};

struct Execution {
  std::string spec;
  memory::Model model = memory::Model::lkmm;
  std::string kind;     // class of the verdict: assertion, data race, deadlock ...
  std::string message;  // e.data == 7
  memory::Graph graph;
  std::vector<Thread> threads;  // as the graph numbers them
  std::vector<Source> sources;
  std::vector<memory::EventId> culprits;
  std::vector<std::int64_t> init_choices = {};  // what choose() gave in INIT
  friend bool operator==(const Execution&, const Execution&) = default;
};

// How text names what an event does, given the name of its location and its value as text.
std::string describe(const memory::Event& e, const std::string& location, const std::string& value);
std::string describe_rmw(const memory::Event& read, const std::string& location);

}  // namespace ringtail::witness
