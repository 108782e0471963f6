// SPDX-License-Identifier: GPL-2.0-or-later
// Mutations of what a kernel refuses: what it must refuse works, and what it must not refuse fails.
#include "tests/bench/strength/tools.h"

namespace ringtail::strength {
namespace {

using kernel::Word;

constexpr std::uint64_t kMfStrict = 1, kOfAddress = 2;
constexpr std::uint64_t kNoDescriptor = 0xffffffff;

bool in_own_hole(const Event& e, const Surroundings& s, std::uint64_t at) {
  const std::uint64_t page = at & ~(kPage - 1);
  return s.inside_a_hole(e.tid, page, page + kPage);
}

// ---- migration and policy

bool hole_is_on_a_node(Event& e, const Surroundings& s, Rng&) {
  Call& c = e.call;
  if (c.sys != Sys::move_pages || !c.out.known() || c.out.value != 0 || !c.nodes.items.empty()) return false;
  if (!c.arg[0].known() || c.arg[0].value != 0) return false;
  for (std::size_t i = 0; i < c.status.items.size() && i < c.pages.items.size(); ++i)
    if (c.status.items[i] == -EFAULT && in_own_hole(e, s, c.pages.items[i]))
      return c.status.items[i] = 0, true;
  return false;
}
bool hole_is_bound(Event& e, const Surroundings& s, Rng&) {
  return e.call.sys == Sys::mbind && failed_with(e.call, EFAULT) && page_aligned(e.call.arg[0].value) &&
         e.call.arg[1].value != 0 && s.inside_a_hole(e.tid, e.call.arg[0].value, end_of(e.call)) &&
         returns(e.call, 0);
}
bool policy_of_a_bad_mode_succeeds(Event& e, const Surroundings&, Rng&) {
  const int mode = e.call.sys == Sys::mbind ? 2 : e.call.sys == Sys::set_mempolicy ? 0 : -1;
  if (mode < 0 || !failed_with(e.call, EINVAL)) return false;
  const Word m = e.call.arg[static_cast<std::size_t>(mode)];
  return m.known() && (m.value & 0xfff) > 15 && returns(e.call, 0);
}
bool mbind_misplaced_though_not_strict(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::mbind && ok(e.call) && e.call.arg[5].known() &&
         !(e.call.arg[5].value & kMfStrict) && returns(e.call, -EIO);
}
bool no_policy_is_refused(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::set_mempolicy && ok(e.call) && e.call.arg[0].known() &&
         e.call.arg[0].value == 0 && e.call.arg[1].known() && e.call.arg[1].value == 0 &&
         returns(e.call, -EINVAL);
}
bool bad_question_is_answered(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::get_mempolicy && failed_with(e.call, EINVAL) && e.call.arg[4].known() &&
         e.call.arg[4].value > 7 && returns(e.call, 0);
}
bool hole_has_a_policy(Event& e, const Surroundings& s, Rng&) {
  return e.call.sys == Sys::get_mempolicy && failed_with(e.call, EFAULT) && e.call.arg[4].known() &&
         e.call.arg[4].value & kOfAddress && e.call.arg[3].known() &&
         in_own_hole(e, s, e.call.arg[3].value) && returns(e.call, 0);
}

// ---- address space and madvise

bool mapping_of_no_descriptor(Event& e, const Surroundings&, Rng&) {
  constexpr std::uint64_t kAnonymous = 0x20;
  const Call& c = e.call;
  return c.sys == Sys::mmap && failed_with(c, EBADF) && c.arg[3].known() && !(c.arg[3].value & kAnonymous) &&
         c.arg[4].known() && (c.arg[4].value & kNoDescriptor) == kNoDescriptor &&
         returns(e.call, 0x7e1234000000);
}
bool hole_is_moved(Event& e, const Surroundings& s, Rng&) {
  return e.call.sys == Sys::mremap && failed_with(e.call, EFAULT) && page_aligned(e.call.arg[0].value) &&
         in_own_hole(e, s, e.call.arg[0].value) &&
         returns(e.call, static_cast<std::int64_t>(e.call.arg[0].value));
}
bool unknown_advice_for_others(Event& e, const Surroundings&, Rng&) {
  constexpr std::uint64_t kRemove = 9, kFirstUnknown = 104;
  return e.call.sys == Sys::process_madvise && failed_with(e.call, EINVAL) && e.call.arg[3].known() &&
         (e.call.arg[3].value == kRemove || e.call.arg[3].value >= kFirstUnknown) &&
         !e.call.iov.items.empty() && returns(e.call, static_cast<std::int64_t>(kPage));
}
bool part_of_what_was_advised(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::process_madvise && ok(e.call) && e.call.out.value > 1 && e.call.iov.complete() &&
         returns(e.call, e.call.out.value - 1);
}

// ---- AIO

bool event_of_another_context(Event& e, const Surroundings& s, Rng&) {
  if (!is_getevents(e.call) || e.call.events.items.empty()) return false;
  const Ring* mine = s.ring(e.tid, e.call.arg[0].value);
  const auto* other = s.another_ring(e.tid, e.call.arg[0].value);
  if (!mine || !other) return false;
  for (const auto& [data, n] : other->second.pending)
    if (n > 0 && !mine->pending.contains(data)) return e.call.events.items[0].data = Word::of(data), true;
  return false;
}
bool iocb_of_no_descriptor(Event& e, const Surroundings&, Rng&) {
  const auto& iocbs = e.call.iocbs.items;
  return e.call.sys == Sys::io_submit && failed_with(e.call, EBADF) && !iocbs.empty() &&
         iocbs[0].fildes.known() && (iocbs[0].fildes.value & kNoDescriptor) == kNoDescriptor &&
         returns(e.call, 1);
}
// More than any kernel has room for; or more than this one's aio-max-nr, where the capture tells it. (Twice
// the number wraps since 3.10: what is left of it may have room where aio-max-nr was raised.)
bool setup_of_too_many(Event& e, const Surroundings& s, Rng&) {
  constexpr std::uint64_t kTooMany = 8388608;
  if (e.call.sys != Sys::io_setup || !e.call.out.failed() || !e.call.arg[0].known()) return false;
  const std::uint64_t nr = e.call.arg[0].value & 0xffffffff;
  if ((2 * nr & 0xffffffff) <= kTooMany && nr <= s.profile().host.aio_max_nr.value_or(~0ull)) return false;
  e.call.outs = {{0x7e1234000000}, kernel::List<std::uint64_t>::State::complete};
  return returns(e.call, 0);
}
bool null_iocb_works(Event& e, const Surroundings&, Rng&) {
  const auto& iocbs = e.call.iocbs.items;
  return e.call.sys == Sys::io_submit && failed_with(e.call, EFAULT) && !iocbs.empty() && iocbs[0].null &&
         returns(e.call, 1);
}
bool bad_range_works(Event& e, const Surroundings&, Rng&) {
  return is_getevents(e.call) && failed_with(e.call, EINVAL) && e.call.arg[1].known() &&
         e.call.arg[2].known() && e.call.arg[1].s64() > e.call.arg[2].s64() && returns(e.call, 0);
}

// ---- processes and descriptors

bool no_descriptor_is_closed(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::close && failed_with(e.call, EBADF) && e.call.arg[0].known() &&
         (e.call.arg[0].value & kNoDescriptor) == kNoDescriptor && returns(e.call, 0);
}
bool copy_has_another_number(Event& e, const Surroundings&, Rng&) {
  return (e.call.sys == Sys::dup2 || e.call.sys == Sys::dup3) && ok(e.call) &&
         returns(e.call, e.call.out.value + 1);
}

constexpr Mutation kMutations[] = {
    {"move_pages: a hole is on a node", hole_is_on_a_node},
    {"mbind: a hole is bound", hole_is_bound},
    {"mempolicy: a bad mode succeeds", policy_of_a_bad_mode_succeeds},
    {"mbind: EIO of what is not strict", mbind_misplaced_though_not_strict},
    {"set_mempolicy: no policy is refused", no_policy_is_refused},
    {"get_mempolicy: bad flags succeed", bad_question_is_answered},
    {"get_mempolicy: of a hole succeeds", hole_has_a_policy},
    {"mmap: of no descriptor succeeds", mapping_of_no_descriptor},
    {"mremap: of a hole succeeds", hole_is_moved},
    {"process_madvise: unknown advice succeeds", unknown_advice_for_others},
    {"process_madvise: part of a page", part_of_what_was_advised},
    {"io_getevents: event of another context", event_of_another_context},
    {"io_submit: of no descriptor succeeds", iocb_of_no_descriptor},
    {"io_setup: of too many succeeds", setup_of_too_many},
    {"io_submit: of a null iocb succeeds", null_iocb_works},
    {"io_getevents: bad range succeeds", bad_range_works},
    {"close: of no descriptor succeeds", no_descriptor_is_closed},
    {"dup2: another number", copy_has_another_number},
};

}  // namespace

std::vector<Mutation> refusals() { return {std::begin(kMutations), std::end(kMutations)}; }

}  // namespace ringtail::strength
