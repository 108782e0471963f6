// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/refine/contents.h"

namespace ringtail::refine {

Contents::Contents(const Composition& c, int space) : pages_(static_cast<std::size_t>(space)) {
  for (int i = 0; i < c.pages && i < space; ++i) {
    Page& p = pages_[static_cast<std::size_t>(i)];
    if (c.backing == Backing::anonymous) {
      p.own = kFirstContents;
      continue;
    }
    p.file = i;
    p.shared = c.backing == Backing::shared_file;
    file_.push_back(kFirstContents);
  }
}

bool Contents::may_hold(int page, std::uint64_t value) const {
  const Page& p = pages_[static_cast<std::size_t>(page)];
  if (p.own) return value == *p.own || (p.freed && value == 0);
  return value == (p.file < 0 ? 0 : file_[static_cast<std::size_t>(p.file)]);
}

void Contents::store(int page, std::uint64_t value) {
  Page& p = pages_[static_cast<std::size_t>(page)];
  if (p.shared) {
    file_[static_cast<std::size_t>(p.file)] = value;
  } else {
    p.own = value;
    p.freed = false;
  }
}

void Contents::load(int page, std::uint64_t value) {
  Page& p = pages_[static_cast<std::size_t>(page)];
  if (p.freed && p.own && *p.own != value) give_up(page);
}

void Contents::map_zeros(int page) { pages_[static_cast<std::size_t>(page)] = {}; }

void Contents::give_up(int page) {
  Page& p = pages_[static_cast<std::size_t>(page)];
  p.own.reset();
  p.freed = false;
}

void Contents::may_give_up(int page) {
  Page& p = pages_[static_cast<std::size_t>(page)];
  p.freed = p.own.has_value() && p.file < 0;
}

void Contents::punch(int page) {
  Page& p = pages_[static_cast<std::size_t>(page)];
  if (p.file >= 0) file_[static_cast<std::size_t>(p.file)] = 0;
}

void Contents::move(int from, int to) {
  pages_[static_cast<std::size_t>(to)] = pages_[static_cast<std::size_t>(from)];
  map_zeros(from);
}

}  // namespace ringtail::refine
