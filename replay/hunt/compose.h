// SPDX-License-Identifier: GPL-2.0-or-later
// A program of kernel C for a shape: the two operations as threads, over the path operations of specs/ops,
// for the kernel of the capture with the bugs that it had.
//
// Pages are few: one if both operations are about the same pages, two if one's lie inside the other's, three
// if they overlap; what is mapped before the program begins is one area of them. Memory of which the capture
// does not tell what it is is taken as private anonymous; a huge page is one page here, as its paths take the
// same locks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "replay/hunt/path_bugs.h"
#include "replay/hunt/shape.h"

namespace ringtail::hunt {

struct Program {
  std::string name;   // of its file, without `.c`
  std::string title;  // the first lines: comments
  std::string
      body;  // the rest, which is the same for shapes that only differ in what a path does not look at
  Domain domain = Domain::pages;
  std::string text() const { return title + body; }
};

// `bugs`: which of the path's bugs the kernel has; `common`: how many pages ranges of the same pages have.
Program compose(const Shape&, const std::vector<const PathBug*>& bugs, int common = 1);
Program compose(const Shape&, kernel::Version);

// The bugs of a version in a domain.
std::vector<const PathBug*> bugs_of(kernel::Version, Domain);
Domain domain_of(const Shape&);

}  // namespace ringtail::hunt
