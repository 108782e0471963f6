// SPDX-License-Identifier: GPL-2.0-or-later
// Mutations that stay plausible: an errno that the call knows but that this call of it cannot have, results
// that are off by one, values exchanged with their neighbours.
#include "tests/bench/strength/tools.h"

namespace ringtail::strength {
namespace {

using kernel::Word;

// Another errno of the call's own manual page, where all that decides between them is in the capture.
bool exchanged(Event& e, int from, int to) { return failed_with(e.call, from) && returns(e.call, -to); }

// ---- address space

bool munmap_of_unaligned_is_no_memory(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::munmap && !page_aligned(e.call.arg[0].value) && exchanged(e, EINVAL, ENOMEM);
}
bool mprotect_of_unaligned_is_a_hole(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::mprotect && !page_aligned(e.call.arg[0].value) && exchanged(e, EINVAL, ENOMEM);
}
bool mprotect_of_a_hole_is_invalid(Event& e, const Surroundings& s, Rng&) {
  return e.call.sys == Sys::mprotect && page_aligned(e.call.arg[0].value) && e.call.arg[1].value &&
         s.inside_a_hole(e.tid, e.call.arg[0].value, end_of(e.call)) && exchanged(e, ENOMEM, EINVAL);
}
bool mremap_shrinks_elsewhere(Event& e, const Surroundings&, Rng&) {
  constexpr std::uint64_t kFixed = 2, kDontUnmap = 4;
  const Call& c = e.call;
  return c.sys == Sys::mremap && ok(c) && c.arg[2].known() && c.arg[1].known() && c.arg[3].known() &&
         !(c.arg[3].value & (kFixed | kDontUnmap)) && c.arg[2].value < c.arg[1].value &&
         returns(e.call, c.out.value + static_cast<std::int64_t>(kPage));
}
bool mremap_moves_though_it_may_not(Event& e, const Surroundings&, Rng&) {
  const Call& c = e.call;
  return c.sys == Sys::mremap && ok(c) && c.arg[3].known() && c.arg[3].value == 0 &&
         returns(e.call, c.out.value + (std::int64_t{1} << 30));
}
bool mremap_fixed_elsewhere(Event& e, const Surroundings&, Rng&) {
  const Call& c = e.call;
  return c.sys == Sys::mremap && ok(c) && c.arg[3].known() && (c.arg[3].value & 2) &&
         returns(e.call, c.out.value - static_cast<std::int64_t>(kPage));
}
bool break_stays_where_it_was_not(Event& e, const Surroundings& s, Rng&) {
  const Call& c = e.call;
  return c.sys == Sys::brk && c.out.known() && c.arg[0].known() && s.break_of(e.tid) != 0 &&
         c.out.value == c.arg[0].s64() && static_cast<std::uint64_t>(c.out.value) != s.break_of(e.tid) &&
         returns(e.call, c.out.value - static_cast<std::int64_t>(kPage)) &&
         static_cast<std::uint64_t>(e.call.out.value) != s.break_of(e.tid);
}
bool unlocking_is_not_permitted(Event& e, const Surroundings& s, Rng&) {
  return e.call.sys == Sys::munlock && ok(e.call) && own_area(e, s) && returns(e.call, -EPERM);
}
bool unaligned_segment_is_detached(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::shmdt && failed_with(e.call, EINVAL) && !page_aligned(e.call.arg[0].value) &&
         returns(e.call, 0);
}
bool attached_beside_where_asked(Event& e, const Surroundings&, Rng&) {
  constexpr std::uint64_t kRound = 020000;
  const Call& c = e.call;
  return c.sys == Sys::shmat && ok(c) && c.arg[1].known() && c.arg[1].value != 0 && c.arg[2].known() &&
         !(c.arg[2].value & kRound) && returns(e.call, c.out.value + static_cast<std::int64_t>(kPage));
}

// ---- madvise

bool unaligned_advice_finds_a_hole(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::madvise && !page_aligned(e.call.arg[0].value) && e.call.arg[2].known() &&
         e.call.arg[2].value < 100 && exchanged(e, EINVAL, ENOMEM);
}
bool hole_is_bad_advice(Event& e, const Surroundings& s, Rng&) {
  return e.call.sys == Sys::madvise && plain_advice(e.call.arg[2].value) &&
         page_aligned(e.call.arg[0].value) && e.call.arg[1].value &&
         s.inside_a_hole(e.tid, e.call.arg[0].value, end_of(e.call)) && exchanged(e, ENOMEM, EINVAL);
}
bool anonymous_memory_has_no_descriptor(Event& e, const Surroundings& s, Rng&) {
  return e.call.sys == Sys::madvise && plain_advice(e.call.arg[2].value) && ok(e.call) && own_area(e, s) &&
         returns(e.call, -EBADF);
}
// Of MADV_DONTNEED only where the memory is surely writable: what is not may be sealed, and no recorder older
// than mseal shows that.
bool good_advice_is_not_permitted(Event& e, const Surroundings& s, Rng&) {
  return e.call.sys == Sys::madvise && ok(e.call) && e.call.arg[2].known() &&
         (e.call.arg[2].value < 4 || (e.call.arg[2].value == 4 && own_writable_area(e, s))) &&
         returns(e.call, -EPERM);
}

// ---- migration and policy

bool statuses_exchanged(Event& e, const Surroundings& s, Rng&) {
  Call& c = e.call;
  if (c.nodes.items.empty() || !c.nodes.complete()) return false;
  for (std::size_t i = 0; i + 1 < c.status.items.size() && i + 1 < c.nodes.items.size(); ++i)
    if (c.status.items[i] >= 0 && c.status.items[i + 1] >= 0 && c.status.items[i] != c.status.items[i + 1] &&
        status_written(e, s, i) && status_written(e, s, i + 1))
      return std::swap(c.status.items[i], c.status.items[i + 1]), true;
  return false;
}
bool query_says_busy(Event& e, const Surroundings& s, Rng& rng) {
  Call& c = e.call;
  if (!c.nodes.items.empty() || c.arg[3].value != 0 || !c.arg[3].known() || c.status.items.empty())
    return false;
  const std::size_t i = rng() % c.status.items.size();
  return status_written(e, s, i) && (c.status.items[i] = -EBUSY, true);
}
bool query_says_access(Event& e, const Surroundings& s, Rng& rng) {
  Call& c = e.call;
  if (!c.nodes.items.empty() || c.arg[3].value != 0 || !c.arg[3].known() || c.status.items.empty())
    return false;
  const std::size_t i = rng() % c.status.items.size();
  return status_written(e, s, i) && (c.status.items[i] = -EACCES, true);
}
bool absent_node_is_a_bad_flag(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::move_pages && e.call.arg[5].known() && !(e.call.arg[5].value & ~6ull) &&
         e.call.arg[0].known() && e.call.arg[0].value == 0 && exchanged(e, ENODEV, EINVAL);
}
bool own_pages_are_nobodys(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::move_pages && ok(e.call) && e.call.arg[0].known() && e.call.arg[0].value == 0 &&
         returns(e.call, -ESRCH);
}
bool own_pages_migrate_nowhere(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::migrate_pages && ok(e.call) && e.call.arg[0].known() &&
         e.call.arg[0].value == 0 && returns(e.call, -ESRCH);
}
bool bad_flags_are_a_fault(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::mbind && e.call.arg[5].known() && (e.call.arg[5].value & ~7ull) &&
         !page_aligned(e.call.arg[0].value) && exchanged(e, EINVAL, EIO);
}
bool default_policy_has_nodes(Event& e, const Surroundings& s, Rng&) {
  Call& c = e.call;
  if (c.sys != Sys::get_mempolicy || !ok(c) || !c.mask.complete() || c.mask.items.empty() ||
      !c.arg[4].known() || c.arg[4].value || s.policy_of(e.tid) != 0 || c.mask.items[0] != 0)
    return false;
  c.mask.items[0] = 1;
  return true;
}
bool binding_to_no_node_succeeds(Event& e, const Surroundings&, Rng&) {
  const Call& c = e.call;
  if (c.sys != Sys::set_mempolicy || !failed_with(c, EINVAL) || !c.mask.complete() || c.mask.items.empty())
    return false;
  if (!c.arg[0].known() || c.arg[0].value < 2 || c.arg[0].value > 3) return false;
  for (const std::uint64_t word : c.mask.items)
    if (word != 0) return false;  // no node at all: BIND and INTERLEAVE need one
  return returns(e.call, 0);
}

// ---- AIO

bool event_data_of_a_neighbour(Event& e, const Surroundings& s, Rng&) {
  auto& v = e.call.events.items;
  if (!is_getevents(e.call) || !s.ring(e.tid, e.call.arg[0].value)) return false;
  for (std::size_t i = 0; i + 1 < v.size(); ++i)
    if (v[i].data != v[i + 1].data && v[i].data.known() && v[i + 1].data.known())
      return v[i].data = v[i + 1].data, true;
  return false;
}
bool event_off_by_one(Event& e, const Surroundings& s, Rng& rng) {
  auto& v = e.call.events.items;
  if (!is_getevents(e.call) || v.empty() || !s.ring(e.tid, e.call.arg[0].value)) return false;
  auto& one = v[rng() % v.size()];
  if (!one.data.known()) return false;
  const std::uint64_t wrong = one.data.value + 1;
  if (s.ring(e.tid, e.call.arg[0].value)->pending.contains(wrong)) return false;
  one.data = Word::of(wrong);
  return true;
}
bool one_event_is_missing(Event& e, const Surroundings& s, Rng&) {
  auto& v = e.call.events.items;
  if (!is_getevents(e.call) || v.empty() || !e.call.events.complete() || !s.ring(e.tid, e.call.arg[0].value))
    return false;
  return v.pop_back(), true;
}
bool event_from_nowhere(Event& e, const Surroundings& s, Rng&) {
  Call& c = e.call;
  const Ring* r = s.ring(e.tid, c.arg[0].value);
  if (!is_getevents(c) || c.out.value != 0 || !ok(c) || !r || !r->pending.empty() || c.arg[2].s64() < 1)
    return false;
  c.events.items.assign(1, {Word::of(0), Word::of(0x5000), Word::of(512), Word::of(0)});
  c.events.state = kernel::List<kernel::IoEvent>::State::complete;
  return returns(c, 1);
}
bool cancel_in_no_context_may_be_retried(Event& e, const Surroundings& s, Rng&) {
  return e.call.sys == Sys::io_cancel && failed_with(e.call, EINVAL) &&
         s.destroyed(e.tid, e.call.arg[0].value) && returns(e.call, -EAGAIN);
}
bool submit_of_a_negative_count(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::io_submit && failed_with(e.call, EINVAL) && e.call.arg[1].known() &&
         e.call.arg[1].s64() < 0 && returns(e.call, 0);
}
bool unknown_context_is_a_fault(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::io_destroy && exchanged(e, EINVAL, EFAULT);
}
bool setup_of_nothing_is_too_much(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::io_setup && e.call.arg[0].known() && (e.call.arg[0].value & 0xffffffff) == 0 &&
         exchanged(e, EINVAL, EAGAIN);
}

constexpr Mutation kMutations[] = {
    {"munmap: unaligned is ENOMEM", munmap_of_unaligned_is_no_memory},
    {"mprotect: unaligned is ENOMEM", mprotect_of_unaligned_is_a_hole},
    {"mprotect: a hole is EINVAL", mprotect_of_a_hole_is_invalid},
    {"mremap: what shrinks moves", mremap_shrinks_elsewhere},
    {"mremap: moves though it may not", mremap_moves_though_it_may_not},
    {"mremap: MREMAP_FIXED put elsewhere", mremap_fixed_elsewhere},
    {"brk: neither there nor here", break_stays_where_it_was_not},
    {"munlock: not permitted", unlocking_is_not_permitted},
    {"shmdt: unaligned succeeds", unaligned_segment_is_detached},
    {"shmat: beside where asked", attached_beside_where_asked},
    {"madvise: unaligned is ENOMEM", unaligned_advice_finds_a_hole},
    {"madvise: a hole is EINVAL", hole_is_bad_advice},
    {"madvise: EBADF of anonymous memory", anonymous_memory_has_no_descriptor},
    {"madvise: plain advice not permitted", good_advice_is_not_permitted},
    {"move_pages: statuses exchanged", statuses_exchanged},
    {"move_pages: a query says busy", query_says_busy},
    {"move_pages: a query says access", query_says_access},
    {"move_pages: absent node is EINVAL", absent_node_is_a_bad_flag},
    {"move_pages: oneself does not exist", own_pages_are_nobodys},
    {"migrate_pages: oneself does not exist", own_pages_migrate_nowhere},
    {"mbind: bad flags are EIO", bad_flags_are_a_fault},
    {"get_mempolicy: the default has nodes", default_policy_has_nodes},
    {"set_mempolicy: of no node succeeds", binding_to_no_node_succeeds},
    {"io_getevents: data of its neighbour", event_data_of_a_neighbour},
    {"io_getevents: data off by one", event_off_by_one},
    {"io_getevents: an event is missing", one_event_is_missing},
    {"io_getevents: event from nowhere", event_from_nowhere},
    {"io_cancel: no context is EAGAIN", cancel_in_no_context_may_be_retried},
    {"io_submit: a negative count succeeds", submit_of_a_negative_count},
    {"io_destroy: EFAULT", unknown_context_is_a_fault},
    {"io_setup: of no events is EAGAIN", setup_of_nothing_is_too_much},
};

}  // namespace

std::vector<Mutation> plausible_mutations() { return {std::begin(kMutations), std::end(kMutations)}; }

}  // namespace ringtail::strength
