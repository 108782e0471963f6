// SPDX-License-Identifier: GPL-2.0-or-later
// Mutations that only what is known of the process can see: an errno that the manual page has for other calls
// than this one, a range that nothing forbids but another mapping, a result of another request. Not here, as
// not knowable: EAGAIN and ENOMEM (memory is short, or vm.max_map_count), EINTR of io_getevents (recorders
// stop threads, too), EPERM and EIO of io_submit (security modules, fanotify), a positive result of
// move_pages (statuses may be as user space left them), one request
// less than io_submit took (its event may never be read), a descriptor that was open (close_range, io_uring
// and other processes close it unseen), a child of its parent's number (pid namespaces).
#include "tests/bench/strength/tools.h"

namespace ringtail::strength {
namespace {

using kernel::Word;

bool fails(Event& e, bool applies, int with) { return applies && ok(e.call) && returns(e.call, -with); }
template <std::size_t N>
bool fails(Event& e, bool applies, const int (&with)[N], Rng& rng) {
  return fails(e, applies, with[rng() % N]);
}

// ---- address space

bool new_anonymous_memory(const Call& c) {
  constexpr std::uint64_t kPrivateAnonymous = 0x22, kNoReserve = 0x4000, kStack = 0x20000;
  return c.sys == Sys::mmap && c.arg[0].known() && c.arg[0].value == 0 && c.arg[1].value != 0 &&
         c.arg[3].known() && (c.arg[3].value & ~(kNoReserve | kStack)) == kPrivateAnonymous;
}
bool anonymous_memory_is_refused(Event& e, const Surroundings&, Rng& rng) {
  return fails(e, new_anonymous_memory(e.call), {EINVAL, EBADF, EACCES, ENODEV, EEXIST}, rng);
}
bool mapping_on_a_ring(Event& e, const Surroundings& s, Rng&) {
  if (e.call.sys != Sys::mmap || !ok(e.call) || e.call.arg[3].value & (kMapFixed | kMapNoReplace))
    return false;
  const auto* ring = s.another_ring(e.tid, 0);
  return ring && returns(e.call, static_cast<std::int64_t>(ring->first));
}
bool access_to_anonymous_memory(Event& e, const Surroundings& s, Rng&) {
  return fails(e, e.call.sys == Sys::mprotect && own_anonymous_area(e, s), EACCES);
}
bool remap_onto_itself(Event& e, const Surroundings&, Rng&) {
  const Call& c = e.call;
  return c.sys == Sys::mremap && ok(c) && c.arg[1].known() && c.arg[2].known() && c.arg[3].known() &&
         c.arg[1].value > kPage && c.arg[2].value > c.arg[1].value && c.arg[3].value == 1 &&
         returns(e.call, c.arg[0].s64() + static_cast<std::int64_t>(kPage));
}
bool grows_over_its_neighbour(Event& e, const Surroundings& s, Rng&) {
  const Call& c = e.call;
  return c.sys == Sys::mremap && ok(c) && c.arg[2].value > c.arg[1].value && c.arg[3].known() &&
         c.arg[3].value == 1 && s.inside_an_area(e.tid, end_of(c), end_of(c) + kPage) &&
         returns(e.call, c.arg[0].s64());
}
bool break_falls(Event& e, const Surroundings& s, Rng&) {
  return e.call.sys == Sys::brk && e.call.out.known() && s.break_of(e.tid) != 0 &&
         returns(e.call, static_cast<std::int64_t>(s.break_of(e.tid) - 3 * kPage)) &&
         static_cast<std::uint64_t>(e.call.out.value) != e.call.arg[0].value;
}
bool segment_where_a_mapping_stood(Event& e, const Surroundings& s, Rng& rng) {
  const Call& c = e.call;
  if (c.sys != Sys::shmat || !ok(c) || !c.arg[1].known() || c.arg[1].value != 0) return false;
  const Area* a = s.area_of(e.tid, rng);
  return a && returns(e.call, static_cast<std::int64_t>(a->start));
}
// A signal that ends the wait for the lock ends the thread, too.
bool interrupted_and_lives(Event& e, const Surroundings& s, Rng&) {
  const Sys y = e.call.sys;
  const bool waits = y == Sys::munmap || y == Sys::mprotect || (y == Sys::madvise && e.call.arg[2].value < 3);
  return fails(e, waits && own_area(e, s), EINTR);
}

// ---- madvise

bool advice_fails_as_others_do(Event& e, const Surroundings& s, Rng& rng) {
  const bool plain = e.call.sys == Sys::madvise && e.call.arg[2].known() && plain_advice(e.call.arg[2].value);
  return fails(e, plain && own_area(e, s), {EACCES, EBUSY, EFAULT, EIO, EHWPOISON, ESRCH}, rng);
}
bool giving_up_may_be_retried(Event& e, const Surroundings& s, Rng&) {
  return fails(e, e.call.sys == Sys::madvise && e.call.arg[2].value == 4 && own_area(e, s), EAGAIN);
}
bool later_advice_is_refused(Event& e, const Surroundings& s, Rng&) {
  const std::uint64_t a =
      e.call.arg[2].value;  // FREE, COLD, PAGEOUT, WIPEONFORK, KEEPONFORK, DONTDUMP, DODUMP
  const bool fits = a == 8 || (a >= 16 && a <= 21);
  return fails(e, e.call.sys == Sys::madvise && fits && own_anonymous_area(e, s), EINVAL);
}
bool others_advice_is_refused(Event& e, const Surroundings&, Rng&) {
  return fails(e, e.call.sys == Sys::process_madvise && e.call.iov.complete() && !e.call.iov.items.empty(),
               EFAULT);
}

// ---- migration and policy

bool pages_fail_as_elsewhere(Event& e, const Surroundings& s, Rng& rng) {
  const bool later = s.profile().version >= kernel::Version{2, 6, 29};
  return fails(e, e.call.sys == Sys::move_pages && later, {ENOENT, E2BIG, EIO, EBADF}, rng);
}
bool shown_pages_are_a_fault(Event& e, const Surroundings&, Rng&) {
  const Call& c = e.call;
  return fails(
      e, c.sys == Sys::move_pages && c.pages.complete() && !c.pages.items.empty() && c.status.complete(),
      EFAULT);
}
bool own_memory_is_not_bound(Event& e, const Surroundings& s, Rng&) {
  return fails(e, e.call.sys == Sys::mbind && own_area(e, s) && e.call.mask.complete(), EFAULT);
}
bool own_memory_has_no_policy(Event& e, const Surroundings& s, Rng&) {
  const Call& c = e.call;
  const bool asks =
      c.sys == Sys::get_mempolicy && c.arg[4].known() && c.arg[4].value == 2 && c.arg[3].known();
  const std::uint64_t at = c.arg[3].value & ~(kPage - 1);
  return fails(e, asks && s.inside_an_area(e.tid, at, at + kPage), EFAULT);
}
bool unknown_flag_is_not_permitted(Event& e, const Surroundings&, Rng&) {
  const Call& c = e.call;
  return c.sys == Sys::mbind && c.arg[5].known() && c.arg[5].value & ~7ull && failed_with(c, EINVAL) &&
         returns(e.call, -EPERM);
}

// ---- AIO

bool counts_bytes_beyond_all(Event& e, const Surroundings& s, Rng& rng) {
  auto& v = e.call.events.items;
  const Ring* r = s.ring(e.tid, e.call.arg[0].value);
  if (!is_getevents(e.call) || !r || v.empty() || r->longest == 0) return false;
  return v[rng() % v.size()].res = Word::of(r->longest + 1), true;
}
bool cancels_what_is_not_there(Event& e, const Surroundings& s, Rng&) {
  const Ring* r = s.ring(e.tid, e.call.arg[0].value);
  return e.call.sys == Sys::io_cancel && failed_with(e.call, EINVAL) && r && r->pending.empty() &&
         returns(e.call, -EINPROGRESS);
}
bool shown_events_are_a_fault(Event& e, const Surroundings& s, Rng&) {
  return fails(e, is_getevents(e.call) && !e.call.events.items.empty() && s.ring(e.tid, e.call.arg[0].value),
               EFAULT);
}
bool destroying_fails_otherwise(Event& e, const Surroundings& s, Rng& rng) {
  return fails(e, e.call.sys == Sys::io_destroy && s.ring(e.tid, e.call.arg[0].value),
               {EFAULT, EAGAIN, EBUSY, EINTR}, rng);
}

constexpr Mutation kMutations[] = {
    {"mmap: anonymous memory is refused", anonymous_memory_is_refused},
    {"mmap: on an AIO ring", mapping_on_a_ring},
    {"mprotect: EACCES of anonymous memory", access_to_anonymous_memory},
    {"mremap: onto itself", remap_onto_itself},
    {"mremap: grows over its neighbour", grows_over_its_neighbour},
    {"brk: falls", break_falls},
    {"shmat: where a mapping stood", segment_where_a_mapping_stood},
    {"memory: interrupted, and lives on", interrupted_and_lives},
    {"madvise: errno of other advice", advice_fails_as_others_do},
    {"madvise: EAGAIN of MADV_DONTNEED", giving_up_may_be_retried},
    {"madvise: later good advice refused", later_advice_is_refused},
    {"process_madvise: EFAULT of what is shown", others_advice_is_refused},
    {"move_pages: errno of other calls", pages_fail_as_elsewhere},
    {"move_pages: EFAULT of what is shown", shown_pages_are_a_fault},
    {"mbind: a hole where none is", own_memory_is_not_bound},
    {"get_mempolicy: a hole where none is", own_memory_has_no_policy},
    {"mbind: bad flags are EPERM", unknown_flag_is_not_permitted},
    {"io_getevents: longer than any request", counts_bytes_beyond_all},
    {"io_cancel: cancels what is not there", cancels_what_is_not_there},
    {"io_getevents: EFAULT of what is shown", shown_events_are_a_fault},
    {"io_destroy: errno of other calls", destroying_fails_otherwise},
};

}  // namespace

std::vector<Mutation> listed_mutations() { return {std::begin(kMutations), std::end(kMutations)}; }

}  // namespace ringtail::strength
