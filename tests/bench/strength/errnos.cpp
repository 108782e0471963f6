// SPDX-License-Identifier: GPL-2.0-or-later
// Mutations that give a call the errno of another, or let it take what no kernel takes. Not here, as not
// knowable: EFAULT of io_submit (a store of aio_key, and who knows what another thread protected), EINVAL of
// io_setup (what *ctxp held before, no recorder shows).
#include "tests/bench/strength/tools.h"

namespace ringtail::strength {
namespace {

constexpr std::uint64_t kMapType = 0xf;
constexpr int kBind = 2;

template <std::size_t N>
bool fails(Event& e, bool applies, const int (&with)[N], Rng& rng) {
  return applies && ok(e.call) && returns(e.call, -with[rng() % N]);
}
bool refused(const Event& e, Sys s) { return e.call.sys == s && failed_with(e.call, EINVAL); }

// ---- an errno that the call has no path to

bool unmapping_fails_otherwise(Event& e, const Surroundings& s, Rng& rng) {
  return fails(e, e.call.sys == Sys::munmap && own_area(e, s), {EFAULT, EACCES, EBUSY, EAGAIN, EEXIST}, rng);
}
bool protecting_fails_otherwise(Event& e, const Surroundings& s, Rng& rng) {
  return fails(e, e.call.sys == Sys::mprotect && own_area(e, s), {EPERM, EBUSY, EAGAIN, EBADF, ENOSYS}, rng);
}
bool locking_fails_otherwise(Event& e, const Surroundings& s, Rng& rng) {
  const Sys y = e.call.sys;
  const bool locks = y == Sys::mlock || y == Sys::mlock2 || y == Sys::munlock;
  return fails(e, locks && own_area(e, s), {EFAULT, EACCES, EBUSY, EBADF, ESRCH}, rng);
}
bool unlocking_all_fails(Event& e, const Surroundings&, Rng& rng) {
  return fails(e, e.call.sys == Sys::munlockall, {EINVAL, ENOMEM, EPERM, EAGAIN}, rng);
}
bool remap_fails_otherwise(Event& e, const Surroundings&, Rng& rng) {
  return fails(e, e.call.sys == Sys::mremap, {EACCES, EBUSY, EBADF, ENODEV, EEXIST}, rng);
}
bool policy_fails_otherwise(Event& e, const Surroundings&, Rng& rng) {
  return fails(e, e.call.sys == Sys::set_mempolicy || e.call.sys == Sys::get_mempolicy,
               {EBUSY, EAGAIN, ESRCH, EIO, EACCES, E2BIG}, rng);
}
bool binding_fails_otherwise(Event& e, const Surroundings& s, Rng& rng) {
  return fails(e, e.call.sys == Sys::mbind && own_area(e, s), {EBUSY, EAGAIN, ESRCH, EACCES, ENODEV}, rng);
}
bool migrating_fails_otherwise(Event& e, const Surroundings&, Rng& rng) {
  return fails(e, e.call.sys == Sys::migrate_pages, {EACCES, ENOENT, EIO, EAGAIN, E2BIG, ENODEV}, rng);
}
bool advising_others_fails_otherwise(Event& e, const Surroundings&, Rng& rng) {
  return fails(e, e.call.sys == Sys::process_madvise && e.call.iov.complete(),
               {EEXIST, ENODEV, ENOENT, E2BIG}, rng);
}
bool setup_fails_otherwise(Event& e, const Surroundings&, Rng& rng) {
  return fails(e, e.call.sys == Sys::io_setup, {EBADF, EPERM, EBUSY, EEXIST, ESRCH}, rng);
}
bool submission_fails_otherwise(Event& e, const Surroundings& s, Rng& rng) {
  return fails(e, e.call.sys == Sys::io_submit && s.ring(e.tid, e.call.arg[0].value),
               {ESRCH, EEXIST, E2BIG, ENODEV}, rng);
}
bool events_fail_otherwise(Event& e, const Surroundings& s, Rng& rng) {
  return fails(e, is_getevents(e.call) && s.ring(e.tid, e.call.arg[0].value),
               {EAGAIN, EBADF, ENOMEM, EPERM, EIO, ETIME, EBUSY}, rng);
}
bool query_has_an_errno_of_a_move(Event& e, const Surroundings& s, Rng& rng) {
  constexpr int kOfMoves[] = {EIO, EINVAL, ENOMEM, EAGAIN, EPERM, ENODEV};
  Call& c = e.call;
  if (!c.nodes.items.empty() || !has(c.arg[3], 0) || c.status.items.empty()) return false;
  const std::size_t i = rng() % c.status.items.size();
  return status_written(e, s, i) && (c.status.items[i] = -kOfMoves[rng() % std::size(kOfMoves)], true);
}

// ---- good calls refused

bool nothing_is_too_much(Event& e, const Surroundings&, Rng& rng) {
  const Call& c = e.call;
  return fails(e, c.sys == Sys::madvise && has(c.arg[1], 0) && page_aligned(c.arg[0].value),
               {ENOMEM, EINVAL, EFAULT}, rng);
}
bool good_nodes_are_refused(Event& e, const Surroundings& s, Rng&) {
  const Call& c = e.call;
  return c.sys == Sys::mbind && ok(c) && own_area(e, s) && has(c.arg[2], kBind) && c.mask.complete() &&
         has(c.arg[5], 0) && returns(e.call, -EINVAL);
}
bool mapping_is_not_there_to_remap(Event& e, const Surroundings& s, Rng&) {
  return e.call.sys == Sys::mremap && ok(e.call) && own_anonymous_area(e, s) && returns(e.call, -EFAULT);
}
bool break_is_an_errno(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::brk && ok(e.call) && returns(e.call, -ENOMEM);
}

// ---- arguments that no kernel takes

bool neither_shared_nor_private(Event& e, const Surroundings&, Rng&) {
  return refused(e, Sys::mmap) && e.call.arg[3].known() && (e.call.arg[3].value & kMapType) == 0 &&
         returns(e.call, 0x7e1234000000);
}
bool locking_all_of_nothing(Event& e, const Surroundings&, Rng&) {
  return refused(e, Sys::mlockall) && has(e.call.arg[0], 0) && returns(e.call, 0);
}
bool default_with_nodes(Event& e, const Surroundings&, Rng&) {
  const Call& c = e.call;
  const auto nonzero = [](std::uint64_t word) { return word != 0; };
  const bool sets =
      (refused(e, Sys::set_mempolicy) && has(c.arg[0], 0)) || (refused(e, Sys::mbind) && has(c.arg[2], 0));
  return sets && std::any_of(c.mask.items.begin(), c.mask.items.end(), nonzero) && returns(e.call, 0);
}
bool context_that_cannot_be(Event& e, const Surroundings&, Rng&) {
  return kernel::family_of(e.call.sys) == kernel::Family::aio && e.call.sys != Sys::io_setup &&
         failed_with(e.call, EINVAL) && e.call.arg[0].known() &&
         (e.call.arg[0].value == 0 || !page_aligned(e.call.arg[0].value)) && returns(e.call, 0);
}
bool negative_counts_of_events(Event& e, const Surroundings&, Rng&) {
  return is_getevents(e.call) && failed_with(e.call, EINVAL) && e.call.arg[1].known() &&
         e.call.arg[2].known() && (e.call.arg[1].s64() < 0 || e.call.arg[2].s64() < 0) && returns(e.call, 0);
}
bool binding_that_wraps(Event& e, const Surroundings&, Rng&) {
  return refused(e, Sys::mbind) && e.call.arg[0].known() && e.call.arg[1].known() &&
         e.call.arg[0].value + e.call.arg[1].value < e.call.arg[0].value && returns(e.call, 0);
}
bool migration_of_nobody(Event& e, const Surroundings&, Rng&) {
  const Sys y = e.call.sys;
  return (y == Sys::move_pages || y == Sys::migrate_pages) && failed_with(e.call, ESRCH) &&
         e.call.arg[0].known() && e.call.arg[0].s32() < 0 && returns(e.call, 0);
}

constexpr Mutation kMutations[] = {
    {"munmap: errno of other calls", unmapping_fails_otherwise},
    {"mprotect: errno of other calls", protecting_fails_otherwise},
    {"mlock, munlock: errno of other calls", locking_fails_otherwise},
    {"munlockall: fails", unlocking_all_fails},
    {"mremap: errno of other calls", remap_fails_otherwise},
    {"mempolicy: errno of other calls", policy_fails_otherwise},
    {"mbind: errno of other calls", binding_fails_otherwise},
    {"migrate_pages: errno of other calls", migrating_fails_otherwise},
    {"process_madvise: errno of other calls", advising_others_fails_otherwise},
    {"io_setup: errno of other calls", setup_fails_otherwise},
    {"io_submit: errno of other calls", submission_fails_otherwise},
    {"io_getevents: errno of other calls", events_fail_otherwise},
    {"move_pages: a query has an errno of a move", query_has_an_errno_of_a_move},
    {"madvise: of nothing is refused", nothing_is_too_much},
    {"mbind: good nodes refused", good_nodes_are_refused},
    {"mremap: a hole where none is", mapping_is_not_there_to_remap},
    {"brk: an errno", break_is_an_errno},
    {"mmap: neither shared nor private succeeds", neither_shared_nor_private},
    {"mlockall: of nothing succeeds", locking_all_of_nothing},
    {"mempolicy: a default with nodes succeeds", default_with_nodes},
    {"aio: a context that cannot be works", context_that_cannot_be},
    {"io_getevents: negative counts succeed", negative_counts_of_events},
    {"mbind: a range that wraps succeeds", binding_that_wraps},
    {"migration: of a negative process succeeds", migration_of_nobody},
};

}  // namespace

std::vector<Mutation> errno_mutations() { return {std::begin(kMutations), std::end(kMutations)}; }

}  // namespace ringtail::strength
