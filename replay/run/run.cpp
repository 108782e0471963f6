// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/run/run.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ringtail::run {
namespace {

Result<std::vector<int>> nodes_to_use(const Options& o, const host::Topology& t) {
  const std::vector<int> usable = t.usable();
  if (usable.empty()) return Unexpected(std::string("no node has memory that this process may use"));
  if (o.nodes.empty()) return usable;
  for (const int n : o.nodes)
    if (std::find(usable.begin(), usable.end(), n) == usable.end())
      return Unexpected(
          fmt::format("--nodes: node {} has no memory that this process may use; these have: {}", n,
                      fmt::join(usable, ",")));
  return o.nodes;
}

}  // namespace

bool Outcome::violated() const {
  const Tally& t = storm.tally;
  return t.lost_writes + t.content_errors + t.left_behind > 0 || storm.judged.total().diverges > 0;
}

std::string_view Outcome::verdict() const {
  return violated() ? "violation" : lacks_node() || did_nothing() ? "inconclusive" : "holds";
}

Result<Outcome> run(const Options& o, const std::function<void(const std::string&)>& progress) {
  Outcome out;
  out.host = host::Topology::of_this_host();
  out.pages = o.pages;
  out.seed = o.seed;
  auto nodes = nodes_to_use(o, out.host);
  if (!nodes) return Unexpected(nodes.error());
  out.nodes = std::move(*nodes);

  if (o.storm) {
    auto done = storm(o, out.host, out.nodes, [&](const Storm& s) {
      progress(fmt::format("{} rounds, {} calls judged, {} pages moved", s.rounds, s.judged.total().all(),
                           s.tally.moved));
    });
    if (!done) return Unexpected(done.error());
    out.storm = std::move(*done);
    for (const auto& [kind, why] : out.storm.not_run)
      out.left_out.push_back(fmt::format("{}: {}", text_of(kind), why));
  }
  if (out.lacks_node()) {
    out.left_out.push_back("moving pages to another node, and the copy report: there is no second node");
  } else if (o.copy && !out.storm.hangs) {
    out.copy = copy_report(o, out.host, out.nodes, [&](const CopyRow& r) {
      progress(
          fmt::format("copying from {} to {}, {} KB pages, batches of {}", r.from, r.to, r.page_kb, r.batch));
    });
    if (out.copy.empty())
      out.left_out.push_back("the copy report: too little free memory on one of the nodes");
  }
  if (!out.host.root) {
    out.left_out.push_back(
        "moving pages that other processes map, too (MPOL_MF_MOVE_ALL): the kernel asks for CAP_SYS_NICE");
    if (o.compact) out.left_out.push_back("compaction: the kernel asks for root");
  }
  return out;
}

}  // namespace ringtail::run
