// SPDX-License-Identifier: GPL-2.0-or-later
// The search through the orders of one set of calls, on copies of what is known of the pages that the set
// touches: one moment further in each round, all orders abreast. Orders of the same calls that leave the same
// behind go on as one, so that calls which do not disturb each other cost a subset each and not an order.
#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "model/kernel/aio_rules.h"
#include "model/kernel/memory.h"
#include "model/kernel/orders.h"
#include "model/kernel/step.h"
#include "model/kernel/user_memory.h"

namespace ringtail::kernel {

namespace {

constexpr Rule kSeen{
    "overlap.seen", 0,
    "mm: a mapping is looked up under mmap_lock, so that what a call says of it was so at a moment"};

// Whether what was seen is so.
Tri holds(const AddressSpace& space, const Glance& g) {
  Tri all = Tri::yes;
  space.for_each(g.range, [&](Range r, const PageState& s) {
    all = all & mapped_at(r, s);
    return all != Tri::no;
  });
  return g.mapped ? all : !all;
}

}  // namespace

class Orders::Search {
 public:
  using Mask = std::uint64_t;  // of moments of the set
  static_assert(kMostMoments <= 64);

  Search(World& world, const Task& task, const Set& set) : world_(world), set_(set) {
    scene_.tid = task.tid;
    scene_.group = task.group;
    for (const Noted* n : set) add(*n);
    before_.resize(moments_.size());
    for (std::size_t i = 0; i < moments_.size(); ++i)
      for (std::size_t j = 0; j < moments_.size(); ++j) {
        const Noted &mine = *moments_[i].noted, &other = *moments_[j].noted;
        if (&mine == &other ? j < i : other.when.end_seq < mine.when.begin_seq)
          before_[i] |= Mask{1} << (j % 64);
      }
    mergeable_ =
        std::none_of(set.begin(), set.end(), [](const Noted* n) { return n->call.sys == Sys::mremap; });
  }

  // False when that would take more than kMostPlays.
  bool run(const Mm& start) {
    if (moments_.size() > kMostMoments) return false;
    std::vector<Reached> now{{0, std::make_shared<Mm>(start)}}, next;
    int plays = 0;
    for (std::size_t round = 0; round < moments_.size() && !now.empty();
         ++round, now = std::move(next), next = {}) {
      for (Reached& at : now) {
        if (const int i = certain(at); i >= 0) {
          at.done |= Mask{1} << i;
          if (!known(next, at)) next.push_back(std::move(at));
          continue;
        }
        for (std::size_t i = 0; i < moments_.size(); ++i) {
          if (!may_follow(at.done, i)) continue;
          if (++plays > kMostPlays) return false;
          Reached to{at.done | Mask{1} << i, std::make_shared<Mm>(*at.mm)};
          Verdict v = play(moments_[i], to.mm);
          if (v.kind == Verdict::Kind::diverges) stuck_at(round, i, std::move(v));
          else if (!known(next, to)) next.push_back(std::move(to));
        }
      }
    }
    for (const Reached& at : now) reached(*at.mm);
    return true;
  }

  bool explained() const { return explained_; }
  const Noted& stuck() const { return *moments_[stuck_].noted; }
  Verdict& why() { return why_; }

  // What holds whichever of the orders it was.
  const AddressSpace& after() const { return after_; }
  const std::optional<Address>& brk() const { return brk_; }

 private:
  struct Reached {
    Mask done = 0;
    std::shared_ptr<Mm> mm;
  };
  // A call that is atomic, or what one that is not saw at one moment.
  struct Moment {
    const Noted* noted = nullptr;
    std::optional<Glance> saw;
  };
  bool may_follow(Mask done, std::size_t i) const { return !(done >> i & 1) && !(before_[i] & ~done); }

  // What looked at page after page is cut where other calls begin or end: each of them maps or unmaps all of
  // such a piece or nothing, so that its pages may all have been looked at when the last one was. Beside
  // calls of which less is known, at every page.
  void add(const Noted& n) {
    if (n.saw.empty()) return moments_.push_back({&n, {}});
    for (const Glance& g : n.saw) {
      if (!g.apart) {
        moments_.push_back({&n, g});
        continue;
      }
      std::vector<Address> cuts{g.range.begin, g.range.end};
      for (const Noted* other : set_)
        for (const Range r : other->touched) {
          if (!other->saw.empty() || !r.intersects(g.range)) continue;
          const Range both = r.intersect(g.range);
          const Address step = changes_all(other->call) ? both.size() : world_.profile.host.page_size;
          for (Address a = both.begin; a < both.end && cuts.size() <= 2 * kMostMoments; a += step)
            cuts.push_back(a);
          cuts.push_back(both.end);
        }
      std::sort(cuts.begin(), cuts.end());
      cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
      for (std::size_t i = 0; i + 1 < cuts.size(); ++i)
        moments_.push_back({&n, Glance{{cuts[i], cuts[i + 1]}, g.mapped, false}});
    }
  }

  // Whether what the call touches is what it maps or unmaps.
  static bool changes_all(const Call& call) {
    constexpr std::uint64_t kAnonymous = 0x20;
    switch (call.sys) {
      case Sys::munmap:
      case Sys::mprotect:
      case Sys::pkey_mprotect:
      case Sys::madvise:
      case Sys::mlock:
      case Sys::mlock2:
      case Sys::munlock:
        return true;
      case Sys::mmap:
        return call.arg[3].value & kAnonymous;
      default:
        return false;
    }
  }

