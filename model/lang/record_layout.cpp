// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/lang/record_layout.h"

#include <algorithm>
#include <utility>

namespace ringtail::lang {
namespace {

std::uint64_t rounded_up(std::uint64_t n, std::uint64_t to) { return (n + to - 1) / to * to; }

}  // namespace

void RecordLayout::add(std::string name, TypeRef type) {
  const bool is_struct = record_.kind == TagKind::struct_;
  const std::uint64_t align = align_of(type);
  const std::uint64_t offset = is_struct ? rounded_up(rounded_up(bits_, 8) / 8, align) : 0;
  if (is_struct) end_run(offset);
  record_.fields.push_back({std::move(name), type, offset});
  record_.size = std::max(record_.size, offset + size_of(type));
  record_.align = std::max(record_.align, align);
  bits_ = 8 * (offset + size_of(type));
  run_begin_ = offset + size_of(type);
}

void RecordLayout::add_bits(std::string name, TypeRef type, unsigned count) {
  const bool is_struct = record_.kind == TagKind::struct_;
  const std::uint64_t unit = 8 * size_of(type);
  std::uint64_t first = is_struct ? bits_ : 0;
  if (count == 0 || first / unit != (first + count - 1) / unit) first = rounded_up(first, unit);
  if (count == 0 && is_struct) {
    end_run(first / 8);
    run_begin_ = first / 8;
  }
  bits_ = first + count;
  record_.size = std::max(record_.size, rounded_up(bits_, 8) / 8);
  if (name.empty()) return;
  run_.push_back(record_.fields.size());
  firsts_.push_back(first);
  record_.fields.push_back({std::move(name), type, 0, {nullptr, 0, static_cast<std::uint8_t>(count)}});
  record_.align = std::max(record_.align, align_of(type));
}

std::optional<std::string> RecordLayout::finish() {
  record_.size = rounded_up(record_.size, record_.align);
  if (record_.kind == TagKind::union_) run_begin_ = 0;
  end_run(record_.size);
  record_.complete = true;
  return unreachable_;
}

// All bytes from run_begin_ up to `limit` are the run's: its cells are cut now.
void RecordLayout::end_run(std::uint64_t limit) {
  std::vector<Cell> cells;
  for (std::size_t i = 0; i < run_.size(); ++i) {
    const Field& f = record_.fields[run_[i]];
    const std::uint64_t first = firsts_[i], last = first + f.bits.count - 1;
    Cell cell;
    for (cell.size = size_of(f.type); cell.size > 0; cell.size /= 2) {
      cell.begin = first / 8 / cell.size * cell.size;
      if (cell.begin >= run_begin_ && cell.begin + cell.size <= limit) break;
    }
    if (cell.size == 0 || last / 8 >= cell.begin + cell.size) {
      if (!unreachable_) unreachable_ = f.name;
      cell = {first / 8, 1};
    }
    cells.push_back(cell);
  }
  for (std::size_t i = 0; i < run_.size(); ++i) {
    // neighbours of different types may lie in cells of different sizes: the largest is everybody's
    Cell whole = cells[i];
    for (const Cell& other : cells)
      if (whole.within(other)) whole = other;
    Field& f = record_.fields[run_[i]];
    f.offset = whole.begin;
    f.bits.cell = integer_of(whole.size);
    f.bits.first = static_cast<std::uint8_t>(firsts_[i] - 8 * whole.begin);
  }
  run_.clear();
  firsts_.clear();
}

TypeRef RecordLayout::integer_of(std::uint64_t size) const {
  return types_.builtin(size == 1   ? Builtin::uchar
                        : size == 2 ? Builtin::ushort
                        : size == 4 ? Builtin::uint
                                    : Builtin::ulong);
}

}  // namespace ringtail::lang
