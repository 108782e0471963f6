// SPDX-License-Identifier: GPL-2.0-or-later
// What is left of two overlapping calls when addresses, times and threads are forgotten: two operations, how
// their ranges lie to each other, and what kind of pages they have in common. A capture of millions of calls
// has a handful. Of three that overlap each other, and all have a page (or context, or descriptor) in common,
// only that page is left.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "replay/hunt/touch.h"

namespace ringtail::hunt {

// Of the pages of `first` to those of `second`.
enum class Relation : std::uint8_t { same, inside, around, overlap };

struct Shape {
  Touch::What what = Touch::What::pages;
  Operation first, second;         // first <= second
  std::optional<Operation> third;  // second <= third
  Relation relation = Relation::same;
  Pages pages;
  bool remote = false;  // one of them comes from another process
  // Each is of a process of its own, which maps the pages, or has the file open, too.
  bool apart = false;
  friend auto operator<=>(const Shape&, const Shape&) = default;
};

// Of two touches that meet.
Shape shape_of(const Touch& a, const Touch& b);
// Of three that meet, with a page in common.
Shape shape_of(const Touch& a, const Touch& b, const Touch& c);
// Of a call and what its address space's other threads, or its requests' devices, may do at any time.
Shape shape_of(const Touch& t, Op unseen);

// `madvise(MADV_DONTNEED) beside munmap: the same pages, private anonymous`
std::string name_of(const Shape&);
std::string_view name_of(Relation);
std::string_view name_of(PageKind);

}  // namespace ringtail::hunt
