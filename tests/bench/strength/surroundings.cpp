// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "tests/bench/strength/mutation.h"

namespace ringtail::strength {
namespace {

using kernel::Sys;
constexpr std::size_t kAreasKept = 64;
constexpr std::uint64_t kMapPrivate = 2, kMapAnonymous = 0x20;

std::uint64_t page_up(std::uint64_t n) { return (n + 4095) & ~std::uint64_t{4095}; }

}  // namespace

void Surroundings::forget_areas(std::uint64_t start, std::uint64_t end) {
  const auto meets = [&](const Area& a) { return a.start < end && start < a.end; };
  std::erase_if(areas_, meets);
  std::erase_if(holes_, meets);
  std::erase_if(bound_, [&](const auto& b) { return meets(b.first); });
}

void Surroundings::observe(const Event& e) {
  const kernel::Call& c = e.call;
  if (e.kind == Event::Kind::fact)
    if (const auto equals = e.text.find('='); equals != e.text.npos)
      profile_.take_fact(std::string_view(e.text).substr(0, equals),
                         std::string_view(e.text).substr(equals + 1));
  if (e.kind == Event::Kind::lost) {
    const kernel::Profile profile = std::move(profile_);
    *this = {};
    profile_ = profile;
  }
  if (e.kind == Event::Kind::exited) std::erase_if(areas_, [&](const Area& a) { return a.tid == e.tid; });
  if (e.kind == Event::Kind::enter && (c.sys == Sys::io_destroy || c.sys == Sys::io_submit))
    at_rings_[e.tid] = c.arg[0].value;
  if (e.kind == Event::Kind::call || e.kind == Event::Kind::exited) at_rings_.erase(e.tid);
  if (e.kind != Event::Kind::call) return;
  switch (c.sys) {
    case Sys::mmap: {
      if (!c.out.known() || c.out.failed()) break;
      const auto at = static_cast<std::uint64_t>(c.out.value);
      forget_areas(at, at + page_up(c.arg[1].value));
      areas_.push_back({at, at + page_up(c.arg[1].value), e.tid, (c.arg[3].value & kMapAnonymous) != 0,
                        (c.arg[2].value & 2) != 0, (c.arg[3].value & kMapPrivate) != 0, e.end_seq});
      if (areas_.size() > kAreasKept) areas_.pop_front();
      break;
    }
    case Sys::munmap:
    case Sys::mprotect:
    case Sys::madvise:
      if (const std::uint64_t end = c.arg[0].value + page_up(c.arg[1].value);
          c.sys == Sys::munmap && c.out.known() && c.out.value == 0 &&
          inside_an_area(e.tid, c.arg[0].value, end)) {
        forget_areas(c.arg[0].value, end);
        holes_.push_back({c.arg[0].value, end, e.tid, false, false, false, e.end_seq});
        if (holes_.size() > kAreasKept) holes_.pop_front();
        break;
      }
      if (c.sys != Sys::madvise || c.arg[2].value > 4)
        forget_areas(c.arg[0].value, c.arg[0].value + page_up(c.arg[1].value));
      break;
    case Sys::brk:
      breaks_[e.tid] = c.out.known() ? static_cast<std::uint64_t>(c.out.value) : 0;
      break;
    case Sys::mremap:
    case Sys::shmat:
    case Sys::shmdt:
      areas_.clear();
      holes_.clear();
      bound_.clear();
      break;
    case Sys::mbind: {
      const std::uint64_t start = c.arg[0].value, end = start + page_up(c.arg[1].value);
      std::erase_if(bound_, [&](const auto& b) { return b.first.start < end && start < b.first.end; });
      if (c.out.known() && c.out.value == 0 && c.arg[2].known() && inside_an_area(e.tid, start, end))
        bound_.push_back({{start, end, e.tid}, c.arg[2].s32()});
      if (bound_.size() > kAreasKept) bound_.pop_front();
      break;
    }
    case Sys::set_mempolicy:
      policies_[e.tid] = c.out.known() && c.out.value == 0 && c.arg[0].known() ? c.arg[0].s32() : -1;
      break;
    case Sys::execve:
    case Sys::execveat:
    case Sys::clone:
    case Sys::clone3:
    case Sys::fork:
    case Sys::vfork:
      sharers_.erase(static_cast<std::int32_t>(c.out.value));
      if (c.sys == Sys::execve || c.sys == Sys::execveat) sharers_.erase(e.tid);
      if (const bool vm = (c.sys == Sys::clone && c.arg[0].value & 0x100) ||
                          (c.sys == Sys::clone3 && !c.outs.items.empty() && c.outs.items[0] & 0x100);
          vm && c.out.known() && c.out.value > 0)
        sharers_[static_cast<std::int32_t>(c.out.value)] =
            sharers_.contains(e.tid) ? sharers_[e.tid] : sharers_[e.tid] = e.tid;
      // Another thread or image: nothing that was private to this thread is certain any more.
      std::erase_if(areas_, [&](const Area& a) { return a.tid == e.tid; });
      holes_.clear();
      bound_.clear();
      breaks_.clear();
      if (c.sys == Sys::execve || c.sys == Sys::execveat) policies_.erase(e.tid);
      else policies_.erase(static_cast<std::int32_t>(c.out.value));
      std::erase_if(rings_, [&](const auto& r) { return r.second.tid == e.tid; });
      dead_rings_.clear();
      break;
    case Sys::io_setup:
      if (c.out.known() && c.out.value == 0 && c.outs.items.size() == 1) {
        rings_.erase(c.outs.items[0]);
        if (!shared(e.tid, c.outs.items[0]))
          rings_[c.outs.items[0]] = {e.tid, c.arg[0].value, {}, 0, e.end_seq};
        dead_rings_.erase(c.outs.items[0]);
        forget_areas(c.outs.items[0], c.outs.items[0] + 4096);
      }
      break;
    case Sys::io_destroy:
      if (const auto it = rings_.find(c.arg[0].value); it != rings_.end()) {
        const bool this_one = it->second.made < e.begin_seq;
        rings_.erase(it);
        if (this_one && c.out.known() && c.out.value == 0) dead_rings_[c.arg[0].value] = e.tid;
      }
      break;
    case Sys::io_submit: {
      const auto it = rings_.find(c.arg[0].value);
      if (it == rings_.end() || !c.out.known()) break;
      if (!c.iocbs.complete() || it->second.tid != e.tid) {
        rings_.erase(it);
        break;
      }
      for (std::int64_t i = 0; i < c.out.value; ++i) {
        const kernel::Iocb& cb = c.iocbs.items[i];
        ++it->second.pending[cb.data.value];
        const bool moves = cb.opcode.known() && cb.opcode.value <= 1 && cb.nbytes.known();
        it->second.longest = moves && it->second.plain ? std::max(it->second.longest, cb.nbytes.value) : 0;
        it->second.plain = it->second.plain && moves;
      }
      break;
    }
    case Sys::io_getevents:
    case Sys::io_pgetevents: {
      const auto it = rings_.find(c.arg[0].value);
      if (it == rings_.end()) break;
      for (const kernel::IoEvent& v : c.events.items)
        if (--it->second.pending[v.data.value] <= 0) it->second.pending.erase(v.data.value);
      if (!c.events.items.empty()) it->second.any = true, it->second.last = c.events.items.back().data.value;
      break;
    }
    default:
      break;
  }
}

const Area* Surroundings::area_of(std::int32_t tid, Rng& rng) const {
  std::vector<const Area*> mine;
  for (const Area& a : areas_)
    if (a.tid == tid) mine.push_back(&a);
  return mine.empty() ? nullptr : mine[rng() % mine.size()];
}

const Area* Surroundings::made_beside(const Event& e) const {
  const auto family = sharers_.find(e.tid);
  if (family == sharers_.end()) return nullptr;
  for (const Area& a : areas_) {
    const auto other = sharers_.find(a.tid);
    if (a.tid != e.tid && a.made >= e.begin_seq && other != sharers_.end() && other->second == family->second)
      return &a;
  }
  return nullptr;
}

bool Surroundings::inside_an_area(std::int32_t tid, std::uint64_t start, std::uint64_t end) const {
  return std::any_of(areas_.begin(), areas_.end(),
                     [&](const Area& a) { return a.tid == tid && a.start <= start && end <= a.end; });
}

bool Surroundings::inside_a_writable_area(std::int32_t tid, std::uint64_t start, std::uint64_t end) const {
  return std::any_of(areas_.begin(), areas_.end(), [&](const Area& a) {
    return a.tid == tid && a.writable && a.start <= start && end <= a.end;
  });
}

bool Surroundings::inside_private_memory(std::int32_t tid, std::uint64_t start, std::uint64_t end) const {
  return std::any_of(areas_.begin(), areas_.end(), [&](const Area& a) {
    return a.tid == tid && a.anonymous && a.own && a.start <= start && end <= a.end;
  });
}

bool Surroundings::inside_a_hole(std::int32_t tid, std::uint64_t start, std::uint64_t end) const {
  return std::any_of(holes_.begin(), holes_.end(),
                     [&](const Area& a) { return a.tid == tid && a.start <= start && end <= a.end; });
}

int Surroundings::policy_of(std::int32_t tid) const {
  const auto it = policies_.find(tid);
  return it == policies_.end() ? -1 : it->second;
}

int Surroundings::bound_at(std::int32_t tid, std::uint64_t at) const {
  for (const auto& [area, mode] : bound_)
    if (area.tid == tid && area.start <= at && at < area.end) return mode;
  return -1;
}

const std::pair<const std::uint64_t, Ring>* Surroundings::another_ring(std::int32_t tid,
                                                                       std::uint64_t ctx) const {
  const auto it = std::find_if(rings_.begin(), rings_.end(), [&](const auto& r) {
    return r.second.tid == tid && r.first != ctx && !shared(tid, r.first);
  });
  return it == rings_.end() ? nullptr : &*it;
}

const Ring* Surroundings::ring(std::int32_t tid, std::uint64_t ctx) const {
  const auto it = rings_.find(ctx);
  return it == rings_.end() || it->second.tid != tid || shared(tid, ctx) ? nullptr : &it->second;
}

// Whether another thread is putting requests into this context, or doing away with it.
bool Surroundings::shared(std::int32_t tid, std::uint64_t ctx) const {
  return std::any_of(at_rings_.begin(), at_rings_.end(),
                     [&](const auto& at) { return at.first != tid && at.second == ctx; });
}

bool Surroundings::destroyed(std::int32_t tid, std::uint64_t ctx) const {
  const auto it = dead_rings_.find(ctx);
  return it != dead_rings_.end() && it->second == tid;
}

std::uint64_t Surroundings::break_of(std::int32_t tid) const {
  const auto it = breaks_.find(tid);
  return it == breaks_.end() ? 0 : it->second;
}

}  // namespace ringtail::strength
