// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/machine/tag.h"

#include "model/base/result.h"

namespace ringtail::machine {

using memory::Tag;

Tag tag_of(ir::Order order) {
  switch (order) {
    case ir::Order::plain:
      return Tag::plain;
    case ir::Order::once:
      return Tag::once;
    case ir::Order::data_race:
      return Tag::data_race;
    case ir::Order::acquire:
      return Tag::acquire;
    case ir::Order::release:
      return Tag::release;
    case ir::Order::full:
      return Tag::full;
    case ir::Order::noreturn:
      return Tag::noreturn;
  }
  fatal("an order without a tag");
}

Tag tag_of(ir::Fence f) {
  switch (f) {
    case ir::Fence::mb:
      return Tag::mb;
    case ir::Fence::rmb:
      return Tag::rmb;
    case ir::Fence::wmb:
      return Tag::wmb;
    case ir::Fence::barrier:
      return Tag::barrier;
    case ir::Fence::before_atomic:
      return Tag::before_atomic;
    case ir::Fence::after_atomic:
      return Tag::after_atomic;
    case ir::Fence::after_spinlock:
      return Tag::after_spinlock;
    case ir::Fence::after_unlock_lock:
      return Tag::after_unlock_lock;
    case ir::Fence::after_srcu_read_unlock:
      return Tag::after_srcu_read_unlock;
    case ir::Fence::after_ctrl_dep:
      return Tag::after_ctrl_dep;
    case ir::Fence::rcu_lock:
      return Tag::rcu_lock;
    case ir::Fence::rcu_unlock:
      return Tag::rcu_unlock;
    case ir::Fence::sync_rcu:
      return Tag::sync_rcu;
  }
  fatal("a fence without a tag");
}

}  // namespace ringtail::machine
