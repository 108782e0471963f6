// SPDX-License-Identifier: GPL-2.0-or-later
// Functions that run while nothing else does: INIT before the threads, FINALLY and invariants after them.
#pragma once

#include "checker/explore/search.h"

namespace ringtail::explore {

struct Ran {
  machine::Status status = machine::Status::finished;
  machine::Failure failure = machine::Failure::none;
  std::uint32_t at = 0;  // the instruction that fails
  std::int64_t returned = 0;
  struct Choice {
    std::int64_t value = 0, last = 0;
    bool is_signed = true;
  };
  std::vector<Choice> choices = {};  // made by choose(); INIT's are the program's, others the lowest
};
// The n-th value that a function alone is given.
std::int64_t choice(const machine::Machine& m, const machine::Request& q, std::size_t number, std::size_t n);

// What is wrong with an address. Objects that `memory` does not name are not judged.
machine::Failure wrong_address(const machine::Machine& m, const machine::Request& q, const Initial& memory);
// What a request gives, and does to memory, where nothing comes between.
std::int64_t perform(const machine::Request& q, Initial& memory);

// `number` is the thread that allocations count for; what is read is added to `reads`.
Ran run_alone(const machine::Machine& m, std::uint32_t function, std::size_t number, Initial& memory,
              std::vector<std::uint64_t>* reads = nullptr);

inline constexpr std::size_t init_thread = machine::first_alone, finally_thread = machine::first_alone + 1;

}  // namespace ringtail::explore
