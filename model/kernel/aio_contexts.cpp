// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/aio_contexts.h"

#include <algorithm>

namespace ringtail::kernel {

std::uint64_t AioContexts::charged(std::uint64_t least) const {
  std::uint64_t sum = 0;
  for (const auto& [id, c] : contexts_)
    if (c.live == Tri::yes) sum += std::max(c.events, least);
  return sum;
}

std::vector<std::uint64_t> AioContexts::within(Range r) const {
  std::vector<std::uint64_t> ids;
  for (const auto& [id, c] : contexts_)
    if (Range{id, id + std::max<std::uint64_t>(c.ring, 1)}.intersects(r)) ids.push_back(id);
  return ids;
}

void AioContexts::came_unseen(std::uint64_t until) {
  recent_.found = nullptr;
  absl::erase_if(contexts_, [](const auto& kv) { return kv.second.live == Tri::no; });
  dead_.clear();
  whole = false;
  forgotten_until = until;
}

// An address space with more contexts than any program has: those known to be dead go first, then all.
void AioContexts::shrink() {
  recent_.found = nullptr;
  absl::erase_if(contexts_, [](const auto& kv) { return kv.second.live == Tri::no; });
  dead_.clear();
  if (contexts_.size() < kMost / 2) return;
  contexts_.clear();
  whole = false;
}

}  // namespace ringtail::kernel
