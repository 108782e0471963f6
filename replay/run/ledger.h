// SPDX-License-Identifier: GPL-2.0-or-later
// The writers' log: what every word of the arena must hold.
//
// A page has eight slices of 64 words. A slice is written word by word, front to back, in generations: its
// log is one generation and one cursor, and says what each of its words holds. Generation 0 is what the page
// holds before anybody writes: zeros, or the file's content.
//
// Slices belong to writers, so that several write to one page at a time and each knows alone what it wrote.
// What changes a page as a whole (an advice that discards it, I/O into it) holds it alone. Neither waits: a
// page that is taken is left for another. Those who move pages take nothing.
//
// Where the kernel may or may not have taken a page back (MADV_FREE, an advice that failed on the way), the
// page is marked; it then holds all that was logged, or is as it was in the beginning.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "replay/run/pattern.h"

namespace ringtail::run {

inline constexpr std::size_t kSlices = 8;
inline constexpr std::size_t kSliceWords = kWords / kSlices;

// What is wrong with a page.
enum class Flaw : std::uint8_t {
  lost_write,    // some words are older than the log
  torn_copy,     // a run of words from the page's start, or to its end, is
  stale_page,    // all that was ever written is
  content_gone,  // zeros where something was written
  wrong_page,    // words of another page, or of another place in this one
  not_written,   // newer than the log, or not of the pattern at all
};
std::string_view text_of(Flaw);

struct Slice {
  std::uint32_t generation = 0;
  std::uint32_t cursor = 0;  // words before it are of the next generation
};

using Content = std::array<std::uint64_t, kWords>;

class Ledger {
 public:
  // Pages are numbered from `first`; `zeros`: they begin as zeros, else as generation 0 of the pattern.
  Ledger(std::uint32_t first, std::size_t pages, bool zeros);

  std::size_t pages() const { return count_; }

  bool try_share(std::size_t page);
  void unshare(std::size_t page);
  bool try_own(std::size_t page);
  void disown(std::size_t page);

  // Of a page that the caller holds.
  Slice& slice(std::size_t page, std::size_t s) { return pages_[page].slices[s]; }
  bool marked(std::size_t page) const { return pages_[page].marked; }
  void mark(std::size_t page) { pages_[page].marked = true; }
  void unmark(std::size_t page) { pages_[page].marked = false; }
  void restart(std::size_t page);  // as it was in the beginning

  std::uint64_t expected(std::size_t page, std::size_t word) const;
  std::uint64_t stamped(std::size_t page, std::size_t word, std::uint32_t generation) const {
    return word_of({number(page), generation, static_cast<std::uint32_t>(word)});
  }
  // Nothing when the page holds what it must.
  std::optional<Flaw> examine(std::size_t page, const Content& content) const;
  // The same for one slice, which its writer may ask for.
  std::optional<Flaw> examine_slice(std::size_t page, std::size_t s, const std::uint64_t* words) const;
  // Whether the page holds what it held in the beginning.
  bool is_original(std::size_t page, const Content& content) const;
  // Makes the log say what the page holds, so that a flaw is told once.
  void accept(std::size_t page) { pages_[page].flawed = true; }
  bool accepted(std::size_t page) const { return pages_[page].flawed; }

 private:
  struct Page {
    std::atomic<int> holders{0};  // -1: one who holds it alone
    bool marked = false;
    std::atomic<bool> flawed{false};
    std::array<Slice, kSlices> slices{};
  };
  std::uint32_t number(std::size_t page) const {
    return (first_ + static_cast<std::uint32_t>(page)) & 0xffffff;
  }
  std::uint64_t original(std::size_t page, std::size_t word) const {
    return zeros_ ? 0 : stamped(page, word, 0);
  }
  Flaw name(std::size_t page, const std::uint64_t* words, std::size_t from, std::size_t to) const;

  std::uint32_t first_;
  std::size_t count_;
  bool zeros_;
  std::unique_ptr<Page[]> pages_;
};

}  // namespace ringtail::run
