// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/strength/mutation.h"

#include "tests/bench/strength/tools.h"

namespace ringtail::strength {
namespace {

// ---- address space

bool mmap_over_a_mapping(Event& e, const Surroundings& s, Rng& rng) {
  if (e.call.sys != Sys::mmap || !ok(e.call) || (e.call.arg[3].value & (kMapFixed | kMapNoReplace)))
    return false;
  const Area* a = s.area_of(e.tid, rng);
  return a != nullptr && returns(e.call, static_cast<std::int64_t>(a->start));
}
bool mmap_where_one_is_made(Event& e, const Surroundings& s, Rng&) {
  if (e.call.sys != Sys::mmap || !ok(e.call) || (e.call.arg[3].value & (kMapFixed | kMapNoReplace)))
    return false;
  const Area* a = s.made_beside(e);
  return a != nullptr && returns(e.call, static_cast<std::int64_t>(a->start));
}
bool mmap_unaligned(Event& e, const Surroundings&, Rng& rng) {
  return e.call.sys == Sys::mmap && ok(e.call) &&
         returns(e.call, e.call.out.value + 1 + static_cast<std::int64_t>(rng() % 4094));
}
bool mmap_fixed_elsewhere(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::mmap && ok(e.call) && (e.call.arg[3].value & kMapFixed) &&
         returns(e.call, e.call.out.value + static_cast<std::int64_t>(kPage));
}
bool mmap_bad_arguments_succeed(Event& e, const Surroundings& s, Rng& rng) {
  if (e.call.sys != Sys::mmap || !failed_with(e.call, EINVAL) || e.call.arg[1].value != 0) return false;
  const Area* a = s.area_of(e.tid, rng);
  return returns(e.call, a ? static_cast<std::int64_t>(a->end + (1 << 20)) : 0x7f1234000000);
}
bool munmap_refused(Event& e, const Surroundings& s, Rng&) {
  return e.call.sys == Sys::munmap && ok(e.call) && own_area(e, s) && returns(e.call, -EINVAL);
}
bool munmap_bad_arguments_succeed(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::munmap && failed_with(e.call, EINVAL) && returns(e.call, 0);
}
bool mprotect_hole_in_a_mapping(Event& e, const Surroundings& s, Rng&) {
  return e.call.sys == Sys::mprotect && ok(e.call) && own_area(e, s) && returns(e.call, -EFAULT);
}
bool mremap_onto_a_mapping(Event& e, const Surroundings& s, Rng& rng) {
  if (e.call.sys != Sys::mremap || !ok(e.call) || (e.call.arg[3].value & 2)) return false;
  const Area* a = s.area_of(e.tid, rng);
  if (a == nullptr || (a->start < end_of(e.call) && e.call.arg[0].value < a->end)) return false;
  return returns(e.call, static_cast<std::int64_t>(a->start));
}
bool mremap_unaligned(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::mremap && ok(e.call) && returns(e.call, e.call.out.value + 24);
}
bool break_jumps(Event& e, const Surroundings& s, Rng&) {
  if (e.call.sys != Sys::brk || !e.call.out.known() || s.break_of(e.tid) == 0) return false;
  return returns(e.call, e.call.out.value + 0x2345000);
}
bool mlock_refused(Event& e, const Surroundings& s, Rng&) {
  return (e.call.sys == Sys::mlock || e.call.sys == Sys::munlock) && ok(e.call) && own_area(e, s) &&
         returns(e.call, -EINVAL);
}

// ---- madvise

bool advice_refused(Event& e, const Surroundings& s, Rng&) {
  return e.call.sys == Sys::madvise && ok(e.call) && plain_advice(e.call.arg[2].value) && own_area(e, s) &&
         returns(e.call, -EINVAL);
}
bool advice_finds_a_hole(Event& e, const Surroundings& s, Rng&) {
  return e.call.sys == Sys::madvise && ok(e.call) && plain_advice(e.call.arg[2].value) && own_area(e, s) &&
         returns(e.call, -ENOMEM);
}
bool madvise_wrong_errno(Event& e, const Surroundings&, Rng& rng) {
  return e.call.sys == Sys::madvise && e.call.out.known() && returns(e.call, -alien(rng));
}
bool madvise_positive(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::madvise && ok(e.call) && returns(e.call, 1);
}
bool unknown_advice_succeeds(Event& e, const Surroundings&, Rng&) {
  if (e.call.sys != Sys::madvise || !failed_with(e.call, EINVAL)) return false;
  const std::uint64_t a = e.call.arg[2].value & 0xffffffff;
  return ((a > 25 && a < 100) || a > 103) && returns(e.call, 0);
}
bool unaligned_advice_succeeds(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::madvise && failed_with(e.call, EINVAL) && !page_aligned(e.call.arg[0].value) &&
         returns(e.call, 0);
}
bool process_madvise_too_many_bytes(Event& e, const Surroundings&, Rng&) {
  if (e.call.sys != Sys::process_madvise || !ok(e.call) || !e.call.iov.complete()) return false;
  std::uint64_t sum = 0;
  for (const auto& v : e.call.iov.items) sum += (v.len.value + kPage - 1) & ~(kPage - 1);
  return returns(e.call, static_cast<std::int64_t>(sum + kPage));
}

// ---- migration and policy

bool status_becomes(Event& e, const Surroundings& s, Rng& rng, std::int32_t status) {
  auto& items = e.call.status.items;
  const std::size_t i = items.empty() ? 0 : rng() % items.size();
  return !items.empty() && status_written(e, s, i) && (items[i] = status, true);
}
bool status_of_no_node(Event& e, const Surroundings& s, Rng& rng) {
  return status_becomes(e, s, rng, kNoNode);
}
bool status_alien_errno(Event& e, const Surroundings& s, Rng& rng) {
  return status_becomes(e, s, rng, -alien(rng));
}
bool more_pages_failed_than_asked(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::move_pages && ok(e.call) && e.call.arg[1].known() &&
         returns(e.call, e.call.arg[1].s64() + 3);
}
bool query_counts_failures(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::move_pages && ok(e.call) && e.call.arg[3].known() && e.call.arg[3].value == 0 &&
         returns(e.call, 1);
}
bool migration_wrong_errno(Event& e, const Surroundings&, Rng& rng) {
  return kernel::family_of(e.call.sys) == kernel::Family::migration && e.call.out.known() &&
         returns(e.call, -alien(rng));
}
bool bad_flags_succeed(Event& e, const Surroundings&, Rng&) {
  return (e.call.sys == Sys::move_pages && failed_with(e.call, EINVAL) &&
          (e.call.arg[5].value & ~6ull) != 0 && returns(e.call, 0)) ||
         (e.call.sys == Sys::mbind && failed_with(e.call, EINVAL) && (e.call.arg[5].value & ~7ull) != 0 &&
          returns(e.call, 0));
}
bool absent_node_accepted(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::move_pages && failed_with(e.call, ENODEV) && returns(e.call, 0);
}
bool mbind_unaligned_succeeds(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::mbind && failed_with(e.call, EINVAL) && !page_aligned(e.call.arg[0].value) &&
         returns(e.call, 0);
}
bool policy_positive(Event& e, const Surroundings&, Rng&) {
  return (e.call.sys == Sys::mbind || e.call.sys == Sys::set_mempolicy || e.call.sys == Sys::get_mempolicy) &&
         ok(e.call) && returns(e.call, 2);
}

// ---- AIO

bool setup_refused(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::io_setup && ok(e.call) && e.call.arg[0].value != 0 && returns(e.call, -EFAULT);
}
bool setup_reuses_a_live_context(Event& e, const Surroundings& s, Rng& rng) {
  if (e.call.sys != Sys::io_setup || !ok(e.call) || e.call.outs.items.size() != 1) return false;
  const Area* a = s.area_of(e.tid, rng);
  if (a == nullptr) return false;
  e.call.outs.items[0] = a->start;
  return true;
}
bool setup_of_nothing_succeeds(Event& e, const Surroundings&, Rng&) {
  if (e.call.sys != Sys::io_setup || !failed_with(e.call, EINVAL) || e.call.arg[0].value != 0) return false;
  return returns(e.call, 0);
}
// Not io_submit: a reserved field of the iocb, which no recorder shows, has the same errno.
bool live_context_unknown(Event& e, const Surroundings& s, Rng&) {
  if (!is_getevents(e.call) && e.call.sys != Sys::io_destroy) return false;
  if (!ok(e.call) || s.ring(e.tid, e.call.arg[0].value) == nullptr) return false;
  e.call.events.clear();
  return returns(e.call, -EINVAL);
}
bool destroyed_context_works(Event& e, const Surroundings& s, Rng&) {
  if (kernel::family_of(e.call.sys) != kernel::Family::aio || e.call.sys == Sys::io_setup) return false;
  return failed_with(e.call, EINVAL) && s.destroyed(e.tid, e.call.arg[0].value) && returns(e.call, 0);
}
bool submitted_more_than_given(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::io_submit && ok(e.call) && returns(e.call, e.call.arg[1].s64() + 1);
}
bool submit_wrong_errno(Event& e, const Surroundings&, Rng& rng) {
  return kernel::family_of(e.call.sys) == kernel::Family::aio && e.call.out.known() &&
         !is_getevents(e.call) && returns(e.call, -alien(rng));
}
bool event_never_submitted(Event& e, const Surroundings& s, Rng& rng) {
  if (!is_getevents(e.call) || e.call.events.items.empty() || !s.ring(e.tid, e.call.arg[0].value))
    return false;
  auto& v = e.call.events.items[rng() % e.call.events.items.size()];
  v.data = kernel::Word::of(0xdeadbeef0000 + rng() % 4096);
  v.obj = kernel::Word::of(0x7ffffeed0000 + 64 * (rng() % 4096));
  return true;
}
bool event_twice(Event& e, const Surroundings& s, Rng&) {
  auto& items = e.call.events.items;
  const Ring* r = s.ring(e.tid, e.call.arg[0].value);
  if (!is_getevents(e.call) || r == nullptr || items.empty()) return false;
  if (static_cast<std::int64_t>(items.size()) >= e.call.arg[2].s64()) return false;
  // Only where no second request looks like this one.
  const auto it = r->pending.find(items[0].data.value);
  if (it == r->pending.end() || it->second != 1) return false;
  items.push_back(items[0]);
  ++e.call.out.value;
  return true;
}
bool more_events_than_room(Event& e, const Surroundings&, Rng&) {
  return is_getevents(e.call) && ok(e.call) && e.call.arg[2].known() &&
         returns(e.call, e.call.arg[2].s64() + 1);
}
bool fewer_events_than_awaited(Event& e, const Surroundings&, Rng&) {
  if (!is_getevents(e.call) || !ok(e.call) || e.call.arg[4].value != 0 || !e.call.arg[4].known())
    return false;
  if (e.call.arg[1].s64() < 1 || e.call.out.value < 1) return false;
  e.call.out.value = e.call.arg[1].s64() - 1;
  e.call.events.items.resize(std::min<std::size_t>(e.call.events.items.size(), e.call.out.value));
  return true;
}
bool transferred_more_than_asked(Event& e, const Surroundings& s, Rng& rng) {
  if (!is_getevents(e.call) || e.call.events.items.empty() || !s.ring(e.tid, e.call.arg[0].value))
    return false;
  auto& v = e.call.events.items[rng() % e.call.events.items.size()];
  if (v.res.s64() <= 0) return false;
  v.res = kernel::Word::of(v.res.value + (1ull << 31));
  return true;
}
bool destroy_twice_succeeds(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::io_destroy && failed_with(e.call, EINVAL) && returns(e.call, 0);
}

constexpr Mutation kMutations[] = {
    {"mmap: where a mapping stood", mmap_over_a_mapping},
    {"mmap: where one is made at the same time", mmap_where_one_is_made, true},
    {"mmap: unaligned address", mmap_unaligned},
    {"mmap: MAP_FIXED put elsewhere", mmap_fixed_elsewhere},
    {"mmap: length 0 succeeds", mmap_bad_arguments_succeed},
    {"munmap: refused", munmap_refused},
    {"munmap: bad arguments succeed", munmap_bad_arguments_succeed},
    {"mprotect: EFAULT", mprotect_hole_in_a_mapping},
    {"mremap: onto a mapping", mremap_onto_a_mapping},
    {"mremap: unaligned address", mremap_unaligned},
    {"brk: jumps", break_jumps},
    {"mlock: refused", mlock_refused},
    {"madvise: good advice refused", advice_refused},
    {"madvise: hole where none is", advice_finds_a_hole},
    {"madvise: wrong errno", madvise_wrong_errno},
    {"madvise: positive result", madvise_positive},
    {"madvise: unknown advice succeeds", unknown_advice_succeeds},
    {"madvise: unaligned start succeeds", unaligned_advice_succeeds},
    {"process_madvise: more bytes than asked", process_madvise_too_many_bytes},
    {"move_pages: status names no node", status_of_no_node},
    {"move_pages: status is an alien errno", status_alien_errno},
    {"move_pages: more failures than pages", more_pages_failed_than_asked},
    {"move_pages: a query counts failures", query_counts_failures},
    {"move_pages: absent node accepted", absent_node_accepted},
    {"migration: wrong errno", migration_wrong_errno},
    {"migration: bad flags succeed", bad_flags_succeed},
    {"mbind: unaligned start succeeds", mbind_unaligned_succeeds},
    {"mempolicy: positive result", policy_positive},
    {"io_setup: refused", setup_refused},
    {"io_setup: ring where a mapping stood", setup_reuses_a_live_context},
    {"io_setup: of no events succeeds", setup_of_nothing_succeeds},
    {"aio: live context unknown", live_context_unknown},
    {"aio: destroyed context works", destroyed_context_works},
    {"aio: wrong errno", submit_wrong_errno},
    {"io_submit: more than given", submitted_more_than_given},
    {"io_getevents: event never submitted", event_never_submitted},
    {"io_getevents: event twice", event_twice},
    {"io_getevents: more than room", more_events_than_room},
    {"io_getevents: fewer than awaited", fewer_events_than_awaited},
    {"io_getevents: more bytes than asked", transferred_more_than_asked},
    {"io_destroy: unknown context succeeds", destroy_twice_succeeds},
};

}  // namespace

const std::vector<Mutation>& mutations() {
  static const std::vector<Mutation> all = [] {
    std::vector<Mutation> m(std::begin(kMutations), std::end(kMutations));
    for (const Mutation& more : further_mutations()) m.push_back(more);
    for (const Mutation& more : refusals()) m.push_back(more);
    for (const Mutation& more : plausible_mutations()) m.push_back(more);
    for (const Mutation& more : knowable_mutations()) m.push_back(more);
    for (const Mutation& more : listed_mutations()) m.push_back(more);
    for (const Mutation& more : errno_mutations()) m.push_back(more);
    for (const Mutation& more : told_mutations()) m.push_back(more);
    return m;
  }();
  return all;
}

}  // namespace ringtail::strength
