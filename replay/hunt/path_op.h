// SPDX-License-Identifier: GPL-2.0-or-later
// Operations on pages as paths of specs/ops: what is called, from which header, and what of it matters to
// those that are composed with it.
#pragma once

#include <string_view>
#include <vector>

#include "replay/hunt/operation.h"

namespace ringtail::hunt {

// {0} is its first page, {1} their number, {2} a value that it writes, {3} a page where nothing is mapped.
struct PathOp {
  Operation by;
  std::string_view name;  // in a file's name
  std::string_view call;
  std::string_view header;
  enum : unsigned {
    kNothing = 0,
    kWritesLock = 1,  // takes mmap_sem for write
    kWrites = 2,      // writes {2} to its first page, where nothing hinders it
    kLoses = 4,       // what was written may be gone afterwards
    kForces = 8,      // writes whatever the protection
    kUnmapsFile = 16,
    kOnePage = 32,     // works on its first page only
    kTakesPages = 64,  // away from everybody who maps them
  };
  unsigned does = kNothing;
};

// The path of an operation on pages. Advice that a later kernel brings is, until it has a path of its own, a
// walk under the lock.
const PathOp& path_op(Operation);

// All operations on pages that there is a path for, but those that differ only where others map the pages.
std::vector<Operation> page_operations();

}  // namespace ringtail::hunt
