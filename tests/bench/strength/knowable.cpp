// SPDX-License-Identifier: GPL-2.0-or-later
// Mutations that only who knows the kernel's version, or its machine, can see; and arguments that no kernel
// takes. Not here, as not knowable: MADV_FREE of a file (a path may be that of /dev/zero, whose private
// mappings are anonymous), and a node that MPOL_F_MEMS_ALLOWED should not show (without cpusets it shows
// nodes that there are not, up to a whole word).
#include "tests/bench/strength/tools.h"

namespace ringtail::strength {
namespace {

using kernel::Version;
using kernel::Word;

// ---- arguments

bool overflows(const Call& c) {
  return c.arg[0].known() && c.arg[1].known() && c.arg[0].value + c.arg[1].value < c.arg[0].value;
}
bool mapping_at_an_odd_offset(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::mmap && failed_with(e.call, EINVAL) && e.call.arg[5].known() &&
         !page_aligned(e.call.arg[5].value) && returns(e.call, 0x7e1234000000);
}
bool remap_to_nothing(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::mremap && failed_with(e.call, EINVAL) && e.call.arg[2].known() &&
         e.call.arg[2].value == 0 && returns(e.call, e.call.arg[0].s64());
}
bool remap_with_unknown_flags(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::mremap && failed_with(e.call, EINVAL) && e.call.arg[3].known() &&
         (e.call.arg[3].value & ~7ull) && returns(e.call, e.call.arg[0].s64());
}
bool advice_wraps(Event& e, const Surroundings&, Rng&) {
  return e.call.sys == Sys::madvise && failed_with(e.call, EINVAL) && overflows(e.call) && returns(e.call, 0);
}
bool lock_wraps(Event& e, const Surroundings&, Rng&) {
  return (e.call.sys == Sys::mlock || e.call.sys == Sys::munlock || e.call.sys == Sys::mlock2) &&
         e.call.out.failed() && overflows(e.call) && returns(e.call, 0);
}
bool segment_at_an_odd_address(Event& e, const Surroundings&, Rng&) {
  constexpr std::uint64_t kRound = 020000;
  const Call& c = e.call;
  return c.sys == Sys::shmat && failed_with(c, EINVAL) && c.arg[1].known() && !page_aligned(c.arg[1].value) &&
         c.arg[2].known() && !(c.arg[2].value & kRound) && returns(e.call, 0x7e1234000000);
}
bool ring_at_nothing(Event& e, const Surroundings&, Rng&) {
  if (e.call.sys != Sys::io_setup || !ok(e.call) || e.call.outs.items.size() != 1) return false;
  return e.call.outs.items[0] = 0, true;
}
bool ring_at_an_odd_address(Event& e, const Surroundings&, Rng&) {
  if (e.call.sys != Sys::io_setup || !ok(e.call) || e.call.outs.items.size() != 1) return false;
  return e.call.outs.items[0] += 24, true;
}

// ---- what the advice is for, and since when there is it

bool advice_to(const Event& e, const Surroundings& s, std::uint64_t advice) {
  return e.call.sys == Sys::madvise && e.call.arg[2].known() && e.call.arg[2].value == advice &&
         own_area(e, s);
}
bool hole_is_punched(Event& e, const Surroundings& s, Rng&) {
  return advice_to(e, s, 9) && failed_with(e.call, EINVAL) && returns(e.call, 0);
}
bool what_is_shared_is_wiped(Event& e, const Surroundings& s, Rng&) {
  return advice_to(e, s, 18) && failed_with(e.call, EINVAL) && returns(e.call, 0);
}
bool advice_of_the_future(Event& e, const Surroundings& s, Rng&) {
  constexpr struct {
    std::uint64_t from, to;
    Version since;
  } kAdvice[] = {{18, 19, {4, 14, 0}}, {20, 21, {5, 4, 0}}, {22, 23, {5, 14, 0}},
                 {24, 24, {5, 18, 0}}, {25, 25, {6, 1, 0}}, {102, 103, {6, 13, 0}}};
  if (e.call.sys != Sys::madvise || !failed_with(e.call, EINVAL) || !e.call.arg[2].known()) return false;
  const std::uint64_t advice = e.call.arg[2].value & 0xffffffff;
  for (const auto& [from, to, since] : kAdvice)
    if (advice >= from && advice <= to && s.profile().version < since) return returns(e.call, 0);
  return false;
}

// ---- nodes of the machine, as the header has them

bool none_exists(const kernel::List<std::uint64_t>& mask, const Surroundings& s) {
  const auto& nodes = s.profile().host.nodes;
  if (!nodes || !mask.complete() || mask.items.empty()) return false;
  std::uint64_t some = 0;
  for (std::size_t i = 0; i < mask.items.size(); ++i) {
    std::uint64_t word = mask.items[i];
    some |= word;
    for (const int n : *nodes)
      if (n / 64 == static_cast<int>(i) && word >> (n % 64) & 1) return false;
  }
  return some != 0;
}
bool bound_to_absent_nodes(Event& e, const Surroundings& s, Rng&) {
  const int mode = e.call.sys == Sys::mbind ? 2 : e.call.sys == Sys::set_mempolicy ? 0 : -1;
  if (mode < 0 || !failed_with(e.call, EINVAL) || !none_exists(e.call.mask, s)) return false;
  const Word m = e.call.arg[static_cast<std::size_t>(mode)];
  return m.known() && (m.value & 0xfff) >= 1 && (m.value & 0xfff) <= 3 && returns(e.call, 0);
}
bool migrated_to_absent_nodes(Event& e, const Surroundings& s, Rng&) {
  return e.call.sys == Sys::migrate_pages && e.call.out.failed() && none_exists(e.call.mask2, s) &&
         returns(e.call, 0);
}
bool address_is_on_no_node(Event& e, const Surroundings& s, Rng&) {
  constexpr std::uint64_t kNodeOfAddress = 3;
  Call& c = e.call;
  if (c.sys != Sys::get_mempolicy || !ok(c) || c.outs.items.empty() || !c.arg[4].known() ||
      c.arg[4].value != kNodeOfAddress || !s.profile().host.nodes)
    return false;
  return c.outs.items[0] = kNoNode, true;
}
bool pages_are_left_of_one_node(Event& e, const Surroundings& s, Rng&) {
  return e.call.sys == Sys::migrate_pages && ok(e.call) && s.profile().host.nodes &&
         s.profile().host.nodes->size() == 1 && returns(e.call, 3);
}

constexpr Mutation kMutations[] = {
    {"mmap: at an odd offset succeeds", mapping_at_an_odd_offset},
    {"mremap: to nothing succeeds", remap_to_nothing},
    {"mremap: unknown flags succeed", remap_with_unknown_flags},
    {"madvise: a range that wraps succeeds", advice_wraps},
    {"mlock: a range that wraps succeeds", lock_wraps},
    {"shmat: at an odd address succeeds", segment_at_an_odd_address},
    {"io_setup: ring at 0", ring_at_nothing},
    {"io_setup: ring at an odd address", ring_at_an_odd_address},
    {"madvise: MADV_REMOVE of what has no file", hole_is_punched},
    {"madvise: MADV_WIPEONFORK of what is shared", what_is_shared_is_wiped},
    {"madvise: advice of a later kernel succeeds", advice_of_the_future},
    {"mempolicy: absent nodes succeed", bound_to_absent_nodes},
    {"migrate_pages: to absent nodes succeeds", migrated_to_absent_nodes},
    {"migrate_pages: left with one node", pages_are_left_of_one_node},
    {"get_mempolicy: an address on no node", address_is_on_no_node},
};

}  // namespace

std::vector<Mutation> knowable_mutations() { return {std::begin(kMutations), std::end(kMutations)}; }

}  // namespace ringtail::strength
