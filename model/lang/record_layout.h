// SPDX-License-Identifier: GPL-2.0-or-later
// Where the members of a structure or union lie, as gcc lays them out on a 64-bit machine.
//
// Bit-fields follow the System V ABI: each begins at the next bit, or at the next unit of its declared type
// where it would cross one. Neighbours share a cell: the integer that a load or store of any of them reads
// and writes. C11 calls a run of bit-fields one memory location, and so do we: two threads that write
// neighbours under different locks race, and lose each other's bits. A cell is as wide as the declared type
// where no other member lies in it, else the widest part of it that is free:
//
//   struct page { unsigned locked : 1, dirty : 1; }     one cell, of 4 bytes
//   struct inode { unsigned new : 4; char kind; }       one cell, of 1 byte: kind is a location of its own
//   struct sock { unsigned a : 1; int : 0; u8 b : 1; }  two cells: a width of 0 separates
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/lang/type.h"

namespace ringtail::lang {

class RecordLayout {
 public:
  RecordLayout(Record& record, const TypeTable& types) : record_(record), types_(types) {}

  void add(std::string name, TypeRef type);
  // Without a name: bits that nobody uses. A width of 0: what follows shares no cell with what was before.
  void add_bits(std::string name, TypeRef type, unsigned count);
  // Completes the record. The name of a bit-field that lies so between other members that no aligned access
  // reaches it alone, where there is one: gcc takes such a one byte by byte.
  [[nodiscard]] std::optional<std::string> finish();

 private:
  struct Cell {
    std::uint64_t begin = 0, size = 0;
    bool within(const Cell& other) const {
      return begin >= other.begin && begin + size <= other.begin + other.size;
    }
  };
  void end_run(std::uint64_t limit);
  TypeRef integer_of(std::uint64_t size) const;

  Record& record_;
  const TypeTable& types_;
  std::uint64_t bits_ = 0;       // of a struct: where the next member may begin
  std::uint64_t run_begin_ = 0;  // bytes before this belong to other members
  std::vector<std::size_t>
      run_;  // the bit-fields since, by their index; `first` counts from the record's begin
  std::vector<std::uint64_t> firsts_;
  std::optional<std::string> unreachable_;
};

}  // namespace ringtail::lang
