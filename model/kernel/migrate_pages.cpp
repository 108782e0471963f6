// SPDX-License-Identifier: GPL-2.0-or-later
// migrate_pages(2): mm/mempolicy.c kernel_migrate_pages, do_migrate_pages. Returns how many pages could not
// be moved.
#include <cerrno>

#include <fmt/format.h>

#include "model/kernel/mempolicy.h"
#include "model/kernel/residence.h"
#include "model/kernel/target.h"
#include "model/kernel/user_memory.h"

namespace ringtail::kernel {
namespace {

constexpr Version kCutNodes{4, 16, 0}, kOthersCount{6, 7, 0};

constexpr Rule kNoProcess{"migrate_pages.no-process", ESRCH, "mm/mempolicy.c kernel_migrate_pages"};
constexpr Rule kPermission{"migrate_pages.permission", EPERM,
                           "mm/mempolicy.c kernel_migrate_pages: ptrace_may_access since 4.13, uids before"};
constexpr Rule kForeignNodes{
    "migrate_pages.foreign-nodes", EPERM,
    "mm/mempolicy.c kernel_migrate_pages: a node that the target may not use, CAP_SYS_NICE"};
constexpr Rule kNodeOffline{
    "migrate_pages.node-offline", EINVAL, "mm/mempolicy.c sys_migrate_pages", {}, kCutNodes};
constexpr Rule kNoNode{"migrate_pages.no-node", EINVAL,
                       "mm/mempolicy.c kernel_migrate_pages: no new node may be used, commit 56521e7a02b7"};
constexpr Rule kSecurity{"migrate_pages.security", EACCES, "security_task_movememory"};
constexpr Rule kNoMm{"migrate_pages.no-mm", EINVAL,
                     "mm/mempolicy.c kernel_migrate_pages: a kernel thread or a zombie"};
constexpr Rule kMemory{"migrate_pages.memory", ENOMEM, "mm/migrate.c migrate_pages: no page on the target"};
constexpr Rule kCount{"migrate_pages.count", 0, "mm/mempolicy.c do_migrate_pages"};

struct New {
  Tri none = Tri::maybe;     // no node of it may be used
  Tri offline = Tri::maybe;  // one of it has no memory
  Tri foreign = Tri::maybe;  // one of it is not allowed
};

New judge_new(const Step& s, const UserMask& mask) {
  if (!mask.known) return {};
  const Learned& learned = s.world.learned;
  New r{Tri::no, Tri::no, Tri::no};
  Tri usable = Tri::no;
  for (int n = mask.nodes.first(); n >= 0 && n <= mask.nodes.last(); ++n) {
    if (!mask.nodes.has(n)) continue;
    const Tri memory = has_memory(s.profile.host, learned, n);
    const Tri allowed =
        memory & (learned.allowed.has(n) || one_node(s.profile.host, learned) ? Tri::yes : Tri::maybe);
    usable = usable | allowed;
    r.offline = r.offline | !memory;
    r.foreign = r.foreign | !allowed;
  }
  r.none = !usable;
  return r;
}

// Whether the count can be other than 0: whether there is any pair of nodes to move between: a source that
// has pages and is not its own destination.
bool may_move(const Step& s, const UserMask& from, const UserMask& to) {
  // Since 6.7 pages that somebody else is migrating count as failed (1cb5d11a370f), on whatever node they
  // are, also on the only one.
  const bool onto_itself = from.known && to.known && from.nodes == to.nodes && from.nodes.count() == 1;
  if (s.profile.from(kOthersCount) && !onto_itself && may_be_migrating(s)) return true;
  if (one_node(s.profile.host, s.world.learned)) return false;
  if (!from.known || !to.known) return true;
  const NodeSet possible = possible_nodes(s.profile.host, s.world.learned);
  const NodeSet sources = from.nodes & possible, targets = to.nodes & possible;
  if (sources.empty()) return false;
  return !(targets.count() == 1 && sources == targets);
}

void judge_migrate_pages(Step& s) {
  if (!s.need(2)) return;
  Checks& c = s.checks;
  check_numa(s);
  const UserMask from = read_mask(s, s.call.arg[2], s.call.arg[1], s.call.mask);
  const UserMask to = read_mask(s, s.call.arg[3], s.call.arg[1], s.call.mask2);
  const Target target = target_of(s, static_cast<std::int32_t>(s.arg(0)));
  const Host& host = s.profile.host;
  check_mask(c, from);
  check_mask(c, to);
  c.fails(kNoProcess, target.no_such ? Tri::yes : (!target.self) & Tri::maybe);
  c.fails(kPermission, (!target.self) & Tri::maybe);
  const New nodes = judge_new(s, to);
  const bool no_nice = host.caps && !(*host.caps >> kCapSysNice & 1);
  const bool self = target.self == Tri::yes;
  c.fails(kForeignNodes,
          (self ? nodes.foreign : nodes.foreign | Tri::maybe) & (no_nice ? Tri::yes : Tri::maybe));
  c.fails(kNodeOffline, nodes.offline);
  c.fails(kNoNode, nodes.none);
  c.fails(kSecurity, target.task ? Tri::no : (!target.self) & Tri::maybe);
  c.fails(kNoMm, (!target.self) & Tri::maybe);
  if (may_move(s, from, to)) {
    c.may_fail(kMemory);
    c.succeeds(kCount);
    c.expect(
        kCount, tri(s.result() >= 0 && s.result() <= std::int64_t{1} << 52),
        [&] { return fmt::format("{}", s.result()); }, [] { return std::string("a number of pages"); });
  } else {
    c.returns(kCount, 0);
  }
  if (s.call.out.known() && s.failed() && s.result() != -ENOMEM) return;
  if (to.known && s.succeeded() && (to.nodes & possible_nodes(host, s.world.learned)).count() == 1 && self)
    s.world.learned.may_use((to.nodes & possible_nodes(host, s.world.learned)).first());
  const auto moved = [&](Mm& mm) {
    mm.space.for_all([&](Range, PageState& p) {
      if (p.node >= 0 && (!from.known || from.nodes.has(p.node))) p.node = -1;
    });
  };
  if (target.own_mm != Tri::no) moved(s.mm);
  if (target.task && target.task->mm.get() != &s.mm) moved(*target.task->mm);
}

}  // namespace

Handler migrate_pages_handler() {
  return {judge_migrate_pages, nullptr, [](const World&, const Task&, const Call& call, Footprint& f) {
            if (call.out.failed() && call.out.value != -ENOMEM) return;
            f.any_mm = !(call.arg[0].known() && call.arg[0].value == 0);
            f.add(kEverywhere, kNode | kPresent);
          }};
}

}  // namespace ringtail::kernel
