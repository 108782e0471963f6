// SPDX-License-Identifier: GPL-2.0-or-later
// Operations of specs/ops, one after the other, as calls of the syscall model: whether an operation may end
// as it did, and what it leaves.
//
//   Player p(composition, space);
//   p.play(op, result);       // false: the syscall model does not allow that result here
//   p.contents().may_hold(0, 11);
//
// The machine has two nodes, no swap, and a program that may do everything; its pages begin on node 0. The
// kernel is the newest that the model was written for, but for what a composition says by its paths (a
// status of -EAGAIN is since v4.17 a count of pages that were left, which is how it is put to the model).
// Loads and stores, and writes through /proc/PID/mem, are no calls: whether they fault is asked of what the
// model knows of the page.
#pragma once

#include <cstdint>
#include <string_view>

#include "checker/refine/contents.h"
#include "model/kernel/world.h"

namespace ringtail::refine {

bool has_operation(std::string_view name, std::size_t args);
// Whether it moves pages, which are not to be found meanwhile.
bool moves_pages(const Operation&);
// Whether it takes a range [args[0], args[0] + args[1]) page by page, and lets others in between.
bool by_page(const Operation&);
// Whether such a one ends at the first page that it fails at.
bool stops_at_failure(const Operation&);

class Player {
 public:
  Player(const Composition&, int space);

  // The operation begins, and others may overlap it; play() ends it. One at a time.
  void begin(const Operation&);
  bool play(const Operation&, std::int64_t result);
  // Whether a user may find this there in the end.
  bool may_hold(int page, std::uint64_t value) const;

 private:
  friend struct Row;
  using Args = std::vector<std::int64_t>;

  kernel::PageState at(std::int64_t page) const;
  bool call(kernel::Call&, std::int64_t result);
  // For pages of [args[0], args[0] + args[1]) that are mapped.
  template <class F>
  void for_mapped(const Args&, F&&);

  bool user(std::int64_t page, bool write, std::uint64_t value, std::int64_t result);
  bool write_by(std::int64_t page, std::uint64_t value, bool forced, std::int64_t result);
  bool advise(const Args&, int advice, std::int64_t result);

  bool fault_store(const Args&, std::int64_t);
  bool fault_load(const Args&, std::int64_t);
  bool op_user(const Args&, std::int64_t);
  bool mem_write(const Args&, std::int64_t);
  bool vm_write(const Args&, std::int64_t);
  bool vm_writev(const Args&, std::int64_t);
  bool page_node(const Args&, std::int64_t);
  bool madvise(const Args&, std::int64_t);
  bool cold(const Args&, std::int64_t);
  bool pageout(const Args&, std::int64_t);
  bool populate(const Args&, std::int64_t);
  bool collapse(const Args&, std::int64_t);
  bool guard_install(const Args&, std::int64_t);
  bool guard_remove(const Args&, std::int64_t);
  bool hwpoison(const Args&, std::int64_t);
  bool munmap(const Args&, std::int64_t);
  bool mmap_fixed(const Args&, std::int64_t);
  bool mmap(const Args&, std::int64_t);
  bool mprotect(const Args&, std::int64_t);
  bool mremap(const Args&, std::int64_t);
  bool mlock(const Args&, std::int64_t);
  bool munlock(const Args&, std::int64_t);
  bool fork(const Args&, std::int64_t);
  bool exit(const Args&, std::int64_t);
  bool move_pages(const Args&, std::int64_t);
  bool migrate_pages(const Args&, std::int64_t);
  bool mbind(const Args&, std::int64_t);

  mutable kernel::World world_;  // find() notes whom it found last
  Contents contents_;
  std::uint64_t clock_ = 0;
  const Operation* open_ = nullptr;  // the operation that has begun
  std::int32_t tid_;                 // who makes the next call
  bool beginning_ = false;           // and whether it only begins it
  int elsewhere_ = 0;                // mappings and children so far
  bool gone_ = false;                // the process has ended
};

}  // namespace ringtail::refine
