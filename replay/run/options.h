// SPDX-License-Identifier: GPL-2.0-or-later
// What a run is to do.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "replay/host/tape.h"
#include "replay/run/arena.h"

namespace ringtail::run {

struct Options {
  std::vector<int> nodes;    // between which pages move; empty: all that this process may use
  std::size_t pages = 2048;  // of an arena
  std::size_t batch = 0;     // entries of a move_pages call; 0: any number to 65536
  unsigned threads = 2;      // that move pages
  unsigned writers = 2;      // that store to them meanwhile
  unsigned disturbers = 1;   // that advise, lock, fork and do I/O on them
  bool huge = false;         // only huge pages
  bool compact = false;      // have the kernel compact memory now and then (root)
  unsigned rounds = 20;      // each on an arena of another kind
  double minutes = 0;        // if not 0: as many rounds as this takes
  bool storm = true;         // the rounds; else only the copy report
  bool copy = true;          // the copy report
  std::uint64_t seed = 1;
  std::string folder;    // for files; empty: that for temporary files
  std::string device;    // a block device to do direct I/O on, whose content is lost
  std::string capture;   // writes what was recorded there
  double patience = 60;  // seconds without a step until a thread counts as hanging
  // Between a run and the kernel: its calls that move pages, and what it is told of page tables. The tests
  // plant faults there.
  host::Gate gate = host::straight;
  std::function<Residence(std::uint64_t address)> residence = run::residence;
};

inline constexpr std::size_t kMostBatch = 65536;

}  // namespace ringtail::run
