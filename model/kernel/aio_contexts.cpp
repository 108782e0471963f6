// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/aio_contexts.h"

namespace ringtail::kernel {

std::uint64_t AioContexts::charged() const {
  std::uint64_t sum = 0;
  for (const auto& [id, c] : contexts_)
    if (c.live == Tri::yes) sum += c.events;
  return sum;
}

// An address space with more contexts than any program has: those known to be dead go first, then all.
void AioContexts::shrink() {
  absl::erase_if(contexts_, [](const auto& kv) { return kv.second.live == Tri::no; });
  dead_.clear();
  if (contexts_.size() < kMost / 2) return;
  contexts_.clear();
  whole = false;
}

}  // namespace ringtail::kernel
