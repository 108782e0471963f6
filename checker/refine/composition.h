// SPDX-License-Identifier: GPL-2.0-or-later
// What a program over specs/ops composes: a scene, and the operations whose results it keeps.
//
//   INIT { scene_anonymous(2, VM_READ | VM_WRITE | VM_MAYWRITE); }
//   THREAD(dontneed) { result[0] = op_madvise(0, 2, MADV_DONTNEED); }
//   THREAD(move) { result[1] = from_outside(op_move_pages(1, 1)); }
//
// It is read from the program's own tokens, so that there is nothing beside it that could say otherwise. A
// program with a scene or an operation that is not known, or with arguments that are no constants, is none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/lang/load.h"

namespace ringtail::refine {

enum class Backing : std::uint8_t { anonymous, private_file, shared_file };

struct Operation {
  int index = 0;  // of result[]
  std::string name;
  std::vector<std::int64_t> args;
  bool outside = false;  // by another process, which holds the address space meanwhile
  friend bool operator==(const Operation&, const Operation&) = default;
};

struct Composition {
  Backing backing = Backing::anonymous;
  int pages = 0;  // that are mapped, from page 0 on
  bool writable = false;
  std::vector<Operation> operations;  // by index
  friend bool operator==(const Composition&, const Composition&) = default;
};

std::optional<Composition> composition_of(const lang::Spec&);

}  // namespace ringtail::refine
