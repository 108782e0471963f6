// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/run/ledger.h"

namespace ringtail::run {

std::string_view text_of(Flaw f) {
  switch (f) {
    case Flaw::lost_write:
      return "lost write";
    case Flaw::torn_copy:
      return "torn copy";
    case Flaw::stale_page:
      return "stale page";
    case Flaw::content_gone:
      return "content gone";
    case Flaw::wrong_page:
      return "content of another page";
    case Flaw::not_written:
      return "content that nobody wrote";
  }
  return "";
}

Ledger::Ledger(std::uint32_t first, std::size_t pages, bool zeros)
    : first_(first), count_(pages), zeros_(zeros), pages_(std::make_unique<Page[]>(pages)) {}

bool Ledger::try_share(std::size_t page) {
  std::atomic<int>& h = pages_[page].holders;
  int seen = h.load(std::memory_order_relaxed);
  return seen >= 0 && h.compare_exchange_strong(seen, seen + 1, std::memory_order_acquire);
}
void Ledger::unshare(std::size_t page) { pages_[page].holders.fetch_sub(1, std::memory_order_release); }

bool Ledger::try_own(std::size_t page) {
  int free = 0;
  return pages_[page].holders.compare_exchange_strong(free, -1, std::memory_order_acquire);
}
void Ledger::disown(std::size_t page) { pages_[page].holders.store(0, std::memory_order_release); }

void Ledger::restart(std::size_t page) {
  pages_[page].slices = {};
  pages_[page].marked = false;
}

std::uint64_t Ledger::expected(std::size_t page, std::size_t word) const {
  const Slice& s = pages_[page].slices[word / kSliceWords];
  const std::uint32_t generation = s.generation + (word % kSliceWords < s.cursor);
  return generation == 0 ? original(page, word) : stamped(page, word, generation);
}

bool Ledger::is_original(std::size_t page, const Content& content) const {
  for (std::size_t w = 0; w < kWords; ++w)
    if (content[w] != original(page, w)) return false;
  return true;
}

std::optional<Flaw> Ledger::examine(std::size_t page, const Content& content) const {
  bool same = true;
  for (std::size_t w = 0; w < kWords && same; ++w) same = content[w] == expected(page, w);
  if (same || (marked(page) && is_original(page, content))) return std::nullopt;
  return name(page, content.data(), 0, kWords);
}

std::optional<Flaw> Ledger::examine_slice(std::size_t page, std::size_t s, const std::uint64_t* words) const {
  const std::size_t from = s * kSliceWords;
  for (std::size_t w = 0; w < kSliceWords; ++w)
    if (words[w] != expected(page, from + w)) return name(page, words, from, from + kSliceWords);
  return std::nullopt;
}

// `words` are those from `from` to `to`, one of them wrong at least.
Flaw Ledger::name(std::size_t page, const std::uint64_t* words, std::size_t from, std::size_t to) const {
  std::size_t wrong = 0, zeros = 0, older = 0, first = to, last = from;
  std::size_t written = 0, old_slices = 0;  // slices somebody wrote to; those that lost something
  for (std::size_t s = from / kSliceWords; s < (to + kSliceWords - 1) / kSliceWords; ++s) {
    bool lost = false;
    for (std::size_t w = s * kSliceWords; w < (s + 1) * kSliceWords; ++w) {
      const std::uint64_t got = words[w - from], want = expected(page, w);
      if (got == want) continue;
      ++wrong;
      if (w < first) first = w;
      last = w;
      const Stamp stamp = stamp_of(got);
      if (got == 0) {
        ++zeros;
        lost = true;
      } else if (is_stamp(got) && (stamp.page != number(page) || stamp.index != w)) {
        return Flaw::wrong_page;
      } else if (is_stamp(got) && want != 0 && stamp.generation < stamp_of(want).generation) {
        ++older;
        lost = true;
      }
    }
    const Slice& log = pages_[page].slices[s];
    written += log.generation + log.cursor > 0;
    old_slices += lost;
  }
  if (zeros + older < wrong) return Flaw::not_written;
  const bool all = old_slices == written && written > 1;
  if (zeros == wrong)
    return all ? Flaw::content_gone : wrong > kSliceWords ? Flaw::torn_copy : Flaw::lost_write;
  if (all) return Flaw::stale_page;
  const bool one_run = last - first + 1 == wrong, at_edge = first == 0 || last == kWords - 1;
  return one_run && at_edge && wrong > kSliceWords ? Flaw::torn_copy : Flaw::lost_write;
}

}  // namespace ringtail::run
