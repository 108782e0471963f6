// SPDX-License-Identifier: GPL-2.0-or-later
// The copy report: how fast move_pages moves pages from one node to another, beside the host's own memcpy
// between memory of the same two nodes.
//
// A region is placed on one node and moved there and back, batch by batch, by one thread and by several, each
// with its own part of it. Each figure is the best of a few passes: what the path can do, not what else the
// host was doing. Only the calls are timed.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "replay/host/topology.h"
#include "replay/run/options.h"

namespace ringtail::run {

struct CopyRow {
  int from = 0, to = 0;
  unsigned page_kb = 4;
  unsigned threads = 1;
  std::size_t batch = 0;  // entries of a call
  double pages_per_s = 0, gb_per_s = 0;
  double memcpy_gb_per_s = 0;
  std::uint64_t left = 0;  // pages that did not arrive
  double share() const { return memcpy_gb_per_s > 0 ? gb_per_s / memcpy_gb_per_s : 0; }
};

// Empty where there is no second node, or no room for the region on one of them. `progress` is told of each
// row.
std::vector<CopyRow> copy_report(const Options&, const host::Topology&, const std::vector<int>& nodes,
                                 const std::function<void(const CopyRow&)>& progress);

// The smallest batch that comes within a twentieth of the best rate of 4 KB pages by one thread; 0 when there
// are no such rows.
std::size_t best_batch(const std::vector<CopyRow>&);

// Throughput over batch size, a line for each page size and number of threads.
std::string copy_plot(const std::vector<CopyRow>&);

}  // namespace ringtail::run
