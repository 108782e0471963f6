// SPDX-License-Identifier: GPL-2.0-or-later
// Mutations of what another call of the capture told, or the call's own arguments do: a count that its parts
// do not add up to, a place that something else has. Not here, as not knowable: the iocb of an event (strace
// shows no iocb's address, and one may be in flight twice).
#include "tests/bench/strength/tools.h"

namespace ringtail::strength {
namespace {

using kernel::Word;

// ---- places

bool placed_anywhere(const Call& c) {
  return ok(c) && c.sys == Sys::mmap && !(c.arg[3].value & (kMapFixed | kMapNoReplace));
}
bool mapping_ends_in_another(Event& e, const Surroundings& s, Rng& rng) {
  if (!placed_anywhere(e.call) || e.call.arg[1].value <= kPage) return false;
  const Area* a = s.area_of(e.tid, rng);
  return a && returns(e.call, static_cast<std::int64_t>(a->start - kPage));
}
bool mapping_begins_in_another(Event& e, const Surroundings& s, Rng& rng) {
  if (!placed_anywhere(e.call)) return false;
  const Area* a = s.area_of(e.tid, rng);
  return a && a->end - a->start > kPage && returns(e.call, static_cast<std::int64_t>(a->end - kPage));
}
bool mapping_at_nothing(Event& e, const Surroundings&, Rng&) {
  return placed_anywhere(e.call) && returns(e.call, 0);
}
bool noreplace_goes_elsewhere(Event& e, const Surroundings& s, Rng&) {
  const Call& c = e.call;
  return c.sys == Sys::mmap && ok(c) && s.profile().version >= kernel::Version{4, 17, 0} &&
         c.arg[3].known() && (c.arg[3].value & kMapNoReplace) &&
         returns(e.call, c.out.value + (std::int64_t{1} << 30));
}
bool remap_ends_in_another(Event& e, const Surroundings& s, Rng& rng) {
  const Call& c = e.call;
  if (c.sys != Sys::mremap || !ok(c) || c.arg[3].value & 2 || c.arg[2].value <= kPage) return false;
  const Area* a = s.area_of(e.tid, rng);
  if (!a || (a->start < end_of(c) + c.arg[2].value && c.arg[0].value < a->end)) return false;
  return returns(e.call, static_cast<std::int64_t>(a->start - kPage));
}
bool remap_in_the_kernel(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::mremap && ok(e.call) && returns(e.call, 0x7fff880000000000);
}
bool segment_in_the_kernel(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::shmat && ok(e.call) && returns(e.call, 0x7fff880000000000);
}
bool break_goes_halfway(Event& e, const Surroundings& s, Rng&) {
  const Call& c = e.call;
  const std::uint64_t was = s.break_of(e.tid);
  return c.sys == Sys::brk && c.out.known() && c.arg[0].known() && was != 0 &&
         c.out.value == c.arg[0].s64() && c.arg[0].value > was + 2 * kPage &&
         returns(e.call, c.out.value - static_cast<std::int64_t>(kPage));
}
bool ring_in_the_kernel(Event& e, const Surroundings&, Rng&) {
  if (e.call.sys != Sys::io_setup || !ok(e.call) || e.call.outs.items.size() != 1) return false;
  return e.call.outs.items[0] = 0x7fff880000000000, true;
}

// ---- counts

// It ends at the first range that fails, and has then done whole ones only.
bool part_of_a_range(Event& e, const Surroundings&, Rng&) {
  const Call& c = e.call;
  if (c.sys != Sys::process_madvise || !ok(c) || !c.iov.complete() || c.iov.items.empty()) return false;
  const Word first = c.iov.items[0].len;
  return first.known() && first.value > kPage && c.out.value >= first.s64() &&
         returns(e.call, first.s64() - static_cast<std::int64_t>(kPage));
}
bool nothing_of_some_ranges(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::process_madvise && ok(e.call) && e.call.out.value > 0 && e.call.iov.complete() &&
         returns(e.call, 0);
}
bool submitted_all_but_negative(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::io_submit && ok(e.call) && has(e.call.arg[1], 0) && returns(e.call, 1);
}
bool events_of_no_room(Event& e, const Surroundings&, Rng&) {
  return is_getevents(e.call) && ok(e.call) && has(e.call.arg[2], 0) && returns(e.call, 1);
}
bool waits_for_ever_for_nothing(Event& e, const Surroundings& s, Rng&) {
  Call& c = e.call;
  if (!is_getevents(c) || !ok(c) || !s.ring(e.tid, c.arg[0].value) || c.arg[1].s64() < 1 || !has(c.arg[4], 0))
    return false;
  c.events.items.clear();
  return returns(c, 0);
}

// ---- events

bool event_of_the_last_call(Event& e, const Surroundings& s, Rng&) {
  auto& v = e.call.events.items;
  const Ring* r = s.ring(e.tid, e.call.arg[0].value);
  if (!is_getevents(e.call) || !r || v.empty()) return false;
  const std::uint64_t data = r->last;
  if (r->pending.contains(data) || !r->any) return false;
  return v[0].data != Word::of(data) && (v[0].data = Word::of(data), true);
}

// ---- policies

bool range_has_another_policy(Event& e, const Surroundings& s, Rng&) {
  Call& c = e.call;
  if (c.sys != Sys::get_mempolicy || !ok(c) || c.outs.items.empty() || !has(c.arg[4], 2) || !c.arg[3].known())
    return false;
  const int mode = s.bound_at(e.tid, c.arg[3].value);
  if (mode < 1 || mode > 3) return false;
  return c.outs.items[0] = mode == 3 ? 2 : 3, true;
}

constexpr Mutation kMutations[] = {
    {"mmap: ends in a mapping", mapping_ends_in_another},
    {"mmap: begins in a mapping", mapping_begins_in_another},
    {"mmap: at 0", mapping_at_nothing},
    {"mmap: MAP_FIXED_NOREPLACE elsewhere", noreplace_goes_elsewhere},
    {"mremap: ends in a mapping", remap_ends_in_another},
    {"mremap: above user space", remap_in_the_kernel},
    {"shmat: above user space", segment_in_the_kernel},
    {"brk: goes halfway", break_goes_halfway},
    {"io_setup: ring above user space", ring_in_the_kernel},
    {"process_madvise: part of a range", part_of_a_range},
    {"process_madvise: none of some", nothing_of_some_ranges},
    {"io_submit: some of none", submitted_all_but_negative},
    {"io_getevents: into no room", events_of_no_room},
    {"io_getevents: none though it waits for ever", waits_for_ever_for_nothing},
    {"io_getevents: event of an earlier call", event_of_the_last_call},
    {"get_mempolicy: a range's mode that nobody set", range_has_another_policy},
};

}  // namespace

std::vector<Mutation> told_mutations() { return {std::begin(kMutations), std::end(kMutations)}; }

}  // namespace ringtail::strength
