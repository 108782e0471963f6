// SPDX-License-Identifier: GPL-2.0-or-later
// move_pages(2), asking where pages are (nodes is NULL) and moving them.
//
// What a status may say has changed more often than anything else here; kAbsent has the history.
// Between 2.6.29 and 4.16 a call moves pages in chunks and reports each page's own fate; since 4.17 it moves
// runs of pages that go to one node, stops at the first run that does not go through, and leaves the statuses
// from there on as they were.
#include <algorithm>
#include <cerrno>
#include <vector>

#include <fmt/format.h>

#include "model/kernel/mempolicy.h"
#include "model/kernel/residence.h"
#include "model/kernel/target.h"
#include "model/kernel/user_memory.h"

namespace ringtail::kernel {
namespace {

constexpr std::uint32_t kMfMove = 2, kMfMoveAll = 4;

constexpr Version kZeroReturn{2, 6, 28}, kChunks{2, 6, 29}, kVmaStart{2, 6, 37}, kDump{4, 3, 0},
    kHugeMoves{4, 14, 0}, kRuns{4, 17, 0}, kAlreadyThere{5, 5, 0}, kCountsAll{5, 6, 0}, kLeftFixed{6, 1, 0},
    kProtnone{6, 1, 0}, kProtnoneFixed{6, 5, 0}, kFolioWalk{6, 12, 0},
    kSplitZeros{6, 12, 0};  // commit b1f202060afe

constexpr Rule kFlags{"move_pages.flags", EINVAL, "mm/migrate.c kernel_move_pages"};
constexpr Rule kMoveAll{"move_pages.move-all", EPERM, "mm/migrate.c kernel_move_pages: CAP_SYS_NICE"};
constexpr Rule kNoProcess{"move_pages.no-process", ESRCH, "mm/migrate.c find_mm_struct"};
constexpr Rule kPermission{
    "move_pages.permission", EPERM,
    "mm/migrate.c find_mm_struct: ptrace_may_access since 4.13 (197e7e521384), uids before"};
constexpr Rule kSecurity{"move_pages.security", EACCES, "security_task_movememory"};
constexpr Rule kNoMm{"move_pages.no-mm", EINVAL, "mm/migrate.c find_mm_struct: a kernel thread or a zombie"};
constexpr Rule kTooMany{
    "move_pages.too-many", E2BIG, "mm/migrate.c sys_move_pages, until commit 3140a2273009", {}, kChunks};
constexpr Rule kArrays{"move_pages.arrays", EFAULT, "mm/migrate.c do_pages_move, do_pages_stat"};
constexpr Rule kOffline{"move_pages.node", ENODEV, "mm/migrate.c do_pages_move: N_MEMORY"};
constexpr Rule kCpuset{"move_pages.cpuset", EACCES, "mm/migrate.c do_pages_move: cpuset_mems_allowed"};
constexpr Rule kMemory{"move_pages.memory", ENOMEM, "mm/migrate.c migrate_pages: no page on the target"};
constexpr Rule kNothing{
    "move_pages.nothing", ENOENT, "mm/migrate.c do_move_pages, until commit e78bbfa82624", {}, kZeroReturn};
constexpr Rule kDone{"move_pages.done", 0, "mm/migrate.c kernel_move_pages"};
constexpr Rule kCount{"move_pages.count", 0,
                      "mm/migrate.c move_pages_and_store_status, commits a49bd4d71637, 5984fabb6e82"};
constexpr Rule kLeftOfTheLast{"move_pages.left-of-the-last-run",
                              0,
                              "mm/migrate.c move_pages_and_store_status: err += nr_pages - i - 1, since "
                              "\"mm/migrate.c: wrap do_move_pages_to_node() and store_status()\", until "
                              "\"migrate: fix syscall move_pages() return value for failure\"",
                              {5, 7, 0},
                              {6, 1, 0}};
constexpr Rule kStatusNode{"move_pages.status-node", 0,
                           "mm/migrate.c do_pages_stat_array: a node that has memory"};
constexpr Rule kStatusMoved{"move_pages.status-moved", 0,
                            "mm/migrate.c store_status: the node that was asked for"};
constexpr Rule kStatusSame{"move_pages.status-same", 0, "a page stays on its node until something moves it"};
constexpr Rule kStatusError{"move_pages.status-error", 0,
                            "mm/migrate.c add_page_for_migration, do_pages_stat_array"};
constexpr Rule kStatusAbsent{
    "move_pages.status-absent", 0,
    "mm/migrate.c: no page, or not mapped; commits 70384dc6dcc6, d899844e9c98, 7dff875c9436"};

// Whether a page that is not there, or has no VMA, may be reported as -ENOENT and as -EFAULT.
struct Absent {
  bool enoent = false, efault = false;
};

Absent absent_as(const Step& at, Address page, const PageState& s, Tri here, Tri there) {
  const Profile& p = at.profile;
  Absent r;
  if (here != Tri::yes) {
    r.efault = true;
    r.enoent = !p.from(kVmaStart);  // find_vma() found the VMA above the hole
  }
  if (here == Tri::no) return r;
  if (s.test(kSpecial) != Tri::no || s.test(kHugetlb) != Tri::no) return {true, true};
  const bool anonymous = s.test(kFile) != Tri::yes, file = s.test(kFile) != Tri::no;
  if (may_be_migrating(at) || p.host.migrates != Migrates::no) {
    r.enoent = true;
    // A huge page on its way is a hole in the page table to FOLL_DUMP, where small ones are none.
    if (anonymous && p.from(kHugeMoves) && !p.from(kFolioWalk) && may_hold_huge(at, {page, page + 1}))
      r.efault = true;
  }
  if (file) r.enoent = true;
  if (!anonymous) return r;
  if (p.from(kProtnone) && !p.from(kProtnoneFixed)) {
    // follow_page() took PROT_NONE, and so balancing's hints, for absence.
    const bool readable = s.test(kRead) == Tri::yes || s.test(kWrite) == Tri::yes;
    if (!readable || !one_node(p.host, at.world.learned)) r.enoent = true;
  }
  // A huge page that is split, as migration may have to, gives the zero page for parts that are all zeros.
  if (p.from(kSplitZeros) && s.test(kLocked) != Tri::yes && may_hold_huge(at, {page, page + 1}))
    r.efault = true;
  if (there == Tri::yes) return r;
  if (!p.from(kDump)) {
    r.enoent = true;
  } else if (!p.from(kFolioWalk)) {
    r.efault = true;  // FOLL_DUMP: a hole in the page table, or the zero page
    if (may_swap(at)) r.enoent = true;
  } else {
    r.enoent = true;
    r.efault = s.test(kPresent) != Tri::no || r.efault;  // the zero page
  }
  return r;
}

std::string status_text(std::size_t i, std::int32_t status) {
  return fmt::format("status[{}] = {}", i, status < 0 ? "-" + errno_name(-status) : std::to_string(status));
}

// What may stand in a status, as text and as a test; `target` is -1 for a query, or the node to go to.
class Statuses {
 public:
  Statuses(const Step& at, bool moves, bool all, bool one_target)
      : at_(at), moves_(moves), all_(all), followed_(!moves || one_target) {}

