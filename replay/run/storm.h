// SPDX-License-Identifier: GPL-2.0-or-later
// Rounds: an arena is made, placed on a node and filled; the crew works on it; then it is looked at word by
// word, and every call that was made is held against the syscall model.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "model/base/result.h"
#include "replay/capture/sink.h"
#include "replay/host/topology.h"
#include "replay/oracle/oracle.h"
#include "replay/run/crew.h"
#include "replay/run/options.h"

namespace ringtail::run {

// Recorded events through the oracle, and into a capture if one is wanted.
class Judge {
 public:
  Judge(std::unique_ptr<capture::Sink> keep);
  void take(std::vector<capture::Event> events);
  Result<bool> close();
  oracle::Summary& summary() { return oracle_.summary(); }

 private:
  oracle::Oracle oracle_{kernel::Profile{}};
  std::unique_ptr<capture::Sink> keep_;
  std::uint64_t line_ = 0;
};

struct Storm {
  unsigned rounds = 0;
  std::map<Kind, unsigned> by_kind;
  std::map<Kind, std::string> not_run;  // kinds of memory that this host does not give, and why
  std::string io;                       // what I/O was done on: "a block device, direct"
  Tally tally;
  oracle::Summary judged;
  bool hangs = false;  // a thread does not come back: the process must end without joining it
};

// `progress` is told after each round.
Result<Storm> storm(const Options&, const host::Topology&, const std::vector<int>& nodes,
                    const std::function<void(const Storm&)>& progress);

}  // namespace ringtail::run
