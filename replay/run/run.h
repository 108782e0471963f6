// SPDX-License-Identifier: GPL-2.0-or-later
// `ringtail run`: the running kernel's copy path, held against the syscall model and against a log of what
// its pages must hold; then how fast it is.
//
// What holds whatever the kernel does: a word of memory is what was last stored to it, wherever its page has
// been moved meanwhile; every result and status is one that the model allows; no page stays under migration.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "model/base/result.h"
#include "replay/host/topology.h"
#include "replay/run/copy.h"
#include "replay/run/options.h"
#include "replay/run/storm.h"

namespace ringtail::run {

struct Outcome {
  host::Topology host;
  std::vector<int> nodes;  // between which pages were moved
  std::size_t pages = 0;
  std::uint64_t seed = 0;
  Storm storm;
  std::vector<CopyRow> copy;
  std::vector<std::string> left_out;  // what could not be done on this host, in words

  bool violated() const;
  bool lacks_node() const { return nodes.size() < 2; }
  bool did_nothing() const { return storm.rounds == 0 && copy.empty(); }
  std::string_view verdict() const;  // holds, violation, inconclusive
};

// `progress` is told what is under way, in words.
Result<Outcome> run(const Options&, const std::function<void(const std::string&)>& progress);

std::string report_text(const Outcome&);
std::string report_json(const Outcome&);

}  // namespace ringtail::run
