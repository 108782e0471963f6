// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/aio_lives.h"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "model/kernel/aio_rules.h"
#include "model/kernel/step.h"

namespace ringtail::kernel {
namespace {

constexpr std::uint8_t kSawAlive = 1, kSawDead = 2, kDone = 4;
constexpr Version k3_16{3, 16, 0};

constexpr Rule kInOrder{"aio.context-in-order", 0,
                        "fs/aio.c ioctx_add_table, kill_ioctx, lookup_ioctx: one moment each", k3_16};

// What a call that has ended says of the context that it named.
enum class Evidence { none, alive, dead };

// An io_getevents whose other arguments are good: only that there is no context is left to complain about.
bool asks_well(const Step& s) {
  if (s.call.sys == Sys::io_pgetevents && !(s.knows(5) && s.arg(5) == 0)) {
    const std::optional<aio::Sigmask> given = aio::sigmask_of(s.call);
    const bool good = given && (given->mask == SignalMask::none ||
                                (given->mask == SignalMask::readable && given->size == aio::kSigsetBytes));
    if (!good) return false;
  }
  if (!s.knows(1) || !s.knows(2)) return false;
  const std::int64_t least = s.call.arg[1].s64(), most = s.call.arg[2].s64();
  return 0 <= least && least <= most;
}

Evidence evidence_of(const Step& s) {
  if (!s.call.out.known()) return Evidence::none;
  const std::int64_t r = s.result();
  switch (s.call.sys) {
    case Sys::io_submit:
      return r >= 0 || r == -EAGAIN || r == -EBADF ? Evidence::alive : Evidence::none;
    case Sys::io_getevents:
    case Sys::io_pgetevents:
      if (r >= 0) return Evidence::alive;
      return r == -EINVAL && asks_well(s) ? Evidence::dead : Evidence::none;
    case Sys::io_cancel:
      return r == -EINPROGRESS ? Evidence::alive : Evidence::none;
    case Sys::io_destroy:
      return r == -EINVAL ? Evidence::dead : Evidence::none;
    default:
      return Evidence::none;
  }
}

// Whether the kernel can find a context here: it reads the ring's header through the mapping.
Tri header_at(Mm& mm, std::uint64_t id) {
  const PageState s = mm.space.at(id);
  const Tri ring = s.test(kMapped) & s.test(kAioRing);
  if (ring != Tri::yes) return ring;
  return tri(!aio::inside_ring(mm, id));
}

}  // namespace

AioLives::Group* AioLives::find(std::uint32_t mm) {
  if (!last_ || last_->mm != mm) {
    const auto found = groups_.find(mm);
    if (found == groups_.end()) return nullptr;
    last_ = found->second.get();
  }
  return last_->busy ? last_ : nullptr;
}

AioLives::Group& AioLives::wake(std::uint32_t mm) {
  if (Group* g = find(mm)) return *g;
  if (groups_.size() > kMostGroups) {
    absl::erase_if(groups_, [](const auto& g) { return !g.second->busy; });
    last_ = nullptr;
  }
  if (groups_.size() > kMostGroups) clear();
  std::unique_ptr<Group>& g = groups_[mm];
  if (!g) g = std::make_unique<Group>();
  g->mm = mm;
  g->busy = true;
  ++busy_;
  return *(last_ = g.get());
}

void AioLives::rest(Group& g) {
  g.lives.clear();
  g.last_seq = 0;
  g.busy = g.spoilt = false;
  --busy_;
}

// The address as it was before any io_setup or io_destroy of the group: given up when that is not certain.
AioLives::Life& AioLives::life_of(const World& world, Mm& mm, Group& g, std::uint64_t id) {
  for (Life& l : g.lives)
    if (l.id == id) return l;
  Life& life = g.lives.emplace_back(Life{id, {}});
  const AioContext* c = mm.aio.find(id);
  const bool alive = c && c->live == Tri::yes;
  const bool certain = world.aio.setups && mm.aio.whole &&
                       (alive ? !c->early && !c->older && c->owed_deaths == 0 && header_at(mm, id) == Tri::yes
                              : (!c || c->live == Tri::no) && header_at(mm, id) != Tri::yes);
  if (!certain) return life;
  State s{alive, Marks(g.running.size(), 0)};
  for (std::size_t i = 0; i < g.running.size(); ++i)
    if (g.running[i].concerns(id)) s.marks[i] = alive ? kSawAlive : kSawDead;
  life.states.push_back(std::move(s));
  return life;
}

// Adds the states that running calls may have led to, each having its effect at some moment up to now.
void AioLives::explore(const Group& g, Life& life) {
  for (std::size_t at = 0; at < life.states.size(); ++at) {
    for (std::size_t i = 0; i < g.running.size(); ++i) {
      const Running& r = g.running[i];
      const State& from = life.states[at];
      if (!r.concerns(life.id) || from.marks[i] & kDone || !(from.alive ? r.kills() : r.births())) continue;
      State to = from;
      to.alive = !from.alive;
      to.marks[i] = kDone;
      for (std::size_t j = 0; j < g.running.size(); ++j)
        if (g.running[j].concerns(life.id) && !(to.marks[j] & kDone))
          to.marks[j] |= to.alive ? kSawAlive : kSawDead;
      if (std::find(life.states.begin(), life.states.end(), to) == life.states.end())
        life.states.push_back(std::move(to));
    }
    if (life.states.size() > kMostStates) return life.states.clear();
  }
}

void AioLives::begin(const World& world, Mm& mm, const When& when, const Call& call) {
  Group& g = wake(mm.id);
  const Running r{when.tid, call.sys, call.sys == Sys::io_setup ? Word{} : call.arg[0]};
  const bool knowable = world.profile.from(k3_16) && !mm.loose && !mm.wild && mm.aio.whole;
  if (!knowable || g.running.size() == kMostRunning || (r.kills() && !r.id.known())) g.spoil();
  if (!g.spoilt && r.kills()) life_of(world, mm, g, r.id.value);
  g.running.push_back(r);
  for (Life& l : g.lives)
    for (State& s : l.states) s.marks.push_back(!r.concerns(l.id) ? 0 : s.alive ? kSawAlive : kSawDead);
  g.last_seq = std::max(g.last_seq, when.begin_seq);
}

// Leaves the states in which running call `i` can have ended as it did; false when there is none.
bool AioLives::ended(const Group& g, Life& life, std::size_t i, const Step& s) {
  const Running& r = g.running[i];
  if (life.states.empty() || !r.concerns(life.id)) return true;
  const bool effect =
      s.succeeded() && s.result() == 0 &&
      (r.kills() || (r.births() && !s.call.outs.items.empty() && s.call.outs.items[0] == life.id));
  const Evidence e = r.id.known() ? evidence_of(s) : Evidence::none;
  if (!effect && e == Evidence::none && !r.births() && !r.kills()) return true;
  explore(g, life);
  if (life.states.empty()) return true;  // too many
  std::erase_if(life.states, [&](const State& state) {
    const std::uint8_t m = state.marks[i];
    if (((m & kDone) != 0) != effect) return true;
    return (e == Evidence::alive && !(m & kSawAlive)) || (e == Evidence::dead && !(m & kSawDead));
  });
  return !life.states.empty();
}

void AioLives::gone(Group& g, std::size_t i) {
  const auto at = static_cast<std::ptrdiff_t>(i);
  g.running.erase(g.running.begin() + at);
  for (Life& l : g.lives) {
    std::vector<State> states;
    for (State& s : l.states) {
      s.marks.erase(s.marks.begin() + at);
      if (std::find(states.begin(), states.end(), s) == states.end()) states.push_back(std::move(s));
    }
    l.states = std::move(states);
  }
}

// Addresses that nothing which runs has to do with, and of which the contexts know as much.
void AioLives::drop_settled(Mm& mm, Group& g) {
  std::erase_if(g.lives, [&](const Life& l) {
    for (const Running& r : g.running)
      if (!r.births() && r.concerns(l.id)) return false;
    if (l.states.size() > 1) return false;
    const AioContext* c = mm.aio.find(l.id);
    return l.states.empty() || tri(l.states[0].alive) == (c ? c->live : Tri::no);
  });
  if (g.lives.size() > kMostLives) g.spoil();
}

bool AioLives::end(const Step& s, const When& when) {
  Group* const found = find(s.mm.id);
  if (!found) return true;  // alone
  Group& g = *found;
  const auto mine = [&](const Running& r) { return r.tid == when.tid; };
  auto it = std::find_if(g.running.begin(), g.running.end(), mine);
  if (it == g.running.end()) {  // it began and ended with no other event between
    if (when.begin_seq < g.last_seq) g.spoil();
    begin(s.world, s.mm, when, s.call);
    it = std::find_if(g.running.begin(), g.running.end(), mine);
  }
  Running& r = *it;
  if (!r.births()) r.id = s.call.arg[0];
  const auto i = static_cast<std::size_t>(it - g.running.begin());
  // An io_setup that cannot tell the id of its context destroys it; but first of all it reads where that
  // goes.
  const auto unread = [&] { return aio::faults(s, s.call.arg[1], 8, false) == Tri::yes; };
  const bool told =
      !r.births() || (s.failed() ? s.result() != -EFAULT || unread() : !s.call.outs.items.empty());
  if ((r.births() || r.kills()) && !(s.call.out.known() && told)) g.spoil();
  bool fits = true;
  if (!g.spoilt) {
    const auto births = [](const Running& other) { return other.births(); };
    if (r.births() && !s.failed()) life_of(s.world, s.mm, g, s.call.outs.items[0]);
    else if (r.id.known() && std::any_of(g.running.begin(), g.running.end(), births))
      life_of(s.world, s.mm, g, r.id.value);
    for (Life& l : g.lives) fits = ended(g, l, i, s) && fits;
    if (!fits) g.spoil();
  }
  gone(g, i);
  g.last_seq = when.end_seq;
  return fits;
}

// What every order leaves is told to contexts of which as much was not known.
void AioLives::tell(Mm& mm, const Group& g) {
  for (const Life& l : g.lives) {
    if (l.states.empty()) continue;
    const bool alive = l.states[0].alive;
    AioContext* c = mm.aio.find(l.id);
    if (!c || c->live != Tri::maybe ||
        std::any_of(l.states.begin(), l.states.end(), [&](const State& s) { return s.alive != alive; }))
      continue;
    c->live = tri(alive);
    if (!alive) mm.aio.died(l.id);
  }
}

void AioLives::judged(Mm& mm) {
  Group* const g = find(mm.id);
  if (!g) return;
  if (!g->lives.empty()) tell(mm, *g);
  if (g->running.empty()) rest(*g);
  else if (g->lives.size() > kSomeLives) drop_settled(mm, *g);
}

std::size_t AioLives::addresses() const {
  std::size_t n = 0;
  for (const auto& [mm, g] : groups_) n += g->lives.size();
  return n;
}

void AioLives::touch(std::uint32_t mm, const Footprint& f) {
  Group* const g = find(mm);
  if (!g) return;
  for (Life& l : g->lives)
    for (const Footprint::Part& part : f)
      if (part.loses != kFills && part.range.contains(l.id)) l.states.clear();
}

void AioLives::lost(std::uint32_t mm, std::int32_t tid) {
  Group* const g = find(mm);
  if (!g) return;
  for (std::size_t i = 0; i < g->running.size(); ++i) {
    if (g->running[i].tid != tid) continue;
    g->spoil();
    gone(*g, i);
    break;
  }
  if (g->running.empty()) rest(*g);
}

Verdict AioLives::misfit(const Call& call) {
  Verdict v;
  v.kind = Verdict::Kind::diverges;
  v.rule = &kInOrder;
  v.observed = call.out.failed() ? "-" + errno_name(static_cast<int>(-call.out.value))
                                 : fmt::format("{}", call.out.value);
  v.allowed = {"a result that some order of this call and those that it overlaps explains"};
  return v;
}

}  // namespace ringtail::kernel
