// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/schedule/local.h"

#include <algorithm>

#include "model/base/result.h"
#include "model/machine/machine.h"
#include "model/machine/run.h"

namespace ringtail::schedule {

using machine::Act;
using machine::Request;
using machine::Snapshot;
using memory::Tag;

namespace {

bool holds(const Snapshot& at, std::uint64_t lock) {
  const std::uint64_t* const held = machine::arrays(at).held;
  return std::find(held, held + at.header.held, lock) != held + at.header.held;
}

bool is_access(const Request& q) {
  return q.act == Act::read || q.act == Act::write || q.act == Act::rmw || q.act == Act::spawn;
}

bool leaves_lock(const Snapshot& at) {
  return at.header.request.tag == Tag::unlock && holds(at, at.header.request.address);
}

}  // namespace

void Local::begin() {
  if (wrong_ && !learnt_) fatal("a search is made again that has learnt nothing");
  wrong_ = learnt_ = false;
  const auto forget = [](Place& p) {
    p.reads = p.writes = p.lock = 0;
    p.leaves = p.excludes = false;
  };
  for (auto& [address, p] : places_) forget(p);
  for (auto& [address, p] : objects_) forget(p);
  forget(sections_);
}

void Local::come(Place& p, std::uint8_t thread, const Snapshot& at, bool writes, bool as_lock, bool foreign) {
  const Threads me = Threads{1} << thread;
  wrong_ |= ((p.writes | (writes ? p.reads : 0)) & ~me) != 0 || (p.lock != 0 && !holds(at, p.lock)) ||
            (p.leaves && !as_lock) || (p.excludes && foreign);
  Threads& known = writes ? p.writers : p.readers;
  learnt_ |= (known & me) == 0 || (!as_lock && !p.open) || (foreign && !p.foreign);
  known |= me;
  if (!p.met) {
    const std::uint64_t* const held = machine::arrays(at).held;
    p.locks.assign(held, held + at.header.held);
  } else {
    learnt_ |= std::erase_if(p.locks, [&](std::uint64_t lock) { return !holds(at, lock); }) != 0;
  }
  p.met = true;
  p.open |= !as_lock;
  p.foreign |= foreign;
}

void Local::note(std::uint8_t thread, const Snapshot& at) {
  const Request& q = at.header.request;
  if (is_access(q)) {
    const bool takes = q.tag == Tag::lock_read, leaves = leaves_lock(at), writes = q.act != Act::read;
    come(places_[q.address], thread, at, writes, (takes && q.blocking) || leaves,
         writes && !takes && !leaves);
    if (machine::in_heap(q.address))
      come(objects_[machine::object_of(q.address)], thread, at, false, false, false);
  } else if (q.act == Act::free) {
    come(objects_[machine::object_of(q.address)], thread, at, true, false, false);
  } else if (q.tag == Tag::rcu_lock || q.tag == Tag::rcu_unlock || q.tag == Tag::sync_rcu) {
    come(sections_, thread, at, q.tag == Tag::sync_rcu, false, false);
  }
}

void Local::watch(std::uint64_t address) {
  Place& p = places_[address];
  wrong_ |= !p.watched && (p.writes != 0 || p.lock != 0 || p.leaves);
  learnt_ |= !p.watched;
  p.watched = true;
}

bool Local::own(Place& p, std::uint8_t thread, bool writes) {
  const Threads me = Threads{1} << thread;
  if (((p.writers | (writes ? p.readers : 0)) & ~me) != 0) return false;
  (writes ? p.writes : p.reads) |= me;
  return true;
}

bool Local::guarded(Place& p, const Snapshot& at) {
  if (p.lock != 0) return holds(at, p.lock);
  for (const std::uint64_t lock : p.locks) {
    const auto it = places_.find(lock);
    if (it == places_.end() || it->second.foreign || !holds(at, lock)) continue;
    it->second.excludes = true;
    p.lock = lock;
    return true;
  }
  return false;
}

bool Local::undisturbed(std::uint8_t thread, const Snapshot& at, bool buffers, bool leaves) {
  const Request& q = at.header.request;
  switch (q.act) {
    case Act::choose:
    case Act::alloc:
      return true;
    case Act::fence:
      if (q.tag == Tag::sync_rcu || q.tag == Tag::sync_srcu || q.tag == Tag::srcu_lock ||
          q.tag == Tag::srcu_unlock)
        return false;
      return (q.tag != Tag::rcu_lock && q.tag != Tag::rcu_unlock) || own(sections_, thread, false);
    case Act::free:
      return own(objects_[machine::object_of(q.address)], thread, true);
    case Act::spawn:
    case Act::note:
      return false;
    case Act::read:
    case Act::write:
    case Act::rmw:
      break;
  }
  if (q.tag == Tag::srcu_lock || q.tag == Tag::srcu_unlock) return false;
  if (buffers && q.act == Act::write && !leaves) return true;
  if (machine::in_heap(q.address) && !own(objects_[machine::object_of(q.address)], thread, false))
    return false;
  const bool writes = q.act != Act::read;
  Place& p = places_[q.address];
  if (writes && p.watched) return false;
  if (own(p, thread, writes)) return true;
  if (leaves_lock(at) && !p.open) return p.leaves = true;
  return guarded(p, at);
}

}  // namespace ringtail::schedule
