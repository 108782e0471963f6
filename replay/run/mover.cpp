// SPDX-License-Identifier: GPL-2.0-or-later
// Moves pages of the arena by move_pages, mbind and migrate_pages, and asks where they are.
#include <algorithm>
#include <cerrno>

#include <numaif.h>

#include "replay/run/crew.h"

namespace ringtail::run {
namespace {

using kernel::Sys;

constexpr std::size_t kCalls = 32;      // of a round...
constexpr std::size_t kRoundsOfIt = 6;  // ...or so many entries as this many times the arena
constexpr std::uint64_t kMaskBits = 1024;
constexpr std::uint64_t kNowhere = 0x2f0000000000;  // never mapped
constexpr int kNoNode = 1000;

template <class T>
std::uint64_t at(const T* p) {
  return reinterpret_cast<std::uint64_t>(p);
}

class Mover final : public Actor {
 public:
  using Actor::Actor;

  void work(Scene& s) override {
    std::size_t entries = 0;
    for (std::size_t i = 0; i < kCalls && entries < kRoundsOfIt * s.arena.pages(); ++i) {
      switch (random_.below(16)) {
        case 0:
          migrate(s);
          entries += s.arena.pages();
          break;
        case 1:
        case 2:
          bind(s);
          break;
        default:
          entries += move(s);
          break;
      }
      ++s.steps;
    }
    --s.moving;
  }

 private:
  std::size_t move(Scene& s) {
    const std::size_t n =
        s.options.batch ? s.options.batch : random_.size_to(std::min(kMostBatch, 2 * s.arena.pages()));
    choose_pages(s, n);
    choose_nodes(s, n);
    const bool ask = s.nodes.size() > 1 || random_.one_in(4);
    if (ask) before_ = query(n) == 0 ? status_ : std::vector<int>();
    status_.assign(n, Tally::kUnwritten);
    const std::uint64_t flags = random_.one_in(3) ? MPOL_MF_MOVE_ALL : MPOL_MF_MOVE;
    const long r =
        tape_.call(Sys::move_pages, {0, n, at(pages_.data()), at(nodes_.data()), at(status_.data()), flags});
    tally_.asked += n;
    tally_.partial += r > 0;
    if (r < 0) return n;
    for (std::size_t i = 0; i < n; ++i) {
      ++tally_.statuses[status_[i]];
      const bool there = status_[i] == nodes_[i];
      tally_.moved += ask && there && i < before_.size() && before_[i] >= 0 && before_[i] != nodes_[i];
    }
    if (random_.one_in(4)) query(n);
    return n;
  }

  long query(std::size_t n) {
    status_.assign(n, Tally::kUnwritten);
    return tape_.call(Sys::move_pages, {0, n, at(pages_.data()), 0, at(status_.data()), 0});
  }

  void choose_pages(Scene& s, std::size_t n) {
    pages_.resize(n);
    const std::size_t all = s.arena.pages(), from = random_.below(all);
    const std::size_t step = is_huge(s.arena.kind()) && random_.one_in(2) ? 512 : random_.one_in(4) ? 3 : 1;
    const bool anywhere = random_.one_in(4);
    for (std::size_t i = 0; i < n; ++i)
      pages_[i] = s.arena.address(anywhere ? random_.below(all) : (from + i * step) % all);
    if (random_.one_in(16)) pages_[random_.below(n)] = kNowhere;
    if (random_.one_in(8)) pages_[random_.below(n)] += random_.below(kPageBytes);
  }

  void choose_nodes(Scene& s, std::size_t n) {
    nodes_.assign(n, random_.of(s.nodes));
    if (random_.one_in(4))
      for (int& node : nodes_) node = random_.of(s.nodes);
    if (random_.one_in(32)) nodes_[random_.below(n)] = kNoNode;
  }

  void bind(Scene& s) {
    const std::size_t from = random_.below(s.arena.pages());
    const std::size_t n = random_.size_to(s.arena.pages() - from);
    std::uint64_t mask[kMaskBits / 64] = {};
    const int node = random_.of(s.nodes);
    mask[node / 64] |= std::uint64_t{1} << (node % 64);
    std::uint64_t flags = random_.one_in(3) ? MPOL_MF_MOVE_ALL : MPOL_MF_MOVE;
    if (random_.one_in(4)) flags |= MPOL_MF_STRICT;
    const std::uint64_t start = s.arena.address(from), bytes = n * kPageBytes;
    if (s.arena.kind() == Kind::hugetlb) return;  // a policy that its pool cannot serve ends in SIGBUS
    if (random_.one_in(3)) {
      tape_.call(Sys::mbind, {s.arena.base(), s.arena.bytes(), MPOL_DEFAULT, 0, 0, 0});
    } else {
      tape_.call(Sys::mbind, {start, bytes, MPOL_PREFERRED, at(mask), kMaskBits, flags});
    }
  }

  void migrate(Scene& s) {
    std::uint64_t from[kMaskBits / 64] = {}, to[kMaskBits / 64] = {};
    const int a = random_.of(s.nodes), b = random_.of(s.nodes);
    from[a / 64] |= std::uint64_t{1} << (a % 64);
    to[b / 64] |= std::uint64_t{1} << (b % 64);
    tape_.call(Sys::migrate_pages, {0, kMaskBits, at(from), at(to)});
  }

  std::vector<std::uint64_t> pages_;
  std::vector<int> nodes_, status_, before_;
};

}  // namespace

std::unique_ptr<Actor> make_mover(host::Clock& clock, const host::Gate& gate, std::uint64_t seed) {
  return std::make_unique<Mover>(clock, gate, seed);
}

}  // namespace ringtail::run
