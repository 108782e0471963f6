// SPDX-License-Identifier: GPL-2.0-or-later
// What `ringtail run`'s copy report is measured against, with nothing around it:
//
//   bare_move loop PAGES BATCH FROM TO       a loop around move_pages
//   bare_move migratepages PAGES FROM TO     numactl's program, on a process of so many pages
//   bare_move paired PAGES BATCH FROM TO     that loop and the report's own, pass by pass in turns: the
//   median of the
//                                            ratios of the processor time that each pass took
//
// Memory is placed on FROM and moved to TO and back for about a second; prints the best pages/s of TO.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <numa.h>
#include <numaif.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "replay/run/moves.h"

namespace {

constexpr std::size_t kPage = 4096;
constexpr double kEnough = 1.0;
constexpr int kPairs = 201;

struct Memory {
  char* base;
  std::size_t pages;

  Memory(std::size_t n, int node) : pages(n) {
    base = static_cast<char*>(
        mmap(nullptr, n * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    unsigned long mask[16] = {};
    mask[node / 64] = 1ul << (node % 64);
    mbind(base, n * kPage, MPOL_BIND, mask, 1024, 0);
    madvise(base, n * kPage, MADV_NOHUGEPAGE);
    std::memset(base, 0x5a, n * kPage);
    mbind(base, n * kPage, MPOL_PREFERRED, mask, 1024, 0);  // NUMA balancing leaves it alone
  }
  bool all_on(int node) const {
    std::vector<void*> at(pages);
    std::vector<int> status(pages, -1);
    for (std::size_t i = 0; i < pages; ++i) at[i] = base + i * kPage;
    return move_pages(0, pages, at.data(), nullptr, status.data(), 0) == 0 &&
           std::all_of(status.begin(), status.end(), [node](int s) { return s == node; });
  }
};

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

class Loop {
 public:
  Loop(const Memory& m, std::size_t batch) : batch_(batch), at_(m.pages), nodes_(m.pages), status_(m.pages) {
    for (std::size_t i = 0; i < m.pages; ++i) at_[i] = m.base + i * kPage;
  }
  double move(int, int to) {
    std::fill(nodes_.begin(), nodes_.end(), to);
    const double start = now();
    for (std::size_t i = 0; i < at_.size(); i += batch_)
      move_pages(0, std::min(batch_, at_.size() - i), &at_[i], &nodes_[i], &status_[i], MPOL_MF_MOVE);
    return now() - start;
  }

 private:
  std::size_t batch_;
  std::vector<void*> at_;
  std::vector<int> nodes_, status_;
};

struct MigratePages {
  double move(int from, int to) {
    const std::string pid = std::to_string(getpid()), a = std::to_string(from), b = std::to_string(to);
    const double start = now();
    const pid_t child = vfork();
    if (child == 0) {
      execlp("migratepages", "migratepages", pid.c_str(), a.c_str(), b.c_str(), nullptr);
      _exit(127);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) == 127) std::exit(2);
    return now() - start;
  }
};

template <class Mover>
int measure(const Memory& m, Mover mover, int from, int to) {
  double best = 0, spent = 0;
  while (spent < kEnough) {
    const bool ready = m.all_on(from);
    const double s = mover.move(from, to);
    if (ready && m.all_on(to)) best = std::max(best, static_cast<double>(m.pages) / s);
    spent += s + mover.move(to, from);
  }
  std::printf("%.0f\n", best);
  return best > 0 ? 0 : 1;
}

double processor_time() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

// Each takes the pages there and back. What else runs on the machine takes processor time of neither; what it
// does to caches it does to both.
int paired(const Memory& m, std::size_t batch, int from, int to) {
  const ringtail::run::Region region{reinterpret_cast<std::uint64_t>(m.base), m.pages * kPage};
  const ringtail::host::Gate gate = ringtail::host::straight;
  ringtail::run::Moves ours(region, kPage, batch, 1, gate);
  Loop bare(m, batch);
  const auto timed = [&](auto& mover) {
    const double start = processor_time();
    mover(to);
    mover(from);
    return processor_time() - start;
  };
  auto our_pass = [&](int node) { ours.move(node); };
  auto bare_pass = [&](int node) { bare.move(0, node); };
  std::vector<double> ratios;
  for (int round = 0; round < kPairs; ++round) {
    const bool first = round % 2 == 0;
    const double a = first ? timed(our_pass) : timed(bare_pass);
    const double b = first ? timed(bare_pass) : timed(our_pass);
    ratios.push_back(first ? b / a : a / b);  // speed: ours by the bare loop's
  }
  std::sort(ratios.begin(), ratios.end());
  std::printf("%.4f %.4f\n", ratios[kPairs / 2], (ratios[kPairs * 3 / 4] - ratios[kPairs / 4]) / 2);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  const auto number = [&](int i) { return std::atoi(argv[i]); };
  if (what == "loop" && argc == 6) {
    const Memory m(static_cast<std::size_t>(number(2)), number(4));
    return measure(m, Loop(m, static_cast<std::size_t>(number(3))), number(4), number(5));
  }
  if (what == "migratepages" && argc == 5) {
    const Memory m(static_cast<std::size_t>(number(2)), number(3));
    return measure(m, MigratePages{}, number(3), number(4));
  }
  if (what == "paired" && argc == 6) {
    const Memory m(static_cast<std::size_t>(number(2)), number(4));
    return paired(m, static_cast<std::size_t>(number(3)), number(4), number(5));
  }
  std::fprintf(stderr,
               "bare_move (loop | paired) PAGES BATCH FROM TO | bare_move migratepages PAGES FROM TO\n");
  return 2;
}
