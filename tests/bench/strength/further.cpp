// SPDX-License-Identifier: GPL-2.0-or-later
// Mutations that were thought of later, by somebody who looked for what the first ones do not see.
#include "tests/bench/strength/tools.h"

namespace ringtail::strength {
namespace {

using kernel::Word;

bool is_memory(Sys s) {
  return s == Sys::munmap || s == Sys::mprotect || s == Sys::mlock || s == Sys::mlock2 || s == Sys::munlock;
}

// ---- address space

bool memory_wrong_errno(Event& e, const Surroundings&, Rng& rng) {
  const bool here = is_memory(e.call.sys) || e.call.sys == Sys::mremap || e.call.sys == Sys::mmap;
  return here && e.call.out.known() && returns(e.call, -alien(rng));
}
bool memory_positive(Event& e, const Surroundings&, Rng&) {
  return is_memory(e.call.sys) && ok(e.call) && returns(e.call, 1);
}
bool hole_is_found_mapped(Event& e, const Surroundings& s, Rng&) {
  return (is_memory(e.call.sys) || e.call.sys == Sys::madvise) && e.call.sys != Sys::munmap &&
         failed_with(e.call, ENOMEM) && page_aligned(e.call.arg[0].value) && e.call.arg[1].value != 0 &&
         s.inside_a_hole(e.tid, e.call.arg[0].value, end_of(e.call)) && returns(e.call, 0);
}
bool noreplace_replaces(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::mmap && failed_with(e.call, EEXIST) &&
         returns(e.call, static_cast<std::int64_t>(e.call.arg[0].value));
}
bool mmap_in_the_kernel(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::mmap && ok(e.call) && returns(e.call, 0x7fff880000000000);
}
bool remap_of_an_unaligned_address(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::mremap && failed_with(e.call, EINVAL) && !page_aligned(e.call.arg[0].value) &&
         returns(e.call, static_cast<std::int64_t>(e.call.arg[0].value & ~(kPage - 1)));
}
bool lock_flags_succeed(Event& e, const Surroundings&, Rng&) {
  const bool mlock2 = e.call.sys == Sys::mlock2 && e.call.arg[2].known() && e.call.arg[2].value & 0xfffffffe;
  const bool all = e.call.sys == Sys::mlockall && e.call.arg[0].known() && e.call.arg[0].value & 0xfffffff8;
  return (mlock2 || all) && failed_with(e.call, EINVAL) && returns(e.call, 0);
}

// ---- madvise

bool locked_memory_is_given_up(Event& e, const Surroundings& s, Rng&) {
  return e.call.sys == Sys::madvise && failed_with(e.call, EINVAL) && e.call.arg[2].value == 4 &&
         own_area(e, s) && returns(e.call, 0);
}
bool process_madvise_flags_succeed(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::process_madvise && failed_with(e.call, EINVAL) && e.call.arg[4].known() &&
         e.call.arg[4].value != 0 && returns(e.call, static_cast<std::int64_t>(kPage));
}
bool process_madvise_of_nobody(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::process_madvise && failed_with(e.call, EBADF) && e.call.arg[0].known() &&
         e.call.arg[0].s32() == -1 && returns(e.call, static_cast<std::int64_t>(kPage));
}

// ---- migration and policy

bool page_elsewhere_than_asked(Event& e, const Surroundings& s, Rng&) {
  Call& c = e.call;
  if (!c.nodes.complete()) return false;
  for (std::size_t i = 0; i < c.status.items.size() && i < c.nodes.items.size(); ++i)
    if (c.status.items[i] == c.nodes.items[i] && status_written(e, s, i))
      return c.status.items[i] = c.nodes.items[i] ? 0 : 1, true;
  return false;
}
bool policy_of_no_mode(Event& e, const Surroundings&, Rng&) {
  Call& c = e.call;
  if (c.sys != Sys::get_mempolicy || !ok(c) || c.outs.items.empty() || !c.arg[4].known() || c.arg[4].value)
    return false;
  c.outs.items[0] = 99;
  return true;
}
bool policy_that_nobody_set(Event& e, const Surroundings& s, Rng&) {
  Call& c = e.call;
  if (c.sys != Sys::get_mempolicy || !ok(c) || c.outs.items.empty() || !c.arg[4].known() || c.arg[4].value)
    return false;
  const int mode = s.policy_of(e.tid);
  if (mode < 0 || mode > 3) return false;
  c.outs.items[0] = mode == 3 ? 2 : 3;
  return true;
}
bool policy_of_no_node(Event& e, const Surroundings&, Rng&) {
  Call& c = e.call;
  if (c.sys != Sys::get_mempolicy || !ok(c) || c.mask.items.empty() || !c.arg[4].known() || c.arg[4].value)
    return false;
  c.mask.items[0] |= 1ull << 62;
  return true;
}

// ---- AIO

bool data_moves(const Event& e, const Surroundings& s) {
  return is_getevents(e.call) && !e.call.events.items.empty() && s.ring(e.tid, e.call.arg[0].value);
}
bool second_result(Event& e, const Surroundings& s, Rng& rng) {
  if (!data_moves(e, s)) return false;
  e.call.events.items[rng() % e.call.events.items.size()].res2 = Word::of(5);
  return true;
}
bool result_is_no_errno(Event& e, const Surroundings& s, Rng& rng) {
  if (!data_moves(e, s)) return false;
  e.call.events.items[rng() % e.call.events.items.size()].res = Word::of(0 - std::uint64_t{5000});
  return true;
}
bool nothing_submitted(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::io_submit && ok(e.call) && e.call.out.value > 0 && returns(e.call, 0);
}
bool cancel_says_done(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::io_cancel && failed_with(e.call, EINPROGRESS) && returns(e.call, 0);
}
bool ring_of_another_context(Event& e, const Surroundings& s, Rng&) {
  if (e.call.sys != Sys::io_setup || !ok(e.call) || e.call.outs.items.size() != 1) return false;
  const auto* other = s.another_ring(e.tid, e.call.outs.items[0]);
  if (!other) return false;
  e.call.outs.items[0] = other->first;
  return true;
}
bool gives_up_early(Event& e, const Surroundings& s, Rng&) {
  Call& c = e.call;
  constexpr std::uint64_t kLong = 1'000'000'000;
  if (!data_moves(e, s) || e.begin_ns < 0 || e.end_ns < 0 || !c.timeout_ns.known()) return false;
  if (c.timeout_ns.value < kLong || static_cast<std::uint64_t>(e.end_ns - e.begin_ns) > kLong / 2 ||
      c.arg[1].s64() < 1 || c.out.value < c.arg[1].s64())
    return false;
  c.events.items.clear();
  return returns(c, 0);
}
bool more_events_than_shown(Event& e, const Surroundings& s, Rng&) {
  return data_moves(e, s) && e.call.events.complete() && e.call.out.value < e.call.arg[2].s64() &&
         returns(e.call, e.call.out.value + 1);
}

// ---- processes and descriptors

bool descriptor_negative(Event& e, const Surroundings&, Rng&) {
  return (e.call.sys == Sys::openat || e.call.sys == Sys::eventfd2 || e.call.sys == Sys::dup) && ok(e.call) &&
         returns(e.call, -70000);
}

bool below_every_errno(Event& e, const Surroundings&, Rng&) {
  return e.call.sys != Sys::other && ok(e.call) && returns(e.call, -70000);
}

constexpr Mutation kMutations[] = {
    {"memory: wrong errno", memory_wrong_errno},
    {"memory: positive result", memory_positive},
    {"memory: a hole is found mapped", hole_is_found_mapped},
    {"mmap: MAP_FIXED_NOREPLACE replaces", noreplace_replaces},
    {"mmap: above user space", mmap_in_the_kernel},
    {"mremap: unaligned address succeeds", remap_of_an_unaligned_address},
    {"mlock2, mlockall: bad flags succeed", lock_flags_succeed},
    {"madvise: locked memory is given up", locked_memory_is_given_up},
    {"process_madvise: flags succeed", process_madvise_flags_succeed},
    {"process_madvise: of nobody succeeds", process_madvise_of_nobody},
    {"move_pages: elsewhere than asked", page_elsewhere_than_asked},
    {"get_mempolicy: no mode", policy_of_no_mode},
    {"get_mempolicy: a mode that nobody set", policy_that_nobody_set},
    {"get_mempolicy: a node that is none", policy_of_no_node},
    {"io_setup: ring of another context", ring_of_another_context},
    {"io_submit: none of some", nothing_submitted},
    {"io_cancel: done", cancel_says_done},
    {"io_getevents: second result", second_result},
    {"io_getevents: result that is no errno", result_is_no_errno},
    {"io_getevents: gives up early", gives_up_early},
    {"io_getevents: more events than shown", more_events_than_shown},
    {"descriptor: negative", descriptor_negative},
    {"any: below every errno", below_every_errno},
};

}  // namespace

std::vector<Mutation> further_mutations() { return {std::begin(kMutations), std::end(kMutations)}; }

}  // namespace ringtail::strength