  void check(Checks& c, std::size_t i, Address page, std::int32_t target, std::int32_t status) const {
    const Address begin = at_.page_down(page);
    const auto [s, here, there] = find(begin);
    const bool placed = target >= 0 ? elsewhere(at_, s, target) == Tri::no
                                    : node_of(at_, s) >= 0 || one_node(at_.profile.host, at_.world.learned);
    const Absent absent = absent_as(at_, begin, s, here, there);
    if (here != Tri::no && (!(there == Tri::yes && placed) || absent.enoent || absent.efault)) c.inexact();
    const Learned& learned = at_.world.learned;
    if (status >= 0) return check_node(c, i, s, there, target, status);
    const bool away =
        target < 0 ? !one_node(at_.profile.host, learned) : elsewhere(at_, s, target) != Tri::no;
    Tri fits = Tri::no;
    switch (-status) {
      case ENOENT:
        fits = tri(absent.enoent);
        break;
      case EFAULT:
        fits = tri(absent.efault || (moves_ && here != Tri::no && s.test(kSpecial) != Tri::no));
        break;
      case EACCES:
        // Also of a huge page's parts, until they were taken for the whole.
        fits = tri(moves_ && away && there != Tri::no && (!all_ || s.test(kHugetlb) != Tri::no));
        break;
      case EBUSY:
        fits = tri(moves_ && away && there != Tri::no);
        break;
      case EAGAIN:
      case EIO:
      case ENOMEM:
      case EINVAL:
        fits = tri(moves_ && away && !at_.profile.from(kRuns));
        break;
      default:
        break;
    }
    c.expect(
        -status == ENOENT || -status == EFAULT ? kStatusAbsent : kStatusError, fits,
        [&] { return status_text(i, status); },
        [&, &s = s, there = there] { return allowed(s, absent, there, away, target); });
  }

