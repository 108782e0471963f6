// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/world.h"

#include <algorithm>

#include "model/kernel/map_line.h"
#include "model/kernel/residence.h"

namespace ringtail::kernel {

std::shared_ptr<Mm> World::new_mm() {
  auto mm = std::make_shared<Mm>();
  mm->id = next_mm_++;
  return mm;
}

Task* World::find(std::int32_t tid) {
  Task*& recent = recent_[static_cast<std::uint32_t>(tid) % recent_.size()];
  if (recent && recent->tid == tid) return recent;
  const auto it = tasks_.find(tid);
  return it == tasks_.end() ? nullptr : recent = it->second.get();
}

// An execve, or what the dynamic linker does first.
bool World::begins_a_program(const Call& call) {
  if (call.sys == Sys::brk) return call.arg[0].known() && call.arg[0].value == 0;
  return call.sys == Sys::execve || call.sys == Sys::execveat;
}

// What the C library does first in a new thread.
bool World::begins_a_thread(const Call& call) {
  return call.sys == Sys::other && (call.name == "rseq" || call.name == "set_robust_list");
}

// It is recorded, then.
void World::heard_of(std::int32_t tid) {
  std::erase_if(silent_, [tid](const auto& s) {
    if (s.first != tid) return false;
    if (const auto mm = s.second.lock()) mm->wild--;
    return true;
  });
}

bool World::has_a_child(const Op& op) const {
  return std::any_of(tasks_.begin(), tasks_.end(), [&](const auto& t) {
    return t.second->parent == op.tid && t.second->born >= op.begin_seq;
  });
}

Task& World::task(std::int32_t tid, std::int32_t pid, std::uint64_t seq) {
  if (!silent_.empty()) [[unlikely]]
    heard_of(tid);
  if (Task* t = find(tid)) {
    if (pid && !t->tgid) t->tgid = pid;
    return *t;
  }
  // The calls that may be making this thread right now; of several that are alike the first, which any change
  // that came before another of them may have come after.
  const Op* parent = nullptr;
  bool same = true, only = true;
  overlaps.for_each_running([&](const Op& op) {
    if (!is_spawn(op.sys)) return;
    only = !parent;
    if (parent && (op.mm != parent->mm || op.spawns_vm != parent->spawns_vm)) same = false;
    if (!parent || op.begin_seq < parent->begin_seq) parent = &op;
  });
  auto made = std::make_unique<Task>();
  const bool new_one = parent && rooted_ && !(same && has_a_child(*parent));
  if (new_one && same && parent->spawns_vm != Tri::maybe) {
    *made = make_child(*find(parent->tid), tid, seq, *parent);
    if (!only) made->policy = {};  // each thread has its own
  } else {
    made->group = next_group_++;
    made->files = std::make_shared<FileTable>();
    made->mm = new_mm();
    if (new_one) {
      overlaps.for_each_running([&](const Op& op) {
        if (!is_spawn(op.sys) || op.spawns_vm == Tri::no) return;
        const auto& suspect = find(op.tid)->mm;
        suspect->wild++;
        made->suspects.push_back(suspect);
      });
      made->mm->wild = !made->suspects.empty();  // others may be changing it, too
    } else {
      adopt(*made, pid);
      if (alone_ && tasks_.empty()) made->mm->wild = 1;
    }
  }
  made->tid = tid;
  made->tgid = pid;
  // Of its first call only the end was seen, perhaps.
  made->born = new_one && seq == 0 ? parent->begin_seq : seq;
  return *(tasks_[tid] = std::move(made));
}

// A thread of unknown descent. With its thread group recorded it belongs to the threads of that group, else
// perhaps to any; the very first thread of a capture is nobody's sibling yet.
void World::adopt(Task& t, std::int32_t pid) {
  if (pid) {
    for (const auto& [tid, other] : tasks_)
      if (other->tgid == pid) {
        t.mm = other->mm;
        t.files = other->files;
        t.group = other->group;
        return;
      }
    return;
  }
  if (tasks_.empty()) return;
  if (!loose_) {
    loose_ = new_mm();
    loose_->loose = true;
    loose_->aio.forgotten_until = loose_->seen_until = latest_begin();
  }
  absl::flat_hash_map<std::uint32_t, std::uint32_t> groups;  // by former mm
  for (auto& [tid, other] : tasks_)
    if (other->mm != loose_) {
      auto [it, fresh] = groups.try_emplace(other->mm->id, 0);
      if (fresh) it->second = next_group_++;
      other->group = it->second;
      loose_->grows = loose_->grows || other->mm->grows;
      other->mm = loose_;
    }
  overlaps.clear_mms(loose_->id);
  orders.clear();
  lives.clear();
  t.mm = loose_;
}

Task World::make_child(const Task& parent, std::int32_t tid, std::uint64_t seq, const Op& op) {
  Task child;
  child.tid = tid;
  child.born = seq;
  child.policy = parent.policy;
  child.parent = parent.tid;
  child.group = next_group_++;
  if (op.spawns_vm == Tri::yes) {
    child.mm = parent.mm;
    child.group = parent.group;
  } else if (op.spawns_vm == Tri::no) {
    child.mm = copy_of(parent, op);
    forget_nodes(*parent.mm);
    parent.mm->forked = child.mm->forked = true;
  } else {
    child.mm = new_mm();
  }
  child.files = op.spawns_files == Tri::yes  ? parent.files
                : op.spawns_files == Tri::no ? std::make_shared<FileTable>(*parent.files)
                                             : std::make_shared<FileTable>();
  if (op.spawns_files == Tri::no)
    overlaps.for_each(op, parent.mm->id, [&](const Op& o) { child.files->blur(o); });
  return child;
}

// What fork makes of an address space: the copy of what the parent knows, less VM_DONTCOPY, with
// VM_WIPEONFORK emptied; locks and AIO contexts are not inherited. Calls of other threads that overlap the
// fork may be on either side of it.
std::shared_ptr<Mm> World::copy_of(const Task& parent, const Op& op) {
  const Mm& from = *parent.mm;
  auto mm = new_mm();
  mm->whole = from.whole;
  mm->aio.whole = true;
  mm->brk = from.brk;
  mm->brk_seen = from.brk_seen;
  mm->brk_start = from.brk_start;
  mm->lock_future = Tri::no;
  mm->segments = from.segments;
  mm->grows = from.grows;
  mm->policies = from.policies;
  if (from.wild) return mm;
  mm->space = from.space;
  // First these: what was advised meanwhile may have come too late to keep a page from being copied.
  overlaps.for_each(op, from.id, [&](const Op& o) {
    for (const Footprint::Part& part : o.footprint)
      mm->space.update(part.range, [&](Range, PageState& s) { blur(s, part.loses); });
    if (o.sys == Sys::brk) mm->brk.reset();
  });
  mm->space.for_all([&](Range, PageState& s) {
    if (from.loose && s.owner != parent.group) s = {};
    s.owner = 0;
    if (s.test(kMapped) == Tri::no) return;
    s.forget(kPresent);
    if (s.test(kAioRing) == Tri::yes || s.test(kDontFork) == Tri::yes) {
      s = s.test(kMapped) == Tri::yes ? PageState::unmapped() : PageState{};
      return;
    }
    if (s.test(kDontFork) == Tri::maybe || s.test(kAioRing) == Tri::maybe) s.forget(kMapped);
    s.set(kLocked, false);
  });
  return mm;
}

void World::spawn(Task& parent, std::int32_t tid, const Op& op, bool waits) {
  if (const auto it = tasks_.find(tid); it != tasks_.end() && it->second->born >= op.begin_seq) {
    Task& child = *it->second;
    child.parent = parent.tid;
    if (child.mm == loose_) return leave(child, parent, op);
    resolve(child, op.spawns_vm == Tri::no ? nullptr : parent.mm);
    return;
  }
  if (op.spawns_vm == Tri::maybe) parent.mm->wild++;
  auto child = std::make_unique<Task>(make_child(parent, tid, op.begin_seq, op));
  if (op.spawns_vm == Tri::maybe) {
    child->suspects.push_back(parent.mm);
    child->mm->wild = 1;
  }
  exited(tid);
  tasks_[tid] = std::move(child);
  if (parent.tid == 0 && op.spawns_vm == Tri::yes && !waits) {
    parent.mm->wild++;
    silent_.push_back({tid, parent.mm});
  }
}

// Another thread may have done anything to it.
void World::forget(Mm& m) const {
  m.space.clear();
  m.brk.reset();
  m.whole = false;
  m.lock_future = Tri::maybe;
  m.aio = {};
  m.aio.forgotten_until = m.seen_until = latest_begin();
}

// A thread of unknown descent turned out to be the child of `parent`.
void World::leave(Task& child, const Task& parent, const Op& op) {
  if (op.spawns_vm == Tri::no) child.mm = new_mm();
  if (op.spawns_vm != Tri::yes) return;
  child.group = parent.group;
  if (parent.mm == loose_) return;
  orders.spoil(parent.mm->id);
  forget(*parent.mm);
  parent.mm->grows = parent.mm->grows || loose_->grows;
  child.mm = parent.mm;
}

// The creating call of a thread with suspects has returned: it shares `mm`, or none of them. Or it is
// `unknown` for good, as the thread has ended: what it did may have been done to any of them.
void World::resolve(Task& t, const std::shared_ptr<Mm>& mm, bool unknown) {
  if (t.suspects.empty()) return;
  const bool changed =
      t.mm->space.intervals() || t.mm->aio.size() || t.mm->brk || t.mm->lock_future != Tri::maybe;
  for (const auto& suspect : t.suspects)
    if (const auto m = suspect.lock()) {
      m->wild--;
      if (!unknown || !changed) continue;
      orders.spoil(m->id);
      forget(*m);
    }
  if (unknown || (mm && t.mm != mm)) overlaps.of_any_mm(t.mm->id);  // for those that still run
  t.suspects.clear();
  t.mm->wild--;
  if (!mm || t.mm == mm) return;
  orders.spoil(mm->id);
  forget(*mm);
  mm->grows = mm->grows || t.mm->grows;
  t.mm = mm;
}

void World::exec(Task& t) {
  resolve(t, nullptr, true);
  t.mm = new_mm();
  t.mm->whole = true;
  t.mm->aio.whole = true;
  t.mm->lock_future = Tri::no;
  t.group = next_group_++;
  t.files = std::make_shared<FileTable>(*t.files);
  t.files->exec();
}

void World::exited(std::int32_t tid) {
  if (!silent_.empty()) heard_of(tid);
  const auto it = tasks_.find(tid);
  if (it == tasks_.end()) return;
  resolve(*it->second, nullptr, true);
  recent_[static_cast<std::uint32_t>(tid) % recent_.size()] = nullptr;
  tasks_.erase(it);
}

void World::begin_map(std::int32_t pid) {
  Task* t = find(pid);
  if (!t && tasks_.size() == 1 && tasks_.contains(0)) t = find(0);
  if (!t) {
    auto made = std::make_unique<Task>();
    made->tid = pid;
    made->group = next_group_++;
    made->files = std::make_shared<FileTable>();
    made->mm = new_mm();
    made->mm->lock_future = Tri::no;  // the map is read at an execve
    t = (tasks_[pid] = std::move(made)).get();
  }
  rooted_ = true;
  mapped_ = t->mm->loose ? nullptr : t->mm;
  if (!mapped_) return;
  mapped_->whole = true;
  mapped_->space.clear();
  mapped_->space.assign({0, kTaskSize}, PageState::unmapped());
  mapped_end_ = 0;
}

void World::take_map(std::string_view line) {
  if (!mapped_) return;
  Range r;
  PageState s;
  if (!parse_map_line(line, r, s)) return;
  if (line.ends_with("[heap]")) mapped_->brk_seen = true;  // it has moved: where from is not told
  // A stack grows on its own, so that what lies below it may become mapped at any time.
  if (s.test(kGrowsDown) == Tri::yes) mapped_->space.forget({mapped_end_, r.begin});
  mapped_->space.assign(r, s);
  mapped_end_ = r.end;
}

void World::forget_everywhere(const Footprint& f) {
  for (auto& [tid, t] : tasks_)
    for (const Footprint::Part& part : f) {
      if (cuts_vmas(part.loses)) t->mm->space.may_cut(part.range);
      t->mm->space.update(part.range, [&](Range, PageState& s) {
        blur(s, part.loses);
        if (s.unknown()) s = {};
      });
    }
}

std::uint64_t World::latest_begin() const {
  std::uint64_t latest = 0;
  overlaps.for_each_running([&](const Op& op) { latest = std::max(latest, op.begin_seq); });
  return latest;
}

void World::lose() {
  rooted_ = false;
  const std::uint64_t latest = latest_begin();
  for (auto& [tid, t] : tasks_) {
    const bool loose = t->mm->loose;
    const auto id = t->mm->id;
    const int wild = t->mm->wild;
    const bool grows = t->mm->grows;  // what is not known any more may still grow
    *t->mm = Mm{};
    t->mm->wild = wild;
    t->mm->grows = grows;
    t->mm->aio.forgotten_until = latest;
    t->mm->seen_until = latest;
    t->mm->loose = loose;
    t->mm->id = id;
    *t->files = FileTable{};
    t->policy = {};
  }
  overlaps.lose();
  orders.clear();
  lives.clear();
}

}  // namespace ringtail::kernel
