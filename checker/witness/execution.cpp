// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/witness/execution.h"

#include "model/base/result.h"

namespace ringtail::witness {
namespace {

using memory::Kind;
using memory::Tag;

// How the tag of an access reads in C; nothing for those that depend on more than the tag.
std::string fence_text(Tag tag, const std::string& location) {
  switch (tag) {
    case Tag::mb:
      return "smp_mb()";
    case Tag::rmb:
      return "smp_rmb()";
    case Tag::wmb:
      return "smp_wmb()";
    case Tag::barrier:
      return "barrier()";
    case Tag::before_atomic:
      return "smp_mb__before_atomic()";
    case Tag::after_atomic:
      return "smp_mb__after_atomic()";
    case Tag::after_spinlock:
      return "smp_mb__after_spinlock()";
    case Tag::after_unlock_lock:
      return "smp_mb__after_unlock_lock()";
    case Tag::after_srcu_read_unlock:
      return "smp_mb__after_srcu_read_unlock()";
    case Tag::after_ctrl_dep:
      return "smp_acquire__after_ctrl_dep()";
    case Tag::rcu_lock:
      return "rcu_read_lock()";
    case Tag::rcu_unlock:
      return "rcu_read_unlock()";
    case Tag::sync_rcu:
      return "synchronize_rcu()";
    case Tag::sync_srcu:
      return "synchronize_srcu(&" + location + ")";
    case Tag::srcu_lock:
      return "srcu_read_lock(&" + location + ")";
    case Tag::srcu_unlock:
      return "srcu_read_unlock(&" + location + ")";
    case Tag::plain:
    case Tag::once:
    case Tag::data_race:
    case Tag::acquire:
    case Tag::release:
    case Tag::noreturn:
    case Tag::full:
    case Tag::lock_read:
    case Tag::lock_write:
    case Tag::unlock:
    case Tag::lock_fail:
    case Tag::is_locked:
    case Tag::is_unlocked:
      break;
  }
  fatal("a fence that is none");
}

}  // namespace

std::string describe(const memory::Event& e, const std::string& location, const std::string& value) {
  const bool write = e.kind == Kind::write;
  switch (e.tag) {
    case Tag::plain:
      return write ? location + " = " + value : location;
    case Tag::data_race:
      return "data_race(" + (write ? location + " = " + value : location) + ")";
    case Tag::once:
    case Tag::noreturn:
    case Tag::full:
      return write ? "WRITE_ONCE(" + location + ", " + value + ")" : "READ_ONCE(" + location + ")";
    case Tag::acquire:
      return "smp_load_acquire(&" + location + ")";
    case Tag::release:
      return "smp_store_release(&" + location + ", " + value + ")";
    case Tag::lock_read:
    case Tag::lock_write:
      return "lock(&" + location + ")";
    case Tag::unlock:
      return "unlock(&" + location + ")";
    case Tag::lock_fail:
      return "trylock(&" + location + ")";
    case Tag::is_locked:
    case Tag::is_unlocked:
      return "is_locked(&" + location + ")";
    default:
      return fence_text(e.tag, location);
  }
}

std::string describe_rmw(const memory::Event& read, const std::string& location) {
  switch (read.tag) {
    case Tag::lock_read:
      return "lock(&" + location + ")";
    case Tag::acquire:
      return "atomic_acquire(" + location + ")";
    case Tag::release:
      return "atomic_release(" + location + ")";
    case Tag::once:
      return "atomic_relaxed(" + location + ")";
    default:
      return "atomic(" + location + ")";
  }
}

}  // namespace ringtail::witness