  // Whether the page may be queued to be moved: then its status is not written before its whole run has
  // moved.
  bool queued(Address page, std::int32_t target) const {
    const Found f = find(at_.page_down(page));
    return f.there != Tri::no && elsewhere(at_, f.state, target) != Tri::no;
  }

 private:
  struct Found {
    PageState state;
    Tri here = Tri::no, there = Tri::no;
  };
  Found find(Address begin) const {
    Found f;
    if (begin < kUserEnd)
      at_.look({begin, begin + at_.page()}, [&](Range r, const PageState& s) {
        f.state = s;
        f.here = mapped_at(r, s);
      });
    if (!followed_) f.state.node = -1;  // an entry before may have moved it
    f.there = f.here & present(at_, f.state);
    return f;
  }

  void check_node(Checks& c, std::size_t i, const PageState& s, Tri there, std::int32_t target,
                  std::int32_t status) const {
    const Learned& learned = at_.world.learned;
    const auto observed = [&] { return status_text(i, status); };
    if (target >= 0) {
      // The old code left 0 for a page that it queued and never tried.
      const bool untried = !at_.profile.from(kRuns) && status == 0;
      c.expect(kStatusMoved, tri(status == target || untried), observed,
               [&] { return fmt::format("{} or an error", target); });
    }
    // The program's own: on a node that its cpuset allows.
    const bool own = s.test(kFile) == Tri::no && at_.task.tid == at_.op.tid;
    c.expect(
        kStatusNode,
        own ? holds_own(at_.profile.host, learned, status) : has_memory(at_.profile.host, learned, status),
        observed, [&] {
          return "a node of " + to_string(own && learned.allowed_shown
                                              ? learned.allowed
                                              : possible_nodes(at_.profile.host, learned));
        });
    c.expect(kStatusAbsent, there, observed,
             [] { return std::string("an error: the page cannot be present"); });
    const int known = node_of(at_, s);
    if (target < 0)
      c.expect(kStatusSame, known < 0 ? Tri::maybe : tri(known == status), observed,
               [&] { return fmt::format("{}", known); });
  }

  std::string allowed(const PageState& s, Absent absent, Tri there, bool away, std::int32_t target) const {
    std::string text;
    const auto add = [&text](std::string_view t) { text += (text.empty() ? "" : ", ") + std::string(t); };
    if (there != Tri::no)
      add(target >= 0            ? fmt::format("{}", target)
          : node_of(at_, s) >= 0 ? fmt::format("{}", s.node)
                                 : "a node");
    if (absent.enoent) add("-ENOENT");
    if (absent.efault) add("-EFAULT");
    if (moves_ && away && there != Tri::no) add(all_ ? "-EBUSY" : "-EACCES, -EBUSY");
    return text;
  }

