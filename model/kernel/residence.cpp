// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/residence.h"

#include "model/kernel/user_memory.h"

namespace ringtail::kernel {

bool may_swap(const Step& at) { return at.profile.host.swap_kib.value_or(1) != 0; }

bool may_be_migrating(const Step& at) {
  bool moving = false;
  at.overlapping([&](const Op& o) { moving = moving || (o.footprint.loses & (kNode | kPresent)); });
  return moving;
}

Range huge_blocks(Range r) {
  constexpr Address kHugePage = Address{2} << 20;
  return {r.begin & ~(kHugePage - 1), (r.end + kHugePage - 1) & ~(kHugePage - 1)};
}

bool may_hold_huge(const Step& at, Range r) {
  constexpr Address kHugePage = Address{2} << 20;
  bool found = false;
  Range run{0, 0};
  at.look(huge_blocks(r), [&](Range piece, const PageState& s) {
    if (mapped_at(piece, s) == Tri::no || s.test(kFile) == Tri::yes) return true;
    if (piece.begin != run.end) run.begin = piece.begin;
    run.end = piece.end;
    const Address block = (run.begin + kHugePage - 1) & ~(kHugePage - 1);
    return !(found = run.end >= block && run.end - block >= kHugePage);
  });
  return found;
}

bool undisturbed(const Step& at, Range r) {
  bool quiet = true;
  at.overlapping(r, [&](const Op&, const Footprint::Part& part) {
    quiet = quiet && !(part.loses & (kMapped | kUnmaps | kFills));
  });
  return quiet;
}

Tri present(const Step& at, const PageState& s) {
  const Tri was = s.test(kPresent);
  if (was != Tri::yes) return was;
  // mlock maps the zero page where it may not write.
  if (s.node < 0 && s.test(kWrite) != Tri::yes) return Tri::maybe;
  const bool kept = s.test(kLocked) == Tri::yes || !may_swap(at);
  return tri(kept) | Tri::maybe;
}

int node_of(const Step&, const PageState& s) { return s.test(kPresent) == Tri::yes ? s.node : -1; }

Tri elsewhere(const Step& at, const PageState& s, int node) {
  if (s.test(kPresent) == Tri::no || one_node(at.profile.host, at.world.learned)) return Tri::no;
  if (s.test(kFile) == Tri::no && one_own_node(at.profile.host, at.world.learned)) return Tri::no;
  const int known = node_of(at, s);
  if (known < 0) return Tri::maybe;
  return known == node ? Tri::no : present(at, s);
}

namespace {

// Whether a page stays where it was found until a call moves it.
bool stays(Step& at) {
  if (one_node(at.profile.host, at.world.learned)) return true;
  bool forked = at.mm.forked;
  at.overlapping([&](const Op& o) { forked = forked || (is_spawn(o.sys) && o.spawns_vm != Tri::yes); });
  return !forked && at.profile.host.migrates != Migrates::across;
}

}  // namespace

void found_on(Step& at, Range pages, int node) {
  at.world.learned.page_on(node);
  if (!undisturbed(at, pages)) return;
  const int known_node = stays(at) ? node : -1;
  bool follow = false;
  at.change(pages, [&](Range, PageState& s) {
    s.set(kMapped, true);
    if (s.test(kFile) != Tri::no || s.test(kMergeable) == Tri::yes) return;
    s.set(kPresent, true);
    s.node = static_cast<std::int16_t>(known_node);
    follow = true;
  });
  Residence& known = at.mm.residence;
  if (!follow || known.any) return;
  // As old as the call: a long one saw its first pages a while ago.
  known = {true, at.world.begin_ns >= 0 ? at.world.begin_ns : at.world.now_ns, at.op.begin_seq};
}

void forget_nodes(Mm& mm) {
  if (!mm.residence.any) return;
  mm.residence = {};
  mm.space.for_all([](Range, PageState& s) { s.node = -1; });
}

void age(Step& at) {
  const Residence& known = at.mm.residence;
  if (!known.any || one_node(at.profile.host, at.world.learned)) return;
  const bool timed = known.since_ns >= 0 && at.world.now_ns >= 0;
  if (timed ? at.world.now_ns - known.since_ns > kNodeLastsNs
            : at.op.begin_seq - known.since_seq > kNodeLastsEvents)
    forget_nodes(at.mm);
}

}  // namespace ringtail::kernel