  // A moment that may be next, and leaves everything as it is: -1 when there is none. Whatever comes then may
  // as well come after it.
  int certain(const Reached& at) const {
    for (std::size_t i = 0; i < moments_.size(); ++i)
      if (moments_[i].saw && may_follow(at.done, i) && holds(at.mm->space, *moments_[i].saw) == Tri::yes)
        return static_cast<int>(i);
    return -1;
  }

  // mremap alone asks where VMAs were cut, which states that compare equal may differ in.
  bool known(const std::vector<Reached>& list, const Reached& r) const {
    return mergeable_ && std::any_of(list.begin(), list.end(), [&r](const Reached& other) {
             return other.done == r.done && other.mm->brk == r.mm->brk &&
                    other.mm->brk_start == r.mm->brk_start && other.mm->brk_seen == r.mm->brk_seen &&
                    other.mm->grows == r.mm->grows && other.mm->lock_future == r.mm->lock_future &&
                    other.mm->space == r.mm->space;
           });
  }

  // The call at which the longest order got stuck is the one to name.
  void stuck_at(std::size_t length, std::size_t i, Verdict v) {
    if (static_cast<int>(length) <= longest_) return;
    longest_ = static_cast<int>(length);
    stuck_ = i;
    why_ = std::move(v);
  }

  Verdict play(const Moment& m, std::shared_ptr<Mm> mm) {
    if (m.saw) return see(*m.saw, mm->space);
    const Noted& n = *m.noted;
    scene_.mm = std::move(mm);
    scene_.files = n.files;
    Op op;  // alone: there is no Mm 0
    op.begin_seq = n.when.begin_seq;
    op.tid = n.when.tid;
    Step step(world_, scene_, n.call, op);
    if (n.call.sys == Sys::io_setup) aio::judge_ring_mapped(step);
    else if (n.call.sys == Sys::io_destroy) aio::judge_ring_unmapped(step, n.ring);
    else handler_of(n.call.sys).judge(step);
    return step.checks.verdict();
  }

  static Verdict see(const Glance& g, AddressSpace& space) {
    Verdict v;
    if (holds(space, g) != Tri::no) {
      if (g.mapped) space.update(g.range, [](Range, PageState& s) { s.set(kMapped, true); });
      return v;
    }
    v.kind = Verdict::Kind::diverges;
    v.rule = &kSeen;
    v.observed = fmt::format("{:#x}-{:#x}, {}", g.range.begin, g.range.end,
                             g.mapped ? "found mapped" : "found to have a hole");
    v.allowed = {"what was so at some moment, in some order of this call and those that it overlaps"};
    return v;
  }

  void reached(const Mm& at) {
    if (!explained_) {
      explained_ = true;
      after_ = at.space;
      brk_ = at.brk;
      return;
    }
    if (brk_ != at.brk) brk_.reset();
    for (const Noted* n : set_)
      for (const Range r : n->touched)
        at.space.for_each(r, [&](Range piece, const PageState& s) {
          after_.update(piece, [&](Range, PageState& mine) { mine = join(mine, s); });
        });
  }

  World& world_;
  const Set& set_;
  std::vector<Moment> moments_;
  std::vector<Mask> before_;  // which of them are before moment i whatever the order
  bool mergeable_ = true;
  Task scene_;
  bool explained_ = false;
  AddressSpace after_;
  std::optional<Address> brk_;
  int longest_ = -1;
  std::size_t stuck_ = 0;
  Verdict why_;
};

namespace {

// Adds what is known of the VMA of a page.
void learn(PageState& s, const PageState& more, bool policy) {
  if (more.test(kMapped) == Tri::no) {
    if (s.test(kMapped) != Tri::yes) s = PageState::unmapped();
    return;
  }
  if (s.test(kMapped) == Tri::no) return;
  const std::uint32_t news = more.known & ~s.known & ~(kPresent | kGuards);
  s.known |= news;
  s.bits |= more.bits & news;
  if (!s.policy && policy) s.policy = more.policy;
}

}  // namespace

// False when there are too many orders that differ.
bool Orders::search(const Step& step, const Group& g, const Set& set) {
  Mm& mm = step.mm;
  Search search(step.world, step.task, set);
  Mm start;
  start.space = g.before;
  start.whole = memory::fits_map_count(mm);
  start.lock_future = mm.lock_future;
  start.brk = g.brk;
  start.brk_start = g.brk_start;
  start.brk_seen = g.brk_seen;
  if (!search.run(start)) return false;
  if (!search.explained()) {
    Misfit m{search.stuck().when, search.stuck().call, std::move(search.why())};
    for (const Noted* n : set) m.verdict.beside.push_back(n->when.line);
    misfits_.push_back(std::move(m));
    return true;
  }
  bool breaks = false;
  for (const Noted* n : set) {
    breaks = breaks || n->call.sys == Sys::brk;
    for (const Range r : n->touched)
      search.after().for_each(r, [&](Range piece, const PageState& more) {
        mm.space.update(piece, [&](Range, PageState& s) { learn(s, more, !g.cut); });
      });
  }
  if (breaks) mm.brk = search.brk();
  return true;
}

}  // namespace ringtail::kernel
