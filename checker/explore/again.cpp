// SPDX-License-Identifier: GPL-2.0-or-later
// Tries that fail and are taken back: what of retries.h is seen in the executions.
#include "checker/explore/search.h"

namespace ringtail::explore {

using machine::Act;
using machine::Request;
using machine::Snapshot;
using machine::Status;

namespace {

constexpr std::int64_t kFar = 1 << 28;  // no counter of fewer than so many gets there, nor wraps

}  // namespace

template <int W>
bool Search<W>::may_be_retried(const Request& q, std::int64_t value) const {
  return !retried_.empty() && q.may_spin && machine::adds(q) && m_.changes(q, value) &&
         retried_.contains(q.address);
}

// Whether a thread that finds `value` goes round its loop and has given back what it took, others away; what
// it waits for in between is `best`.
template <int W>
bool Search<W>::takes_back(const Snapshot& at, std::int64_t value, std::int64_t best, std::uint8_t t) {
  return m_.take_back(at, value, best, t, deps_, arena_) == machine::Undone::again;
}

template <int W>
bool Search<W>::tries_again(const Snapshot& at, std::int64_t value, std::uint8_t t) {
  const Request& q = at.header.request;
  Retried& counter = retried_.at(q.address);
  const bool takes = machine::combine(q, 0) < 0;
  const std::int64_t best = !counter.exact.empty() ? initial_value(q.address) : takes ? kFar : -kFar;
  if (!takes_back(at, value, best, t) || takes_back(at, best, best, t)) return false;
  (takes ? counter.takes : counter.gives) = true;
  return true;
}

// Of a graph to which nothing more can be added.
template <int W>
void Search<W>::look_for_retries(const S& s) {
  for (auto& [address, counter] : retried_)
    for (const auto& thread : s.threads) {
      if (thread.next == nullptr) continue;
      const machine::Header& h = thread.next->header;
      counter.looked |=
          h.status == Status::running && h.request.address == address && h.request.act != Act::rmw;
      std::int64_t sum = 0;
      for (std::uint16_t i = 0; i < thread.count; ++i) {
        const Event& e = s.events[thread.list[i]];
        if (e.address != address) continue;
        counter.looked |= !e.rmw || e.value > kFar || e.value < -kFar;
        if (e.what != What::write || !e.rmw) continue;
        sum += machine::combine(e.at->header.request, 0);
        counter.rose |= sum > 0;
        counter.fell |= sum < 0;
      }
    }
}

#define RINGTAIL_INSTANTIATE(W)                                                                   \
  template bool Search<W>::may_be_retried(const Request&, std::int64_t) const;                    \
  template bool Search<W>::takes_back(const Snapshot&, std::int64_t, std::int64_t, std::uint8_t); \
  template bool Search<W>::tries_again(const Snapshot&, std::int64_t, std::uint8_t);              \
  template void Search<W>::look_for_retries(const S&);
RINGTAIL_INSTANTIATE(1)
RINGTAIL_INSTANTIATE(2)
RINGTAIL_INSTANTIATE(4)
RINGTAIL_INSTANTIATE(8)
RINGTAIL_INSTANTIATE(16)

}  // namespace ringtail::explore
