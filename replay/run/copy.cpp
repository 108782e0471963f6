// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/run/copy.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <linux/mman.h>
#include <numaif.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "replay/run/moves.h"
#include "replay/run/pattern.h"

namespace ringtail::run {
namespace {

constexpr std::size_t kBatches[] = {1, 16, 256, 4096, 65536};
constexpr Seconds kEnough{1.2};  // of a row
constexpr int kMostPasses = 50;
constexpr int kCopies = 5;  // of memcpy

// How much of the region is in transparent huge pages.
std::size_t huge_bytes(const Region& r) {
  std::ifstream smaps("/proc/self/smaps");
  const std::string start = fmt::format("{:x}-", r.base);
  bool here = false;
  std::size_t kib = 0;
  for (std::string line; std::getline(smaps, line);) {
    const bool head = line.find('-') != line.npos && line.find("kB") == line.npos;
    if (head) here = line.rfind(start, 0) == 0;
    if (here && std::sscanf(line.c_str(), "AnonHugePages: %zu kB", &kib) == 1) break;
  }
  return kib * 1024;
}

double memcpy_rate(int from, int to, std::size_t bytes, unsigned threads) {
  const Region a = Region::on(from, bytes, false), b = Region::on(to, bytes, false);
  double best = 0;
  for (int pass = 0; pass < kCopies && a.base && b.base; ++pass) {
    const std::size_t part = bytes / threads;
    const Seconds s = together(threads, [&](unsigned t) {
      std::memcpy(static_cast<char*>(b.data()) + t * part, static_cast<char*>(a.data()) + t * part, part);
    });
    best = std::max(best, static_cast<double>(part * threads) / s.count() / 1e9);
  }
  a.unmap();
  b.unmap();
  return best;
}

bool has_room(const host::Topology& t, int node, std::size_t bytes) {
  const host::Node* n = t.find(node);
  return n && n->free_kib * 1024 > 3 * bytes;
}

// The first node and, of each distance from it, one other.
std::vector<std::pair<int, int>> pairs_of(const host::Topology& t, const std::vector<int>& nodes) {
  std::vector<std::pair<int, int>> pairs;
  std::map<int, bool> seen;
  const host::Node* first = t.find(nodes.front());
  for (const int other : nodes) {
    const auto at =
        std::find_if(t.nodes.begin(), t.nodes.end(), [&](const host::Node& n) { return n.id == other; });
    if (other == nodes.front() || !first || at == t.nodes.end()) continue;
    bool& done = seen[first->distances[static_cast<std::size_t>(at - t.nodes.begin())]];
    if (!std::exchange(done, true)) pairs.emplace_back(nodes.front(), other);
  }
  return pairs;
}

}  // namespace

std::vector<CopyRow> copy_report(const Options& o, const host::Topology& t, const std::vector<int>& nodes,
                                 const std::function<void(const CopyRow&)>& progress) {
  std::vector<CopyRow> rows;
  const std::size_t bytes = (o.pages * kPageBytes + host::kHugePage - 1) / host::kHugePage * host::kHugePage;
  std::vector<unsigned> crews{1};
  if (o.threads > 1) crews.push_back(o.threads);
  std::vector<std::size_t> batches(std::begin(kBatches), std::end(kBatches));
  if (o.batch) batches = {o.batch};

  const auto measure = [&](CopyRow there, CopyRow back) {
    const std::size_t page_bytes = there.page_kb * std::size_t{1024};
    const Region region = Region::on(there.from, bytes, there.page_kb != 4);
    if (!region.base) return;
    Moves moves(region, page_bytes, there.batch, there.threads, o.gate);
    Seconds spent{0};
    const auto whole = [&] { return there.page_kb == 4 || huge_bytes(region) == bytes; };
    bool all_there = whole();  // before a pass; what is on its way already or has been split says nothing
    for (int pass = 0; pass < kMostPasses && spent < kEnough; ++pass)
      for (CopyRow* row : {&there, &back}) {
        const Seconds s = moves.move(row->to);
        spent += s;
        const bool counts = all_there;
        const std::uint64_t left = moves.left();
        all_there = left == 0 && whole();
        row->left += left;
        if (!counts || !all_there) continue;
        row->pages_per_s = std::max(row->pages_per_s, static_cast<double>(moves.count()) / s.count());
        row->gb_per_s = row->pages_per_s * static_cast<double>(page_bytes) / 1e9;
      }
    region.unmap();
    for (const CopyRow& row : {there, back}) {
      if (row.pages_per_s == 0) continue;
      rows.push_back(row);
      progress(row);
    }
  };

  for (const auto& [from, to] : pairs_of(t, nodes)) {
    if (!has_room(t, from, bytes) || !has_room(t, to, bytes)) continue;
    for (const unsigned threads : crews) {
      CopyRow there{from, to, 4, threads, 0, 0, 0, memcpy_rate(from, to, bytes, threads), 0};
      CopyRow back{to, from, 4, threads, 0, 0, 0, memcpy_rate(to, from, bytes, threads), 0};
      for (const unsigned page_kb : {4u, 2048u}) {
        if (page_kb == 4 ? o.huge : t.thp == "never") continue;
        for (const std::size_t batch : batches) {
          if (batch > 1 && batch > bytes / (page_kb * std::size_t{1024}) && !o.batch) continue;
          there.page_kb = back.page_kb = page_kb;
          there.batch = back.batch = batch;
          measure(there, back);
        }
      }
    }
  }
  return rows;
}

std::size_t best_batch(const std::vector<CopyRow>& rows) {
  const auto counts = [](const CopyRow& r) { return r.page_kb == 4 && r.threads == 1; };
  std::map<std::size_t, double> rates;
  for (const CopyRow& r : rows)
    if (counts(r)) rates[r.batch] += r.pages_per_s;
  double best = 0;
  for (const auto& [batch, rate] : rates) best = std::max(best, rate);
  for (const auto& [batch, rate] : rates)
    if (rate >= 0.95 * best) return batch;
  return 0;
}

}  // namespace ringtail::run
