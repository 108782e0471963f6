// SPDX-License-Identifier: GPL-2.0-or-later
// Whether an outcome of a composition is one that some order of its operations, each of them atomic, gives in
// the syscall model.
//
// Orders are tried one by one: there are two of two operations, six of three. An outcome that none of them
// gives may be excused by a rule, which says where Linux is knowingly not atomic, and is tried as orders of
// smaller steps: it is no widening of what a step may do.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "checker/refine/composition.h"

namespace ringtail::refine {

struct Outcome {
  std::vector<std::int64_t> results;   // by Operation::index
  std::vector<std::int64_t> contents;  // by page of the address space
};

// A rule by which Linux is not atomic.
struct Exception {
  std::string_view name;
  std::string_view why;
};

struct Explained {
  bool allowed = false;
  const Exception* by = nullptr;  // null: some order of the whole operations
};

Explained explain(const Composition&, const Outcome&);

const std::vector<Exception>& exceptions();

}  // namespace ringtail::refine