  const Step& at_;
  const bool moves_, all_;
  const bool followed_;  // what is known of nodes holds through the call
};

// A move's chunk of entries, whose nodes are all checked before anything moves (struct page_to_node has 24
// bytes).
constexpr std::size_t kChunk = 4096 / 24 - 1;

// How many pages in a row go to one node: until 5.6 those that were not moved are counted of one such run.
std::uint64_t longest_run(const Call& call, std::uint64_t count) {
  if (!call.nodes.complete()) return count;
  std::uint64_t longest = 0, run = 0;
  for (std::size_t i = 0; i < call.nodes.items.size(); ++i) {
    run = i && call.nodes.items[i] == call.nodes.items[i - 1] ? run + 1 : 1;
    longest = std::max(longest, run);
  }
  return longest;
}

// The entries. They are taken in order, each read, its node checked, its page queued, its status written; so
// which error wins depends on where the first of each kind is, and a run of pages that cannot move may end
// the call before any.
void check_entries(Step& s, std::uint64_t count, bool moves) {
  Checks& c = s.checks;
  const Call& call = s.call;
  const Host& host = s.profile.host;
  const Learned& learned = s.world.learned;
  const Tri pages = array_faults(s, call.arg[2], call.pages, count, 8);
  const Tri status = count > kUserEnd / 4     ? Tri::yes
                     : call.status.complete() ? Tri::no  // shown, so it was there
                                              : faults(s, call.arg[4], 4 * count, Access::write);
  if (!moves) {
    c.fails(kArrays, pages | status);
    return c.returns(kDone, 0);
  }
  const Tri nodes = array_faults(s, call.arg[3], call.nodes, count, 4);
  Tri missing = Tri::no, forbidden = Tri::no;
  std::size_t first_missing = call.nodes.items.size();
  for (std::size_t i = 0; i < call.nodes.items.size(); ++i) {
    const std::int32_t n = call.nodes.items[i];
    const Tri there = has_memory(host, learned, n);
    if (there == Tri::no && missing != Tri::yes) first_missing = i;
    missing = missing | !there;
    forbidden = forbidden | (learned.allowed.has(n) || one_node(host, learned) ? Tri::no : Tri::maybe);
  }
  if (!call.nodes.complete() && count) {
    missing = missing | Tri::maybe;
    forbidden = forbidden | (one_node(host, learned) ? Tri::no : Tri::maybe);
  }
  if (count) {
    c.fails(kArrays, array_faults(s, call.arg[2], call.pages, 1, 8));
    c.fails(kArrays, array_faults(s, call.arg[3], call.nodes, 1, 4));
    if (missing == Tri::yes && first_missing == 0 && s.profile.from(kRuns)) return c.fails(kOffline, true);
  }
  const Tri bad = pages | nodes | status;
  // With one node no page ever moves, so that nothing ends the call before its first bad entry.
  const bool several = !one_node(host, learned) && count;
  c.fails(kArrays, bad & Tri::maybe);
  c.fails(kCpuset, forbidden);
  if (several) c.may_fail(kMemory);
  if (!s.profile.from(kChunks) && count) c.may_fail(kMemory);
  const bool counts = several && (s.profile.from(kRuns) || !s.profile.from(kChunks));
  const bool ahead =
      several && (s.profile.from(kRuns) || (s.profile.from(kChunks) && first_missing >= kChunk));
  c.fails(kOffline, missing & (ahead ? Tri::maybe : Tri::yes));
  if (!counts) {
    c.fails(kArrays, bad);
    return missing == Tri::yes ? void() : c.returns(kDone, 0);
  }
  const bool whole = missing != Tri::yes && bad != Tri::yes;
  c.succeeds(kCount);
  const auto result = static_cast<std::uint64_t>(s.result());
  const std::uint64_t most =
      s.profile.from(kCountsAll) || !s.profile.from(kRuns) ? count : longest_run(call, count);
  c.expect(
      kCount, tri(result <= most && (result != 0 || whole)), [&] { return fmt::format("{}", s.result()); },
      [&] { return fmt::format("{} to {} pages not moved", whole ? 0 : 1, most); });
}

// Pages that a call may have moved, huge pages as a whole.
void forget_moved(Step& at, const List<std::uint64_t>& pages) {
  if (one_node(at.profile.host, at.world.learned)) return;
  if (!pages.complete()) return forget_nodes(at.mm);
  Range last{0, 0};
  for (const Address p : pages.items) {
    if (p >= kUserEnd || last.contains(p)) continue;
    last = huge_blocks({at.page_down(p), at.page_down(p) + at.page()});
    at.maybe(last, kNode);
  }
}

// The first entry whose status may be what user space had there. A run of pages that were queued for one node
// and did not all move ends the call, its statuses and those after it unwritten: before the entry `end`,
// where the result is end's distance from the last one and the number of pages that are left of the run.
// From 5.7 to 6.0 it is one less, so that 0 is the result where one page of the last run is left.
std::size_t first_unwritten(const Step& s, const Statuses& statuses, std::size_t shown) {
  const Profile& p = s.profile;
  if (p.from(kRuns) && !p.from(kAlreadyThere)) return 0;  // nor was that of a page that needed no move
  if (one_node(p.host, s.world.learned) || !p.from(kRuns)) return s.result() == 0 ? shown : 0;
  const bool off = kLeftOfTheLast.holds(p.version);
  if (s.result() == 0 && !off) return shown;
  if (!p.from(kCountsAll)) return 0;
  const std::uint64_t count = s.arg(1), left = static_cast<std::uint64_t>(s.result()),
                      at_most = p.from(kLeftFixed) ? left - 1 : left;
  const std::vector<std::int32_t>& nodes = s.call.nodes.items;
  std::size_t first = std::min<std::uint64_t>(shown, count - std::min(count, at_most));
  const std::size_t end = first;
  while (first > 0 && end <= nodes.size() && nodes[first - 1] == nodes[end - 1] &&
         statuses.queued(s.call.pages.items[first - 1], nodes[first - 1]))
    --first;
  return first;
}

// What a success says of each page, and teaches.
void judge_status(Step& s, Step& at, bool moves, bool all) {
  const Call& call = s.call;
  const std::vector<std::int32_t>& nodes = call.nodes.items;
  const bool one_target = moves && call.nodes.complete() &&
                          std::equal(nodes.begin() + !nodes.empty(), nodes.end(), nodes.begin());
  const Statuses statuses(at, moves, all, one_target);
  const std::size_t shown = std::min(call.status.items.size(), call.pages.items.size());
  const std::size_t written = moves             ? first_unwritten(s, statuses, std::min(shown, nodes.size()))
                              : s.result() == 0 ? shown
                                                : 0;
  if (written < shown) s.checks.inexact();
  for (std::size_t i = 0; i < written; ++i)
    statuses.check(s.checks, i, call.pages.items[i], moves ? nodes[i] : -1, call.status.items[i]);
  if (moves) forget_moved(at, call.pages);
  if (moves && !one_target) return;
  Range run{0, 0};
  int on = -1;
  const auto flush = [&] {
    if (!run.empty() && on >= 0) found_on(at, run, on);
  };
  for (std::size_t i = 0; i < written; ++i) {
    const Address page = at.page_down(call.pages.items[i]);
    const std::int32_t status = call.status.items[i];
    if (page >= kUserEnd || status >= NodeSet::kMost || (moves && status >= 0 && status != nodes[i]))
      continue;
    if (run.empty() || page != run.end || status != on) {
      flush();
      run = {page, page};
      on = status;
    }
    run.end = page + at.page();
  }
  flush();
}

// ENODEV: some node of the array has no memory. Which, is known when only one can be.
void learn_absent(Step& s) {
  if (!s.call.nodes.complete() || s.result() != -ENODEV) return;
  Learned& learned = s.world.learned;
  NodeSet suspects;
  for (const std::int32_t n : s.call.nodes.items) switch (has_memory(s.profile.host, learned, n)) {
      case Tri::no:
        return;  // that one, perhaps
      case Tri::maybe:
        suspects.add(n);
        break;
      case Tri::yes:
        break;
    }
  if (suspects.count() == 1) learned.without_memory.add(suspects.first());
}

void judge_move_pages(Step& s) {
  if (!s.need(2)) return;
  if (!s.knows(5) || (!s.knows(3) && s.call.nodes.state == List<std::int32_t>::State::absent))
    return s.checks.not_judged(reason::kArguments);
  Checks& c = s.checks;
  const auto flags = static_cast<std::uint32_t>(s.arg(5));
  const std::uint64_t count = s.arg(1);
  const bool moves = s.call.nodes.state != List<std::int32_t>::State::absent || s.arg(3) != 0;
  const Target target = target_of(s, static_cast<std::int32_t>(s.arg(0)));
  const Host& host = s.profile.host;

  check_numa(s);
  c.fails(kFlags, (flags & ~(kMfMove | kMfMoveAll)) != 0);
  const bool no_nice = host.caps && !(*host.caps >> kCapSysNice & 1);
  c.fails(kMoveAll, flags & kMfMoveAll ? (no_nice ? Tri::yes : Tri::maybe) : Tri::no);
  c.fails(kNoProcess, target.no_such ? Tri::yes : (!target.self) & Tri::maybe);
  c.fails(kPermission, (!target.self) & Tri::maybe);
  c.fails(kSecurity, target.task ? Tri::no : (!target.self) & Tri::maybe);
  c.fails(kNoMm, (!target.self) & Tri::maybe);
  c.fails(kTooMany, count >= ~std::uint64_t{0} / 24 - 1);
  if (!s.profile.from(kZeroReturn) && moves) c.may_fail(kNothing);

  Task nobody;
  Task* whose = target.own_mm == Tri::yes ? &s.task : target.task;
  if (!whose) {
    nobody.mm = std::make_shared<Mm>();
    nobody.files = s.task.files;
    whose = &nobody;
  }
  Step at(s.world, *whose, s.call, s.op);
  age(at);
  check_entries(s, count, moves);
  if (moves) learn_absent(s);
  if (!s.call.out.known() || s.failed()) {
    // Runs before the one that failed have moved.
    if (moves && s.result() != -EINVAL && s.result() != -EPERM && s.result() != -ESRCH)
      forget_moved(at, s.call.pages);
    return;
  }
  if (moves)
    for (const std::int32_t n : s.call.nodes.items)
      if (s.result() == 0 && n >= 0 && n < NodeSet::kMost) s.world.learned.may_use(n);
  judge_status(s, at, moves, flags & kMfMoveAll);
  if (moves && whose == &nobody) forget_nodes(s.mm);
}

// From the first page to the last.
Range hull_of(const World& w, const Call& call) {
  const Address page = w.profile.host.page_size;
  Range hull{~Address{0}, 0};
  for (const Address p : call.pages.items)
    if (p < kUserEnd)
      hull = {std::min(hull.begin, p & ~(page - 1)), std::max(hull.end, (p & ~(page - 1)) + page)};
  return hull.empty() ? Range{} : hull;
}

void move_pages_footprint(const World& w, const Task&, const Call& call, Footprint& f) {
  const bool query =
      call.nodes.state == List<std::int32_t>::State::absent && call.arg[3].known() && call.arg[3].value == 0;
  if (query || (call.out.failed() &&
                (call.out.value == -EINVAL || call.out.value == -EPERM || call.out.value == -ESRCH)))
    return;
  f.any_mm = !(call.arg[0].known() && call.arg[0].value == 0);
  if (!call.pages.complete()) return f.add(kEverywhere, kNode | kPresent);
  if (const Range hull = hull_of(w, call); !hull.empty()) f.add(huge_blocks(hull), kNode | kPresent);
}

Range move_pages_looks(const World& w, const Call& call) {
  return call.arg[0].known() && call.arg[0].value == 0 ? hull_of(w, call) : Range{};
}

// Each page is looked up by itself, or in one go with some of its neighbours in the array. Of a status that
// says something of a page the page was mapped; -EFAULT may be the zero page's.
std::vector<Glance> move_pages_saw(const Step& s) {
  const bool moves = s.call.nodes.state != List<std::int32_t>::State::absent || s.arg(3) != 0;
  const bool all_written = !moves || !s.profile.from(kRuns) || s.profile.from(kLeftFixed);
  if (!s.call.out.known() || s.result() != 0 || !all_written || !s.profile.from(kVmaStart)) return {};
  std::vector<Glance> saw;
  for (std::size_t i = 0; i < std::min(s.call.status.items.size(), s.call.pages.items.size()); ++i) {
    const Address page = s.page_down(s.call.pages.items[i]);
    if (page >= kUserEnd || s.call.status.items[i] == -EFAULT) continue;
    if (!saw.empty() && saw.back().range.end == page) saw.back().range.end = page + s.page();
    else saw.push_back({{page, page + s.page()}, true, true});
  }
  return saw;
}

}  // namespace

Handler move_pages_handler() {
  return {judge_move_pages, nullptr, move_pages_footprint, move_pages_looks, move_pages_saw};
}

}  // namespace ringtail::kernel
