// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/hunt/finder.h"

#include <algorithm>
#include <charconv>

namespace ringtail::hunt {
namespace {

using capture::Event;
using kernel::Sys;

// Whether there is something for a load or store to collide with: not where pages are only added.
bool changes_pages(Op op) {
  switch (op) {
    case Op::mmap:
    case Op::get_mempolicy:
    case Op::exit:
      return false;
    default:
      return true;
  }
}

// Whether a completion has to do with it.
bool meets_completion(Op op) {
  return op == Op::io_getevents || op == Op::io_cancel || op == Op::io_destroy || op == Op::exit;
}

}  // namespace

void Finder::count(const Shape& shape, std::uint64_t line) {
  const auto [it, fresh] = shapes_.try_emplace(shape, 0, line);
  ++it->second.first;
  it->second.second = std::min(it->second.second, line);
}

void Finder::pair(const Interval& a, const Interval& b) {
  for (const Touch& x : a.touches)
    for (const Touch& y : b.touches)
      if (meet(x, y)) count(shape_of(x, y), std::min(a.begin_line, b.begin_line));
}

// The last of three has ended.
void Finder::three(const Interval& c) {
  absl::InlinedVector<const Interval*, kMostBeside> beside;
  for (std::size_t i = ended_.size(); i-- > 0 && ended_[i].end_seq > c.begin_seq;) {
    if (ended_[i].tid == c.tid) continue;
    beside.push_back(&ended_[i]);
    if (beside.size() == most_beside_) break;
  }
  for (std::size_t i = 0; i < beside.size(); ++i)
    for (std::size_t j = i + 1; j < beside.size(); ++j) {
      const Interval &b = *beside[i], &a = *beside[j];  // a ended before b
      if (a.tid == b.tid || a.end_seq <= b.begin_seq) continue;
      for (const Touch& x : a.touches)
        for (const Touch& y : b.touches)
          for (const Touch& z : c.touches)
            if (meet_in_one(x, y, z))
              count(shape_of(x, y, z), std::min({a.begin_line, b.begin_line, c.begin_line}));
    }
}

void Finder::lives(std::int32_t tid) {
  const kernel::Task* task = oracle_.world().find(tid);
  if (task == nullptr) return;
  const auto [it, fresh] = space_of_.try_emplace(tid, task->mm->id);
  if (!fresh && it->second == task->mm->id) return;
  if (!fresh) --threads_in_[it->second];
  it->second = task->mm->id;
  ++threads_in_[it->second];
  shared_.lives(*task);
}

void Finder::dies(std::int32_t tid) {
  shared_.dies(tid);
  const auto it = space_of_.find(tid);
  if (it == space_of_.end()) return;
  if (const auto in = threads_in_.find(it->second); in != threads_in_.end() && --in->second == 0)
    threads_in_.erase(in);
  space_of_.erase(it);
}

void Finder::unseen(const Interval& call, const Event& e) {
  for (const Touch& t : call.touches) {
    if (t.through != 0) {
      if (changes_pages(t.by.op) && shared_.mapped_elsewhere(t))
        count(shape_of(t, Op::user), call.begin_line);
      continue;
    }
    if (t.what == Touch::What::pages && changes_pages(t.by.op)) {
      const auto in = threads_in_.find(static_cast<std::uint32_t>(t.space));
      const std::uint32_t threads = in == threads_in_.end() ? 0 : in->second;
      // Those of another process run whatever this thread does.
      if (threads > (t.own == t.space ? 1u : 0u)) count(shape_of(t, Op::user), call.begin_line);
    }
    if (t.what == Touch::What::context && meets_completion(t.by.op)) {
      const kernel::Task* task = oracle_.world().find(e.tid);
      kernel::AioContext* context = task && !t.all ? task->mm->aio.find(t.object) : nullptr;
      const bool some =
          t.all ? task && task->mm->aio.size() > 0 : context && (context->wild || !context->requests.empty());
      if (some) count(shape_of(t, Op::complete), call.begin_line);
    }
  }
}

void Finder::ended(Interval call) {
  ++calls_;
  for (std::size_t i = ended_.size(); i-- > 0 && ended_[i].end_seq > call.begin_seq;)
    if (ended_[i].tid != call.tid && ended_[i].end_seq > call.settled) pair(ended_[i], call);
  three(call);
  prune();
  if (!running_.empty()) ended_.push_back(std::move(call));
}

// Forgets ended calls that nobody overlaps any more.
void Finder::prune() {
  if (running_.empty()) return ended_.clear();
  if (ended_.empty()) return;
  std::uint64_t oldest = ~std::uint64_t{0};
  for (const Interval& r : running_) oldest = std::min(oldest, std::max(r.begin_seq, r.settled));
  const auto gone =
      std::find_if(ended_.begin(), ended_.end(), [&](const Interval& i) { return i.end_seq > oldest; });
  // In one go once it is worth it.
  if (gone - ended_.begin() > static_cast<std::ptrdiff_t>(ended_.size() / 2))
    ended_.erase(ended_.begin(), gone);
  if (ended_.size() > most_ended_) settle();
}

void Finder::settle() {
  const std::size_t half = (ended_.size() + 1) / 2;
  const std::uint64_t until = ended_[half - 1].end_seq;
  for (Interval& r : running_) {
    for (std::size_t i = 0; i < half; ++i) {
      const Interval& e = ended_[i];
      if (e.tid == r.tid || e.end_seq <= std::max(r.begin_seq, r.settled)) continue;
      pair(e, r);
      undecided_ += std::any_of(r.touches.begin(), r.touches.end(), [](const Touch& t) { return t.late; });
    }
    r.settled = std::max(r.settled, until);
  }
  ended_.erase(ended_.begin(), ended_.begin() + static_cast<std::ptrdiff_t>(half));
}

Touches Finder::touches_of(const Event& e) {
  Touches out = toucher_.of(e, oracle_.world());
  lives(e.tid);
  shared_.add_shared(out);
  if (e.call.sys == Sys::ftruncate || e.call.sys == Sys::fallocate)
    if (const kernel::Task* task = oracle_.world().find(e.tid)) shared_.add_sizing(e.call, *task, out);
  return out;
}

void Finder::take(const Event& e) {
  switch (e.kind) {
    case Event::Kind::enter: {
      Interval call{e.tid, e.begin_seq, 0, e.begin_line, 0, touches_of(e)};
      if (!call.touches.empty()) running_.push_back(std::move(call));
      break;
    }
    case Event::Kind::call: {
      Interval call{e.tid, e.begin_seq, e.end_seq, e.begin_line, 0, touches_of(e)};
      const auto began =
          std::find_if(running_.begin(), running_.end(), [&](const Interval& r) { return r.tid == e.tid; });
      if (began != running_.end()) {
        call.settled = began->settled;
        // Pages as they were found, not as what overlapped has left them.
        for (Touch& t : call.touches)
          for (const Touch& before : began->touches)
            if (before.by == t.by && before.through == t.through && before.pages.kind != PageKind::unknown)
              t.pages = before.pages;
        for (const Touch& before : began->touches) {
          const auto again = [&](const Touch& t) {
            return t.space == before.space && t.object == before.object;
          };
          if (before.through != 0 && std::none_of(call.touches.begin(), call.touches.end(), again))
            call.touches.push_back(before);
        }
        *began = std::move(running_.back());
        running_.pop_back();
      }
      if (!call.touches.empty()) {
        unseen(call, e);
        ended(std::move(call));
      }
      break;
    }
    case Event::Kind::exited:
      std::erase_if(running_, [&](const Interval& r) { return r.tid == e.tid; });
      dies(e.tid);
      break;
    case Event::Kind::fact:
      unordered_ |= e.text == "order=thread";
      break;
    case Event::Kind::problem:
      ++problems_;
      break;
    case Event::Kind::lost:
      ++lost_;
      running_.clear();
      ended_.clear();
      break;
    default:
      break;
  }
  oracle_.take(e);
  kernel::World& world = oracle_.world();
  if (e.kind == Event::Kind::call) {
    if (const kernel::Task* task = world.find(e.tid)) shared_.take(e.call, *task);
    if (e.call.sys == Sys::other && e.call.name == "shmget" && e.call.out.known())
      shared_.take_segment(e.text, e.call.out.value);
    if (kernel::is_spawn(e.call.sys) && e.call.out.known() && !e.call.out.failed())
      lives(static_cast<std::int32_t>(e.call.out.value));
  }
  if (e.kind == Event::Kind::fact) map_fact(e.text);
}

// `pid=PID`, then a `map=LINE` for each line of its memory map.
void Finder::map_fact(std::string_view text) {
  constexpr std::string_view kPid = "pid=", kMap = "map=";
  if (text.starts_with(kMap)) return shared_.take_map(mapped_, text.substr(kMap.size()));
  if (!text.starts_with(kPid)) return;
  std::int32_t pid = 0;
  std::from_chars(text.data() + kPid.size(), text.data() + text.size(), pid);
  if (const kernel::Task* task = oracle_.world().find(pid)) lives(pid), mapped_ = task->mm->id;
}

std::vector<Found> Finder::found() const {
  std::vector<Found> out;
  for (const auto& [shape, seen] : shapes_) out.push_back({shape, seen.first, seen.second});
  return out;
}

}  // namespace ringtail::hunt
