// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/run/moves.h"

#include <array>
#include <cstring>

#include <linux/mman.h>
#include <numaif.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "replay/host/topology.h"

namespace ringtail::run {
namespace {

constexpr Seconds kOnce{0.2};  // a pass ends then, with the part of the region that it has done
constexpr int kMostTries = 4;
constexpr std::uint64_t kMaskBits = 1024;

}  // namespace

Region Region::on(int node, std::size_t bytes, bool huge) {
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
  mbind(r.data(), bytes, MPOL_PREFERRED, mask.data(), kMaskBits, 0);
  return r;
}

void Region::unmap() const {
  if (base) munmap(data(), bytes);
}

Moves::Moves(const Region& r, std::size_t page_bytes, std::size_t batch, unsigned threads,
             const host::Gate& gate)
    : gate_(gate), batch_(batch), parts_(threads) {
  for (std::uint64_t p = r.base; p < r.base + r.bytes; p += page_bytes) pages_.push_back(p);
  nodes_.resize(pages_.size());
  status_.resize(pages_.size());
  for (unsigned t = 0; t < threads; ++t)
    parts_[t] = {pages_.size() * t / threads, pages_.size() * (t + 1) / threads};
}

Seconds Moves::move(int to) {
  std::fill(nodes_.begin(), nodes_.end(), to);
  std::fill(status_.begin(), status_.end(), -1);
  const auto limit = std::chrono::steady_clock::now() + kOnce;
  const Seconds spent = together(static_cast<unsigned>(parts_.size()), [&](unsigned t) {
    Part& part = parts_[t];
    for (std::size_t i = part.begin; i < part.end; i += batch_) {
      const std::size_t n = std::min(batch_, part.end - i);
      // A positive result is a number of pages that somebody else held just now: once more for all.
      for (int tries = 0; tries < kMostTries && call(i, n) > 0; ++tries) continue;
      if (first_ && std::chrono::steady_clock::now() > limit) part.end = i + n;
    }
  });
  first_ = false;
  return spent;
}

std::size_t Moves::count() const {
  std::size_t n = 0;
  for (const Part& p : parts_) n += p.end - p.begin;
  return n;
}

std::uint64_t Moves::left() const {
  std::uint64_t n = 0;
  for (const Part& p : parts_)
    for (std::size_t i = p.begin; i < p.end; ++i) n += status_[i] != nodes_[i];
  return n;
}

long Moves::call(std::size_t i, std::size_t n) {
  return gate_(SYS_move_pages, {0, n, reinterpret_cast<std::uint64_t>(&pages_[i]),
                                reinterpret_cast<std::uint64_t>(&nodes_[i]),
                                reinterpret_cast<std::uint64_t>(&status_[i]), MPOL_MF_MOVE});
}

}  // namespace ringtail::run
