// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/run/copy.h"

#include <algorithm>
#include <array>
#include <barrier>
#include <chrono>
#include <cstring>
#include <map>
#include <thread>

#include <linux/mman.h>
#include <numaif.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "replay/run/pattern.h"

namespace ringtail::run {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr std::size_t kBatches[] = {1, 16, 256, 4096, 65536};
constexpr int kPasses = 3;
constexpr Seconds kEnough{0.5};          // of a row: no further pass
constexpr std::size_t kFewPages = 2048;  // for batches of one
constexpr std::uint64_t kMaskBits = 1024;

struct Region {
  std::uint64_t base = 0;
  std::size_t bytes = 0;

  // Placed on `node` and written; not there when the kernel does not give it.
  static Region on(int node, std::size_t bytes, bool huge) {
    const std::size_t room = bytes + host::kHugePage;
    void* p = mmap(nullptr, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return {};
    auto at = reinterpret_cast<std::uint64_t>(p);
    const std::uint64_t aligned = (at + host::kHugePage - 1) / host::kHugePage * host::kHugePage;
    if (aligned > at) munmap(p, aligned - at);
    munmap(reinterpret_cast<void*>(aligned + bytes), at + room - aligned - bytes);
    Region r{aligned, bytes};
    std::array<unsigned long, kMaskBits / 64> mask{};
    mask[static_cast<std::size_t>(node / 64)] |= 1ul << (node % 64);
    mbind(r.data(), bytes, MPOL_BIND, mask.data(), kMaskBits, 0);
    madvise(r.data(), bytes, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    std::memset(r.data(), 0x5a, bytes);
    mbind(r.data(), bytes, MPOL_DEFAULT, nullptr, 0, 0);
    return r;
  }
  void unmap() const {
    if (base) munmap(data(), bytes);
  }
  void* data() const { return reinterpret_cast<void*>(base); }
};

// Runs `body(thread)` on each of `threads` threads at once: the seconds from the start of the first to the
// end of the last.
template <class Body>
Seconds together(unsigned threads, Body body) {
  using Time = std::chrono::steady_clock;
  if (threads == 1) {
    const auto start = Time::now();
    body(0u);
    return Time::now() - start;
  }
  std::barrier<> ready(threads + 1);
  std::vector<std::jthread> crew;
  for (unsigned t = 0; t < threads; ++t)
    crew.emplace_back([&, t] {
      ready.arrive_and_wait();
      body(t);
      ready.arrive_and_wait();
    });
  ready.arrive_and_wait();
  const auto start = Time::now();
  ready.arrive_and_wait();
  return Time::now() - start;
}

double memcpy_rate(int from, int to, std::size_t bytes, unsigned threads) {
  const Region a = Region::on(from, bytes, false), b = Region::on(to, bytes, false);
  double best = 0;
  for (int pass = 0; pass < kPasses && a.base && b.base; ++pass) {
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

// The arguments of all calls that move a region, made before the clock runs.
class Moves {
 public:
  Moves(const Region& r, std::size_t page_bytes, const host::Gate& gate) : gate_(gate) {
    for (std::uint64_t p = r.base; p < r.base + r.bytes; p += page_bytes) pages_.push_back(p);
    nodes_.resize(pages_.size());
    status_.resize(pages_.size());
  }

  std::size_t count() const { return pages_.size(); }

  Seconds move(int to, std::size_t batch, unsigned threads) {
    std::fill(nodes_.begin(), nodes_.end(), to);
    std::fill(status_.begin(), status_.end(), -1);
    const std::size_t part = pages_.size() / threads;
    return together(threads, [&](unsigned t) {
      const std::size_t end = t + 1 == threads ? pages_.size() : (t + 1) * part;
      for (std::size_t i = t * part; i < end; i += batch) {
        const std::size_t n = std::min(batch, end - i);
        gate_(SYS_move_pages,
              {0, n, reinterpret_cast<std::uint64_t>(&pages_[i]), reinterpret_cast<std::uint64_t>(&nodes_[i]),
               reinterpret_cast<std::uint64_t>(&status_[i]), MPOL_MF_MOVE});
      }
    });
  }

  // Pages whose status is not the node that they were to go to.
  std::uint64_t left() const {
    std::uint64_t n = 0;
    for (std::size_t i = 0; i < status_.size(); ++i) n += status_[i] != nodes_[i];
    return n;
  }

 private:
  const host::Gate& gate_;
  std::vector<std::uint64_t> pages_;
  std::vector<int> nodes_, status_;
};

bool has_room(const host::Topology& t, int node, std::size_t bytes) {
  const host::Node* n = t.find(node);
  return n && n->free_kib * 1024 > 3 * bytes;
}

}  // namespace

std::vector<CopyRow> copy_report(const Options& o, const host::Topology& t, const std::vector<int>& nodes,
                                 const std::function<void(const CopyRow&)>& progress) {
  std::vector<CopyRow> rows;
  const std::size_t bytes = (o.pages * kPageBytes + host::kHugePage - 1) / host::kHugePage * host::kHugePage;
  std::vector<unsigned> crews{1};
  if (o.threads > 1) crews.push_back(o.threads);
  for (std::size_t far = 1; far < nodes.size(); ++far) {
    const int near_node = nodes[0], far_node = nodes[far];
    if (!has_room(t, near_node, bytes) || !has_room(t, far_node, bytes)) continue;
    for (const unsigned threads : crews) {
      const double there_rate = memcpy_rate(near_node, far_node, bytes, threads);
      const double back_rate = memcpy_rate(far_node, near_node, bytes, threads);
      for (const unsigned page_kb : {4u, 2048u}) {
        if (page_kb == 4 ? o.huge : t.thp == "never") continue;
        const std::size_t page_bytes = page_kb * 1024;
        for (const std::size_t batch : kBatches) {
          if (o.batch ? batch != kBatches[0] : batch > 1 && batch > bytes / page_bytes) continue;
          CopyRow there{near_node, far_node, page_kb,    threads, o.batch ? o.batch : batch,
                        0,         0,        there_rate, 0};
          CopyRow back = there;
          std::swap(back.from, back.to);
          back.memcpy_gb_per_s = back_rate;
          const std::size_t size =
              there.batch == 1 ? std::min(bytes, std::max(page_bytes, kFewPages * kPageBytes)) : bytes;
          const Region region = Region::on(near_node, size, page_kb != 4);
          if (!region.base) continue;
          Moves moves(region, page_bytes, o.gate);
          const auto measure = [&](CopyRow& row) {
            const Seconds s = moves.move(row.to, row.batch, threads);
            row.left += moves.left();
            const double rate = static_cast<double>(moves.count()) / s.count();
            row.pages_per_s = std::max(row.pages_per_s, rate);
            row.gb_per_s = row.pages_per_s * static_cast<double>(page_bytes) / 1e9;
            return s;
          };
          Seconds spent{0};
          for (int pass = 0; pass < kPasses && spent < kEnough; ++pass)
            spent += measure(there) + measure(back);
          region.unmap();
          for (const CopyRow& row : {there, back}) {
            rows.push_back(row);
            progress(row);
          }
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
